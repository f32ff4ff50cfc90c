"""Customers: read, store, count their tickets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from serving.storage import tables
from serving.storage.database import Database
from serving.storage.records import CustomerRow
from serving.storage.rows import customer_row, to_customer
from serving.storage.statements import upsert

CLOSED_STATUSES: Final = ("resolved", "closed")


class CustomerRepository:
    """Reads and stores customers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, customer_id: str) -> CustomerRow | None:
        """Returns a customer, None for an unknown id."""
        return self.get_many([customer_id]).get(customer_id)

    def get_many(self, customer_ids: Iterable[str]) -> dict[str, CustomerRow]:
        """Returns the known ones of many customers, by id."""
        wanted = sa.select(tables.customer).where(tables.customer.c.id.in_(list(customer_ids)))
        with self._database.read() as connection:
            rows = connection.execute(wanted).mappings().all()
        return {row["id"]: to_customer(row) for row in rows}

    def save(self, customer: CustomerRow) -> None:
        """Stores a customer; everything known before about the same id is replaced."""
        with self._database.write() as connection:
            upsert(connection, tables.customer, customer_row(customer))

    def ticket_counts(self, customer_id: str) -> tuple[int, int]:
        """Returns how many tickets a customer wrote, and how many of them are open."""
        ticket = tables.ticket.c
        still_open = sa.func.count().filter(ticket.status.not_in(CLOSED_STATUSES))
        wanted = sa.select(sa.func.count(), still_open).where(ticket.customer_id == customer_id)
        with self._database.read() as connection:
            total, unresolved = connection.execute(wanted).one()
        return total, unresolved
