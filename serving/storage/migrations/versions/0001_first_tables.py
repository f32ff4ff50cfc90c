"""The first tables: customer, ticket, message, event, outbox, idempotency, rating, article_standing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False)


def _serial() -> sa.Column[int]:
    return sa.Column(
        "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False
    )


def upgrade() -> None:
    _customer()
    _ticket()
    _message()
    _event()
    _outbox()
    _idempotency()
    _rating()
    _article_standing()


def downgrade() -> None:
    dependent = ("article_standing", "rating", "idempotency", "outbox", "event", "message")
    for table in (*dependent, "ticket", "customer"):
        op.drop_table(table)


def _customer() -> None:
    op.create_table(
        "customer",
        _text("id"),
        _text("name", nullable=True),
        _text("email", nullable=True),
        _text("phone", nullable=True),
        _text("tier"),
        _text("language", nullable=True),
        _text("timezone", nullable=True),
        sa.Column("lifetime_value", sa.Double(), nullable=False),
        sa.Column("satisfaction_score", sa.Double(), nullable=True),
        _text("preferred_channel", nullable=True),
        _json("tags"),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
    )


def _ticket() -> None:
    op.create_table(
        "ticket",
        _text("id"),
        _text("channel"),
        _text("source_id", nullable=True),
        _text("customer_id", nullable=True),
        _text("customer_tier"),
        _text("subject"),
        _text("language"),
        _text("status"),
        _text("priority"),
        _text("category"),
        _text("topic", nullable=True),
        _text("sentiment"),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        _text("queue", nullable=True),
        _text("assignee", nullable=True),
        sa.Column("auto_resolved", sa.Boolean(), nullable=False),
        _text("article_id", nullable=True),
        _text("article_language", nullable=True),
        sa.Column("resolution_probability", sa.Double(), nullable=False),
        _text("rule_id", nullable=True),
        _json("escalation_reasons"),
        sa.Column("resolution_attempts", sa.Integer(), nullable=False),
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
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_ticket_customer_id"),
        sa.UniqueConstraint("channel", "source_id", name="uq_ticket_channel_source_id"),
    )
    op.create_index("ix_ticket_created_at_id", "ticket", ["created_at", "id"])
    op.create_index("ix_ticket_status_created_at_id", "ticket", ["status", "created_at", "id"])
    op.create_index("ix_ticket_customer_id_created_at_id", "ticket", ["customer_id", "created_at", "id"])


def _message() -> None:
    op.create_table(
        "message",
        _serial(),
        _text("ticket_id"),
        _text("direction"),
        _text("author"),
        _text("body"),
        _text("original", nullable=True),
        _text("language"),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        _text("article_id", nullable=True),
        _text("source_id", nullable=True),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_message_ticket_id"),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name=op.f("ck_message_direction")),
    )
    op.create_index("ix_message_ticket_id", "message", ["ticket_id"])


def _event() -> None:
    op.create_table(
        "event",
        _serial(),
        _text("ticket_id"),
        _text("type"),
        _text("actor"),
        _text("cause"),
        _json("data"),
        _text("model_version", nullable=True),
        _text("index_version", nullable=True),
        _time("at"),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_event_ticket_id"),
    )
    op.create_index("ix_event_ticket_id", "event", ["ticket_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        _serial(),
        _text("key"),
        _text("kind"),
        _text("ticket_id", nullable=True),
        _json("payload"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        _time("created_at"),
        _time("next_at"),
        _time("done_at", nullable=True),
        sa.Column("dead", sa.Boolean(), nullable=False),
        _text("last_error", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_outbox_ticket_id"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    due = sa.text("done_at IS NULL AND NOT dead")
    op.create_index("ix_outbox_due", "outbox", ["next_at"], sqlite_where=due, postgresql_where=due)


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        _text("scope"),
        _text("key"),
        _text("request_hash"),
        _text("ticket_id"),
        _text("response"),
        _time("created_at"),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])


def _rating() -> None:
    op.create_table(
        "rating",
        _text("ticket_id"),
        sa.Column("rating", sa.Integer(), nullable=False),
        _text("feedback", nullable=True),
        _time("at"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_rating"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_rating_ticket_id"),
        sa.CheckConstraint("rating BETWEEN 0 AND 10", name=op.f("ck_rating_range")),
    )


def _article_standing() -> None:
    op.create_table(
        "article_standing",
        _text("article_id"),
        _text("language"),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
        _time("updated_at"),
        sa.PrimaryKeyConstraint("article_id", "language", name="pk_article_standing"),
        sa.CheckConstraint("rate BETWEEN 0 AND 1", name=op.f("ck_article_standing_rate")),
    )
