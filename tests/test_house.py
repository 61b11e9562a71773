"""The house's own rules: what import contracts and the linter cannot say."""

import ast
from pathlib import Path

import pytest

from tests import source

PAGES = source.modules("pages")
SERVICES = [path for path in source.modules("kopprod/services") if path.stem != "__init__"]

# Pieces of a topic that outgrew its file, and their topic.
PARTS = {
    "equipment_units": "equipment",
    "depreciation": "equipment",
    "photos": "equipment",
    "trainings": "equipment",
    "booking_rows": "bookings",
    "booking_views": "bookings",
    "booking_series": "bookings",
    "booking_quotas": "bookings",
    "booking_rations": "bookings",
    "booking_letters": "bookings",
    "booking_costs": "bookings",
    "booking_operators": "bookings",
    "booking_asks": "bookings",
    "waiting_list": "bookings",
    "calendar_feeds": "bookings",
    "outages": "bookings",
    "rain": "bookings",
    "booking_moves": "bookings",
    "timeline": "bookings",
    "together": "comparison",
    "yardstick": "comparison",
    "bought": "buying",
    "delivery_drafts": "deliveries",
    "intake": "deliveries",
    "accounts": "access",
    "failures": "access",
    "signin": "access",
    "days": "cooperative",
    "memory": "trail",
    "deductions": "payouts",
    "payout_rows": "payouts",
    "advances": "payouts",
    "transfers": "payouts",
    "payments": "sales",
    "reckoning": "sales",
    "sale_costs": "sales",
    "sale_goods": "sales",
    "sale_rows": "sales",
    "settlement": "sales",
    "stock_lots": "stock",
    "buyers": "sales",
    "sale_papers": "sales",
    "standings": "comparison",
    "reversals": "sales",
    "claims": "sales",
    "take_backs": "sales",
    "exports": "imports",
    "ledger_files": "ledger",
    "output_months": "output",
    "postings": "ledger",
    "account_sums": "ledger",
    "purchase_charts": "purchases",
    "purchase_goods": "purchases",
    "purchase_bills": "purchases",
    "bill_payments": "purchases",
    "deposits": "purchases",
    "hand_outs": "purchases",
    "supplier_invoices": "purchases",
    "supplies": "purchases",
    "yarnen": "purchases",
    "suppliers": "purchases",
    "articles": "purchases",
    "wants": "purchases",
    "purchase_rows": "purchases",
    "purchase_terms": "purchases",
    "purchase_plans": "purchases",
    "machine_rows": "equipment",
    "use_rows": "uses",
    "use_bills": "uses",
    "use_debts": "uses",
    "use_payments": "uses",
    "use_reversals": "uses",
    "use_results": "uses",
    "breakdowns": "upkeep",
    "fitness": "upkeep",
    "meters": "upkeep",
}
# Tables that services of other topics write, or that nobody writes by hand.
WITHOUT_SERVICE = {
    "guard_bookings",
    "check_sales",
    "check_equipment",
    "columns",
    "triggers",
    "guards",
    "trail",
    "check_goods",
    "check_bookings",
    "check_buying",
    "check_orders",
    "check_reversals",
    "check_payouts",
    "check_purchases",
    "check_uses",
}
# Statements that change rows past the trail: an entry's own posting, sign-ins (which are noted),
# counts of failures, and what is in store, which the papers say.
PAST_THE_TRAIL = {
    ("ledger", "update"),
    ("postings", "update"),
    ("signin", "update"),
    ("accounts", "delete"),
}
PAST_THE_TRAIL |= {("failures", "delete"), ("stock_lots", "delete")}
REFUSED_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "base"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
# The screens, the web and the command line.
CLOCK_READERS = (
    "kopprod/ui/",
    "kopprod/web/",
    "kopprod/__main__.py",
    "kopprod/imports.py",
    "kopprod/list_imports.py",
    "kopprod/serve.py",
)
LINES, LINES_OF_TESTS = 400, 600  # tables of cases are long


def stems(folder: str) -> set[str]:
    """The topics of a room."""
    return {path.stem for path in (source.ROOT / folder).glob("*.py")} - {"__init__"}


def name(path: Path) -> str:
    """A page's or module's path, as a test's name."""
    return str(path.relative_to(source.ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_begins_by_asking_who_may_be_here(page: Path) -> None:
    first = next(one for one in source.tree(page).body if does_something(one))

    assert any(
        isinstance(node, ast.Call) and source.called(node) == "open_page"
        for node in ast.walk(first)
    ), f"{source.where(page, first)} comes before ui.open_page"


def does_something(statement: ast.stmt) -> bool:
    """Whether it does more than name something."""
    match statement:
        case ast.Import() | ast.ImportFrom() | ast.FunctionDef() | ast.ClassDef():
            return False
        case ast.Expr(value=ast.Constant()):
            return False
        case (
            ast.Assign(targets=[ast.Name(id=constant)])
            | ast.AnnAssign(target=ast.Name(id=constant))
        ):
            return not constant[0].isupper()  # a constant, or the name of a type
    return True


def test_what_changes_rows_past_the_trail_is_known() -> None:
    found = {
        (path.stem, node.func.id)
        for path in SERVICES
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"update", "delete"}
    }

    assert found == PAST_THE_TRAIL


def test_a_topic_has_one_word_in_every_room() -> None:
    services, rules, tables = (
        stems(f"kopprod/{room}") for room in ("services", "domain", "tables")
    )
    pages = stems("pages")

    assert pages - services == set(), "a screen has the service of its name"
    assert tables - WITHOUT_SERVICE - services == set(), "a table has the service of its name"
    assert services - rules - tables - pages - PARTS.keys() == set(), "a service has its topic"
    assert set(PARTS.values()) - rules - tables - pages == set()


@pytest.mark.parametrize("topic", sorted(stems("pages") | stems("kopprod/services") - PARTS.keys()))
def test_a_topic_has_its_tests(topic: str) -> None:
    assert any(one.startswith(f"test_{topic}") for one in stems("tests"))


def test_rules_and_tables_know_no_float() -> None:
    floats = [
        source.where(path, node)
        for path in source.modules("kopprod/domain", "kopprod/tables")
        for node in ast.walk(source.tree(path))
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
    ]

    assert floats == []


def test_only_the_edges_read_the_clock() -> None:
    read = [
        source.where(path, call)
        for path in source.modules("kopprod", "pages")
        if not name(path).startswith(CLOCK_READERS)
        for call in source.calls(path)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in CLOCKS
    ]

    assert read == []


def test_pages_know_no_database() -> None:
    known = [
        source.where(path, node)
        for path in PAGES
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.ImportFrom | ast.Import)
        and ast.unparse(node) != "from sqlmodel import Session"  # to say what is handed on
        and any(word in ast.unparse(node).split() for word in ("sqlmodel", "sqlalchemy", "db"))
    ]

    assert known == []


def test_services_never_commit() -> None:
    commits = [
        source.where(path, call)
        for path in SERVICES
        for call in source.calls(path)
        if source.called(call) in {"commit", "rollback"}
    ]

    assert commits == []


def test_services_take_the_session_first_and_the_rest_by_name() -> None:
    odd = [
        source.where(path, function)
        for path in SERVICES
        for function in source.tree(path).body
        if isinstance(function, ast.FunctionDef) and not function.name.startswith("_")
        if takes_session(function) and function.args.args[0].arg != "session"
    ]

    assert odd == []


def takes_session(function: ast.FunctionDef) -> bool:
    """Whether it works on rows at all; a service may also have a plain function beside."""
    return any(one.arg == "session" for one in function.args.args + function.args.kwonlyargs)


@pytest.mark.parametrize(
    "path", source.modules("app.py", "kopprod", "pages", "tests", "benchmarks"), ids=name
)
def test_a_module_is_short_and_says_what_it_is(path: Path) -> None:
    most = LINES_OF_TESTS if "tests" in path.parts else LINES

    assert ast.get_docstring(source.tree(path))
    assert path.read_text(encoding="utf-8").count("\n") <= most
    assert path.stem not in REFUSED_NAMES
