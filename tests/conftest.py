"""What every test may ask for: a fresh cooperative, the shared data, and no skips in CI."""

import gc
import inspect
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from kopprod import db, demo
from tests import postgres
from tests.databases import COOP, Postgresql, Sqlite

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
pytest_plugins = ["tests.browser", "tests.founded", "tests.seasons", "tests.payday", "tests.pooled"]
pytest_plugins += ["tests.bought_together", "tests.machines"]
DEMO_ON = date(2026, 10, 31)
UNTOUCHED_DEMO = "demo_untouched"  # as it was made, before any test signed in
BREAKS = "test_what_is_broken_is_named"
LONG = {"test_market_day.py", "test_season.py"}  # begun last, they would end alone
CI = os.environ.get("CI", "").lower() in {"1", "true"}

# The same examples each time, and as long as they need on a busy machine.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

# Looking for garbage among all that is imported and collected took a quarter of the time.
gc.set_threshold(100_000, 20, 20)

_COUNT = count(1)
_SERVER = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the run's PostgreSQL, once; xdist's workers find its URL in the environment."""
    if os.environ.get("KOPPROD_TEST_DB") != "postgresql":
        return
    stack = ExitStack()
    try:
        server = stack.enter_context(postgres.serving())
    except postgres.NoPostgres as missing:
        pytest.exit(str(missing), returncode=1)
    os.environ["KOPPROD_TEST_DB"] = server.url
    config.stash[_SERVER] = stack


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL that `pytest_configure` started."""
    if _SERVER in config.stash:
        config.stash[_SERVER].close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who looks at the demo comes first; on PostgreSQL what has no engine is not run again.

    The first tests go to one worker together, so the demo is made once. What is long comes next.

    A rule opens no database, and a screen knows only services, which are run on both.
    """
    items.sort(key=_place)
    for item in items:
        if not {"databases", "shared_data"} & set(_fixtures(item)):
            item.add_marker(pytest.mark.rules)
    if not os.environ.get("KOPPROD_TEST_DB"):
        return
    without = [item for item in items if not _has_engine(item)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]


def pytest_collection_finish() -> None:
    """What is there now stays until the end, so nobody need look whether it is garbage."""
    gc.collect()
    gc.freeze()


def _place(item: pytest.Item) -> tuple[bool, bool]:
    return "made_demo" not in _fixtures(item), item.path.name not in LONG


def _fixtures(item: pytest.Item) -> Sequence[str]:
    return getattr(item, "fixturenames", ())


def _has_engine(item: pytest.Item) -> bool:
    code = getattr(getattr(item, "function", None), "__code__", None)
    shows = code is not None and {"screen", "words"} & set(code.co_names)
    # Every rule of `check` is asked on both engines; that it names what is broken, on one.
    breaks = item.path.name != "test_check.py" and item.name.startswith(BREAKS)
    if item.get_closest_marker("one_engine"):
        return False
    fixtures = _fixtures(item)
    # The demo is made by services that are asked on both; making it takes minutes there.
    return "databases" in fixtures and "made_demo" not in fixtures and not (shows or breaks)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In CI nothing may be missing, so a skip is a failure there."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped in CI: {reason}"
    return report  # type: ignore[return-value]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what tests counted and measured for the report, beside passing."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.split('::')[-1]}: {name}: {value}")


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Sqlite | Postgresql:
    """Where fresh cooperatives come from: SQLite, or PostgreSQL where `KOPPROD_TEST_DB` says so."""
    url = os.environ.get("KOPPROD_TEST_DB")
    if url:
        return Postgresql(postgres.Server(url.rstrip("/")))
    return Sqlite(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def coop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each test's cooperative lies, always the same: its engine stays warm.

    Compiling the app's statements anew took a third of the time of a test.
    """
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def coop(
    request: pytest.FixtureRequest,
    databases: Sqlite | Postgresql,
    coop_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The slug of a fresh, migrated cooperative; `KOPPROD_DB` leads to it.

    In the browser each has a name of its own: one server serves them, one after the other.
    """
    slug = f"{COOP}_{next(_COUNT)}" if request.node.get_closest_marker("browser") else COOP
    shutil.rmtree(coop_folder, ignore_errors=True)
    with databases.fresh(coop_folder / "coops", slug) as url:
        monkeypatch.setenv("KOPPROD_DB", url)
        yield slug


@pytest.fixture
def kept(
    request: pytest.FixtureRequest, databases: Sqlite | Postgresql, coop: str
) -> Callable[[Callable[..., Any]], Any]:
    """Makes what many tests stand on, in a fresh cooperative, once; later tests get a copy.

    `kept(make)` calls `make` with the fixtures that its arguments name. They are asked for the
    first time only, so a test that takes what is kept takes none of them beside it.
    """

    def give(make: Callable[..., Any]) -> Any:
        def first() -> Any:
            wanted = inspect.signature(make).parameters
            return make(**{name: request.getfixturevalue(name) for name in wanted})

        return databases.kept(f"{make.__module__}.{make.__qualname__}", first)

    return give


@pytest.fixture(scope="session")
def made_demo(
    databases: Sqlite | Postgresql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of the demo as it stands on `DEMO_ON`; made once, since that takes its time."""
    folder = tmp_path_factory.mktemp("demo") / "coops"
    with databases.fresh(folder) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOPPROD_DB", url)
        demo.make(on=DEMO_ON)
        if db.is_sqlite():
            db.close_connections()
            shutil.copyfile(db.sqlite_path(demo.SLUG), db.sqlite_path(UNTOUCHED_DEMO))
        yield url


@pytest.fixture
def demo_coop(made_demo: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The slug of the demo that all tests share: they only look."""
    monkeypatch.setenv("KOPPROD_DB", made_demo)
    return demo.SLUG


@pytest.fixture
def shared_data() -> Callable[[str], Path]:
    """Finds a file of the data that stays outside the project; it must be there in CI."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"{path} is not here")
        return path

    return find
