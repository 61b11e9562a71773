"""Saying what one wants of a purchase: one question after the other, the bill at once."""

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from kopprod.domain import money, quantities
from kopprod.domain.purchases import PurchaseStage, Want
from kopprod.domain.quantities import UnitFactor
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import purchase_goods, wants
from kopprod.services.purchase_plans import PlanView
from kopprod.services.wants import ArticleView, View
from kopprod.tables.purchases import Article, Purchase
from kopprod.ui.held import held_turn, next_turn
from kopprod.ui.purchases import about_rp, my_part, portions, prices, standings
from kopprod.ui.show import Card, Column, cards, rp_column, table
from kopprod.ui.visit import _, action, complain, day_of, now, plain, reading, tell

_BEFORE_BILLS = (PurchaseStage.OPEN, PurchaseStage.LOCKED, PurchaseStage.ORDERED)


def before_bills(purchase: Purchase) -> bool:
    """Whether members look at what they want of it, and not yet at a bill."""
    if purchase.stage is PurchaseStage.RECEIVED:
        with reading() as session:
            return not purchase_goods.has_bills(session, purchase.id)
    return purchase.stage in _BEFORE_BILLS


def look(purchase_id: int, member_id: int, *, on: date) -> View:
    """A purchase as this member sees it."""
    with reading() as session:
        return wants.view(session, purchase_id, member_id=member_id, on=on, at=now())


def own(view: View, *, member_id: int, on: date) -> None:
    """A member's part: what she wants and pays, how far the packs are, and the questions."""
    if not view.invited:
        st.info(_("This purchase is for other villages."))
        return
    my_part(bill_rp=view.bill_rp, saved_rp=view.saved_rp)
    mine = [one for one in view.articles if one.want.firm or one.want.tolerance]
    if mine:
        st.subheader(_("My wants"), anchor=False)
        cards([_my_card(one) for one in mine])
    if not view.open_now:
        st.info(
            _("Your bill stands here once the goods have come and are shared.")
            if mine
            else _("You do not take part in this purchase.")
        )
        return
    standings(view.articles)
    one = _choose(view.articles)
    if one is None:
        return
    if len(one.tiers) > 1 and one.fill is not None:
        with st.expander(_("Prices by quantity")):
            prices(one.tiers, reached=one.fill.packs)
    if one.offer is not None:
        ask(view, one, member_id=member_id, on=on)


def _my_card(one: ArticleView) -> Card:
    below = [_("firm: {firm}", firm=portions(one.want.firm, one.article))]
    if one.want.tolerance:
        below.append(_("{more} more would be fine", more=portions(one.want.tolerance, one.article)))
    if one.want.highest_e4 is not None:
        below.append(_("at most {highest_e4}", highest_e4=one.want.highest_e4))
    if one.too_dear:
        below.append(_("too dear for you as it stands, so you are left out"))
    elif one.line is None:
        below.append(_("fills no pack yet"))
    return Card(
        title=one.article.name,
        below=" · ".join(below),
        right="" if one.line is None else money.format_rp(one.line.total_rp),
        right_below="" if one.line is None else portions(one.gets, one.article),
    )


def _choose(articles: Sequence[ArticleView]) -> ArticleView | None:
    known = {one.article.id: one for one in articles}
    if len(known) == 1:
        [one] = known.values()
        st.subheader(plain(one.article.name), anchor=False)
        return one
    picked = st.pills(
        _("What do you need?"),
        list(known),
        format_func=lambda key: known[key].article.name,
        key="purchase_article",
    )
    return known.get(picked) if picked is not None else None


# The questions


def ask(view: View, one: ArticleView, *, member_id: int, on: date) -> None:
    """How much, how much more would be fine, at which price; read back with what it comes to."""
    article, before = one.article, one.want
    turn = held_turn("want")
    key = f"want_{turn}_{article.id}_{member_id}"
    firm = ask_portions(
        _("How much do you want?"), article, key=f"{key}_firm", value=before.firm,
        hint=_("for example {example}", example=portions(2, article)),
    )  # fmt: skip
    if before.firm or before.tolerance:
        _withdraw(view, one, member_id=member_id, turn=turn)
    if firm is None:
        return
    tolerance: int | None = 0
    if one.offer is not None and (one.offer.pack > 1 or one.offer.least_packs > 1):
        tolerance = ask_portions(
            _("How much more would be fine, to fill a pack? 0 for nothing"), article,
            key=f"{key}_more", value=before.tolerance,
        )  # fmt: skip
    highest, readable = _ask_highest(one, key=key)
    if tolerance is None or not readable:
        return
    want = Want(firm, tolerance, highest)
    _preview(view, one, want, member_id=member_id, on=on)
    if st.button(
        _("Right, keep it"), key=f"want_keep_{article.id}", type="primary", width="stretch",
        disabled=want == before,
    ):  # fmt: skip
        _keep(view, one, want, member_id=member_id, turn=turn)


def _keep(view: View, one: ArticleView, want: Want, *, member_id: int, turn: str) -> None:
    done = N_("Kept: {wanted} {article} in {number}.")
    if not want.firm and not want.tolerance:
        done = N_("Kept: nothing of {article} any more in {number}.")
    with action(done, name="purchases.want") as session:
        wants.want(
            session, view.purchase.id, article_id=one.article.id, member_id=member_id,
            firm=want.firm, tolerance=want.tolerance, highest_e4=want.highest_e4,
            on=day_of(now()), at=now(), draft_key=f"{turn}-{one.article.id}-{member_id}",
        )  # fmt: skip
        tell(
            session, wanted=portions(want.firm, one.article), article=one.article.name,
            number=view.purchase.number,
        )  # fmt: skip
        next_turn("want")


def _withdraw(view: View, one: ArticleView, *, member_id: int, turn: str) -> None:
    if st.button(
        _("I want nothing of it any more"), key=f"want_none_{one.article.id}", width="stretch"
    ):
        _keep(view, one, Want(), member_id=member_id, turn=turn)


def ask_portions(
    label: str, article: Article, *, key: str, value: int, hint: str = ""
) -> int | None:
    """So many whole portions, typed in portions or in weight; None while it is not understood."""
    start = f"{quantities.format_number(value)}" if value or not hint else ""
    text = st.text_input(label, value=start, key=key, placeholder=hint, max_chars=40).strip()
    if not text:
        return None if hint else 0
    if text == "0":
        return 0
    try:
        parsed = quantities.parse_quantity(
            text,
            units=quantities.known_units(
                article.base_unit, [UnitFactor(article.portion_word, article.portion)]
            ),
            default=article.portion_word,
        )
    except Refusal as refusal:
        complain(refusal)
        return None
    number, rest = divmod(parsed.amount, article.portion)
    if rest:
        st.error(
            _("It is handed out in whole {portion}. Please round it.",
              portion=plain(article.portion_word))
        )  # fmt: skip
        return None
    whole = quantities.Quantity(parsed.amount, article.base_unit)
    said = [portions(number, article), quantities.format_quantity(whole)]
    st.markdown(" = ".join(f"**{plain(words)}**" for words in dict.fromkeys(said)))
    return number


def _ask_highest(one: ArticleView, *, key: str) -> tuple[int | None, bool]:
    """The highest price of a portion, if she has one; and whether it can be read."""
    kept = one.want.highest_e4
    with st.expander(_("Only up to a certain price?"), expanded=kept is not None):
        text = st.text_input(
            _("The most you would pay for one {portion}, all included",
              portion=plain(one.article.portion_word)),
            value="" if kept is None else money.format_e4(kept),
            key=f"{key}_highest", max_chars=40,
        )  # fmt: skip
        if not text.strip():
            return None, True
        try:
            return money.parse_price_e4(text, unit=one.article.portion_word), True
        except Refusal as refusal:
            complain(refusal)
            return None, False


def _preview(view: View, one: ArticleView, want: Want, *, member_id: int, on: date) -> None:
    """What this want would come to if it were kept now."""
    with reading() as session:
        tried = wants.view(
            session, view.purchase.id, member_id=member_id, on=on, at=now(),
            trial={one.article.id: want},
        )  # fmt: skip
    found = next(each for each in tried.articles if each.article.id == one.article.id)
    sentence = _("**{wanted} {article}**.", wanted=plain(portions(want.firm, one.article)),
                 article=plain(one.article.name))  # fmt: skip
    if found.too_dear:
        st.warning(
            _("As it stands one {portion} costs more than your highest price, so you would be "
              "left out.", portion=plain(one.article.portion_word))
        )  # fmt: skip
        return
    if found.line is None or found.expected_e4 is None:
        st.info(
            sentence + " " + _("It fills no pack yet. You pay nothing unless the pack gets full.")
        )
        return
    line = found.line
    saved = (
        _("You save {saved_rp} against the village shop.", saved_rp=line.saved_rp)
        if line.saved_rp >= 0
        else _("That is {more_rp} dearer than the village shop.", more_rp=-line.saved_rp)
    )
    price_rp = about_rp(found.expected_e4)
    st.info(
        sentence + " "
        + _("You would get {gets} and pay about **{bill_rp}**, {price_rp} for one {portion}.",
            gets=plain(portions(found.gets, one.article)), bill_rp=line.total_rp,
            price_rp=price_rp, portion=plain(one.article.portion_word))
        + " " + saved
    )  # fmt: skip


# For the manager


def wants_table(found: PlanView, *, villages: Mapping[int, str]) -> None:
    """Everybody's wants in the order in which they were said, with bill and saving."""
    bills = found.outlook.bills(found.outlook.sharing).by_member
    out = {(one.member_id, one.article_id) for one in found.outlook.dropped}
    rows = []
    for row in found.wants:
        member, article = found.members[row.member_id], found.articles[row.article_id][1]
        bill = bills.get(row.member_id)
        lines = [] if bill is None else bill.lines
        line = next((one for one in lines if one.article_id == row.article_id), None)
        rows.append(
            {
                "member": _who(member.name, villages.get(member.village_id or 0, "")),
                "article": article.name,
                "wants": _wants(row.firm, row.tolerance, article),
                "highest": "" if row.highest_e4 is None else money.format_e4(row.highest_e4),
                "gets": _("left out: too dear") if (row.member_id, row.article_id) in out
                else portions(0 if line is None else line.quantity, article),
                "bill_rp": None if line is None else line.total_rp,
                "saved_rp": None if line is None else line.saved_rp,
            }
        )  # fmt: skip
    highest = [Column(_("Highest price"), "highest", number=True)]
    table(
        [
            Column(_("Member"), "member"),
            Column(_("Article"), "article"),
            Column(_("Wants"), "wants", number=True),
            *(highest if any(row["highest"] for row in rows) else []),
            Column(_("Would get"), "gets", number=True),
            rp_column(_("Likely bill"), "bill_rp"),
            rp_column(_("Saving"), "saved_rp"),
        ],
        rows,
        key="pesanan_anggota",
    )


def _who(name: str, village: str) -> str:
    return f"{name} ({village})" if village else name


def _wants(firm: int, tolerance: int, article: Article) -> str:
    if not tolerance:
        return portions(firm, article)
    both = f"{quantities.format_number(firm)} + {quantities.format_number(tolerance)}"
    return f"{both} {article.portion_word}"
