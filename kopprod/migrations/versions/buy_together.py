"""Buy together: suppliers, articles, purchases, wants, bills, leftovers, needs, entitlements."""

import sqlalchemy as sa
from alembic import op

from kopprod.tables.columns import UtcDateTime

revision = "0003_buy_together"
down_revision = "0002_pay_in_several_ways"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "base_unit",
            sa.Enum(
                "g",
                "ml",
                "piece",
                name="base_unit",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("portion", sa.BigInteger(), nullable=False),
        sa.Column("portion_word", sa.String(), nullable=False),
        sa.Column(
            "fertiliser",
            sa.Enum(
                "urea",
                "npk",
                "npk_cocoa",
                "za",
                "organic",
                name="fertiliser",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=True,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "fertiliser IS NULL OR base_unit = 'g'", name=op.f("ck_article_subsidised_is_weighed")
        ),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_article_name_given")),
        sa.CheckConstraint("portion > 0", name=op.f("ck_article_portion_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_article_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("name", name=op.f("uq_article_name")),
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "draft",
                "open",
                "locked",
                "ordered",
                "received",
                "distributed",
                "closed",
                "cancelled",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("filling_on", sa.Date(), nullable=True),
        sa.Column(
            "rounding",
            sa.Enum(
                "down", "up", name="rounding", native_enum=False, create_constraint=True, length=24
            ),
            nullable=False,
        ),
        sa.Column(
            "sharing",
            sa.Enum(
                "first_come",
                "proportional",
                "equal",
                name="sharing",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column(
            "freight_by",
            sa.Enum(
                "weight",
                "value",
                "packs",
                name="freight_by",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("fee_bp", sa.BigInteger(), nullable=False),
        sa.Column("deposit_bp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("most_parts", sa.Integer(), nullable=False),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("cancel_reason", sa.String(), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(stage = 'cancelled') = (cancel_reason IS NOT NULL)",
            name=op.f("ck_purchase_cancelled_has_reason"),
        ),
        sa.CheckConstraint(
            "deposit_bp >= 0 AND deposit_bp <= 10000", name=op.f("ck_purchase_deposit_in_range")
        ),
        sa.CheckConstraint(
            "fee_bp >= 0 AND fee_bp <= 10000", name=op.f("ck_purchase_fee_in_range")
        ),
        sa.CheckConstraint(
            "filling_on IS NULL OR filling_on < until", name=op.f("ck_purchase_filling_before_end")
        ),
        sa.CheckConstraint("length(title) > 0", name=op.f("ck_purchase_title_given")),
        sa.CheckConstraint("most_parts >= 0", name=op.f("ck_purchase_parts_not_negative")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_purchase_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_number")),
    )
    with op.batch_alter_table("purchase", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_until"), ["until"], unique=False)

    op.create_table(
        "supplier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_supplier_name_given")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_supplier_act_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("name", name=op.f("uq_supplier_name")),
    )
    op.create_table(
        "purchase_article",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("shop_e4", sa.BigInteger(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("stock_most", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("shop_e4 > 0", name=op.f("ck_purchase_article_shop_positive")),
        sa.CheckConstraint("stock_most >= 0", name=op.f("ck_purchase_article_stock_not_negative")),
        sa.CheckConstraint("weight > 0", name=op.f("ck_purchase_article_weight_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_article_act_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_purchase_article_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_article_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_article")),
        sa.UniqueConstraint(
            "purchase_id", "article_id", name=op.f("uq_purchase_article_purchase_id_article_id")
        ),
    )
    with op.batch_alter_table("purchase_article", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_article_article_id"), ["article_id"], unique=False
        )

    op.create_table(
        "purchase_offer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pack", sa.BigInteger(), nullable=False),
        sa.Column("least_packs", sa.BigInteger(), nullable=False),
        sa.Column("tiers", sa.String(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("least_packs > 0", name=op.f("ck_purchase_offer_least_positive")),
        sa.CheckConstraint("pack > 0", name=op.f("ck_purchase_offer_pack_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_offer_act_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_purchase_offer_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_offer_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_purchase_offer_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_offer")),
        sa.UniqueConstraint(
            "purchase_id",
            "supplier_id",
            "article_id",
            "pack",
            name=op.f("uq_purchase_offer_purchase_id_supplier_id_article_id_pack"),
        ),
    )
    with op.batch_alter_table("purchase_offer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_offer_article_id"), ["article_id"], unique=False
        )

    op.create_table(
        "purchase_supplier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("freight_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("freight_pack_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("freight_free_from_rp", sa.BigInteger(), nullable=True),
        sa.Column("least_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("least_packs", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "freight_free_from_rp IS NULL OR freight_free_from_rp > 0",
            name=op.f("ck_purchase_supplier_free_from_positive"),
        ),
        sa.CheckConstraint(
            "freight_rp >= 0 AND freight_pack_rp >= 0",
            name=op.f("ck_purchase_supplier_freight_not_negative"),
        ),
        sa.CheckConstraint(
            "least_rp >= 0 AND least_packs >= 0",
            name=op.f("ck_purchase_supplier_least_not_negative"),
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_supplier_act_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_supplier_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_purchase_supplier_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_supplier")),
        sa.UniqueConstraint(
            "purchase_id", "supplier_id", name=op.f("uq_purchase_supplier_purchase_id_supplier_id")
        ),
    )
    with op.batch_alter_table("purchase_supplier", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_supplier_supplier_id"), ["supplier_id"], unique=False
        )

    op.create_table(
        "purchase_village",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "village_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_village_act_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_village_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["village_id"], ["village.id"], name=op.f("fk_purchase_village_village_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_village")),
        sa.UniqueConstraint(
            "purchase_id", "village_id", name=op.f("uq_purchase_village_purchase_id_village_id")
        ),
    )
    op.create_table(
        "supplier_invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("goods_rp", sa.BigInteger(), nullable=False),
        sa.Column("freight_rp", sa.BigInteger(), nullable=False),
        sa.Column("claim_rp", sa.BigInteger(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column(
            "paid_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("claim_on", sa.Date(), nullable=True),
        sa.Column(
            "claim_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(claim_on IS NULL) = (claim_entry_id IS NULL)",
            name=op.f("ck_supplier_invoice_claim_settled_has_entry"),
        ),
        sa.CheckConstraint(
            "(paid_on IS NULL) = (paid_entry_id IS NULL)",
            name=op.f("ck_supplier_invoice_paid_has_entry"),
        ),
        sa.CheckConstraint(
            "goods_rp >= 0 AND freight_rp >= 0 AND claim_rp >= 0",
            name=op.f("ck_supplier_invoice_money_not_negative"),
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_supplier_invoice_act_id")),
        sa.ForeignKeyConstraint(
            ["claim_entry_id"], ["entry.id"], name=op.f("fk_supplier_invoice_claim_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entry.id"], name=op.f("fk_supplier_invoice_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["paid_entry_id"], ["entry.id"], name=op.f("fk_supplier_invoice_paid_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_supplier_invoice_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_invoice_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier_invoice")),
        sa.UniqueConstraint(
            "purchase_id", "supplier_id", name=op.f("uq_supplier_invoice_purchase_id_supplier_id")
        ),
    )
    with op.batch_alter_table("supplier_invoice", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_supplier_invoice_claim_entry_id"), ["claim_entry_id"], unique=True
        )
        batch_op.create_index(batch_op.f("ix_supplier_invoice_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(
            batch_op.f("ix_supplier_invoice_paid_entry_id"), ["paid_entry_id"], unique=True
        )
        batch_op.create_index(
            batch_op.f("ix_supplier_invoice_supplier_id"), ["supplier_id"], unique=False
        )

    op.create_table(
        "supply_lot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cost_rp", sa.BigInteger(), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("cost_rp >= 0", name=op.f("ck_supply_lot_cost_not_negative")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_supply_lot_quantity_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_supply_lot_act_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_supply_lot_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_supply_lot_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_lot")),
        sa.UniqueConstraint(
            "purchase_id", "article_id", name=op.f("uq_supply_lot_purchase_id_article_id")
        ),
    )
    with op.batch_alter_table("supply_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supply_lot_article_id"), ["article_id"], unique=False)

    op.create_table(
        "deposit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("account_code", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column(
            "returned_entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(returned_on IS NULL) = (returned_entry_id IS NULL)",
            name=op.f("ck_deposit_returned_has_entry"),
        ),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_deposit_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_deposit_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_deposit_act_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_deposit_entry_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_deposit_member_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_deposit_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["returned_entry_id"], ["entry.id"], name=op.f("fk_deposit_returned_entry_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_deposit_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_deposit_number")),
    )
    with op.batch_alter_table("deposit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deposit_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_deposit_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deposit_purchase_id"), ["purchase_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_deposit_returned_entry_id"), ["returned_entry_id"], unique=True
        )

    op.create_table(
        "entitlement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("season", sa.String(), nullable=False),
        sa.Column(
            "fertiliser",
            sa.Enum(
                "urea",
                "npk",
                "npk_cocoa",
                "za",
                "organic",
                name="fertiliser",
                native_enum=False,
                create_constraint=True,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("grams >= 0", name=op.f("ck_entitlement_grams_not_negative")),
        sa.CheckConstraint("length(season) > 0", name=op.f("ck_entitlement_season_given")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_entitlement_act_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_entitlement_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement")),
        sa.UniqueConstraint(
            "member_id",
            "season",
            "fertiliser",
            name=op.f("uq_entitlement_member_id_season_fertiliser"),
        ),
    )
    op.create_table(
        "need",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("needed_on", sa.Date(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_need_quantity_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_need_act_id")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_need_article_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_need_member_id")),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchase.id"], name=op.f("fk_need_purchase_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_need_draft_key")),
    )
    with op.batch_alter_table("need", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_need_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_needed_on"), ["needed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_need_purchase_id"), ["purchase_id"], unique=False)

    op.create_table(
        "purchase_bill",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("goods_rp", sa.BigInteger(), nullable=False),
        sa.Column("freight_rp", sa.BigInteger(), nullable=False),
        sa.Column("fee_rp", sa.BigInteger(), nullable=False),
        sa.Column("shop_rp", sa.BigInteger(), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("deposit_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("yarnen_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("handed_at", UtcDateTime(), nullable=True),
        sa.Column("handed_to", sa.String(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "goods_rp >= 0 AND freight_rp >= 0 AND fee_rp >= 0",
            name=op.f("ck_purchase_bill_money_not_negative"),
        ),
        sa.CheckConstraint(
            "handed_at IS NULL OR length(handed_to) > 0",
            name=op.f("ck_purchase_bill_handed_to_somebody"),
        ),
        sa.CheckConstraint("length(code) = 16", name=op.f("ck_purchase_bill_code_whole")),
        sa.CheckConstraint(
            "parts >= 0 AND (parts = 0) = (yarnen_rp = 0)",
            name=op.f("ck_purchase_bill_parts_of_what_waits"),
        ),
        sa.CheckConstraint(
            "yarnen_rp >= 0 AND deposit_rp >= 0", name=op.f("ck_purchase_bill_waits_within_bill")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_bill_act_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_purchase_bill_entry_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_purchase_bill_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_bill_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_bill")),
        sa.UniqueConstraint("code", name=op.f("uq_purchase_bill_code")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_bill_number")),
        sa.UniqueConstraint(
            "purchase_id", "member_id", name=op.f("uq_purchase_bill_purchase_id_member_id")
        ),
    )
    with op.batch_alter_table("purchase_bill", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_purchase_bill_billed_on"), ["billed_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_purchase_bill_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_purchase_bill_member_id"), ["member_id"], unique=False)

    op.create_table(
        "purchase_dropped",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("expected_e4", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("expected_e4 > 0", name=op.f("ck_purchase_dropped_expected_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_dropped_act_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_purchase_dropped_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_purchase_dropped_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_dropped_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_dropped")),
        sa.UniqueConstraint(
            "purchase_id",
            "article_id",
            "member_id",
            name=op.f("uq_purchase_dropped_purchase_id_article_id_member_id"),
        ),
    )
    with op.batch_alter_table("purchase_dropped", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_dropped_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "purchase_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("offer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("packs", sa.BigInteger(), nullable=False),
        sa.Column("pack_rp", sa.BigInteger(), nullable=False),
        sa.Column("good", sa.BigInteger(), nullable=True),
        sa.Column("damaged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("invoiced_rp", sa.BigInteger(), nullable=True),
        sa.Column("claim_rp", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(good IS NULL) = (invoiced_rp IS NULL)", name=op.f("ck_purchase_line_came_whole")
        ),
        sa.CheckConstraint(
            "(invoiced_rp IS NULL OR invoiced_rp >= 0) AND claim_rp >= 0",
            name=op.f("ck_purchase_line_money_not_negative"),
        ),
        sa.CheckConstraint(
            "good IS NULL OR (good >= 0 AND damaged >= 0)",
            name=op.f("ck_purchase_line_came_not_negative"),
        ),
        sa.CheckConstraint("pack_rp > 0", name=op.f("ck_purchase_line_pack_price_positive")),
        sa.CheckConstraint("packs > 0", name=op.f("ck_purchase_line_packs_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_line_act_id")),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["purchase_offer.id"], name=op.f("fk_purchase_line_offer_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_line_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_line")),
        sa.UniqueConstraint(
            "purchase_id", "offer_id", name=op.f("uq_purchase_line_purchase_id_offer_id")
        ),
    )
    op.create_table(
        "purchase_share",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("computed", sa.BigInteger(), nullable=False),
        sa.Column("goods_rp", sa.BigInteger(), nullable=True),
        sa.Column("freight_rp", sa.BigInteger(), nullable=True),
        sa.Column("fee_rp", sa.BigInteger(), nullable=True),
        sa.Column("shop_rp", sa.BigInteger(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "quantity >= 0 AND computed >= 0", name=op.f("ck_purchase_share_quantity_not_negative")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_share_act_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_purchase_share_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_purchase_share_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_share_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_share")),
        sa.UniqueConstraint(
            "purchase_id",
            "article_id",
            "member_id",
            name=op.f("uq_purchase_share_purchase_id_article_id_member_id"),
        ),
    )
    with op.batch_alter_table("purchase_share", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_share_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "supply_sale",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("cost_rp", sa.BigInteger(), nullable=False),
        sa.Column("sold_on", sa.Date(), nullable=False),
        sa.Column("account_code", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(member_id IS NULL) = (reason IS NOT NULL)", name=op.f("ck_supply_sale_sold_or_lost")
        ),
        sa.CheckConstraint(
            "amount_rp >= 0 AND cost_rp >= 0", name=op.f("ck_supply_sale_money_not_negative")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_supply_sale_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_supply_sale_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_supply_sale_act_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_supply_sale_entry_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["supply_lot.id"], name=op.f("fk_supply_sale_lot_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_supply_sale_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_sale")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_supply_sale_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_supply_sale_number")),
    )
    with op.batch_alter_table("supply_sale", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_supply_sale_entry_id"), ["entry_id"], unique=True)
        batch_op.create_index(batch_op.f("ix_supply_sale_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_supply_sale_member_id"), ["member_id"], unique=False)

    op.create_table(
        "want_said",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("firm", sa.BigInteger(), nullable=False),
        sa.Column("tolerance", sa.BigInteger(), nullable=False),
        sa.Column("highest_e4", sa.BigInteger(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("firm >= 0", name=op.f("ck_want_said_firm_not_negative")),
        sa.CheckConstraint(
            "highest_e4 IS NULL OR highest_e4 > 0", name=op.f("ck_want_said_highest_positive")
        ),
        sa.CheckConstraint("tolerance >= 0", name=op.f("ck_want_said_tolerance_not_negative")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_want_said_act_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_want_said_article_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_want_said_member_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_want_said_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_want_said")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_want_said_draft_key")),
    )
    with op.batch_alter_table("want_said", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_want_said_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_want_said_purchase_id"), ["purchase_id"], unique=False)

    op.create_table(
        "bill_payment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("bill_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount_rp", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("account_code", sa.String(), nullable=False),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("draft_key", sa.String(), nullable=True),
        sa.Column("act_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount_rp > 0", name=op.f("ck_bill_payment_amount_positive")),
        sa.ForeignKeyConstraint(
            ["account_code"], ["account.code"], name=op.f("fk_bill_payment_account_code")
        ),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_bill_payment_act_id")),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["purchase_bill.id"], name=op.f("fk_bill_payment_bill_id")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_bill_payment_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bill_payment")),
        sa.UniqueConstraint("draft_key", name=op.f("uq_bill_payment_draft_key")),
        sa.UniqueConstraint("number", name=op.f("uq_bill_payment_number")),
    )
    with op.batch_alter_table("bill_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bill_payment_bill_id"), ["bill_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bill_payment_entry_id"), ["entry_id"], unique=True)
    _open_accounts()


# The new accounts, each like one that is there already.
ACCOUNTS = (
    ("1118", "Persediaan sarana produksi", "1117"),
    ("4103", "Jasa pengadaan bersama", "4101"),
)


def _open_accounts() -> None:
    opens = sa.text(
        "INSERT INTO account (code, name, kind, sub_ledger, holds_money, active, act_id)"
        " SELECT :code, :name, kind, sub_ledger, holds_money, active, act_id"
        " FROM account WHERE code = :like"
    )
    for code, name, like in ACCOUNTS:
        op.get_bind().execute(opens, {"code": code, "name": name, "like": like})
