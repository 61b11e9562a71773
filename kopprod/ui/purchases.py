"""Pooled purchases on a screen: the list, one purchase's head, and how far its packs are."""

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

import streamlit as st

from kopprod.domain import money
from kopprod.domain.purchases import STAGE_WORDS, PurchaseStage
from kopprod.domain.quantities import format_number
from kopprod.domain.tiers import Tier
from kopprod.services.purchases import Listed
from kopprod.services.wants import ArticleView
from kopprod.tables.purchases import Article
from kopprod.ui.places import link
from kopprod.ui.sales import choose
from kopprod.ui.show import Card, Column, Tile, cards, rp, table, tiles
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _, plain


def portions(number: int, article: Article) -> str:
    """So many portions in people's words: 7 karung."""
    return f"{format_number(number)} {article.portion_word}"


def about_rp(price_e4: int) -> int:
    """A unit price that is only expected, in whole rupiah."""
    return money.round_half_up(Fraction(price_e4, money.E4))


_ON_THE_WAY = (
    PurchaseStage.DRAFT,
    PurchaseStage.LOCKED,
    PurchaseStage.ORDERED,
    PurchaseStage.RECEIVED,
    PurchaseStage.DISTRIBUTED,
)
_PAST = (PurchaseStage.CLOSED, PurchaseStage.CANCELLED)

# The list


def label(row: Listed) -> str:
    """A purchase in a line: title, articles, last day."""
    return f"{row.purchase.title} · {', '.join(row.articles)}"


def open_purchases(rows: Sequence[Listed], *, on: date) -> None:
    """What takes wants now, each a button with what is still possible."""
    waiting = [row for row in rows if row.purchase.stage is PurchaseStage.OPEN]
    if not waiting:
        return
    st.subheader(_("Take part now"), anchor=False)
    for row in waiting:
        door(row)
        st.caption(
            " · ".join([_days_left(row, on=on), _("{n} members take part", n=row.members)]
                       + ([_("you too")] if row.mine else []))
        )  # fmt: skip


def door(row: Listed) -> None:
    """A button that opens a purchase."""
    if st.button(plain(label(row)), key=f"open_purchase_{row.purchase.id}", width="stretch"):
        choose("purchase", row.purchase.id)
        st.rerun()


def member_doors(*, beside: bool = False) -> None:
    """The ways to purchases that a member's phone has no place for under the thumb."""
    if not beside:
        link("purchases", label=_("Buy together: my purchases and bills"))
    link("needs", label=_("Note what I will need"))
    link("subsidies", label=_("Subsidised fertiliser: what I may still have"))


def home_doors(rows: Sequence[Listed], *, on: date) -> None:
    """On a member's first page: what is being bought together now, each a link."""
    for row in rows:
        link("purchases", label=_("Buy together: {title}, {left}", title=plain(row.purchase.title),
                                  left=_days_left(row, on=on)),
             purchase=row.purchase.id)  # fmt: skip


def _days_left(row: Listed, *, on: date) -> str:
    left = (row.purchase.until - on).days
    if left <= 0:
        return _("the time for wants is over")
    return _("today is the last day") if left == 1 else _("{n} days left", n=left)


def other_purchases(rows: Sequence[Listed], *, office: bool) -> None:
    """All others: what is on the way as doors, for the office the past in a list."""
    on_the_way = [row for row in rows if row.purchase.stage in _ON_THE_WAY]
    past = [row for row in rows if row.purchase.stage in _PAST]
    if on_the_way:
        st.subheader(_("Prepared and on the way"), anchor=False)
    for row in on_the_way:
        door(row)
        st.caption(_(STAGE_WORDS[row.purchase.stage]))
    if not past:
        return
    st.subheader(_("Past purchases"), anchor=False)
    if not office:
        for row in past:
            door(row)
            st.caption(_(STAGE_WORDS[row.purchase.stage]))
        return
    known = {row.purchase.id: row for row in past}
    picked = st.selectbox(
        _("Open a purchase"),
        list(known),
        index=None,
        format_func=lambda key: f"{known[key].purchase.number} · {label(known[key])}",
        placeholder=_("Choose"),
        key="past_purchase",
    )
    if picked is not None:
        choose("purchase", picked)
        st.rerun()


def purchases_table(rows: Sequence[Listed]) -> None:
    """Every purchase with its stage."""
    table(
        [
            number_column(_("Number"), "number"),
            Column(_("Title"), "title"),
            Column(_("Articles"), "articles"),
            Column(_("Members"), "members", number=True),
            narrow_day_column(_("Wants before"), "until"),
            Column(_("Stage"), "stage"),
        ],
        [
            {
                "number": row.purchase.number,
                "title": row.purchase.title,
                "articles": ", ".join(row.articles),
                "members": row.members,
                "until": row.purchase.until,
                "stage": _(STAGE_WORDS[row.purchase.stage]),
            }
            for row in rows
        ],
        key="belanja_bersama",
    )


# One purchase


def head(row: Listed, *, villages: Sequence[str], on: date) -> None:
    """What it is, where it stands, and until when wants are taken."""
    purchase = row.purchase
    st.header(plain(purchase.title), anchor=False)
    words = [purchase.number, _(STAGE_WORDS[purchase.stage])]
    if purchase.stage is PurchaseStage.OPEN:
        words.append(_days_left(row, on=on))
        last_on = purchase.until - timedelta(days=1)
        words.append(_("wants are taken until {last_on}", last_on=last_on))
    if villages:
        words.append(_("only for {villages}", villages=", ".join(map(plain, villages))))
    st.caption(" · ".join(words))
    if purchase.cancel_reason is not None:
        st.error(_("Called off: {reason}", reason=plain(purchase.cancel_reason)))
    if purchase.note:
        st.markdown(plain(purchase.note))
    filling = purchase.filling_on
    if purchase.stage is PurchaseStage.OPEN and filling is not None and filling <= on:
        st.info(
            _("Packs are being filled: you can still add what helps to fill them, or make firm "
              "what would be fine.")
        )  # fmt: skip


def standings(views: Sequence[ArticleView]) -> None:
    """How far each article is: the expected price, full packs, and what is missing to go on."""
    st.subheader(_("How far it is"), anchor=False)
    st.caption(_("On the right: the expected price, freight and fee included."))
    cards([_standing(one) for one in views])


def _standing(one: ArticleView) -> Card:
    article, word = one.article, one.article.portion_word
    shop = _("in the shop {shop_rp}", shop_rp=about_rp(one.inside.shop_e4))
    if one.offer is None or one.fill is None:
        return Card(title=article.name, below=f"{shop}\n{_('There is no price for it yet.')}")
    if one.expected_e4 is None:
        first_rp = money.round_half_up(Fraction(one.offer.tiers[0].pack_rp, one.offer.pack))
        shown, note = rp(first_rp), [_("freight and fee come on top")]
    else:
        shown, note = rp(about_rp(one.expected_e4)), []
    return Card(
        title=article.name,
        below="\n".join([shop, *note, *_progress(one)]),
        right=shown,
        right_below=_("for one {portion}", portion=word),
    )


def _progress(one: ArticleView) -> list[str]:
    """Who takes part, how many packs are full, and what the next pack and price still lack."""
    article, fill, offer = one.article, one.fill, one.offer
    if fill is None or offer is None:
        return []
    lines = [
        _("{n} members want {wanted} together.", n=one.members,
          wanted=portions(one.demand.firm, article))
        if one.members else _("Nobody wants any of it yet. Be the first.")
    ]  # fmt: skip
    if offer.pack > 1:
        lines.append(
            _("{packs} packs of {pack} are full.", packs=fill.packs,
              pack=portions(offer.pack, article))
        )  # fmt: skip
    if fill.missing > 1 or (fill.missing and offer.pack > 1):
        lines.append(
            _("{missing} more fill the next pack.", missing=portions(fill.missing, article))
        )
    if fill.next_tier is not None and fill.missing_tier:
        missing = portions(fill.missing_tier, article)
        lines.append(
            _("{missing} more, and one {portion} costs everybody {pack_rp}.", missing=missing,
              portion=article.portion_word, pack_rp=fill.next_tier.pack_rp)
            if offer.pack == 1
            else _("{missing} more, and a pack costs everybody {pack_rp}.", missing=missing,
                   pack_rp=fill.next_tier.pack_rp)
        )  # fmt: skip
    return lines


def prices(tiers: Sequence[Tier], *, reached: int) -> None:
    """Prices by quantity, the one that is reached in colour."""
    cards(
        [
            Card(
                title=_range(tier),
                right=rp(tier.pack_rp),
                right_below=_("reached") if _holds(tier, reached) else "",
                tone="teal" if _holds(tier, reached) else "",
            )
            for tier in tiers
        ]
    )


def _holds(tier: Tier, packs: int) -> bool:
    last = packs if tier.to_packs is None else tier.to_packs
    return tier.from_packs <= packs <= last


def _range(tier: Tier) -> str:
    if tier.to_packs is None:
        return _("{first} packs or more", first=tier.from_packs)
    return _("{first} to {last} packs", first=tier.from_packs, last=tier.to_packs)


def my_part(*, bill_rp: int, saved_rp: int) -> None:
    """What a member is likely to pay, and what she saves, losses like gains."""
    if not bill_rp:
        return
    saving = (
        Tile(_("You save"), rp(saved_rp), _("against the village shop"), "teal")
        if saved_rp >= 0
        else Tile(_("Dearer by"), rp(-saved_rp), _("than the village shop"), "amber")
    )
    bill = Tile(
        _("You are likely to pay"),
        rp(bill_rp),
        _("with freight and fee; final when the goods have come"),
    )
    tiles([bill, saving])
