"""Opening a cooperative's database: one file or schema for each, one transaction for each act."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, select

from kopprod import db
from kopprod.migrations import run
from kopprod.tables.access import AppUser
from kopprod.tables.cooperative import Village
from kopprod.tables.numbers import Counter
from kopprod.tables.sales import Buyer
from kopprod.tables.trail import Act, Change
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


def test_a_change_leaves_who_when_and_both_values(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        village_id = make.village(session, "Sukamaju").id
    with db.writing(coop, person=make.OFFICER, action="villages.rename", at=make.AT) as session:
        session.get_one(Village, village_id).name = 'Suka "Jaya" <b>'

    with db.reading(coop) as session:
        change, act = session.exec(select(Change, Act).join(Act)).one()
    assert (act.action, act.at) == ("villages.rename", make.AT)
    assert (change.table_name, change.row_key) == ("village", str(village_id))
    assert (change.column_name, change.before, change.after) == (
        "name",
        "Sukamaju",
        'Suka "Jaya" <b>',
    )


def test_a_deleted_row_stays_readable_in_the_trail(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        village_id = make.village(session, "Sukamaju").id
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        village = session.get_one(Village, village_id)
        village.name = "what was never kept"
        session.delete(village)

    with db.reading(coop) as session:
        assert session.get(Village, village_id) is None
        change = session.exec(select(Change)).one()
    assert (change.table_name, change.row_key) == ("village", str(village_id))
    assert (change.column_name, change.after) == ("*", None)
    before = json.loads(change.before or "")
    assert (before["name"], before["region_code"]) == ("Sukamaju", None)


def test_secrets_are_left_out_of_the_trail(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        user = session.get_one(AppUser, make.user(session).user_id)
        user.secret_hash = "an old secret"
        session.flush()
        user.secret_hash = "a new secret"
        session.flush()
        session.delete(user)

    with db.reading(coop) as session:
        changes = session.exec(select(Change).order_by(col(Change.id))).all()
    assert [c.column_name for c in changes] == ["secret_hash", "secret_hash", "*"]
    assert not [c for c in changes if "secret" in f"{c.before}{c.after}".replace("secret_hash", "")]


def test_counters_leave_no_trail(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        counter = Counter(name="SET-2026", last=1)
        session.add(counter)
        session.flush()
        counter.last = 2
        session.flush()
        session.delete(counter)

    with db.reading(coop) as session:
        assert session.exec(select(Change)).all() == []


def test_many_rows_set_at_once_leave_the_trail_of_rows_set_one_by_one(coop: str) -> None:
    before, after = [None, 14, 30, 0, 5], [7, None, 30, 10**6, 0]
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        buyers = [make.buyer(session, f"Pembeli {n}") for n in range(10)]
        for buyer, days in zip(buyers, before + before, strict=True):
            buyer.pays_within_days = days
    some, others = [buyer.id for buyer in buyers[:5]], [buyer.id for buyer in buyers[5:]]
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        at_hand, left = session.get_one(Buyer, some[0]), session.get_one(Buyer, others[0])
        db.set_many(session, Buyer, "pays_within_days", dict(zip(some, after, strict=True)))
        assert (at_hand.pays_within_days, left.pays_within_days) == (7, None)
        for buyer_id, days in zip(others, after, strict=True):
            session.get_one(Buyer, buyer_id).pays_within_days = days
        db.set_many(session, Buyer, "pays_within_days", {})
        act_id = session.info["act_id"]

    with db.reading(coop) as session:
        assert [session.get_one(Buyer, key).pays_within_days for key in some + others] == after * 2
        changes = session.exec(select(Change).where(Change.act_id == act_id)).all()
    said = {
        key: [
            (c.table_name, c.column_name, c.before, c.after)
            for c in changes
            if c.row_key == str(key)
        ]
        for key in some + others
    }
    assert [said[key] for key in some] == [said[key] for key in others]
    assert said[some[1]] == [("buyer", "pays_within_days", "14", None)]
    assert len(changes) == 8


def test_what_is_done_alone_is_done_one_after_the_other(coop: str) -> None:
    seen: list[str] = []

    def work(name: str) -> None:
        with db.alone("start"):
            seen.append(name)
            time.sleep(0.05)
            seen.append(name)

    with ThreadPoolExecutor(3) as three:
        list(three.map(work, ["Ayu", "Budi", "Citra"]))

    assert seen[0::2] == seen[1::2]
    assert sorted(seen[0::2]) == ["Ayu", "Budi", "Citra"]
