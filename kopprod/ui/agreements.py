"""What a member lets be taken from her payouts: her order, asked for, shown and kept."""

from collections.abc import Mapping, Sequence

import streamlit as st

from kopprod.domain import money
from kopprod.domain.payouts import AGREEABLE, Agreed, DeductionKind
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import deductions, yarnen
from kopprod.services.deductions import Terms
from kopprod.tables.members import Member
from kopprod.tables.payouts import DeductionAgreement
from kopprod.ui.ask import ask_rp
from kopprod.ui.paying import kind_words
from kopprod.ui.show import Card, Column, cards, day, empty, rp, rp_column, table
from kopprod.ui.steps import narrow_day_column
from kopprod.ui.visit import _, action, complain, plain, tell, today

_PROPOSED_BP = 3_000


def show_terms(terms: Terms, *, own: bool) -> None:
    """Her order as it stands; `own` says "you"."""
    if terms.agreed_on is None or not terms.agreed:
        empty(
            _("You have not agreed that anything is taken from your payouts.")
            if own
            else _("She has not agreed to anything, so nothing is taken from her payouts.")
        )
        return
    cards([_card(one) for one in terms.agreed])
    st.caption(
        _(
            "At most {most_bp} of a payout is taken together, in this order. "
            "Agreed on {agreed_on}.",
            most_bp=terms.most_bp,
            agreed_on=terms.agreed_on,
        )
    )


def _card(one: Agreed) -> Card:
    most = (
        _("what is owed")
        if one.most_rp is None
        else _("at most {most_rp} of each payout", most_rp=one.most_rp)
    )
    return Card(f"{one.position}. {kind_words(one.kind)}", most)


def debts(owed: Mapping[DeductionKind, int]) -> None:
    """What she owes of each kind."""
    lines = [
        Card(kind_words(kind), right=rp(owed_rp), tone="amber")
        for kind, owed_rp in owed.items()
        if owed_rp
    ]
    st.subheader(_("What she owes now"), anchor=False)
    if lines:
        cards(lines)
    else:
        st.caption(_("Nothing that could be taken from a payout."))


def ask(member: Member, terms: Terms) -> None:
    """A new agreement, which replaces the one before."""
    st.subheader(_("A new agreement"), anchor=False)
    st.caption(_("Choose the kinds in her order: the first one is taken first."))
    key = f"agree_{member.id}_{len(terms.agreed)}_{terms.agreed_on}"
    kinds: Sequence[DeductionKind] = st.multiselect(
        _("What may be taken?"),
        AGREEABLE,
        default=[one.kind for one in terms.agreed],
        format_func=kind_words,
        placeholder=_("Choose"),
        key=f"{key}_kinds",
    )
    before = {one.kind: one.most_rp for one in terms.agreed}
    agreed = [
        Agreed(kind, place, _ask_most(kind, before.get(kind), key))
        for place, kind in enumerate(kinds, start=1)
    ]
    most_bp = _ask_cap(terms, key)
    if most_bp is None:
        return
    if st.button(_("Keep the agreement"), key=f"{key}_keep", type="primary", width="stretch"):
        with action(N_("The agreement of {name} is kept."), name="deductions.agree") as session:
            deductions.agree(session, member.id, agreed=agreed, most_bp=most_bp, on=today())
            tell(session, name=plain(member.name))


def _ask_most(kind: DeductionKind, before_rp: int | None, key: str) -> int | None:
    label = _("Most of one payout: {what}", what=kind_words(kind))
    hint = "" if kind is DeductionKind.DUES else _("empty: what is owed")
    value = "" if before_rp is None else rp(before_rp)
    return ask_rp(label, key=f"{key}_{kind}", value=value, placeholder=hint)


def _ask_cap(terms: Terms, key: str) -> int | None:
    value = money.format_percent(terms.most_bp if terms.agreed_on else _PROPOSED_BP)
    typed = st.text_input(
        _("Most of a payout together, in percent"), value=value, key=f"{key}_cap", max_chars=10
    )
    try:
        return money.parse_percent_bp(typed)
    except Refusal as refusal:
        complain(refusal)
        return None


def limit(member: Member, limit_rp: int, own_rp: int | None, *, may: bool) -> None:
    """The most that she may owe for inputs, and (for the manager) one of her own."""
    if own_rp is None:
        said = _("She may owe {limit_rp} for inputs (yarnen) at the most, like everybody.",
                 limit_rp=limit_rp)  # fmt: skip
    else:
        said = _("She may owe {limit_rp} for inputs (yarnen) at the most: a limit of her own.",
                 limit_rp=limit_rp)  # fmt: skip
    st.caption(said)
    if not may:
        return
    key = f"limit_{member.id}_{own_rp}"
    with st.expander(_("A limit of her own for inputs"), key=f"{key}_open"):
        typed_rp = ask_rp(
            _("Most that she may owe (empty: like everybody)"), key=key,
            value="" if own_rp is None else rp(own_rp),
        )  # fmt: skip
        wrong = typed_rp is None and bool(st.session_state.get(key, "").strip())
        if st.button(_("Keep the limit"), key=f"{key}_keep", width="stretch", disabled=wrong):
            with action(N_("The limit of {name} is kept."), name="yarnen.keep_limit") as session:
                yarnen.keep_limit(session, member.id, limit_rp=typed_rp)
                tell(session, name=plain(member.name))


def history(rows: Sequence[DeductionAgreement]) -> None:
    """What was agreed before."""
    past = [row for row in rows if row.until is not None]
    if not past:
        return
    with st.expander(_("Earlier agreements")):
        table(
            [
                Column(_("What"), "what"),
                rp_column(_("Most of one payout"), "most_rp"),
                narrow_day_column(_("Since"), "since"),
                narrow_day_column(_("Until"), "until"),
            ],
            [
                {
                    "what": kind_words(row.kind),
                    "most_rp": row.most_rp,
                    "since": row.since,
                    "until": row.until,
                }
                for row in past
            ],
            key="kesepakatan",
        )


def mine(terms: Terms) -> None:
    """A member's own agreement, below her slips."""
    with st.expander(_("What I let be taken from my payouts")):
        show_terms(terms, own=True)
        if terms.agreed_on is not None:
            st.caption(
                _("To change it, speak to the treasurer. Last agreed on {day}.",
                  day=day(terms.agreed_on))
            )  # fmt: skip
