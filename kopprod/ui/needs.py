"""What members will need, on a screen: noting it, what waits, and a purchase made of it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import streamlit as st

from kopprod.domain.refusal import N_
from kopprod.services import needs
from kopprod.services.needs import Before, Demand, Noted
from kopprod.services.purchases import Facts
from kopprod.tables.purchases import Article
from kopprod.ui.ask import ask_price
from kopprod.ui.held import held_turn, next_turn
from kopprod.ui.places import link
from kopprod.ui.purchase_wants import ask_portions
from kopprod.ui.purchases import portions
from kopprod.ui.show import Card, Column, cards, day, empty, month_column, table
from kopprod.ui.visit import _, action, plain, reading, tell, today

_SOON = (30, 60, 90)


def note(goods: Sequence[Article], *, member_id: int) -> None:
    """One question after the other: what, how much, by when; kept with one press."""
    with reading() as session:
        before = needs.last_season(session, member_id=member_id)
    known = {one.id: one for one in goods}
    picked = st.pills(
        _("What will you need?"),
        list(known),
        format_func=lambda key: known[key].name,
        key=f"need_article_{member_id}",
    )
    if picked is None:
        _proposals(before)
        return
    article = known[picked]
    turn = held_turn("need")
    proposed = next((one.quantity for one in before if one.article.id == picked), None)
    quantity = ask_portions(
        _("How much?"),
        article,
        key=f"need_quantity_{turn}_{picked}_{member_id}",
        value=proposed or 0,
        hint=_("for example {example}", example=portions(2, article)),
    )
    if proposed is not None:
        st.caption(_("As much as last season. Change it if you need more or less."))
    needed_on = _ask_day(f"{turn}_{member_id}")
    if not quantity:
        return
    if st.button(_("Right, keep it"), key="need_keep", type="primary", width="stretch"):
        with action(N_("Noted: {wanted} {article} by {needed_on}."), name="needs.note") as session:
            needs.note(
                session, member_id=member_id, article_id=picked, quantity=quantity,
                needed_on=needed_on, on=today(), draft_key=f"{turn}-{picked}-{member_id}",
            )  # fmt: skip
            tell(
                session, wanted=plain(portions(quantity, article)), article=plain(article.name),
                needed_on=needed_on,
            )  # fmt: skip
            next_turn("need")


def _proposals(before: Sequence[Before]) -> None:
    if before:
        st.caption(
            _("Last season ({season}) it was: {what}.", season=plain(before[0].season),
              what=plain(", ".join(
                  f"{portions(one.quantity, one.article)} {one.article.name}" for one in before
              )))
        )  # fmt: skip


def _ask_day(key: str) -> date:
    on = today()
    choices: dict[int, str] = {days: _("in {days} days", days=days) for days in _SOON}
    choices[0] = _("Another day")
    days = st.segmented_control(
        _("By when?"),
        list(choices),
        format_func=choices.__getitem__,
        default=_SOON[0],
        key=f"need_days_{key}",
        required=True,
    )
    if days:
        return on + timedelta(days=int(days))
    return st.date_input(
        _("Which day?"),
        value=on + timedelta(days=_SOON[0]),
        min_value=on,
        format="DD/MM/YYYY",
        key=f"need_day_{key}",
    )


def waiting(rows: Sequence[Noted], *, named: bool) -> None:
    """What is noted and waits for a purchase, with a way to take each back."""
    if not rows:
        empty(_("Nothing is noted yet. What you write down here becomes the next purchase."))
        return
    cards(
        [
            Card(
                title=f"{one.member} · {one.number}" if named else one.article.name,
                below=" · ".join(
                    word
                    for word in (
                        one.article.name if named else "",
                        _("by {needed_on}", needed_on=one.need.needed_on),
                        one.need.note,
                    )
                    if word
                ),
                right=portions(one.need.quantity, one.article),
            )
            for one in rows
        ]
    )
    known = {one.need.id: one for one in rows}
    picked = st.selectbox(
        _("Take one back"),
        list(known),
        index=None,
        format_func=lambda key: _line(known[key], named=named),
        placeholder=_("Choose"),
        key="need_back",
    )
    if picked is not None and st.button(
        _("Take it back"), key=f"need_back_{picked}", width="stretch"
    ):
        with action(N_("Taken back: {what}."), name="needs.withdraw") as session:
            needs.withdraw(session, picked)
            tell(session, what=plain(_line(known[picked], named=named)))


def _line(one: Noted, *, named: bool) -> str:
    words = [one.member] if named else []
    words += [one.article.name, portions(one.need.quantity, one.article), day(one.need.needed_on)]
    return " · ".join(words)


def demand(rows: Sequence[Demand]) -> None:
    """What all need together, by month and article."""
    table(
        [
            month_column(),
            Column(_("Article"), "article"),
            Column(_("Members"), "members", number=True),
            Column(_("Together"), "shown", number=True),
        ],
        [
            {
                "month": one.month,
                "article": one.article.name,
                "members": one.members,
                "shown": portions(one.quantity, one.article),
            }
            for one in rows
        ],
        key="kebutuhan",
    )


def propose(rows: Sequence[Demand], *, villages: Mapping[int, str]) -> None:
    """A purchase of what is needed: which articles, until when, and the shop's prices."""
    known = {one.article.id: one.article for one in rows}
    months = sorted({one.month for one in rows})
    chosen = st.multiselect(
        _("Articles"),
        list(known),
        default=list(known),
        format_func=lambda key: known[key].name,
        key="need_articles",
        placeholder=_("Choose"),
    )
    last = st.selectbox(
        _("What is needed up to the month of"),
        months,
        index=len(months) - 1,
        format_func=lambda one: f"{one:%m-%Y}",
        key="need_month",
    )
    title = st.text_input(_("Title"), key="need_title", max_chars=100)
    season = st.text_input(_("Season (may stay empty)"), key="need_season", max_chars=40)
    homes = st.multiselect(
        _("Only for these villages (empty: for all)"),
        list(villages),
        format_func=villages.__getitem__,
        key="need_villages",
        placeholder=_("Choose"),
    )
    until = st.date_input(
        _("Wants are taken before"),
        value=today() + timedelta(days=14),
        format="DD/MM/YYYY",
        key="need_until",
    )
    shop_e4: dict[int, int] = {}
    for key in chosen:
        article = known[key]
        price = ask_price(
            _("{article}: the shop's price for one {unit}", article=plain(article.name),
              unit=plain(article.portion_word)),
            per=article.portion_word, key=f"need_shop_{key}",
        )  # fmt: skip
        if price is not None:
            shop_e4[key] = price
    if len(shop_e4) < len(chosen) or not chosen or not title.strip():
        st.caption(_("Write a title and every shop price; then it can be made."))
        return
    turn = held_turn("propose")
    if st.button(_("Make a purchase of it"), key="need_propose", type="primary", width="stretch"):
        with action(
            N_("{number} is prepared. Add suppliers' prices, then open it."), name="needs.propose"
        ) as session:
            made = needs.propose(
                session,
                Facts(title=title, until=until, season=season, village_ids=tuple(homes)),
                article_ids=chosen,
                needed_until=(last + timedelta(days=31)).replace(day=1),
                shop_e4=shop_e4,
                on=today(),
                draft_key=turn,
            )
            tell(session, number=made.number)
            next_turn("propose")
            st.session_state[_MADE] = made.id


_MADE = "needs_made"


def made() -> None:
    """The way to the purchase that was just made of needs."""
    if _MADE in st.session_state:
        link("purchases", label=_("Go on with the purchase"), purchase=st.session_state[_MADE])
