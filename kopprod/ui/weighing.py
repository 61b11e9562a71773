"""Weighing on a screen: every sack in one field, the tare of one or of all, and the scale."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

import streamlit as st

from kopprod.domain import measures as measure_rules
from kopprod.domain import quantities
from kopprod.domain import weighing as rules
from kopprod.domain.measures import Measure
from kopprod.domain.quantities import BaseUnit, ParsedQuantity, Quantity, UnitFactor
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.weighing import Weights
from kopprod.papers.scales import WORDS
from kopprod.services import weighing
from kopprod.tables.measures import ProductMeasure
from kopprod.tables.weighing import Scale
from kopprod.ui.show import day, html, quantity
from kopprod.ui.visit import _, action, complain, plain, tell


@dataclass(frozen=True)
class Tare:
    """The whole tare in base units, that of one sack where it was given so, and what was typed."""

    amount: int
    each: int | None = None
    said: str = ""


def ask_weights(
    label: str,
    *,
    units: Sequence[UnitFactor],
    default: str,
    unit: BaseUnit,
    key: str,
    value: str,
) -> Weights | None:
    """All weights in one field, added up at once; None while it is empty or not understood."""
    text = st.text_input(
        label,
        value=value,
        key=key,
        placeholder=_("for example {example}", example=rules.EXAMPLES[unit]),
        max_chars=rules.LONGEST,
    )
    if not text.strip():
        return None
    try:
        weights = rules.parse_weights(text, units=units, default=default)
    except Refusal as refusal:
        complain(refusal)
        return None
    if len(weights.each) == 1 and weights.stated is None:
        parsed = quantities.parse_quantity(text, units=units, default=default)
        read = quantities.read_back(parsed, unit).split(" = ")
        st.markdown(" = ".join(f"**{plain(words)}**" for words in read))
    else:
        _add_up(weights, unit)
    return weights


def _add_up(weights: Weights, unit: BaseUnit) -> None:
    st.markdown(
        _(
            WORDS[unit].times,
            count=len(weights.each),
            total=quantity(weights.total, unit),
            least=quantity(min(weights.each), unit),
            most=quantity(max(weights.each), unit),
        )
    )
    if weights.differs:
        st.warning(
            _(
                WORDS[unit].apart,
                stated=quantity(weights.stated or 0, unit),
                total=quantity(weights.total, unit),
                difference=quantity(abs(weights.differs), unit),
            )
        )


def ask_tare(
    weights: Weights | None,
    *,
    units: Sequence[UnitFactor],
    default: str,
    unit: BaseUnit,
    key: str,
    value: str,
    is_each: bool,
) -> Tare | None:
    """What the empty sacks weigh, one of them or all; nothing typed is no tare.

    None while it is not understood. Which of the two it is stays in the state as `key` + `_each`.
    """
    several = weights is not None and len(weights.each) > 1
    if several or is_each:
        is_each = st.segmented_control(
            _("Tare"),
            [False, True],
            format_func=lambda each: _("Tare of one") if each else _("Tare in all"),
            default=is_each,
            key=f"{key}_each",
            required=True,
            label_visibility="collapsed",
            width="stretch",
        )
    text = st.text_input(
        _("Tare (empty sacks, buckets)"), value=value, key=key, placeholder="0", max_chars=60
    )
    parsed = _read_tare(text, units, default)
    if parsed is None or weights is None or not is_each:
        return None if parsed is None else Tare(parsed.amount, said=parsed.said)
    try:
        whole = rules.tare_of(parsed.amount, weights.each, unit)
    except Refusal as refusal:
        complain(refusal)
        return None
    count = len(weights.each)
    if count > 1:
        one = quantity(parsed.amount, unit)
        st.caption(f"{count} × {one} = {quantity(whole, unit)}")
    return Tare(whole, each=parsed.amount, said=f"{count} x {parsed.said}")


def _read_tare(text: str, units: Sequence[UnitFactor], default: str) -> ParsedQuantity | None:
    if not text.strip():
        return ParsedQuantity(0, "")
    try:
        return quantities.parse_quantity(text, units=units, default=default)
    except quantities.ZeroQuantity:
        return ParsedQuantity(0, "")
    except Refusal as refusal:
        complain(refusal)
        return None


def remembered(tare_each: int | None, unit: BaseUnit) -> str:
    """The tare of one sack as it is typed, for the next delivery of the product."""
    return "" if not tare_each else quantities.format_quantity(Quantity(tare_each, unit))


def ask_sure(weights: Weights, unit: BaseUnit, *, large: bool, key: str) -> bool:
    """Whether somebody says that a very large weight, or an odd sack, is right."""
    odd = rules.odd_weight(weights.each)
    if odd is not None:
        middle = quantity(rules.middle(weights.each), unit)
        st.warning(_(rules.OddWeight.sentence, odd=quantity(odd, unit), middle=middle))
        return st.checkbox(_("Yes, one really weighs {odd}.", odd=quantity(odd, unit)), key=key)
    if not large:
        return False
    gross = quantity(weights.total, unit)
    return st.checkbox(_("Yes, it really is {gross}.", gross=gross), key=key)


def ask_measures(
    asked: Sequence[ProductMeasure], *, typed: str, of: str
) -> tuple[dict[Measure, int], str, bool]:
    """What was measured: the values, what was typed as JSON, and whether nothing is missing."""
    before: Mapping[str, str] = json.loads(typed) if typed else {}
    values: dict[Measure, int] = {}
    texts: dict[str, str] = {}
    whole = True
    for row in asked:
        unit = measure_rules.scale(row.measure).unit.strip()
        label = _(measure_rules.WORDS[row.measure]) + (f" ({unit})" if unit else "")
        text = st.text_input(
            label,
            value=before.get(row.measure, ""),
            key=f"delivery_measure_{row.measure}_{of}",
            max_chars=20,
            placeholder="" if row.required else _("may stay empty"),
        )
        if not text.strip():
            whole = whole and not row.required
            continue
        texts[row.measure] = text
        try:
            values[row.measure] = measure_rules.parse(row.measure, text)
        except Refusal as refusal:
            complain(refusal)
            whole = False
    return values, json.dumps(texts) if texts else "", whole


def ask_scale(scales: Sequence[Scale], *, value: int | None, key: str) -> int | None:
    """The scale, chosen once and kept; a single one needs no choosing."""
    known = {scale.id: scale for scale in scales}
    if len(known) < 2:
        return next(iter(known), None)
    return st.pills(
        _("Scale"),
        list(known),
        default=value if value in known else None,
        format_func=lambda i: known[i].name,
        key=key,
    )


def show_scale(scale: Scale | None, *, on: date) -> None:
    """Which scale it is, and in amber that its verification is over; nothing is stopped by it."""
    if scale is None:
        return
    if not rules.is_expired(scale.verified_until, on=on):
        until = day(scale.verified_until)
        st.caption(_("Scale: {name}, verified until {until}", name=plain(scale.name), until=until))
        return
    html(f'<p class="kp-amber" style="margin:0"><b>{escape(expired_words(scale))}</b></p>')


def expired_words(scale: Scale) -> str:
    """That a scale's verification is over, or was never written down."""
    if scale.verified_until is None:
        return _("Scale {name}: its verification is not written down.", name=scale.name)
    until = day(scale.verified_until)
    return _("Scale {name}: its verification ended on {until}.", name=scale.name, until=until)


def ask_scales(scales: Sequence[Scale]) -> None:
    """The scales with their verification, for whoever may change them."""
    for scale in scales:
        until = day(scale.verified_until) or _("not written down")
        st.markdown(f"**{plain(scale.name)}** · {until}")
    name = st.text_input(_("Scale"), key="scale_name", placeholder=_("for example Gudang"))
    verified_until = st.date_input(
        _("Verified until (tera)"), value=None, format="DD/MM/YYYY", key="scale_until"
    )
    known = next((s for s in scales if s.name.casefold() == name.strip().casefold()), None)
    if st.button(_("Keep the scale"), key="scale_keep", width="stretch", disabled=not name.strip()):
        with action(N_("The scale {name} is kept."), name="weighing.scale") as session:
            if known is None:
                weighing.add_scale(session, name=name, verified_until=verified_until)
            else:
                weighing.change_scale(session, known.id, verified_until=verified_until)
            tell(session, name=plain(name.strip()))
