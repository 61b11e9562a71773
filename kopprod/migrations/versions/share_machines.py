"""Share machines: register, tariffs, bookings, uses, upkeep; hire taken from payouts."""

import sqlalchemy as sa
from alembic import op

from kopprod.tables.columns import UtcDateTime

revision = "0005_share_machines"
down_revision = "0004_keep_within_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_photo_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_table(
        "equipment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "work",
            sa.Enum(
                "area",
                "mass",
                "trips",
                "time",
                name="work_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("rate_per_hour", sa.BigInteger(), nullable=True),
        sa.Column("buffer_min", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("needs_operator", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("has_meter", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("fuel", sa.String(), nullable=False),
        sa.Column("accessories", sa.String(), nullable=False),
        sa.Column("training", sa.String(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("opens_min", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("closes_min", sa.Integer(), nullable=False),
        sa.Column("add_notice_h", sa.Integer(), nullable=False),
        sa.Column("change_notice_h", sa.Integer(), nullable=False),
        sa.Column("cancel_notice_h", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("least_min", sa.Integer(), nullable=False),
        sa.Column("most_min", sa.Integer(), nullable=True),
        sa.Column("request_hours", sa.Integer(), nullable=False),
        sa.Column("operator_bp", sa.Integer(), nullable=False),
        sa.Column("maintenance_bp", sa.Integer(), nullable=False),
        sa.Column("depreciation_bp", sa.Integer(), nullable=False),
        sa.Column("cooperative_bp", sa.Integer(), nullable=False),
        sa.Column("photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("buffer_min >= 0", name=op.f("ck_equipment_buffer_not_negative")),
        sa.CheckConstraint("horizon_days > 0", name=op.f("ck_equipment_horizon_positive")),
        sa.CheckConstraint(
            "least_min > 0 AND (most_min IS NULL OR most_min >= least_min)",
            name=op.f("ck_equipment_length_in_order"),
        ),
        sa.CheckConstraint(
            "operator_bp >= 0 AND maintenance_bp >= 0 AND depreciation_bp >= 0 AND cooperative_bp >= 0 AND operator_bp + maintenance_bp + depreciation_bp + cooperative_bp = 10000",
            name=op.f("ck_equipment_shares_whole"),
        ),
        sa.CheckConstraint(
            "rate_per_hour IS NULL OR rate_per_hour > 0", name=op.f("ck_equipment_rate_positive")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_equipment_act_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_equipment_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment")),
        sa.UniqueConstraint("name", name=op.f("uq_equipment_name")),
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("other_name", sa.String(), nullable=False),
        sa.Column("other_phone", sa.String(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "requested",
                "booked",
                "out",
                "returned",
                "refused",
                "cancelled",
                "expired",
                "waiting",
                "postponed",
                name="stage_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=False),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("with_operator", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("typed", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("ripe_on", sa.Date(), nullable=True),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("estimate_rp", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(member_id IS NULL) <> (other_name = '')", name=op.f("ck_booking_somebody_asks")
        ),
        sa.CheckConstraint(
            "(stage = 'requested') = (expires_at IS NOT NULL)",
            name=op.f("ck_booking_request_expires"),
        ),
        sa.CheckConstraint("blocked_until >= until", name=op.f("ck_booking_blocked_to_the_end")),
        sa.CheckConstraint("size > 0", name=op.f("ck_booking_size_positive")),
        sa.CheckConstraint("until > since", name=op.f("ck_booking_ends_after_start")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_booking_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_booking_equipment_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_booking_member_id")),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["member.id"], name=op.f("fk_booking_operator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_booking_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_booking_number")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(
            "ix_booking_equipment_id_blocked_until", ["equipment_id", "blocked_until"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_booking_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_operator_id"), ["operator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_booking_since"), ["since"], unique=False)

    op.create_table(
        "booking_quota",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "period",
            sa.Enum(
                "day",
                "week",
                "month",
                "season",
                name="period_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "counted",
            sa.Enum(
                "times",
                "minutes",
                name="counted_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("most > 0", name=op.f("ck_booking_quota_most_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_booking_quota_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_booking_quota_equipment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_quota")),
    )
    with op.batch_alter_table("booking_quota", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_booking_quota_equipment_id"), ["equipment_id"], unique=False
        )

    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(equipment_id IS NULL) <> (member_id IS NULL)",
            name=op.f("ck_calendar_feed_one_subject"),
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_calendar_feed_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_calendar_feed_equipment_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_calendar_feed_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    with op.batch_alter_table("calendar_feed", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_calendar_feed_equipment_id"), ["equipment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_calendar_feed_member_id"), ["member_id"], unique=False)

    op.create_table(
        "equipment_tariff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "hectare",
                "bau",
                "ubin",
                "are",
                "hour",
                "day",
                "kilogram",
                "trip",
                name="basis_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("member_e4", sa.BigInteger(), nullable=False),
        sa.Column("other_e4", sa.BigInteger(), nullable=True),
        sa.Column(
            "operator",
            sa.Enum(
                "included",
                "extra",
                "own",
                name="operator_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("operator_e4", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "fuel",
            sa.Enum(
                "included",
                "extra",
                "own",
                name="fuel_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("fuel_e4", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("mobilisation_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("minimum_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("bau_tenths", sa.BigInteger(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "basis <> 'bau' OR bau_tenths > 0", name=op.f("ck_equipment_tariff_bau_known")
        ),
        sa.CheckConstraint(
            "member_e4 >= 0 AND (other_e4 IS NULL OR other_e4 >= 0)",
            name=op.f("ck_equipment_tariff_prices_not_negative"),
        ),
        sa.CheckConstraint(
            "mobilisation_rp >= 0 AND minimum_rp >= 0",
            name=op.f("ck_equipment_tariff_sums_not_negative"),
        ),
        sa.CheckConstraint(
            "operator_e4 >= 0 AND fuel_e4 >= 0",
            name=op.f("ck_equipment_tariff_extras_not_negative"),
        ),
        sa.CheckConstraint(
            "until IS NULL OR until > since", name=op.f("ck_equipment_tariff_days_in_order")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_equipment_tariff_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_equipment_tariff_equipment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_tariff")),
    )
    with op.batch_alter_table("equipment_tariff", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_equipment_tariff_equipment_id"), ["equipment_id"], unique=False
        )

    op.create_table(
        "equipment_unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "bought",
                "grant",
                "lent",
                name="source_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("giver", sa.String(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("value_rp", sa.BigInteger(), nullable=False),
        sa.Column("residual_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("life_months", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("charged_until", sa.Date(), nullable=True),
        sa.Column(
            "condition",
            sa.Enum(
                "good",
                "worn",
                "damaged",
                "broken",
                name="condition_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            server_default="good",
            nullable=False,
        ),
        sa.Column("meter", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.Column("retired_why", sa.String(), nullable=False),
        sa.Column(
            "retired_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "source <> 'lent' OR owner_id IS NOT NULL",
            name=op.f("ck_equipment_unit_lent_has_owner"),
        ),
        sa.CheckConstraint("life_months >= 0", name=op.f("ck_equipment_unit_life_not_negative")),
        sa.CheckConstraint(
            "residual_rp <= value_rp", name=op.f("ck_equipment_unit_residual_below_value")
        ),
        sa.CheckConstraint(
            "value_rp >= 0 AND residual_rp >= 0", name=op.f("ck_equipment_unit_value_not_negative")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_equipment_unit_act_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_equipment_unit_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_equipment_unit_equipment_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["member.id"], name=op.f("fk_equipment_unit_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["retired_entry_id"], ["entry.id"], name=op.f("fk_equipment_unit_retired_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_unit")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_equipment_unit_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_equipment_unit_number")),
    )
    with op.batch_alter_table("equipment_unit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_equipment_unit_equipment_id"), ["equipment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_equipment_unit_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "equipment_village",
        sa.Column("equipment_id", sa.Integer(), nullable=False),
        sa.Column("village_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_equipment_village_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_equipment_village_equipment_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_equipment_village_village_id")
        ),
        sa.PrimaryKeyConstraint("equipment_id", "village_id", name=op.f("pk_equipment_village")),
    )
    op.create_table(
        "operator_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("account_code", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_operator_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_operator_payment_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_operator_payment_act_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_operator_payment_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_operator_payment_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_payment")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_operator_payment_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_operator_payment_number")),
    )
    with op.batch_alter_table("operator_payment", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_operator_payment_entry_id"), ["entry_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_operator_payment_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "outside_price",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "basis",
            sa.Enum(
                "hectare",
                "bau",
                "ubin",
                "are",
                "hour",
                "day",
                "kilogram",
                "trip",
                name="outside_basis_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("price_e4", sa.BigInteger(), nullable=False),
        sa.Column("bau_tenths", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("price_e4 > 0", name=op.f("ck_outside_price_price_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_outside_price_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_outside_price_equipment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_price")),
    )
    with op.batch_alter_table("outside_price", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_outside_price_equipment_id"), ["equipment_id"], unique=False
        )

    op.create_table(
        "trained",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("operates", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_trained_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_trained_equipment_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_trained_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trained")),
    )
    with op.batch_alter_table("trained", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trained_equipment_id"), ["equipment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_trained_member_id"), ["member_id"], unique=False)

    op.create_table(
        "upkeep_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("every_tenths", sa.BigInteger(), nullable=True),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "every_days IS NULL OR every_days > 0", name=op.f("ck_upkeep_plan_days_positive")
        ),
        sa.CheckConstraint(
            "every_tenths IS NOT NULL OR every_days IS NOT NULL",
            name=op.f("ck_upkeep_plan_every_something"),
        ),
        sa.CheckConstraint(
            "every_tenths IS NULL OR every_tenths > 0", name=op.f("ck_upkeep_plan_hours_positive")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_upkeep_plan_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_upkeep_plan_equipment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_plan")),
    )
    with op.batch_alter_table("upkeep_plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_upkeep_plan_equipment_id"), ["equipment_id"], unique=False
        )

    op.create_table(
        "depreciation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_depreciation_amount_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_depreciation_act_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_depreciation_entry_id")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["equipment_unit.id"], name=op.f("fk_depreciation_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depreciation")),
        sa.UniqueConstraint("unit_id", "month", name=op.f("uq_depreciation_unit_id_month")),
    )
    with op.batch_alter_table("depreciation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_depreciation_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_depreciation_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "equipment_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "booking_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "operator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("out_at", UtcDateTime(), nullable=False),
        sa.Column("out_meter", sa.BigInteger(), nullable=True),
        sa.Column(
            "out_condition",
            sa.Enum(
                "good",
                "worn",
                "damaged",
                "broken",
                name="out_condition_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("out_accessories", sa.String(), nullable=False),
        sa.Column("handed_to", sa.String(), nullable=False),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("back_meter", sa.BigInteger(), nullable=True),
        sa.Column(
            "back_condition",
            sa.Enum(
                "good",
                "worn",
                "damaged",
                "broken",
                name="back_condition_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("back_accessories", sa.String(), nullable=False),
        sa.Column("area_m2", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("weight_g", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("trips", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fuel_ml", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("damage", sa.String(), nullable=False),
        sa.Column(
            "damage_photo_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("tariff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("bill_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fuel_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("other_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("operator_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("maintenance_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("depreciation_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cooperative_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=True),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column(
            "reversal_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(returned_at IS NULL) = (billed_on IS NULL)",
            name=op.f("ck_equipment_use_billed_when_returned"),
        ),
        sa.CheckConstraint(
            "area_m2 >= 0 AND weight_g >= 0 AND trips >= 0 AND fuel_ml >= 0 AND fuel_rp >= 0 AND other_rp >= 0",
            name=op.f("ck_equipment_use_measures_not_negative"),
        ),
        sa.CheckConstraint("bill_rp >= 0", name=op.f("ck_equipment_use_bill_not_negative")),
        sa.CheckConstraint(
            "operator_rp >= 0 AND maintenance_rp >= 0",
            name=op.f("ck_equipment_use_shares_not_negative"),
        ),
        sa.CheckConstraint(
            "returned_at IS NULL OR returned_at >= out_at",
            name=op.f("ck_equipment_use_returned_after_out"),
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_equipment_use_act_id")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_equipment_use_booking_id")
        ),
        sa.ForeignKeyConstraint(
            ["damage_photo_id"], ["photo.id"], name=op.f("fk_equipment_use_damage_photo_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_equipment_use_entry_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_equipment_use_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["member.id"], name=op.f("fk_equipment_use_operator_id")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_entry_id"], ["entry.id"], name=op.f("fk_equipment_use_reversal_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["tariff_id"], ["equipment_tariff.id"], name=op.f("fk_equipment_use_tariff_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["equipment_unit.id"], name=op.f("fk_equipment_use_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equipment_use")),
        sa.UniqueConstraint("number", name=op.f("uq_equipment_use_number")),
    )
    with op.batch_alter_table("equipment_use", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_equipment_use_booking_id"), ["booking_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_equipment_use_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_equipment_use_operator_id"), ["operator_id"], unique=False
        )
        batch_op.create_index(
            "ix_equipment_use_standing",
            ["booking_id"],
            unique=True,
            sqlite_where=sa.text("reversed_on IS NULL"),
            postgresql_where=sa.text("reversed_on IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_equipment_use_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "meter_reading",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=False),
        sa.Column("meter", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("meter >= 0", name=op.f("ck_meter_reading_meter_not_negative")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_meter_reading_act_id")),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["equipment_unit.id"], name=op.f("fk_meter_reading_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meter_reading")),
    )
    with op.batch_alter_table("meter_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meter_reading_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "outage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "equipment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("broken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("until > since", name=op.f("ck_outage_ends_after_start")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_outage_act_id")),
        sa.ForeignKeyConstraint(
            ["equipment_id"], ["equipment.id"], name=op.f("fk_outage_equipment_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["equipment_unit.id"], name=op.f("fk_outage_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("number", name=op.f("uq_outage_number")),
    )
    with op.batch_alter_table("outage", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outage_equipment_id_until", ["equipment_id", "until"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_outage_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "upkeep_done",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("meter", sa.BigInteger(), nullable=True),
        sa.Column("work", sa.String(), nullable=False),
        sa.Column("by_whom", sa.String(), nullable=False),
        sa.Column("cost_rp", sa.BigInteger(), nullable=False),
        sa.Column("reserve_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("account_code", sa.String(), nullable=True),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(cost_rp > 0) = (entry_id IS NOT NULL)", name=op.f("ck_upkeep_done_cost_has_entry")
        ),
        sa.CheckConstraint("cost_rp >= 0", name=op.f("ck_upkeep_done_cost_not_negative")),
        sa.CheckConstraint(
            "meter IS NULL OR meter >= 0", name=op.f("ck_upkeep_done_meter_not_negative")
        ),
        sa.CheckConstraint(
            "reserve_rp >= 0 AND reserve_rp <= cost_rp",
            name=op.f("ck_upkeep_done_reserve_within_cost"),
        ),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_upkeep_done_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_upkeep_done_act_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_upkeep_done_entry_id")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["upkeep_plan.id"], name=op.f("fk_upkeep_done_plan_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["equipment_unit.id"], name=op.f("fk_upkeep_done_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upkeep_done")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_upkeep_done_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_upkeep_done_number")),
    )
    with op.batch_alter_table("upkeep_done", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upkeep_done_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_upkeep_done_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_upkeep_done_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "use_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("use_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "use",
                "operator",
                "fuel",
                "mobilisation",
                "minimum",
                name="kind_known",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price_e4", sa.BigInteger(), nullable=True),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_use_line_act_id")),
        sa.ForeignKeyConstraint(["use_id"], ["equipment_use.id"], name=op.f("fk_use_line_use_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_use_line")),
    )
    with op.batch_alter_table("use_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_use_line_use_id"), ["use_id"], unique=False)

    op.create_table(
        "use_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("use_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("account_code", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_use_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_use_payment_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_use_payment_act_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_use_payment_entry_id")),
        sa.ForeignKeyConstraint(
            ["use_id"], ["equipment_use.id"], name=op.f("fk_use_payment_use_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_use_payment")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_use_payment_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_use_payment_number")),
    )
    with op.batch_alter_table("use_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_use_payment_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_use_payment_use_id"), ["use_id"], unique=False)

    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("land_m2", sa.BigInteger(), nullable=True))
    for table in ("deduction_agreement", "slip_deduction"):
        _deduct_hire(table)
    _open_accounts()


_KINDS = "kind IN ('advance', 'claim', 'inputs', 'hire', 'loan', 'dues')"

# The new accounts, each like one that is there already.
ACCOUNTS = (
    ("1125", "Piutang jasa alat", "1124"),
    ("4104", "Jasa alat bersama", "4101"),
    ("4201", "Jasa alat kepada bukan anggota", "42"),
    ("6105", "Beban bahan bakar alat", "6103"),
    ("6106", "Upah operator alat", "6103"),
    ("6107", "Beban perawatan alat", "6103"),
    ("6108", "Beban penyusutan alat", "6103"),
)


def _deduct_hire(table: str) -> None:
    name = op.f(f"ck_{table}_kind")
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, _KINDS)


def _open_accounts() -> None:
    opens = sa.text(
        "INSERT INTO account (code, name, kind, sub_ledger, holds_money, active, act_id)"
        " SELECT :code, :name, kind, sub_ledger, holds_money, active, act_id"
        " FROM account WHERE code = :like"
    )
    for code, name, like in ACCOUNTS:
        op.get_bind().execute(opens, {"code": code, "name": name, "like": like})
