"""Verification codes: shaped to be typed, unguessable, and telling strangers nothing more."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from kopprod import db
from kopprod.domain import codes as rules
from kopprod.domain.access import SYSTEM
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.services import codes, deliveries
from kopprod.services.codes import Confirmed
from kopprod.tables.deliveries import Delivery
from kopprod.tables.slips import Slip
from tests import make
from tests.seasons import DAY, Season, settled, writing

CODE = "7K3MQ9XW2FHB4DTA"


def test_a_code_holds_eighty_bits_in_letters_that_nobody_confuses() -> None:
    assert len(rules.ALPHABET) ** rules.LENGTH >= 2**80
    assert not set("ILOU") & set(rules.ALPHABET)
    assert len({codes.new() for _ in range(100)}) == 100


def test_a_code_is_printed_in_groups_of_four() -> None:
    assert rules.grouped(CODE) == "7K3M-Q9XW-2FHB-4DTA"
    assert rules.path("tani-makmur", CODE) == "/cek/tani-makmur/7K3M-Q9XW-2FHB-4DTA"


@pytest.mark.parametrize(
    "typed",
    [CODE, "7k3m-q9xw-2fhb-4dta", " 7K3M Q9XW 2FHB 4DTA ", "7K3M.Q9XW.2FHB.4DTA"],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert rules.cleaned(typed) == CODE


def test_letters_taken_for_digits_are_read_as_digits() -> None:
    assert rules.cleaned("iLoO-0000-0000-0000") == "1100000000000000"


@pytest.mark.parametrize("typed", ["", "7K3M", CODE + "7", "7K3MQ9XW2FHB4DTU", "Ⅷ" * 16, "'" * 16])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert rules.cleaned(typed) is None


@given(st.text(alphabet=rules.ALPHABET, min_size=16, max_size=16))
def test_what_is_printed_is_read_back(code: str) -> None:
    assert rules.cleaned(rules.grouped(code)) == code


def test_five_wrong_codes_are_free_and_each_later_one_costs_a_second_up_to_twenty() -> None:
    pauses = [rules.pause_ms(failures) for failures in (0, 5, 6, 7, 25, 26, 10_000)]

    assert pauses == [0, 0, 1_000, 2_000, 20_000, 20_000, 20_000]


def test_every_delivery_and_slip_has_a_code_of_its_own(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)
        found = [*session.exec(select(Delivery.code)), *session.exec(select(Slip.code))]

    assert len(set(found)) == len(found) == 7
    assert all(rules.cleaned(code) == code for code in found)


def test_a_code_confirms_a_delivery_and_nothing_of_the_member(season: Season) -> None:
    with db.reading(season.coop) as session:
        delivery = session.get_one(Delivery, season.delivered[0])
        confirmed = codes.confirm(session, code=delivery.code)

    assert confirmed == Confirmed(delivery.number, DAY, net=Quantity(120_500, BaseUnit.GRAM))


def test_a_code_confirms_a_slip(season: Season) -> None:
    with writing(season.coop) as session:
        sale = settled(session, season)
        slip = session.exec(select(Slip).where(Slip.sale_id == sale.id)).first()
        assert slip is not None
        confirmed = codes.confirm(session, code=slip.code)

    assert confirmed == Confirmed(slip.number, DAY, value_rp=slip.net_value_rp)


def test_a_delivery_taken_back_says_so_and_so_does_the_taking_back(season: Season) -> None:
    with writing(season.coop) as session:
        wrong = session.get_one(Delivery, season.delivered[2])
        reversal = deliveries.reverse(session, wrong.id, reason="Salah timbang", on=DAY)
        assert reversal.code != wrong.code
        one, other = (codes.confirm(session, code=row.code) for row in (wrong, reversal))

    assert one is not None
    assert other is not None
    assert (one.is_cancelled, one.cancels) == (True, False)
    assert (other.is_cancelled, other.cancels) == (False, True)


def test_no_paper_has_a_code_that_was_made_up(season: Season) -> None:
    with db.reading(season.coop) as session:
        assert codes.confirm(session, code=CODE) is None


def test_guessing_from_one_address_becomes_slow_and_others_do_not_wait(coop: str) -> None:
    pauses = []
    for _ in range(30):
        with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
            pauses.append(codes.pause_ms(session, address="10.0.0.1", at=make.AT))
            codes.count_wrong(session, address="10.0.0.1", at=make.AT)
            assert codes.pause_ms(session, address="10.0.0.2", at=make.AT) == 0

    assert pauses[:7] == [0, 0, 0, 0, 0, 0, 1000]
    assert pauses[-1] == 20_000
