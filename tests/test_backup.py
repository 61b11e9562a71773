"""Backups: taken while people work, put back only when their books prove, nothing overwritten."""

import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import Session

from kopprod import __main__ as commands
from kopprod import db
from kopprod.domain import backup as rules
from kopprod.domain.access import SYSTEM
from kopprod.domain.backup import BackupBroken, NoBackup
from kopprod.domain.check import problem
from kopprod.domain.ledger import CASH, SALE_FEE, Posting
from kopprod.migrations import run
from kopprod.services import backup, check, ledger
from kopprod.tables import triggers
from tests import make

DAY = make.TODAY


def test_a_file_is_named_by_the_moment_in_utc_to_the_second() -> None:
    jakarta = datetime(2026, 3, 2, 8, 0, 0, 999_999, tzinfo=ZoneInfo("Asia/Jakarta"))

    assert rules.stamp(jakarta) == rules.stamp(jakarta.astimezone(UTC)) == "20260302T010000Z"


def test_broken_books_say_which_file_and_how_many_things_are_wrong() -> None:
    found = [problem("Delivery {number} is not balanced.", number=n) for n in (1, 2)]
    refusal = BackupBroken(found, file="makmur.db")

    assert refusal.facts == {"file": "makmur.db", "count": 2}
    assert refusal.problems == found
    assert refusal.problems[1].facts == {"number": 2}


def writing(coop: str) -> AbstractContextManager[Session]:
    return db.writing(coop, person=SYSTEM, action="test", at=make.AT)


def earn(coop: str, amount_rp: int) -> None:
    postings = [Posting(CASH, debit_rp=amount_rp), Posting(SALE_FEE, credit_rp=amount_rp)]
    with writing(coop) as session:
        ledger.post_by_hand(session, on=DAY, memo="Test", postings=postings)


def cash_rp(coop: str) -> int:
    with db.reading(coop) as session:
        return ledger.balance_rp(session, CASH)


def is_clean(coop: str) -> bool:
    with db.reading(coop) as session:
        return list(check.problems(session)) == []


@pytest.fixture
def earning(coop: str) -> str:
    """A cooperative with Rp1.000 in its box and a member."""
    with writing(coop) as session:
        ledger.open_chart(session)
        make.member(session, 'Ayu "D\'Art" \\ COPY \\.\n;--')
    earn(coop, 1_000)
    return coop


def test_a_backup_is_put_back_over_what_came_later(earning: str, tmp_path: Path) -> None:
    saved = backup.backup(earning, folder=tmp_path / "kept", at=make.AT)
    assert saved.name == f"makmur-20260302T010000Z.{'db' if db.is_sqlite() else 'sql'}"
    earn(earning, 500)

    done = backup.restore(saved, coop=earning, at=make.AT)

    assert cash_rp(earning) == 1_000
    assert is_clean(earning)
    assert done.kept_as is not None
    assert db.coops() == [earning]
    earn(earning, 7)
    assert cash_rp(earning) == 1_007


def test_what_was_replaced_is_kept_whole(earning: str, tmp_path: Path) -> None:
    saved = backup.backup(earning, folder=tmp_path / "kept", at=make.AT)
    earn(earning, 500)
    kept = backup.restore(saved, coop=earning, at=make.AT).kept_as
    assert kept is not None
    if db.is_sqlite():
        backup.restore(Path(kept), coop=earning, at=make.AT + timedelta(hours=1))
        assert cash_rp(earning) == 1_500
        return
    with db.engine(earning, writes=True).begin() as connection:
        connection.execute(text(f"SET LOCAL search_path = {kept}"))
        assert triggers.differences(connection) == []
        with Session(connection) as session:
            session.info["person"] = SYSTEM
            assert ledger.balance_rp(session, CASH) == 1_500


def test_a_backup_becomes_a_cooperative_of_another_name(earning: str, tmp_path: Path) -> None:
    saved = backup.backup(earning, folder=tmp_path / "kept", at=make.AT)
    earn(earning, 500)

    done = backup.restore(saved, coop="sejahtera", at=make.AT)

    assert done.kept_as is None
    assert db.coops() == [earning, "sejahtera"]
    assert (cash_rp(earning), cash_rp("sejahtera")) == (1_500, 1_000)
    earn("sejahtera", 1)
    assert (cash_rp(earning), cash_rp("sejahtera")) == (1_500, 1_001)
    assert is_clean(earning)
    assert is_clean("sejahtera")


def test_a_cooperative_that_is_gone_comes_back(earning: str, tmp_path: Path) -> None:
    saved = backup.backup(earning, folder=tmp_path / "kept", at=make.AT)
    if db.is_sqlite():
        db.close_connections()
        for file in db.sqlite_path(earning).parent.glob("makmur.db*"):
            file.unlink()
    else:
        with db.engine(earning, writes=True).begin() as connection:
            connection.execute(text("DROP SCHEMA coop_makmur CASCADE"))
    backup.restore(saved, coop=earning, at=make.AT)
    assert cash_rp(earning) == 1_000


def test_older_backups_are_never_overwritten(earning: str, tmp_path: Path) -> None:
    files = [backup.backup(earning, folder=tmp_path / "kept", at=make.AT) for _ in range(3)]
    assert len(set(files)) == 3
    assert sorted((tmp_path / "kept").iterdir()) == sorted(files)


def test_a_backup_while_people_write_is_one_moment(earning: str, tmp_path: Path) -> None:
    stop, written = threading.Event(), [0]

    def work() -> None:
        while not stop.is_set():
            earn(earning, 1)
            written[0] += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        files = [backup.backup(earning, folder=tmp_path / "kept", at=make.AT) for _ in range(3)]
    finally:
        stop.set()
        worker.join()
    assert written[0] > 0
    for number, file in enumerate(files):
        name = f"copy{number}"
        backup.restore(file, coop=name, at=make.AT)
        assert 1_000 <= cash_rp(name) <= 1_000 + written[0]
        assert is_clean(name)
    assert cash_rp(earning) == 1_000 + written[0]


def test_a_backup_whose_books_do_not_prove_changes_nothing(earning: str, tmp_path: Path) -> None:
    with db.engine(earning, writes=True).begin() as connection:
        triggers.drop(connection)
        connection.execute(text("UPDATE line SET debit_rp = 2000 WHERE debit_rp > 0"))
        triggers.create(connection)
    saved = backup.backup(earning, folder=tmp_path / "kept", at=make.AT)
    with db.engine(earning, writes=True).begin() as connection:
        triggers.drop(connection)
        connection.execute(text("UPDATE line SET debit_rp = 1000 WHERE debit_rp > 0"))
        triggers.create(connection)

    for name in (earning, "sejahtera"):
        with pytest.raises(BackupBroken) as refused:
            backup.restore(saved, coop=name, at=make.AT)
    assert refused.value.problems[0].sentence.startswith("Entry {number} does not balance")
    assert db.coops() == [earning]
    assert cash_rp(earning) == 1_000
    assert is_clean(earning)


@pytest.mark.parametrize("content", [b"", b"no backup\n" * 1000, b"SQLite format 3\x00broken"])
def test_what_is_no_backup_is_refused(earning: str, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.db"
    file.write_bytes(content)
    with pytest.raises((NoBackup, BackupBroken)):
        backup.restore(file, coop=earning, at=make.AT)
    with pytest.raises(NoBackup):
        backup.restore(tmp_path / "missing.db", coop=earning, at=make.AT)
    assert cash_rp(earning) == 1_000


def test_a_name_that_is_no_slug_is_never_written(earning: str, tmp_path: Path) -> None:
    saved = backup.backup(earning, folder=tmp_path / "kept", at=make.AT)
    with pytest.raises(db.UnknownCooperative):
        backup.restore(saved, coop="../other", at=make.AT)
    with pytest.raises(db.UnknownCooperative):
        backup.backup("nobody", folder=tmp_path / "kept", at=make.AT)


def test_the_command_line_backs_up_proves_and_puts_back(
    earning: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["backup", "--to", str(tmp_path / "kept")]) == 0
    (file,) = (tmp_path / "kept").iterdir()
    assert commands.main(["restore", str(file), "sejahtera"]) == 0
    assert commands.main(["check"]) == 0
    assert "makmur: semuanya cocok." in capsys.readouterr().out
    with db.engine("sejahtera", writes=True).begin() as connection:
        triggers.drop(connection)
    assert commands.main(["check", "sejahtera"]) == 1
    assert "Pemicu" in capsys.readouterr().out
    assert commands.main(["migrate"]) == 0
    assert commands.main(["check"]) == 0
    assert commands.main(["restore", str(tmp_path / "x"), "sejahtera"]) == 1
    assert "bukan cadangan" in capsys.readouterr().err
    assert commands.main(["check", "nobody"]) == 1
    with pytest.raises(SystemExit) as asked:
        commands.main(["dance"])
    assert asked.value.code == 2


def test_a_restored_cooperative_is_at_the_newest_revision(earning: str, tmp_path: Path) -> None:
    saved = backup.backup(earning, folder=tmp_path / "kept", at=make.AT)
    backup.restore(saved, coop="sejahtera", at=make.AT)
    assert run.revision("sejahtera") == run.newest()
