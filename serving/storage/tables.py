"""The tables, one schema for SQLite and PostgreSQL. The migrations make them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from serving.storage.column_types import JSON_OBJECT, SERIAL, PlainText, UtcDateTime

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, PlainText, nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime, nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, JSON_OBJECT, nullable=False)


def _serial() -> sa.Column[int]:
    return sa.Column("id", SERIAL, sa.Identity(), primary_key=True)


def _ticket_id(*, nullable: bool = False) -> sa.Column[str]:
    return sa.Column("ticket_id", PlainText, sa.ForeignKey("ticket.id"), nullable=nullable)


customer = sa.Table(
    "customer",
    metadata,
    sa.Column("id", PlainText, primary_key=True),
    _text("name", nullable=True),
    _text("email", nullable=True),
    _text("phone", nullable=True),
    _text("tier"),
    _text("language", nullable=True),
    _text("timezone", nullable=True),
    sa.Column("lifetime_value", sa.Double, nullable=False),
    sa.Column("satisfaction_score", sa.Double, nullable=True),
    _text("preferred_channel", nullable=True),
    _json("tags"),
    _time("created_at"),
)

ticket = sa.Table(
    "ticket",
    metadata,
    sa.Column("id", PlainText, primary_key=True),
    _text("channel"),
    _text("source_id", nullable=True),
    sa.Column("customer_id", PlainText, sa.ForeignKey("customer.id"), nullable=True),
    _text("customer_tier"),
    _text("subject"),
    _text("language"),
    _text("status"),
    _text("priority"),
    _text("category"),
    _text("topic", nullable=True),
    _text("sentiment"),
    sa.Column("urgent", sa.Boolean, nullable=False),
    _text("queue", nullable=True),
    _text("assignee", nullable=True),
    sa.Column("auto_resolved", sa.Boolean, nullable=False),
    _text("article_id", nullable=True),
    _text("article_language", nullable=True),
    sa.Column("resolution_probability", sa.Double, nullable=False),
    _text("rule_id", nullable=True),
    _json("escalation_reasons"),
    sa.Column("resolution_attempts", sa.Integer, nullable=False),
    _text("resolution_notes", nullable=True),
    _time("first_response_due_at", nullable=True),
    _time("resolution_due_at", nullable=True),
    _time("escalate_due_at", nullable=True),
    _time("first_responded_at", nullable=True),
    _time("resolved_at", nullable=True),
    _time("closed_at", nullable=True),
    _text("model_version", nullable=True),
    _text("index_version", nullable=True),
    _json("metadata"),
    _json("decision"),
    _json("explanation"),
    _time("created_at"),
    _time("updated_at"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.UniqueConstraint("channel", "source_id"),
    sa.Index(None, "created_at", "id"),
    sa.Index(None, "status", "created_at", "id"),
    sa.Index(None, "customer_id", "created_at", "id"),
)

message = sa.Table(
    "message",
    metadata,
    _serial(),
    _ticket_id(),
    _text("direction"),
    _text("author"),
    _text("body"),
    _text("original", nullable=True),
    _text("language"),
    sa.Column("automatic", sa.Boolean, nullable=False),
    _text("article_id", nullable=True),
    _text("source_id", nullable=True),
    _time("at"),
    sa.CheckConstraint("direction IN ('inbound', 'outbound')", name="direction"),
    sa.Index(None, "ticket_id"),
)

event = sa.Table(
    "event",
    metadata,
    _serial(),
    _ticket_id(),
    _text("type"),
    _text("actor"),
    _text("cause"),
    _json("data"),
    _text("model_version", nullable=True),
    _text("index_version", nullable=True),
    _time("at"),
    sa.Index(None, "ticket_id"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _serial(),
    _text("key"),
    _text("kind"),
    _ticket_id(nullable=True),
    _json("payload"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("token", sa.Integer, nullable=False),
    _time("created_at"),
    _time("next_at"),
    _time("done_at", nullable=True),
    sa.Column("dead", sa.Boolean, nullable=False),
    _text("last_error", nullable=True),
    sa.UniqueConstraint("key"),
)
sa.Index(
    "ix_outbox_due",
    outbox.c.next_at,
    sqlite_where=sa.text("done_at IS NULL AND NOT dead"),
    postgresql_where=sa.text("done_at IS NULL AND NOT dead"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("scope", PlainText, primary_key=True),
    sa.Column("key", PlainText, primary_key=True),
    _text("request_hash"),
    _text("ticket_id"),
    _text("response"),
    _time("created_at"),
    sa.Index(None, "created_at"),
)

rating = sa.Table(
    "rating",
    metadata,
    sa.Column("ticket_id", PlainText, sa.ForeignKey("ticket.id"), primary_key=True),
    sa.Column("rating", sa.Integer, nullable=False),
    _text("feedback", nullable=True),
    _time("at"),
    sa.CheckConstraint("rating BETWEEN 0 AND 10", name="range"),
)

article_standing = sa.Table(
    "article_standing",
    metadata,
    sa.Column("article_id", PlainText, primary_key=True),
    sa.Column("language", PlainText, primary_key=True),
    sa.Column("rate", sa.Double, nullable=False),
    sa.Column("ratings", sa.Integer, nullable=False),
    _time("updated_at"),
    sa.CheckConstraint("rate BETWEEN 0 AND 1", name="rate"),
)

correction = sa.Table(
    "correction",
    metadata,
    _serial(),
    _ticket_id(),
    _text("actor"),
    _text("category", nullable=True),
    _text("topic", nullable=True),
    _text("sentiment", nullable=True),
    sa.Column("urgent", sa.Boolean, nullable=True),
    _text("article_id", nullable=True),
    sa.Column("no_article", sa.Boolean, nullable=False),
    _text("note", nullable=True),
    _text("model_version", nullable=True),
    _text("index_version", nullable=True),
    _time("at"),
    sa.Index(None, "ticket_id"),
)

shadow_reading = sa.Table(
    "shadow_reading",
    metadata,
    _serial(),
    _ticket_id(),
    _text("champion"),
    _text("challenger"),
    _json("champion_reading"),
    _json("challenger_reading"),
    _time("at"),
    sa.UniqueConstraint("ticket_id", "challenger"),
    sa.Index(None, "challenger", "champion"),
)
