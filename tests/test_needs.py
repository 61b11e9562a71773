"""What members will need: noted, gathered, made a purchase of, and proposed again next season."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from kopprod import db
from kopprod.domain import needs as rules
from kopprod.domain import subsidies as rules_of_subsidies
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.members import MemberUnknown
from kopprod.domain.purchases import PurchaseStage, WantTooLarge
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import Refusal
from kopprod.domain.sent import FormKeptOtherwise
from kopprod.domain.subsidies import Fertiliser
from kopprod.domain.tiers import Tier
from kopprod.services import articles, needs, purchase_terms, purchases, subsidies, suppliers, wants
from kopprod.services.articles import UnknownArticle
from kopprod.services.purchase_terms import Offered
from kopprod.services.purchases import Facts
from kopprod.tables.needs import Need
from kopprod.tables.purchases import Purchase, PurchaseShare, WantSaid
from tests import make
from tests.seasons import writing

ON = make.TODAY
JUNE = date(2026, 6, 1)
SHOP_E4 = 300_000 * 10_000
SACK = Quantity(50_000, BaseUnit.GRAM)


@dataclass(frozen=True)
class Field:
    """Ayu and Budi of Sukamaju, Citra of Langan; urea by the sack, and subsidised urea."""

    coop: str
    ayu: int
    budi: int
    citra: int
    home: int
    urea: int
    subsidised: int


@pytest.fixture
def field(coop: str) -> Field:
    with writing(coop) as session:
        home, far = make.village(session).id, make.village(session, "Langan").id
        urea = articles.add_article(
            session, name="Urea", base_unit=BaseUnit.GRAM, portion=50_000, portion_word="sak"
        )
        cheap = articles.add_article(
            session, name="Urea bersubsidi", base_unit=BaseUnit.GRAM, portion=50_000,
            portion_word="sak", fertiliser=Fertiliser.UREA,
        )  # fmt: skip
        ayu, budi = (make.member(session, name, village_id=home).id for name in ("Ayu", "Budi"))
        citra = make.member(session, "Citra", village_id=far).id
        return Field(coop, ayu, budi, citra, home, urea.id, cheap.id)


def note(
    session: Session, field: Field, member_id: int, quantity: int = 4, needed_on: date = JUNE
) -> Need:
    return needs.note(
        session,
        member_id=member_id,
        article_id=field.urea,
        quantity=quantity,
        needed_on=needed_on,
        on=ON,
    )


@pytest.mark.parametrize(
    ("quantity", "needed_on", "refusal"),
    [
        (0, JUNE, rules.NeedEmpty),
        (10**6 + 1, JUNE, WantTooLarge),
        (1, ON - timedelta(days=1), rules.NeedOver),
        (1, ON + timedelta(days=367), rules.NeedFarAhead),
    ],
)
def test_a_need_that_nobody_can_mean(
    quantity: int, needed_on: date, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        rules.check_need(quantity, portion=SACK, needed_on=needed_on, on=ON)


def test_a_need_of_today_is_fine() -> None:
    rules.check_need(1, portion=SACK, needed_on=ON, on=ON)


def test_needs_are_noted_once_gathered_by_month_and_taken_back(field: Field) -> None:
    with writing(field.coop) as session:
        first = needs.note(
            session, member_id=field.ayu, article_id=field.urea, quantity=4, needed_on=JUNE, on=ON,
            words=" padi  ", draft_key="a",
        )  # fmt: skip
        again = needs.note(
            session, member_id=field.ayu, article_id=field.urea, quantity=4, needed_on=JUNE, on=ON,
            draft_key="a",
        )  # fmt: skip
        assert (again.id, again.quantity, again.note) == (first.id, 4, "padi")
        for member_id, quantity in ((field.budi, 4), (field.ayu, 9)):
            with pytest.raises(FormKeptOtherwise):
                needs.note(
                    session, member_id=member_id, article_id=field.urea, quantity=quantity,
                    needed_on=JUNE, on=ON, draft_key="a",
                )  # fmt: skip
        note(session, field, field.budi, 3, date(2026, 6, 30))
        note(session, field, field.ayu, 1, date(2026, 6, 9))
        gone = note(session, field, field.citra, 2, date(2026, 7, 1))
        by_month = [(one.month, one.members, one.quantity) for one in needs.demand(session)]
        needs.withdraw(session, gone.id)

        assert by_month == [(JUNE, 2, 8), (date(2026, 7, 1), 1, 2)]
        assert [one.member for one in needs.waiting(session)] == ["Ayu", "Ayu", "Budi"]
        with pytest.raises(rules.UnknownNeed):
            needs.withdraw(session, 999)
        with pytest.raises(MemberUnknown):
            note(session, field, 999)
        with pytest.raises(UnknownArticle):
            needs.note(
                session, member_id=field.ayu, article_id=999, quantity=1, needed_on=JUNE, on=ON
            )


def test_a_member_notes_and_sees_her_own(field: Field) -> None:
    ayu = make.person(Role.MEMBER, member_id=field.ayu)
    with writing(field.coop) as session:
        note(session, field, field.budi)
    with writing(field.coop, ayu) as session:
        mine = note(session, field, field.ayu)
        assert [one.need.id for one in needs.waiting(session)] == [mine.id]
        with pytest.raises(NotAllowed):
            note(session, field, field.budi)
        with pytest.raises(NotAllowed):
            needs.demand(session)
    with db.reading(field.coop, person=make.SUPERVISOR) as session, pytest.raises(NotAllowed):
        note(session, field, field.ayu)


def propose(session: Session, field: Field, *, key: str | None = None) -> Purchase:
    facts = Facts(
        title="Pupuk", until=date(2026, 4, 1), season="2026 MT1", village_ids=(field.home,)
    )
    return needs.propose(
        session,
        facts,
        article_ids=[field.urea, field.subsidised],
        needed_until=date(2026, 7, 1),
        shop_e4={field.urea: SHOP_E4, field.subsidised: SHOP_E4},
        on=ON,
        draft_key=key,
    )


def opened(session: Session, purchase: Purchase, *article_ids: int) -> None:
    shop = suppliers.add_supplier(session, name="CV Tani")
    for article_id in article_ids:
        purchase_terms.add_offer(
            session, purchase.id, supplier_id=shop.id, article_id=article_id,
            offered=Offered(1, (Tier(1, None, 90_000),)),
        )  # fmt: skip
    purchases.open_purchase(session, purchase.id, on=ON)


def test_needs_become_a_purchase_and_its_first_wants(field: Field) -> None:
    with writing(field.coop) as session:
        with pytest.raises(rules.NothingNeeded):
            propose(session, field)
        taken = note(session, field, field.ayu, 4)
        note(session, field, field.ayu, 1)
        note(session, field, field.budi, 3)
        note(session, field, field.citra, 2)  # of a village that does not take part
        later = note(session, field, field.budi, 5, date(2026, 7, 1))
        for member_id, sacks in ((field.ayu, 2), (field.budi, 3)):
            subsidies.entitle(
                session, member_id=member_id, season="2026 MT1", fertiliser=Fertiliser.UREA,
                grams=100_000,
            )  # fmt: skip
            needs.note(
                session, member_id=member_id, article_id=field.subsidised, quantity=sacks,
                needed_on=JUNE, on=ON,
            )  # fmt: skip
        purchase = propose(session, field, key="p")
        assert propose(session, field, key="p").id == purchase.id
        with pytest.raises(rules.NeedTakenUp):
            needs.withdraw(session, taken.id)
        assert [one.need.id for one in needs.waiting(session)] == [later.id]
        opened(session, purchase, field.urea, field.subsidised)
        purchases.want(
            session, purchase.id, article_id=field.urea, member_id=field.budi, firm=7, tolerance=0,
            highest_e4=None, on=ON, at=make.AT,
        )  # fmt: skip
        done = needs.first_wants(session, purchase.id, on=ON, at=make.AT)
        again = needs.first_wants(session, purchase.id, on=ON, at=make.AT)
        left = needs.unsaid(session, purchase.id)
        said = session.exec(
            select(WantSaid.member_id, WantSaid.article_id, WantSaid.firm).order_by(
                col(WantSaid.id)
            )
        ).all()

    why = [
        ("Citra", "Urea", wants.VillageNotInvited),
        ("Budi", "Urea bersubsidi", rules_of_subsidies.AboveEntitlement),
    ]
    assert done.kept == 2
    assert [(one.name, one.article, type(one.why)) for one in done.refused] == why
    assert again.kept == 0
    assert [(one.name, one.article, type(one.why)) for one in again.refused] == why
    assert [(one.member, one.quantity) for one in left] == [("Citra", 2), ("Budi", 3)]
    assert said == [
        (field.budi, field.urea, 7),  # what she said herself stands
        (field.ayu, field.urea, 5),
        (field.ayu, field.subsidised, 2),
    ]


def test_the_needs_of_a_purchase_that_was_called_off_wait_again(field: Field) -> None:
    with writing(field.coop) as session:
        note(session, field, field.ayu)
        purchase = propose(session, field)
        purchases.cancel(session, purchase.id, reason="tidak ada penjual")
        (again,) = needs.waiting(session)
        another = propose(session, field)

        assert again.need.purchase_id == another.id
        purchases.cancel(session, another.id, reason="tidak ada penjual")
        needs.withdraw(session, again.need.id)
        assert needs.waiting(session) == []


def test_last_season_proposes_what_she_got_else_what_she_wanted(field: Field) -> None:
    with writing(field.coop) as session:
        assert needs.last_season(session, member_id=field.ayu) == []
        note(session, field, field.ayu, 4)
        purchase = propose(session, field)
        opened(session, purchase, field.urea)
        needs.first_wants(session, purchase.id, on=ON, at=make.AT)
        wanted = needs.last_season(session, member_id=field.ayu, season="2026 MT2")
        now = needs.last_season(session, member_id=field.ayu, season="2026 MT1")
        assert needs.last_season(session, member_id=field.ayu) == []  # what is open is this season
        purchase.stage = PurchaseStage.DISTRIBUTED
        session.add(
            PurchaseShare(
                purchase_id=purchase.id, article_id=field.urea, member_id=field.ayu, quantity=3,
                computed=3,
            )
        )  # fmt: skip
        session.flush()
        got = needs.last_season(session, member_id=field.ayu, season="2026 MT2")

    assert [(one.quantity, one.season) for one in wanted] == [(4, "2026 MT1")]
    assert now == []
    assert [(one.quantity, one.article.name) for one in got] == [(3, "Urea")]
