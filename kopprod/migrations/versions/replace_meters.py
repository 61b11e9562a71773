"""Replace meters: an hour meter that was replaced, what it ended at and where the new one began."""

import sqlalchemy as sa
from alembic import op

revision = "0006_replace_meters"
down_revision = "0005_share_machines"
branch_labels = None
depends_on = None


def _big(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "meter_change",
        _big("id"),
        _big("unit_id"),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        _big("booking_id", nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        _big("act_id"),
        sa.CheckConstraint(
            "ended >= 0 AND begins >= 0", name=op.f("ck_meter_change_meters_not_negative")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_meter_change_act_id")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_meter_change_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["equipment_unit.id"], name=op.f("fk_meter_change_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_change")),
    )
    with op.batch_alter_table("meter_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meter_change_booking_id"), ["booking_id"])
        batch_op.create_index(batch_op.f("ix_meter_change_unit_id"), ["unit_id"])
