"""The form of a price rule: every part by fields and lines that people write, none by code."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import streamlit as st

from kopprod.domain import band_lines, measures, money, price_rules
from kopprod.domain.bands import Axis, Bands, Between, Outside
from kopprod.domain.measures import WORDS, Measure
from kopprod.domain.pricing import (
    Fixed,
    GradePrice,
    Indices,
    Limit,
    Points,
    PriceRule,
    ToMoisture,
)
from kopprod.domain.refusal import N_, Refusal
from kopprod.tables.products import Grade
from kopprod.ui.pricing import BETWEEN, OUTSIDE
from kopprod.ui.visit import _, complain

T = TypeVar("T")

ALL, EACH, INDEX = "all", "each", "index"
BASES = {
    ALL: N_("one price for all grades"),
    EACH: N_("a price for each grade"),
    INDEX: N_("a formula of published prices"),
}
POINTS, LIMITS, BANDS, TABLE, WEIGHT = "points", "limits", "bands", "table", "weight"
PARTS = {
    POINTS: N_("points for each step"),
    LIMITS: N_("more or less over a limit"),
    BANDS: N_("classes of one measure"),
    TABLE: N_("a table of two measures"),
    WEIGHT: N_("weight at a standard moisture"),
}


@dataclass
class Form:
    """What was typed so far: which fields are still empty, and whether one cannot be read.

    `key` begins the keys of all fields, so that another rule to begin from fills them anew.
    """

    key: str
    missing: list[str] = field(default_factory=list)
    wrong: bool = False

    def ask(
        self, label: str, name: str, parse: Callable[[str], T], *, value: str = "", hint: str = ""
    ) -> T | None:
        """A field of one line."""
        text = st.text_input(label, value=value, key=f"{self.key}_{name}", placeholder=hint)
        return self.read(label, text, parse)

    def ask_lines(
        self, label: str, name: str, parse: Callable[[str], T], *, value: str = "", hint: str = ""
    ) -> T | None:
        """A field of several lines."""
        text = st.text_area(
            label, value=value, key=f"{self.key}_{name}", placeholder=hint, height=160
        )
        return self.read(label, text, parse)

    def read(self, label: str, text: str, parse: Callable[[str], T]) -> T | None:
        """What was typed; a refusal stands below its field."""
        if not text.strip():
            self.missing.append(label)
            return None
        try:
            return parse(text)
        except Refusal as refusal:
            complain(refusal)
            self.wrong = True
            return None


def ask_rule(
    start: PriceRule | None, *, grades: Sequence[Grade], unit: str, key: str
) -> PriceRule | None:
    """A whole rule, begun from another one; None while something is missing or wrong."""
    form = Form(key)
    base = _ask_base(form, start, grades, unit)
    chosen = st.pills(
        _("What else makes the price?"),
        list(PARTS),
        format_func=lambda part: _(PARTS[part]),
        selection_mode="multi",
        default=_parts(start),
        key=f"{key}_parts",
    )
    points = _ask_points(form, start, unit) if POINTS in chosen else ()
    limits = _ask_limits(form, start, unit) if LIMITS in chosen else ()
    single = _ask_bands(form, start) if BANDS in chosen else ()
    table = _ask_table(form, start) if TABLE in chosen else ()
    weight = _ask_weight(form, start) if WEIGHT in chosen else None
    if form.missing:
        st.caption(_("Still to fill in: {fields}.", fields=", ".join(form.missing)))
    if form.missing or form.wrong or base is None:
        return None
    try:
        return price_rules.check(PriceRule(base, points, limits, (*single, *table), weight))
    except Refusal as refusal:
        complain(refusal)
        return None


def _parts(start: PriceRule | None) -> list[str]:
    if start is None:
        return []
    there = {
        POINTS: bool(start.points),
        LIMITS: bool(start.limits),
        BANDS: any(len(part.axes) == 1 for part in start.bands),
        TABLE: any(len(part.axes) == 2 for part in start.bands),
        WEIGHT: start.weight is not None,
    }
    return [part for part, is_there in there.items() if is_there]


def _ask_base(
    form: Form, start: PriceRule | None, grades: Sequence[Grade], unit: str
) -> Fixed | Indices | None:
    base = start.base if start else None
    prices: dict[int | None, int] = {}
    if isinstance(base, Fixed):
        prices = {each.grade_id: each.price_e4 for each in base.prices}
    how = st.segmented_control(
        _("How is the base price made?"),
        list(BASES) if grades else [ALL, INDEX],
        format_func=lambda h: _(BASES[h]),
        default=INDEX if isinstance(base, Indices) else EACH if set(prices) - {None} else ALL,
        key=f"{form.key}_base",
        required=True,
    )
    if how == INDEX:
        return _ask_indices(form, base if isinstance(base, Indices) else None)
    if how == EACH:
        return _ask_each(form, prices, grades, unit)
    price_e4 = form.ask(
        _("Base price per {unit}", unit=unit),
        "price",
        price_rules.parse_price_e4,
        value=_typed(prices.get(None)),
        hint=_("for example 6.500; 0 where only points count"),
    )
    return None if price_e4 is None else Fixed((GradePrice(None, price_e4),))


def _ask_each(
    form: Form, prices: dict[int | None, int], grades: Sequence[Grade], unit: str
) -> Fixed:
    found = []
    for grade in grades:
        price_e4 = form.ask(
            _("Grade {grade}: price per {unit}", grade=grade.name, unit=unit),
            f"price_{grade.id}",
            price_rules.parse_price_e4,
            value=_typed(prices.get(grade.id, prices.get(None))),
        )
        if price_e4 is not None:
            found.append(GradePrice(grade.id, price_e4))
    return Fixed(tuple(found))


def _ask_indices(form: Form, start: Indices | None) -> Indices | None:
    k_bp = form.ask(
        _("K, in percent"),
        "k",
        money.parse_percent_bp,
        value=money.format_percent(start.k_bp) if start else "",
        hint="85",
    )
    indices = form.ask_lines(
        _("Published prices, one a line: name; price; yield"),
        "indices",
        price_rules.parse_indices,
        value=price_rules.format_indices(start.indices) if start else "",
        hint="CPO; 12.000; 20 %\nInti; 6.000; 5 %",
    )
    return None if k_bp is None or indices is None else Indices(k_bp, indices)


def _ask_points(form: Form, start: PriceRule | None, unit: str) -> tuple[Points, ...]:
    known = {part.measure: part for part in start.points} if start else {}
    found = []
    for measure in _ask_measures(form, POINTS, list(known)):
        with st.container(border=True):
            part = _ask_point(form, measure, known.get(measure), unit)
        if part is not None:
            found.append(part)
    return tuple(found)


def _ask_point(form: Form, measure: Measure, known: Points | None, unit: str) -> Points | None:
    st.markdown(f"**{_(WORDS[measure])}**")
    name = f"{POINTS}_{measure}"
    step = _ask_step(form, measure, name, known.step if known else None)
    each_e4 = form.ask(
        _(
            "{measure_word}: rupiah per {unit} for each step",
            measure_word=WORDS[measure],
            unit=unit,
        ),
        f"{name}_each",
        band_lines.parse_adjust_e4,
        value=_typed(known.each_e4) if known else "",
    )
    over = form.ask(
        _("{measure_word}: steps count from", measure_word=WORDS[measure]),
        f"{name}_over",
        lambda text: measures.parse_step(measure, text),
        value=measures.number(measure, known.over) if known else "0",
    )
    below = st.checkbox(
        _("Below it, as much is taken for each step"),
        value=bool(known and known.below),
        key=f"{form.key}_{name}_below",
    )
    if step is None or each_e4 is None or over is None:
        return None
    return Points(measure, step, each_e4, over, below)


def _ask_limits(form: Form, start: PriceRule | None, unit: str) -> tuple[Limit, ...]:
    known = {limit.measure: limit for limit in start.limits} if start else {}
    found = []
    for measure in _ask_measures(form, LIMITS, list(known)):
        with st.container(border=True):
            limit = _ask_limit(form, measure, known.get(measure), unit)
        if limit is not None:
            found.append(limit)
    return tuple(found)


def _ask_limit(form: Form, measure: Measure, known: Limit | None, unit: str) -> Limit | None:
    st.markdown(f"**{_(WORDS[measure])}**")
    name = f"{LIMITS}_{measure}"
    over = form.ask(
        _("{measure_word} over", measure_word=WORDS[measure]),
        f"{name}_over",
        lambda text: measures.parse(measure, text),
        value=measures.number(measure, known.over) if known else "",
    )
    adjust_e4 = form.ask(
        _(
            "{measure_word}: rupiah per {unit} more, or less with a minus",
            measure_word=WORDS[measure],
            unit=unit,
        ),
        f"{name}_adjust",
        band_lines.parse_adjust_e4,
        value=band_lines.format_adjust(known.adjust_e4) if known else "",
        hint="-100",
    )
    needed = st.checkbox(
        _("Must be measured for every delivery"),
        value=known.needed if known else True,
        key=f"{form.key}_{name}_needed",
    )
    if over is None or adjust_e4 is None:
        return None
    return Limit(measure, over, adjust_e4, needed)


def _ask_bands(form: Form, start: PriceRule | None) -> tuple[Bands, ...]:
    single = [part for part in start.bands if len(part.axes) == 1] if start else []
    known = {part.axes[0].measure: part for part in single}
    found = []
    for measure in _ask_measures(form, BANDS, list(known)):
        part = known.get(measure)
        with st.container(border=True):
            st.markdown(f"**{_(WORDS[measure])}**")
            axis = _ask_axis(form, measure, f"{BANDS}_{measure}", part.axes[0] if part else None)
            read = None if axis is None else _ask_band_lines(form, [axis], part)
        if read is not None:
            found.append(read)
    return tuple(found)


def _ask_table(form: Form, start: PriceRule | None) -> tuple[Bands, ...]:
    known = next((part for part in start.bands if len(part.axes) == 2), None) if start else None
    with st.container(border=True):
        axes = []
        for place, label in enumerate((N_("First measure"), N_("Second measure"))):
            old = known.axes[place] if known else None
            measure = st.selectbox(
                _(label),
                list(Measure),
                index=list(Measure).index(old.measure) if old else None,
                format_func=lambda m: _(WORDS[m]),
                placeholder=_("Choose a measure"),
                key=f"{form.key}_{TABLE}_{place}",
            )
            if measure is None:
                form.missing.append(_(label))
                return ()
            same = old if old and old.measure is measure else None
            axis = _ask_axis(form, measure, f"{TABLE}_{place}_{measure}", same)
            if axis is None:
                return ()
            axes.append(axis)
        read = _ask_band_lines(form, axes, known)
    return () if read is None else (read,)


def _ask_axis(form: Form, measure: Measure, name: str, known: Axis | None) -> Axis | None:
    step = _ask_step(form, measure, name, known.step if known else None)
    between = st.selectbox(
        _("{measure_word}: what lies between two classes", measure_word=WORDS[measure]),
        list(Between),
        index=list(Between).index(known.between if known else Between.ASK),
        format_func=lambda b: _(BETWEEN[b]),
        key=f"{form.key}_{name}_between",
    )
    outside = st.selectbox(
        _("{measure_word}: what lies outside all classes", measure_word=WORDS[measure]),
        list(Outside),
        index=list(Outside).index(known.outside if known else Outside.ASK),
        format_func=lambda o: _(OUTSIDE[o]),
        key=f"{form.key}_{name}_outside",
    )
    return (
        None
        if step is None
        else Axis(measure, step, (), between or Between.ASK, outside or Outside.ASK)
    )


def _ask_band_lines(form: Form, axes: Sequence[Axis], known: Bands | None) -> Bands | None:
    words = " + ".join(_(WORDS[axis.measure]) for axis in axes)
    return form.ask_lines(
        _("{measures}: one class a line, with what it adds or takes", measures=words),
        "_".join(["lines", *(axis.measure for axis in axes)]),
        lambda text: band_lines.parse(axes, text),
        value=band_lines.format_lines(known) if known else "",
        hint=band_lines.example(axes),
    )


def _ask_step(form: Form, measure: Measure, name: str, known: int | None) -> int | None:
    return form.ask(
        _("{measure_word}: read in steps of", measure_word=WORDS[measure]),
        f"{name}_step",
        lambda text: measures.parse_step(measure, text),
        value=measures.number(measure, known or measures.scale(measure).step),
    )


_WHICH = {
    POINTS: N_("Points for which measures?"),
    LIMITS: N_("A limit for which measures?"),
    BANDS: N_("Classes of which measures?"),
}


def _ask_measures(form: Form, part: str, known: list[Measure]) -> list[Measure]:
    chosen: list[Measure] = st.pills(
        _(_WHICH[part]),
        list(Measure),
        format_func=lambda m: _(WORDS[m]),
        selection_mode="multi",
        default=known,
        key=f"{form.key}_{part}_measures",
    )
    if not chosen:
        form.missing.append(_(_WHICH[part]))
    return [measure for measure in Measure if measure in chosen]


def _ask_weight(form: Form, start: PriceRule | None) -> ToMoisture | None:
    known = start.weight if start else None
    standard_bp = form.ask(
        _("Standard moisture, in percent"),
        "standard",
        lambda text: measures.parse(Measure.MOISTURE, text),
        value=measures.number(Measure.MOISTURE, known.standard_bp) if known else "",
        hint="14",
    )
    drier_too = st.checkbox(
        _("Drier goods count as heavier too"),
        value=known.drier_too if known else True,
        key=f"{form.key}_drier",
    )
    return None if standard_bp is None else ToMoisture(standard_bp, drier_too)


def _typed(price_e4: int | None) -> str:
    """A price as it would be typed."""
    return "" if price_e4 is None else band_lines.format_adjust(price_e4).lstrip("+")
