"""The triggers that guard what may not change: their one source, for both engines.

Each guard is a condition at which the database refuses a change, written once: on SQLite it becomes
the WHEN of a trigger, on PostgreSQL a function of the cooperative's schema and a trigger. `create`
makes them, `drop` removes whatever is there, `differences` compares the database with this source.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from kopprod.tables.guard_bookings import BOOKINGS
from kopprod.tables.guard_bookings import KEPT as EQUIPMENT_KEPT
from kopprod.tables.guards import ALWAYS, PURCHASES, Guard

_ENTRY = (
    Guard("entry_is_drafted_first", "entry", "INSERT", "NEW.stage <> 'draft'"),
    Guard(
        "entry_replaces_none",
        "entry",
        "INSERT",
        "EXISTS (SELECT 1 FROM entry WHERE id = NEW.id OR number = NEW.number"
        " OR reverses_id = NEW.reverses_id)",
        only_sqlite=True,
    ),
    Guard("entry_posted_is_kept", "entry", "DELETE", "OLD.stage = 'posted'"),
    Guard(
        "entry_posted_stands",
        "entry",
        "UPDATE",
        "OLD.stage = 'posted' OR NEW.id <> OLD.id"
        " OR EXISTS (SELECT 1 FROM entry WHERE id <> OLD.id"
        " AND (number = NEW.number OR reverses_id = NEW.reverses_id))",
    ),
    Guard(
        "entry_posts_in_balance",
        "entry",
        "UPDATE",
        "NEW.stage = 'posted' AND ("
        "(SELECT count(*) FROM line WHERE entry_id = NEW.id) < 2"
        " OR (SELECT sum(debit_rp) - sum(credit_rp) FROM line WHERE entry_id = NEW.id) <> 0"
        " OR EXISTS (SELECT 1 FROM line JOIN account ON account.code = line.account_code"
        " WHERE line.entry_id = NEW.id"
        " AND ((account.sub_ledger = 'member' AND line.member_id IS NULL)"
        " OR (account.sub_ledger = 'buyer' AND line.buyer_id IS NULL))))",
    ),
)


def _posted(entry_id: str) -> str:
    # Whoever adds a line waits for whoever is posting its entry, and then sees it posted.
    return f"(SELECT stage FROM entry WHERE id = {entry_id}<lock>) = 'posted'"  # noqa: S608


_LINE = (
    Guard("line_joins_drafts_only", "line", "INSERT", _posted("NEW.entry_id")),
    Guard(
        "line_replaces_none",
        "line",
        "INSERT",
        "EXISTS (SELECT 1 FROM line WHERE id = NEW.id)",
        only_sqlite=True,
    ),
    Guard(
        "line_posted_stands",
        "line",
        "UPDATE",
        f"NEW.id <> OLD.id OR {_posted('OLD.entry_id')} OR {_posted('NEW.entry_id')}",
    ),
    Guard("line_posted_is_kept", "line", "DELETE", _posted("OLD.entry_id")),
    Guard(
        "account_used_stands",
        "account",
        "UPDATE OF code, kind, sub_ledger",
        "EXISTS (SELECT 1 FROM line WHERE account_code = OLD.code)",
    ),
)


def _settled(sale_id: str) -> str:
    return f"EXISTS (SELECT 1 FROM sale WHERE id = {sale_id} AND stage = 'settled')"  # noqa: S608


def _reversed_once(table: str, *columns: str) -> Guard:
    """Whatever moved money stays as it was; it may be reversed, once."""
    changed = " OR ".join(
        f"coalesce(NEW.{column} <> OLD.{column}, (NEW.{column} IS NULL) <> (OLD.{column} IS NULL))"
        for column in ("id", "act_id", *columns)
    )
    return Guard(
        f"{table}_stands",
        table,
        "UPDATE",
        f"OLD.reversed_on IS NOT NULL OR NEW.reversed_on IS NULL OR {changed}",
    )


# A sale is settled once its shares, costs and slips are written, and nothing joins it afterwards.
_SALES = (
    Guard("sale_is_opened_first", "sale", "INSERT", "NEW.stage = 'settled'"),
    Guard(
        "sale_settled_stands",
        "sale",
        "UPDATE",
        "OLD.stage = 'settled' AND NOT (NEW.stage = 'open' AND NEW.settled_on IS NULL"
        " AND NEW.entry_id IS NULL AND NEW.id = OLD.id AND NEW.number = OLD.number"
        " AND NEW.mode = OLD.mode AND NEW.product_id = OLD.product_id"
        " AND NEW.buyer_id = OLD.buyer_id"
        " AND EXISTS (SELECT 1 FROM settlement_reversal WHERE entry_id = OLD.entry_id))",
    ),
    Guard("allotment_joins_open_sales", "allotment", "INSERT", _settled("NEW.sale_id")),
    Guard(
        "allotment_settled_stands",
        "allotment",
        "UPDATE",
        f"{_settled('OLD.sale_id')} OR {_settled('NEW.sale_id')}",
    ),
    Guard("allotment_settled_is_kept", "allotment", "DELETE", _settled("OLD.sale_id")),
    Guard("sale_cost_joins_open_sales", "sale_cost", "INSERT", _settled("NEW.sale_id")),
    Guard(
        "sale_cost_settled_stands",
        "sale_cost",
        "UPDATE",
        f"({_settled('OLD.sale_id')} OR {_settled('NEW.sale_id')}) AND ("
        "NEW.id <> OLD.id OR NEW.sale_id <> OLD.sale_id"
        " OR NEW.name <> OLD.name OR NEW.amount_rp <> OLD.amount_rp OR NEW.split <> OLD.split"
        " OR NEW.act_id <> OLD.act_id)",
    ),
    # A cost that was paid stays as it is, unless its payment was reversed.
    Guard(
        "sale_cost_paid_stands",
        "sale_cost",
        "UPDATE",
        "OLD.paid_entry_id IS NOT NULL AND NOT (NEW.paid_entry_id IS NULL"
        " AND NEW.sale_id = OLD.sale_id AND NEW.amount_rp = OLD.amount_rp"
        " AND NEW.name = OLD.name AND NEW.split = OLD.split"
        " AND EXISTS (SELECT 1 FROM entry WHERE reverses_id = OLD.paid_entry_id))",
    ),
    Guard("sale_cost_paid_is_kept", "sale_cost", "DELETE", "OLD.paid_entry_id IS NOT NULL"),
    Guard("sale_cost_settled_is_kept", "sale_cost", "DELETE", _settled("OLD.sale_id")),
    Guard(
        "slip_joins_open_sales",
        "slip",
        "INSERT",
        f"NEW.paid_on IS NOT NULL OR {_settled('NEW.sale_id')}",
    ),
    # What is paid stays so, unless the money came back; what is void stays void.
    Guard(
        "slip_stands",
        "slip",
        "UPDATE",
        "OLD.voided_on IS NOT NULL OR NEW.id <> OLD.id OR NEW.number <> OLD.number"
        " OR NEW.code <> OLD.code OR NEW.member_id <> OLD.member_id"
        " OR NEW.net_value_rp <> OLD.net_value_rp OR NEW.act_id <> OLD.act_id"
        " OR coalesce(NEW.sale_id, 0) <> coalesce(OLD.sale_id, 0)"
        " OR coalesce(NEW.buying_id, 0) <> coalesce(OLD.buying_id, 0)"
        " OR (OLD.paid_on IS NOT NULL"
        " AND (NEW.voided_on IS NULL OR coalesce(NEW.paid_on <> OLD.paid_on, 1 = 1)"
        " OR NEW.received_rp <> OLD.received_rp)"
        " AND NOT (NEW.paid_on IS NULL AND EXISTS (SELECT 1 FROM payout_return AS back"
        " JOIN entry ON entry.id = back.entry_id"
        " WHERE back.slip_id = OLD.id AND entry.reverses_id = OLD.paid_entry_id)))",
    ),
    Guard(
        "buyer_payment_follows_settlement",
        "buyer_payment",
        "INSERT",
        f"NOT {_settled('NEW.sale_id')}",
    ),
    _reversed_once("buyer_payment", "sale_id", "paid_on", "amount_rp", "account_code", "entry_id"),
    _reversed_once("buying", "delivery_id", "amount_rp", "price_e4", "paid_weight_e4", "entry_id"),
    _reversed_once("advance", "delivery_id", "member_id", "amount_rp", "paid_on", "entry_id"),
    Guard("stock_loss_stands", "stock_loss", "UPDATE", ALWAYS),
    Guard("settlement_reversal_stands", "settlement_reversal", "UPDATE", ALWAYS),
    Guard("payout_return_stands", "payout_return", "UPDATE", ALWAYS),
    Guard("price_rule_version_stands", "price_rule_version", "UPDATE", ALWAYS),
    Guard("delivery_weight_stands", "delivery_weight", "UPDATE", ALWAYS),
    Guard("delivery_measure_stands", "delivery_measure", "UPDATE", ALWAYS),
    Guard("rejected_load_stands", "rejected_load", "UPDATE", ALWAYS),
    Guard(
        "delivery_answer_stands",
        "delivery_answer",
        "UPDATE",
        "OLD.resolution IS NOT NULL OR NEW.id <> OLD.id OR NEW.delivery_id <> OLD.delivery_id"
        " OR NEW.agrees <> OLD.agrees OR NEW.words <> OLD.words",
    ),
    Guard(
        "delivery_stands",
        "delivery",
        "UPDATE OF id, number, member_id, product_id, grade_id, village_id, received_on, gross,"
        " tare, net, typed, output_id, reverses_id, reason, act_id",
        ALWAYS,
    ),
)

# Nothing legal is deleted, and what was done is never unsaid.
_KEPT = (
    "member",
    "output_log",
    "delivery",
    "delivery_weight",
    "delivery_measure",
    "delivery_answer",
    "rejected_load",
    "sale",
    "slip",
    "quote",
    "buyer_payment",
    "buying",
    "stock_loss",
    "advance",
    "settlement_reversal",
    "payout_batch",
    "payout_return",
    "deduction_agreement",
    "buyer_order",
    "price_rule_version",
    "purchase",
    "want_said",
    "purchase_bill",
    "purchase_borne",
    "yarnen_since",
    "deposit",
    "bill_payment",
    "supplier_invoice",
    "supply_lot",
    "supply_sale",
    *EQUIPMENT_KEPT,
    "act",
    "change",
)
_TRAIL = ("act", "change")

GUARDS: tuple[Guard, ...] = (
    *_ENTRY,
    *_LINE,
    *_SALES,
    *PURCHASES,
    *BOOKINGS,
    *(Guard(f"{table}_is_kept", table, "DELETE", ALWAYS) for table in _KEPT),
    *(Guard(f"{table}_stands", table, "UPDATE", ALWAYS) for table in _TRAIL),
    *(
        Guard(
            f"{table}_replaces_none",
            table,
            "INSERT",
            f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",  # noqa: S608
            only_sqlite=True,
        )
        for table in _KEPT
    ),
)

# PostgreSQL empties whole tables past every trigger on rows.
_NEVER_EMPTIED = ("entry", "line", "allotment", "sale_cost", *_KEPT)


@dataclass(frozen=True)
class Made:
    """A trigger of PostgreSQL as the database describes it: its statement and its function."""

    trigger: str
    body: str
    settings: str


def create(connection: Connection) -> None:
    """Make every trigger of this engine."""
    for statement in _statements(connection):
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Remove every trigger that is there, whoever made it."""
    if connection.dialect.name == "sqlite":
        for name in _on_sqlite(connection):
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    for name in _on_postgresql(connection):
        table, trigger = name.split(".", 1)
        connection.exec_driver_sql(f'DROP TRIGGER "{trigger}" ON "{table}"')
    for name in connection.execute(text(_OWN_FUNCTIONS)).scalars().all():
        connection.exec_driver_sql(f'DROP FUNCTION "{name}"()')


def differences(connection: Connection) -> list[str]:
    """The names of triggers that are missing, changed, switched off or not from this source."""
    if connection.dialect.name == "sqlite":
        wanted: dict[str, object] = {guard.name: _sqlite(guard) for guard in GUARDS}
        there: dict[str, object] = dict(_on_sqlite(connection))
    else:
        wanted = dict(_wanted_on_postgresql(_schema(connection)))
        there = dict(_on_postgresql(connection))
    return sorted(
        name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)
    )


def _statements(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        yield from (_sqlite(guard) for guard in GUARDS)
        return
    schema = _schema(connection)
    for name, made in _wanted_on_postgresql(schema).items():
        function = name.split(".", 1)[1]
        yield (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql"
            f" SET search_path = {schema}, pg_temp AS $guard${made.body}$guard$"
        )
        yield made.trigger


def _sqlite(guard: Guard) -> str:
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
        f" WHEN {guard.refuse.replace('<lock>', '')}"
        f" BEGIN SELECT RAISE(ABORT, 'guard {guard.name}'); END"
    )


def _wanted_on_postgresql(schema: str) -> dict[str, Made]:
    settings = f"search_path={schema}, pg_temp"
    wanted = {}
    for guard in GUARDS:
        if guard.only_sqlite:
            continue
        refuse = guard.refuse.replace("<lock>", " FOR SHARE")
        body = _body(guard.name, refuse, guard.event, guard.alone)
        trigger = (
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table}"
            f" FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
        )
        wanted[f"{guard.table}.{guard.name}"] = Made(trigger, body, settings)
    for table in _NEVER_EMPTIED:
        name = f"{table}_is_never_emptied"
        trigger = (
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
        wanted[f"{table}.{name}"] = Made(trigger, _body(name, ALWAYS, "TRUNCATE"), settings)
    return wanted


def _body(name: str, refuse: str, event: str, alone: Sequence[str] = ()) -> str:
    gives = "OLD" if event == "DELETE" else "NULL" if event == "TRUNCATE" else "NEW"
    # Each statement of a function sees what was committed before it: first wait, then look.
    locks = "".join(f" PERFORM 1 FROM {rows} FOR NO KEY UPDATE;" for rows in alone)
    return (
        f" BEGIN{locks} IF {refuse} THEN"
        f" RAISE EXCEPTION 'guard {name}' USING ERRCODE = 'integrity_constraint_violation';"
        f" END IF; RETURN {gives}; END "
    )


def _schema(connection: Connection) -> str:
    return str(connection.execute(text("SELECT current_schema()")).scalar_one())


def _on_sqlite(connection: Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {row.name: row.sql for row in rows}


_OWN_FUNCTIONS = """
SELECT proname FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND prorettype = 'trigger'::regtype
ORDER BY proname
"""

# Only a trigger that is on counts; its settings say where its function looks.
_OWN_TRIGGERS = """
SELECT relname, tgname, pg_get_triggerdef(pg_trigger.oid, true), prosrc,
       array_to_string(proconfig, ';'), tgenabled
FROM pg_trigger
JOIN pg_class ON pg_class.oid = tgrelid
JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE relnamespace = current_schema()::regnamespace AND NOT tgisinternal
"""


def _on_postgresql(connection: Connection) -> dict[str, Made]:
    found = {}
    for table, name, trigger, body, settings, on in connection.execute(text(_OWN_TRIGGERS)):
        state = "" if on == "O" else f" ({on})"
        found[f"{table}.{name}"] = Made(trigger + state, body, settings or "")
    return found
