"""What is kept until something is written: asked once, never older than what is stored."""

from collections.abc import Callable, Hashable, Sequence

import pytest
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain.access import SYSTEM
from kopprod.services import access, memory, standings
from kopprod.services.memory import hers_until_written, until_written
from kopprod.tables.cooperative import Village
from kopprod.tables.quotes import Quote
from tests import make

ASKED: list[str] = []


@until_written
def names(session: Session, beginning: str) -> Sequence[str]:
    """The villages whose names begin so."""
    ASKED.append(beginning)
    query = select(Village.name).where(col(Village.name).startswith(beginning))
    return session.exec(query.order_by(col(Village.id))).all()


@hers_until_written
def own_names(session: Session) -> str:
    """Who asks, and the villages."""
    ASKED.append(access.person(session).name)
    return f"{ASKED[-1]}: {', '.join(session.exec(select(Village.name)).all())}"


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    ASKED.clear()


def noted(coop: str, *villages: str, action: str = "test") -> None:
    """Write these villages down in one act."""
    with db.writing(coop, person=SYSTEM, action=action, at=make.AT) as session:
        for name in villages:
            make.village(session, name)


def looked(coop: str, beginning: str = "") -> Sequence[str]:
    """What somebody who comes now sees."""
    with db.reading(coop) as session:
        return names(session, beginning)


def asked_undisturbed(coop: str, look: Callable[[], object]) -> list[str]:
    """What is asked while nobody writes.

    PostgreSQL's mark changes with whatever is written on the same server, also by other tests and
    by its own housekeeping: then what was kept is asked anew, and this begins again.
    """
    for _turn in range(200):
        memory._KNOWN.clear()
        ASKED.clear()
        before = mark(coop)
        look()
        if mark(coop) == before:
            return ASKED
    raise AssertionError("somebody writes all the time")


def mark(coop: str) -> Hashable:
    """Under what a reader who comes now would keep something."""
    with db.reading(coop) as session:
        return memory._mark(session)


def test_what_nobody_changed_is_asked_once(coop: str) -> None:
    noted(coop, "Sukamaju")

    def look() -> None:
        assert [looked(coop), looked(coop), looked(coop, "M")] == [["Sukamaju"], ["Sukamaju"], []]

    assert asked_undisturbed(coop, look) == ["", "M"]


def test_whatever_is_written_makes_it_new(coop: str) -> None:
    noted(coop, "Sukamaju")
    assert looked(coop) == ["Sukamaju"]

    noted(coop, "Mekarjaya")

    assert looked(coop) == ["Sukamaju", "Mekarjaya"]


def test_what_was_given_up_changes_nothing(coop: str) -> None:
    noted(coop, "Sukamaju")
    looked(coop)

    with (
        pytest.raises(ZeroDivisionError),
        db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session,
    ):
        make.village(session, "Mekarjaya")
        assert names(session, "") == ["Sukamaju", "Mekarjaya"]  # its own, and kept for nobody
        raise ZeroDivisionError

    assert looked(coop) == ["Sukamaju"]


def test_whoever_looked_before_goes_on_seeing_one_moment(coop: str) -> None:
    """Her page was begun before another wrote; what she reads is not kept for those after her."""
    noted(coop, "Sukamaju")
    with db.reading(coop) as early:
        names(early, "none")
        noted(coop, "Mekarjaya")
        assert looked(coop) == ["Sukamaju", "Mekarjaya"]
        assert names(early, "") == ["Sukamaju"]

    assert looked(coop) == ["Sukamaju", "Mekarjaya"]


def test_a_form_being_filled_in_leaves_it_kept(coop: str) -> None:
    noted(coop, "Sukamaju")
    looked(coop)
    with db.writing(coop, person=SYSTEM, action="output.fill_draft", at=make.AT):
        pass

    looked(coop)

    assert len(ASKED) == (1 if db.is_sqlite() else 2)


def test_what_one_may_see_is_not_given_to_another(coop: str) -> None:
    noted(coop, "Sukamaju")

    def look() -> None:
        seen = []
        for who in (make.MANAGER, make.OFFICER, make.MANAGER):
            with db.reading(coop, person=who) as session:
                seen.append(own_names(session))
        assert seen == ["Citra: Sukamaju", "Oman: Sukamaju", "Citra: Sukamaju"]

    assert asked_undisturbed(coop, look) == ["Citra", "Oman"]


def test_it_does_not_grow_without_end(coop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 2)

    def look() -> None:
        for beginning in ("a", "b", "c", "c", "a"):
            looked(coop, beginning)

    assert asked_undisturbed(coop, look) == ["a", "b", "c", "a"]


def test_a_database_put_in_the_place_of_another_is_read_anew(coop: str) -> None:
    if not db.is_sqlite():
        return  # only a file can be put in another's place
    noted(coop, "Sukamaju")
    db.close_connections()
    before = db.sqlite_path(coop).read_bytes()
    noted(coop, "Mekarjaya")
    looked(coop)
    db.close_connections()
    db.sqlite_path(coop).write_bytes(before)
    noted(coop, "Sidodadi")  # the same number and moment of an act

    assert looked(coop) == ["Sukamaju", "Sidodadi"]


def test_todays_prices_follow_a_quote_that_is_noted_now(coop: str) -> None:
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        village, product = make.village(session), make.product(session)
        grade = make.grade(session, product.id)
    counts = []
    for price_e4 in (70_000_000, 80_000_000):
        with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
            quote = Quote(
                product_id=product.id,
                grade_id=grade.id,
                village_id=village.id,
                quoted_on=make.TODAY,
                price_e4=price_e4,
                cut_bp=0,
                charge_e4=0,
                pays_after_days=0,
            )
            session.add(quote)
        with db.reading(coop, person=make.MANAGER) as session:
            (one,) = standings.standings(session, product_id=product.id, on=make.TODAY)
        counts.append(one.middlemen.count)

    assert counts == [1, 2]
