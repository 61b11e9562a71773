"""Keep within limits: what the cooperative bears above a price ceiling, members' own credit."""

import sqlalchemy as sa
from alembic import op

revision = "0004_keep_within_limits"
down_revision = "0003_buy_together"
branch_labels = None
depends_on = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "credit_limit",
        _big("id"),
        _big("member_id"),
        sa.Column("limit_rp", sa.BigInteger(), nullable=False),
        _big("act_id"),
        sa.CheckConstraint("limit_rp >= 0", name=op.f("ck_credit_limit_limit_not_negative")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_credit_limit_act_id")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_credit_limit_member_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_limit")),
    )
    with op.batch_alter_table("credit_limit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_limit_member_id"), ["member_id"], unique=True)

    op.create_table(
        "purchase_borne",
        _big("id"),
        _big("purchase_id"),
        _big("article_id"),
        _big("member_id"),
        sa.Column("cost_rp", sa.BigInteger(), nullable=False),
        sa.Column("fee_rp", sa.BigInteger(), nullable=False),
        _big("act_id"),
        sa.CheckConstraint(
            "cost_rp >= 0 AND fee_rp >= 0", name=op.f("ck_purchase_borne_money_not_negative")
        ),
        sa.CheckConstraint("cost_rp + fee_rp > 0", name=op.f("ck_purchase_borne_borne_positive")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_purchase_borne_act_id")),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_purchase_borne_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_purchase_borne_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_borne_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_borne")),
        sa.UniqueConstraint(
            "purchase_id",
            "article_id",
            "member_id",
            name=op.f("uq_purchase_borne_purchase_id_article_id_member_id"),
        ),
    )
    with op.batch_alter_table("purchase_borne", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_purchase_borne_member_id"), ["member_id"], unique=False
        )

    op.create_table(
        "yarnen_since",
        _big("id"),
        _big("bill_id"),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        _big("act_id"),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_yarnen_since_act_id")),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["purchase_bill.id"], name=op.f("fk_yarnen_since_bill_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yarnen_since")),
    )
    with op.batch_alter_table("yarnen_since", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_yarnen_since_bill_id"), ["bill_id"], unique=True)
    _open_account()


def _open_account() -> None:
    """What a price ceiling costs the cooperative, an account like that of selling costs."""
    opens = sa.text(
        "INSERT INTO account (code, name, kind, sub_ledger, holds_money, active, act_id)"
        " SELECT '6104', 'Beban di atas HET', kind, sub_ledger, holds_money, active, act_id"
        " FROM account WHERE code = '6103'"
    )
    op.get_bind().execute(opens)
