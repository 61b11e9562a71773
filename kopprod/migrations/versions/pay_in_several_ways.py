"""Pay members in several ways.

Goods bought outright beside pooled ones, fees of several kinds, deductions and batches of payouts,
settlements taken back, buyers' orders, tied credit, and references kept by day.
"""

import sqlalchemy as sa
from alembic import op

from kopprod.tables.columns import UtcDateTime

revision = "0002_pay_in_several_ways"
down_revision = "0001_found_the_house"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transfer_format",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("columns", sa.String(), nullable=False),
        sa.Column("separator", sa.String(), nullable=False),
        sa.Column("has_titles", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_transfer_format_name_given")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_transfer_format_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer_format")),
        sa.UniqueConstraint("name", name=op.f("uq_transfer_format_name")),
    )
    op.create_table(
        "payout_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cash",
                "transfer",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("account_code", sa.String(), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_payout_batch_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_payout_batch_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_batch")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_payout_batch_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_payout_batch_number")),
    )
    with op.batch_alter_table("payout_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_batch_drawn_on"), ["drawn_on"], unique=False)

    op.create_table(
        "buyer_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "open",
                "closed",
                "cancelled",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("buyer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("grade_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price_e4", sa.BigInteger(), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("due_on >= ordered_on", name=op.f("ck_buyer_order_due_later")),
        sa.CheckConstraint(
            "price_e4 IS NULL OR price_e4 > 0", name=op.f("ck_buyer_order_price_positive")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_buyer_order_quantity_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_buyer_order_act_id")),
        sa.ForeignKeyConstraint(["buyer_id"], ["buyer.id"], name=op.f("fk_buyer_order_buyer_id")),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_buyer_order_grade_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_buyer_order_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buyer_order")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_buyer_order_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_buyer_order_number")),
    )
    with op.batch_alter_table("buyer_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_buyer_order_buyer_id"), ["buyer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyer_order_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_buyer_order_product_id"), ["product_id"], unique=False)

    op.create_table(
        "deduction_agreement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "advance",
                "claim",
                "inputs",
                "loan",
                "dues",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("most_rp", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind <> 'dues' OR most_rp IS NOT NULL",
            name=op.f("ck_deduction_agreement_dues_have_amount"),
        ),
        sa.CheckConstraint(
            "most_rp IS NULL OR most_rp > 0", name=op.f("ck_deduction_agreement_most_positive")
        ),
        sa.CheckConstraint("position > 0", name=op.f("ck_deduction_agreement_position_positive")),
        sa.CheckConstraint(
            "until IS NULL OR until >= since", name=op.f("ck_deduction_agreement_ends_later")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_deduction_agreement_act_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_deduction_agreement_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deduction_agreement")),
    )
    with op.batch_alter_table("deduction_agreement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_deduction_agreement_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "payout_terms",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("most_bp", sa.BigInteger(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "most_bp >= 0 AND most_bp <= 10000", name=op.f("ck_payout_terms_most_in_range")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_payout_terms_act_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_payout_terms_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_terms")),
    )
    with op.batch_alter_table("payout_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_terms_member_id"), ["member_id"], unique=True)

    op.create_table(
        "reference_day",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("grade_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("quotes", sa.BigInteger(), nullable=False),
        sa.Column("middle_e4", sa.BigInteger(), nullable=True),
        sa.Column("lowest_e4", sa.BigInteger(), nullable=True),
        sa.Column("highest_e4", sa.BigInteger(), nullable=True),
        sa.Column("age_days", sa.BigInteger(), nullable=True),
        sa.Column("lots", sa.BigInteger(), nullable=False),
        sa.Column("thin", sa.BigInteger(), nullable=False),
        sa.Column("coop_rp", sa.BigInteger(), nullable=False),
        sa.Column("difference_rp", sa.BigInteger(), nullable=False),
        sa.Column("true_weight", sa.BigInteger(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("before_e4", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(changed_at IS NULL) = (before_e4 IS NULL)",
            name=op.f("ck_reference_day_changed_says_from"),
        ),
        sa.CheckConstraint(
            "lots >= 0 AND thin >= 0 AND thin <= lots",
            name=op.f("ck_reference_day_lots_not_negative"),
        ),
        sa.CheckConstraint("quotes >= 0", name=op.f("ck_reference_day_quotes_not_negative")),
        sa.ForeignKeyConstraint(["grade_id"], ["grade.id"], name=op.f("fk_reference_day_grade_id")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_reference_day_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_reference_day_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_day")),
        sa.UniqueConstraint(
            "product_id",
            "grade_id",
            "village_id",
            "day",
            name=op.f("uq_reference_day_product_id_grade_id_village_id_day"),
        ),
    )
    with op.batch_alter_table("reference_day", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reference_day_day"), ["day"], unique=False)

    op.create_table(
        "settlement_reversal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("sale_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("gross_rp", sa.BigInteger(), nullable=False),
        sa.Column("costs_rp", sa.BigInteger(), nullable=False),
        sa.Column("fee_rp", sa.BigInteger(), nullable=False),
        sa.Column("cost_of_goods_rp", sa.BigInteger(), nullable=False),
        sa.Column("net_rp", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "reversal_entry_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_settlement_reversal_reason_given")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_settlement_reversal_act_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_settlement_reversal_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_entry_id"],
            ["entry.id"],
            name=op.f("fk_settlement_reversal_reversal_entry_id"),
        ),
        sa.ForeignKeyConstraint(
            ["sale_id"], ["sale.id"], name=op.f("fk_settlement_reversal_sale_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_reversal")),
        sa.UniqueConstraint("number", name=op.f("uq_settlement_reversal_number")),
    )
    with op.batch_alter_table("settlement_reversal", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_settlement_reversal_entry_id"), ["entry_id"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_settlement_reversal_reversal_entry_id"),
            ["reversal_entry_id"],
            unique=True,
        )
        batch_op.create_index(
            batch_op.f("ix_settlement_reversal_reversed_on"), ["reversed_on"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_settlement_reversal_sale_id"), ["sale_id"], unique=False
        )

    op.create_table(
        "advance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("account_code", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column(
            "reversal_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(reversed_on IS NULL) = (reversal_entry_id IS NULL)",
            name=op.f("ck_advance_reversed_has_entry"),
        ),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_advance_amount_positive")),
        sa.CheckConstraint("length(code) = 16", name=op.f("ck_advance_code_whole")),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_advance_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_advance_act_id")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_advance_delivery_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_advance_entry_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_advance_member_id")),
        sa.ForeignKeyConstraint(
            ["reversal_entry_id"], ["entry.id"], name=op.f("fk_advance_reversal_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance")),
        sa.UniqueConstraint("code", name=op.f("uq_advance_code")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_advance_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_advance_number")),
    )
    with op.batch_alter_table("advance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_advance_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_advance_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_advance_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_advance_paid_on"), ["paid_on"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_advance_reversal_entry_id"), ["reversal_entry_id"], unique=True
        )

    op.create_table(
        "buying",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "price_version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("paid_weight_e4", sa.BigInteger(), nullable=False),
        sa.Column("price_e4", sa.BigInteger(), nullable=False),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("steps", sa.String(), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reversed_on", sa.Date(), nullable=True),
        sa.Column(
            "reversal_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(reversed_on IS NULL OR entry_id IS NULL) = (reversal_entry_id IS NULL)",
            name=op.f("ck_buying_reversed_has_entry"),
        ),
        sa.CheckConstraint("amount_rp >= 0", name=op.f("ck_buying_amount_not_negative")),
        sa.CheckConstraint("paid_weight_e4 > 0", name=op.f("ck_buying_weight_positive")),
        sa.CheckConstraint("price_e4 >= 0", name=op.f("ck_buying_price_not_negative")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_buying_act_id")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_buying_delivery_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_buying_entry_id")),
        sa.ForeignKeyConstraint(
            ["price_version_id"], ["price_rule_version.id"], name=op.f("fk_buying_price_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_entry_id"], ["entry.id"], name=op.f("fk_buying_reversal_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buying")),
    )
    with op.batch_alter_table("buying", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_buying_bought_on"), ["bought_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_buying_delivery_id"), ["delivery_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_buying_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_buying_reversal_entry_id"), ["reversal_entry_id"], unique=True
        )

    op.create_table(
        "stock_loss",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cost_rp", sa.BigInteger(), nullable=False),
        sa.Column("lost_on", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "dried",
                "spoiled",
                "missing",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("cost_rp >= 0", name=op.f("ck_stock_loss_cost_not_negative")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_stock_loss_reason_given")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_loss_quantity_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_stock_loss_act_id")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_stock_loss_delivery_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_stock_loss_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_loss")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_stock_loss_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_loss_number")),
    )
    with op.batch_alter_table("stock_loss", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_loss_delivery_id"), ["delivery_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_stock_loss_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_stock_loss_lost_on"), ["lost_on"], unique=False)

    op.create_table(
        "payout_return",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("account_code", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_payout_return_amount_positive")),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_payout_return_reason_given")),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_payout_return_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_payout_return_act_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_payout_return_entry_id")),
        sa.ForeignKeyConstraint(["slip_id"], ["slip.id"], name=op.f("fk_payout_return_slip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_return")),
        sa.UniqueConstraint("number", name=op.f("uq_payout_return_number")),
    )
    with op.batch_alter_table("payout_return", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payout_return_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_payout_return_slip_id"), ["slip_id"], unique=False)

    op.create_table(
        "slip_deduction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "advance",
                "claim",
                "inputs",
                "loan",
                "dues",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_slip_deduction_amount_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_slip_deduction_act_id")),
        sa.ForeignKeyConstraint(["slip_id"], ["slip.id"], name=op.f("fk_slip_deduction_slip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_deduction")),
        sa.UniqueConstraint("slip_id", "kind", name=op.f("uq_slip_deduction_slip_id_kind")),
    )
    with op.batch_alter_table("allotment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cost_rp", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("buyer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pays_within_days", sa.Integer(), nullable=True))

    with op.batch_alter_table("buyer_payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reversed_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "reversal_entry_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(sa.Column("reason", sa.String(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_buyer_payment_reversal_entry_id"), ["reversal_entry_id"], unique=True
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_buyer_payment_reversal_entry_id"), "entry", ["reversal_entry_id"], ["id"]
        )
        batch_op.create_check_constraint(
            op.f("ck_buyer_payment_reversed_is_whole"),
            "(reversed_on IS NULL) = (reversal_entry_id IS NULL) AND (reversed_on IS NULL) = (reason IS NULL)",
        )

    with op.batch_alter_table("delivery_draft", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("buys", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("buys", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("scale_offset", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("commission_bp", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(sa.Column("loan_rp", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("loan_parts", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("loan_part_rp", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("loan_part_days", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("loan_load", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("market_e4", sa.BigInteger(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_quote_offset_in_range"),
            "scale_offset = 0 OR (cut_per_sack IS NOT NULL AND scale_offset > 0 AND cut_per_sack + scale_offset < sack_size)",
        )
        batch_op.create_check_constraint(
            op.f("ck_quote_commission_in_range"), "commission_bp >= 0 AND commission_bp < 10000"
        )
        batch_op.create_check_constraint(
            op.f("ck_quote_loan_is_whole"),
            "(loan_rp IS NULL) = (loan_parts IS NULL) AND (loan_rp IS NULL) = (loan_part_rp IS NULL) AND (loan_rp IS NULL) = (loan_part_days IS NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_quote_loan_positive"),
            "loan_rp IS NULL OR (loan_rp > 0 AND loan_parts > 0 AND loan_part_rp >= 0 AND loan_part_days > 0)",
        )
        batch_op.create_check_constraint(
            op.f("ck_quote_market_positive"), "market_e4 IS NULL OR market_e4 > 0"
        )
        batch_op.create_check_constraint(
            op.f("ck_quote_market_not_lower"), "market_e4 IS NULL OR market_e4 >= price_e4"
        )
        batch_op.create_check_constraint(
            op.f("ck_quote_load_positive"), "loan_load IS NULL OR loan_load > 0"
        )

    with op.batch_alter_table("sale", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("fee_weight_e4", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("fee_flat_rp", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "mode",
                sa.Enum(
                    "pool",
                    "outright",
                    name="mode",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                server_default="pool",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("cost_of_goods_rp", sa.BigInteger(), nullable=True))
        batch_op.create_index(batch_op.f("ix_sale_order_id"), ["order_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_sale_order_id"), "buyer_order", ["order_id"], ["id"]
        )
        batch_op.drop_constraint(op.f("ck_sale_settled_adds_up"), type_="check")
    op.execute("UPDATE sale SET cost_of_goods_rp = 0 WHERE stage = 'settled'")
    with op.batch_alter_table("sale", schema=None) as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_sale_settled_adds_up"),
            "stage <> 'settled' OR (gross_rp IS NOT NULL AND gross_rp = costs_rp + fee_rp + cost_of_goods_rp + net_rp AND our_weight > 0 AND settled_on IS NOT NULL AND entry_id IS NOT NULL AND ((mode = 'pool' AND net_rp >= 0 AND cost_of_goods_rp = 0) OR (mode = 'outright' AND fee_rp = 0)))",
        )
        batch_op.create_check_constraint(
            op.f("ck_sale_fee_weight_not_negative"), "fee_weight_e4 >= 0"
        )
        batch_op.create_check_constraint(op.f("ck_sale_fee_flat_not_negative"), "fee_flat_rp >= 0")

    with op.batch_alter_table("sale_cost", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "split",
                sa.Enum(
                    "value",
                    "weight",
                    "sacks",
                    name="split",
                    native_enum=False,
                    create_constraint=True,
                    length=24,
                ),
                server_default="value",
                nullable=False,
            )
        )

    with op.batch_alter_table("slip", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "buying_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column("deducted_rp", sa.BigInteger(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "deducted_entry_id",
                sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
                nullable=True,
            )
        )
        batch_op.add_column(
            sa.Column(
                "batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("received_rp", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("voided_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("void_reason", sa.String(), nullable=True))
        batch_op.alter_column("sale_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.drop_constraint(batch_op.f("uq_slip_sale_id_member_id"), type_="unique")
        batch_op.create_index(batch_op.f("ix_slip_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slip_buying_id"), ["buying_id"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_slip_deducted_entry_id"), ["deducted_entry_id"], unique=True
        )
        batch_op.create_index(
            "uq_slip_standing",
            ["sale_id", "member_id"],
            unique=True,
            sqlite_where=sa.text("voided_on IS NULL"),
            postgresql_where=sa.text("voided_on IS NULL"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_slip_buying_id"), "buying", ["buying_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_slip_deducted_entry_id"), "entry", ["deducted_entry_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_slip_batch_id"), "payout_batch", ["batch_id"], ["id"]
        )
        batch_op.drop_constraint(op.f("ck_slip_paid_has_entry"), type_="check")
        batch_op.drop_constraint(op.f("ck_slip_paid_from_known"), type_="check")
    op.execute("UPDATE slip SET received_rp = net_value_rp WHERE paid_on IS NOT NULL")
    with op.batch_alter_table("slip", schema=None) as batch_op:
        batch_op.alter_column(
            "paid_by_settler",
            existing_type=sa.Boolean(),
            existing_nullable=False,
            server_default=sa.false(),
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_one_source"), "(sale_id IS NULL) <> (buying_id IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_deducted_in_range"), "deducted_rp >= 0 AND deducted_rp <= net_value_rp"
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_deducted_has_entry"), "(deducted_rp = 0) = (deducted_entry_id IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_paid_says_how_much"), "(paid_on IS NULL) = (received_rp IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_paid_what_is_left"),
            "received_rp IS NULL OR received_rp = net_value_rp - deducted_rp",
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_paid_has_entry"),
            "(coalesce(received_rp, 0) > 0) = (paid_entry_id IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_paid_from_known"),
            "(coalesce(received_rp, 0) > 0) = (paid_from IS NOT NULL)",
        )
        batch_op.create_check_constraint(
            op.f("ck_slip_void_has_reason"), "(voided_on IS NULL) = (void_reason IS NULL)"
        )
    _open_accounts()


# The new accounts, each like one that is there already.
ACCOUNTS = (
    ("1124", "Tagihan kepada anggota", "1121"),
    ("4102", "Penjualan hasil anggota (beli putus)", "4101"),
    ("5101", "Beban pokok hasil anggota", "51"),
    ("6103", "Beban jual", "6102"),
)


def _open_accounts() -> None:
    opens = sa.text(
        "INSERT INTO account (code, name, kind, sub_ledger, holds_money, active, act_id)"
        " SELECT :code, :name, kind, sub_ledger, holds_money, active, act_id"
        " FROM account WHERE code = :like"
    )
    for code, name, like in ACCOUNTS:
        op.get_bind().execute(opens, {"code": code, "name": name, "like": like})
