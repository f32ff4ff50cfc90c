"""What people correct of the models' readings, and what a challenger would have done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False)


def _serial() -> sa.Column[int]:
    return sa.Column(
        "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "correction",
        _serial(),
        _text("ticket_id"),
        _text("actor"),
        _text("category", nullable=True),
        _text("topic", nullable=True),
        _text("sentiment", nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=True),
        _text("article_id", nullable=True),
        sa.Column("no_article", sa.Boolean(), nullable=False),
        _text("note", nullable=True),
        _text("model_version", nullable=True),
        _text("index_version", nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_correction"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_correction_ticket_id"),
    )
    op.create_index("ix_correction_ticket_id", "correction", ["ticket_id"])
    op.create_table(
        "shadow_reading",
        _serial(),
        _text("ticket_id"),
        _text("champion"),
        _text("challenger"),
        _json("champion_reading"),
        _json("challenger_reading"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shadow_reading"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_shadow_reading_ticket_id"),
        sa.UniqueConstraint("ticket_id", "challenger", name="uq_shadow_reading_ticket_id_challenger"),
    )
    op.create_index("ix_shadow_reading_challenger_champion", "shadow_reading", ["challenger", "champion"])


def downgrade() -> None:
    op.drop_table("shadow_reading")
    op.drop_table("correction")
