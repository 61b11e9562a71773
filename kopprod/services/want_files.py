"""Wants from a file: what it would bring, and a pooled purchase of it for each village and season.

The price that each paid is the most she would pay, so that it stays what her saving is reckoned
against. The purchases are bought at the lowest price that anybody paid there then, and fixed.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain import handing_out
from kopprod.domain import want_files as rules
from kopprod.domain.access import Action
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.imports import Findings
from kopprod.domain.money import amount_rp
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import N_
from kopprod.domain.tiers import Tier
from kopprod.domain.want_files import NAMES, PACK_KG, Known, Pooled, WantFile, WantRow
from kopprod.services import (
    access,
    articles,
    cooperative,
    members,
    numbers,
    purchase_rows,
    purchase_terms,
    purchases,
    suppliers,
)
from kopprod.services.purchase_terms import Offered
from kopprod.services.purchases import Facts
from kopprod.tables.cooperative import Village
from kopprod.tables.members import Member
from kopprod.tables.purchases import Purchase, PurchaseLine, WantSaid

_FROM_FILE = "file-"
_KILOGRAM = 1_000

HEADINGS = (
    N_("Village"),
    N_("Season"),
    N_("Article"),
    N_("Members"),
    N_("Wanted, kg"),
    N_("Sacks"),
    N_("Bought, kg"),
    N_("Fills no sack, kg"),
    N_("One sack, Rp"),
    N_("Paid, Rp"),
    N_("In the shop, Rp"),
    N_("Saved, Rp"),
)
TOGETHER = N_("Together")


@dataclass(frozen=True)
class KeptWants:
    """What an import wrote."""

    wants: int
    new_members: int
    purchases: int


def findings(session: Session, file: WantFile) -> Findings[WantRow]:
    """What a file would bring, compared with the register and with what is kept."""
    access.require(session, Action.IMPORTS_RUN)
    return rules.sort_out(file, known=_known(session))


def _known(session: Session) -> Known:
    villages = {row.id: row.name for row in cooperative.villages(session)}
    people = session.exec(select(Member.number, Member.name, Member.village_id)).all()
    keys = session.exec(select(WantSaid.draft_key).where(_is_from_file(WantSaid.draft_key))).all()
    there = session.exec(select(Purchase.draft_key).where(_is_from_file(Purchase.draft_key))).all()
    return Known(
        register={
            number.casefold(): (name.casefold(), villages.get(home or 0, "").casefold())
            for number, name, home in people
        },
        kept={key for key in keys if key},
        closed={_place(key) for key in there if key},
    )


def _is_from_file(column: Any) -> Any:
    return col(column).like(f"{_FROM_FILE}%")


def _place(key: str) -> tuple[str, str]:
    village, season = key.removeprefix(_FROM_FILE).split("\x1f")
    return village, season


def keep(session: Session, file: WantFile, *, on: date, at: datetime) -> KeptWants:
    """Write all good rows: members, and one purchase for each village and season, fixed at once.

    The file is compared again inside this transaction. A purchase in which no sack is filled stays
    open, for the manager to call off or to fill.
    """
    access.require(session, Action.IMPORTS_RUN)
    numbers.wait_turn(session, "member")
    found = findings(session, file)
    new = _keep_members(session, found.good)
    places: dict[tuple[str, str], list[WantRow]] = defaultdict(list)
    for want in found.good:
        if want.kg:
            places[want.place].append(want)
    ids = dict(session.exec(select(Member.number, Member.id)).all())
    members_by_number = {number.casefold(): key for number, key in ids.items()}
    for _place_of, own in sorted(places.items()):
        _buy(session, own, members_by_number, on=on, at=at)
    kept = sum(len(own) for own in places.values())
    return KeptWants(wants=kept, new_members=new, purchases=len(places))


def _keep_members(session: Session, wants: Sequence[WantRow]) -> int:
    known = {number.casefold() for number in session.exec(select(Member.number)).all()}
    homes = {row.name.casefold(): row.id for row in cooperative.villages(session)}
    new = 0
    for want in wants:
        folded = want.village.casefold()
        if folded not in homes:
            homes[folded] = cooperative.add_village(session, name=want.village).id
        if want.number.casefold() not in known:
            members.add_member(
                session, number=want.number, name=want.name, village_id=homes[folded]
            )
            known.add(want.number.casefold())
            new += 1
    return new


def _buy(
    session: Session,
    wants: Sequence[WantRow],
    ids: Mapping[str, int],
    *,
    on: date,
    at: datetime,
) -> None:
    first = wants[0]
    home = select(Village.id, Village.name)
    villages = {name.casefold(): key for key, name in session.exec(home).all()}
    village, season = first.place
    purchase = purchases.add_purchase(
        session,
        Facts(
            title=f"Pupuk {first.village} {first.season}",
            until=on + timedelta(days=1),
            sharing=SharingRule.PROPORTIONAL,
            season=first.season,
            village_ids=(villages[village],),
        ),
        on=on,
        draft_key=f"{_FROM_FILE}{village}\x1f{season}",
    )
    by_article: dict[str, list[WantRow]] = defaultdict(list)
    for want in sorted(wants, key=lambda one: one.row):
        by_article[want.article].append(want)
    article_ids = _offer(session, purchase.id, first.village, by_article)
    purchases.open_purchase(session, purchase.id, on=on)
    for article, own in by_article.items():
        for want in own:
            purchases.want(
                session,
                purchase.id,
                article_id=article_ids[article],
                member_id=ids[want.number.casefold()],
                firm=want.kg,
                tolerance=0,
                highest_e4=want.price_e4,
                on=on,
                at=at,
                draft_key=want.key,
            )
    if any(sum(want.kg for want in own) >= PACK_KG for own in by_article.values()):
        purchases.lock(session, purchase.id)


def _offer(
    session: Session, purchase_id: int, village: str, by_article: Mapping[str, Sequence[WantRow]]
) -> dict[str, int]:
    """Take the articles into the purchase, at the lowest price that anybody paid."""
    name = f"Harga terendah {village}"[:80]
    there = {row.name: row.id for row in suppliers.suppliers(session, all_of_them=True)}
    supplier_id = there.get(name) or suppliers.add_supplier(session, name=name).id
    known = {row.name.casefold(): row for row in articles.articles(session, all_of_them=True)}
    ids = {}
    for key, own in by_article.items():
        article = known.get(NAMES[key].casefold()) or articles.add_article(
            session,
            name=NAMES[key],
            base_unit=BaseUnit.GRAM,
            portion=_KILOGRAM,
            portion_word="kg",
        )
        ids[key] = article.id
        purchase_terms.put_article(
            session, purchase_id, article_id=article.id, shop_e4=rules.mean_e4(own)
        )
        purchase_terms.add_offer(
            session,
            purchase_id,
            supplier_id=supplier_id,
            article_id=article.id,
            offered=Offered(PACK_KG, (Tier(1, None, max(1, rules.lowest_pack_rp(own))),)),
        )
    return ids


def report(session: Session) -> list[Pooled]:
    """What buying together would have saved, read from the purchases that files brought."""
    access.require(session, Action.MEMBERS_SEE)
    query = select(Purchase).where(_is_from_file(Purchase.draft_key)).order_by(col(Purchase.id))
    keys = {name: key for key, name in NAMES.items()}
    found = []
    for purchase in session.exec(query).all():
        villages = list(purchases.invited_villages(session, purchase.id).values())
        queues = purchase_rows.queues(session, purchase.id)
        said = purchase_rows.latest(purchase_rows.said_of(session, purchase.id))
        offers = {row.id: row for row in purchase_rows.offers_of(session, purchase.id)}
        lines = {
            offers[row.offer_id].article_id: row
            for row in session.exec(
                select(PurchaseLine).where(PurchaseLine.purchase_id == purchase.id)
            ).all()
        }
        for _inside, article in purchase_rows.articles_of(session, purchase.id):
            line = lines.get(article.id)
            packs, pack_rp = (line.packs, line.pack_rp) if line else (0, 0)
            entries = queues[article.id]
            got = handing_out.share(packs * PACK_KG, entries, purchase.sharing)
            found.append(
                Pooled(
                    village=villages[0],
                    season=purchase.season,
                    article=keys.get(article.name, article.name),
                    members=len(got),
                    wanted_kg=sum(entry.firm for entry in entries),
                    packs=packs,
                    bought_kg=sum(got.values()),
                    pack_rp=pack_rp,
                    paid_rp=packs * pack_rp,
                    shop_rp=sum(
                        amount_rp(kg, said[member_id, article.id].highest_e4 or 0, 1)
                        for member_id, kg in got.items()
                    ),
                )
            )
    order = list(NAMES)
    return sorted(
        found,
        key=lambda one: (one.village.casefold(), one.season.casefold(), order.index(one.article)),
    )


def cells(orders: Sequence[Pooled], words: Callable[[str], str]) -> list[list[Any]]:
    """The report as rows of a table or a file, by village and season, and what all comes to."""
    rows = []
    for (village, season), own in groupby(orders, key=lambda one: (one.village, one.season)):
        here = list(own)
        rows += [[village, season, NAMES[one.article], *_figures([one])] for one in here]
        rows.append([village, season, words(TOGETHER), *_figures(here)])
    return [*rows, [words(TOGETHER), "", "", *_figures(orders)]] if rows else []


def _figures(orders: Sequence[Pooled]) -> list[Any]:
    one = rules.total(orders)
    alone = orders[0] if len(orders) == 1 else None  # who buys two articles is no two members
    return [
        alone.members if alone else "",
        one.wanted_kg,
        one.packs,
        one.bought_kg,
        one.left_kg,
        (alone.pack_rp if alone else 0) or "",
        one.paid_rp,
        one.shop_rp,
        one.saved_rp,
    ]
