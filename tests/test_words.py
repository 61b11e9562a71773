"""What people write: quotes, markup and right-to-left letters stay, what cannot be seen goes."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from kopprod import db
from kopprod.domain.ledger import CASH, Posting
from kopprod.domain.words import tidy
from kopprod.services import cooperative, deliveries, ledger, members, output, sales
from tests import make
from tests.seasons import DAY, KG, Season, open_sale, writing

# A quote, markup, a formula, Arabic; and unseen: a mark that turns what follows, a NUL, a line end.
TYPED = '  O\'Brien "<b>x</b>" =1+1;--\n\u202eأيو\u0000 '
KEPT = 'O\'Brien "<b>x</b>" =1+1;-- أيو'


@given(st.text())
def test_what_is_tidied_once_is_tidy(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert "\x00" not in tidy(text)


def _buyer(session: Session, _season: Season) -> str:
    return sales.add_buyer(session, name=TYPED).name


def _cost(session: Session, season: Season) -> str:
    return sales.add_cost(session, open_sale(session, season).id, name=TYPED, amount_rp=1).name


def _village(session: Session, _season: Season) -> str:
    return cooperative.add_village(session, name=TYPED).name


def _member(session: Session, _season: Season) -> str:
    return members.add_member(session, number="A-77", name=TYPED).name


def _note(session: Session, season: Season) -> str:
    return deliveries.receive(
        session,
        member_id=season.members["Siti"],
        product_id=season.product_id,
        grade_id=season.grade_a,
        gross=KG,
        tare=0,
        received_on=DAY,
        on=DAY,
        note=TYPED,
    ).note


def _reason(session: Session, season: Season) -> str:
    return deliveries.reverse(session, season.delivered[0], reason=TYPED, on=DAY).reason or ""


def _log(session: Session, season: Season) -> str:
    return output.record(
        session,
        None,
        member_id=season.members["Siti"],
        product_id=season.product_id,
        amount=KG,
        typed="1 kg",
        made_on=DAY,
        on=DAY,
        note=TYPED,
    ).note


def _shrinkage(session: Session, season: Season) -> str:
    sale = open_sale(session, season, buyer_weight=200 * KG)
    return sales.settle(session, sale.id, on=DAY, shrinkage_reason=TYPED).shrinkage_reason or ""


@pytest.mark.parametrize(
    "write", [_buyer, _cost, _village, _member, _note, _reason, _log, _shrinkage]
)
def test_words_are_kept_as_they_are_read(
    season: Season, write: Callable[[Session, Season], str]
) -> None:
    with writing(season.coop) as session:
        assert write(session, season) == KEPT


def test_what_an_entry_is_for_is_kept_as_it_is_read(season: Season) -> None:
    with db.writing(season.coop, person=make.TREASURER, action="test", at=make.AT) as session:
        lines = [Posting(CASH, 5), Posting("35", 0, 5)]
        entry = ledger.post_by_hand(session, on=DAY, memo=TYPED, postings=lines)
        assert entry.memo == KEPT
