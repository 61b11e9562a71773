"""The running numbers of papers: one after the other, without gaps, also when two take at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from sqlmodel import Session

from kopprod import db
from kopprod.services import numbers
from tests import make


@contextmanager
def writing(coop: str) -> Iterator[Session]:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        yield session


def test_each_kind_and_year_counts_by_itself(coop: str) -> None:
    with writing(coop) as session:
        taken = [
            numbers.take(session, prefix, year)
            for prefix, year in [("SET", 2026), ("SET", 2026), ("OUT", 2026), ("SET", 2027)]
        ]

    assert taken == ["SET-2026-0001", "SET-2026-0002", "OUT-2026-0001", "SET-2027-0001"]


def test_a_failed_act_leaves_no_gap(coop: str) -> None:
    with pytest.raises(ZeroDivisionError), writing(coop) as session:
        numbers.take(session, "SET", 2026)
        raise ZeroDivisionError

    with writing(coop) as session:
        assert numbers.take(session, "SET", 2026) == "SET-2026-0001"


def test_two_who_take_at_once_get_two_numbers(coop: str) -> None:
    both = Barrier(2)

    def take() -> str:
        both.wait()
        with writing(coop) as session:
            return numbers.take(session, "SET", 2026)

    with ThreadPoolExecutor(2) as threads:
        taken = [one.result() for one in [threads.submit(take), threads.submit(take)]]

    assert sorted(taken) == ["SET-2026-0001", "SET-2026-0002"]
