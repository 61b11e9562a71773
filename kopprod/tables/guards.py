"""What a guard is, and those of pooled purchases; `triggers.py` has all others and makes them."""

from dataclasses import dataclass

ALWAYS = "1 = 1"


@dataclass(frozen=True)
class Guard:
    """Refuse `event` (INSERT, UPDATE, UPDATE OF a, b or DELETE) on a table where `refuse` is true.

    `<lock>` makes PostgreSQL wait for another transaction that is changing the row asked about.
    Rows in `alone` ("machine WHERE id = NEW.machine_id") it locks beforehand, and looks then.
    """

    name: str
    table: str
    event: str
    refuse: str
    only_sqlite: bool = False  # PostgreSQL has no INSERT OR REPLACE
    alone: tuple[str, ...] = ()


def _frozen(table: str, *columns: str) -> Guard:
    """What members and suppliers were told stays; other columns still say what becomes of it."""
    return Guard(f"{table}_stands", table, f"UPDATE OF id, act_id, {', '.join(columns)}", ALWAYS)


def _kept_once(table: str, *columns: str) -> Guard:
    """An entry that a row has got stays its entry."""
    changed = " OR ".join(
        f"(OLD.{column} IS NOT NULL AND coalesce(NEW.{column} <> OLD.{column}, 1 = 1))"
        for column in columns
    )
    return Guard(f"{table}_entries_stand", table, "UPDATE", changed)


PURCHASES = (
    Guard("want_said_stands", "want_said", "UPDATE", ALWAYS),
    _frozen(
        "purchase_bill", "number", "code", "purchase_id", "member_id", "goods_rp", "freight_rp",
        "fee_rp", "shop_rp", "billed_on", "deposit_rp",
    ),
    _kept_once("purchase_bill", "entry_id", "handed_at"),
    Guard(
        "purchase_bill_waits_as_agreed",
        "purchase_bill",
        "UPDATE OF yarnen_rp, parts",
        "OLD.parts <> 0 AND (NEW.parts <> OLD.parts OR NEW.yarnen_rp <> OLD.yarnen_rp)",
    ),
    _frozen(
        "deposit", "number", "purchase_id", "member_id", "amount_rp", "paid_on", "account_code",
        "entry_id",
    ),
    _kept_once("deposit", "returned_on", "returned_entry_id"),
    Guard("purchase_borne_stands", "purchase_borne", "UPDATE", ALWAYS),
    Guard("yarnen_since_stands", "yarnen_since", "UPDATE", ALWAYS),
    Guard("bill_payment_stands", "bill_payment", "UPDATE", ALWAYS),
    Guard("supply_lot_stands", "supply_lot", "UPDATE", ALWAYS),
    Guard("supply_sale_stands", "supply_sale", "UPDATE", ALWAYS),
    _frozen(
        "supplier_invoice", "purchase_id", "supplier_id", "goods_rp", "freight_rp", "claim_rp",
        "received_on", "entry_id",
    ),
    _kept_once("supplier_invoice", "paid_on", "paid_entry_id", "claim_on", "claim_entry_id"),
)  # fmt: skip
