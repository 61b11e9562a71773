"""Opening a cooperative's database: one file or schema for each, one transaction for each act."""

import pytest

from kopprod import db
from kopprod.migrations import run
from kopprod.tables.cooperative import Village
from tests import make


def test_a_fresh_cooperative_is_at_the_newest_revision(coop: str) -> None:
    assert run.revision(coop) == run.newest()
    assert db.coops() == [coop]


def test_what_one_test_writes_another_does_not_see(coop: str) -> None:
    with db.reading(coop) as session:
        assert session.get(Village, 1) is None
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.village(session)
    with db.reading(coop) as session:
        assert session.get(Village, 1)


def test_a_failed_act_keeps_nothing(coop: str) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session,
    ):
        make.village(session)
        raise ZeroDivisionError
    with db.reading(coop) as session:
        assert session.get(Village, 1) is None


def test_two_cooperatives_do_not_see_each_other(coop: str) -> None:
    run.create("sejahtera")
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.village(session)
    with db.reading("sejahtera") as session:
        assert session.get(Village, 1) is None
    assert db.coops() == [coop, "sejahtera"]


@pytest.mark.parametrize("name", ["", "../makmur", "Makmur", "makmur;--", "pg_catalog.x", "a" * 41])
def test_a_name_that_is_no_slug_is_refused(coop: str, name: str) -> None:
    with pytest.raises(db.UnknownCooperative), db.reading(name):
        pass


def test_a_row_may_be_read_after_its_session_has_closed(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.village(session, "Sukamaju")

    with db.reading(coop) as session:
        read = session.get_one(Village, 1)

    assert read.name == "Sukamaju"
