"""A settled sale proves itself: one member's share with its arithmetic, and the doors to it all."""

import streamlit as st

from kopprod.domain.access import Action
from kopprod.papers.sales import own_how, part_how
from kopprod.services.reckoning import PooledDelivery
from kopprod.services.settlement import Statement
from kopprod.ui.places import link
from kopprod.ui.steps import Step, steps
from kopprod.ui.visit import _, visit


def shares(found: Statement) -> None:
    """How each member's share came about: chosen by name, with the doors to what it rests on."""
    people = {part.member.id: part.member for part in found.parts}
    if not people or found.outcome is None:
        return
    own = found.own_goods
    st.subheader(
        _("What the goods had cost") if own else _("How each share was reckoned"), anchor=False
    )
    picked = st.selectbox(
        _("Whose goods?") if own else _("Whose share?"),
        list(people),
        format_func=lambda key: f"{people[key].name} · {people[key].number}",
        key=f"proof_{found.sale.id}",
    )
    parts = [part for part in found.parts if part.member.id == picked]
    lines = [_line(part, found) for part in parts]
    total = Step(
        _("For {name}", name=people[picked].name) if not own else _("Together"),
        sum(line.amount_rp for line in lines),
        is_sum=True,
    )
    steps([*lines, total])
    _doors(found, parts)


def _line(part: PooledDelivery, found: Statement) -> Step:
    what = _(
        "{number}, {received_on}, grade {grade}",
        number=part.delivery.number,
        received_on=part.delivery.received_on,
        grade=part.grade,
    )
    outcome = found.outcome
    assert outcome is not None
    number = part.delivery.number
    if found.own_goods:
        return Step(what, outcome.cost_rp[number], own_how(part, found, _))
    return Step(what, outcome.share_rp[number], part_how(part, found, _))


def _doors(found: Statement, parts: list[PooledDelivery]) -> None:
    who = visit().person
    slips = [slip for slip, member in found.slips if member.id == parts[0].member.id]
    with st.container(horizontal=True):
        for slip in slips:
            if who.may(Action.SLIPS_SEE_ALL):
                link("slips", label=_("Slip {number}", number=slip.number), slip=slip.id)
        for part in parts:
            label = _("Delivery {number}", number=part.delivery.number)
            link("deliveries", label=label, delivery=part.delivery.id)
        link("products", label=_("What the grades count for"), product=found.product.id)
        if any(part.version is not None for part in parts):
            link("pricing", label=_("The price rule"), product=found.product.id)
