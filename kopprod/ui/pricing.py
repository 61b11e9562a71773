"""Showing price rules: what one says in words and tables, and trying it out step by step."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from kopprod import language
from kopprod.domain import bands, measures, money
from kopprod.domain import pricing as rules
from kopprod.domain.bands import Axis, Bands, Between, Outside
from kopprod.domain.measures import WORDS, Measure
from kopprod.domain.pricing import Fixed, Limit, Points, Priced, PriceRule, ToMoisture
from kopprod.domain.quantities import BaseUnit, UnitFactor
from kopprod.domain.refusal import N_, Refusal
from kopprod.papers.buying import step_amount
from kopprod.tables.products import Grade, Product
from kopprod.ui.ask import ask_quantity
from kopprod.ui.show import quantity, rp
from kopprod.ui.visit import _, complain, plain, spoken

KINDS = rules.KIND_WORDS
BETWEEN: Mapping[Between, str] = {
    Between.HIGHER: N_("counts as the next higher class"),
    Between.LOWER: N_("counts as the next lower class"),
    Between.REFUSE: N_("is refused"),
    Between.ASK: N_("is asked about"),
}
OUTSIDE: Mapping[Outside, str] = {
    Outside.NEAREST: N_("counts as the nearest class"),
    Outside.REFUSE: N_("is refused"),
    Outside.ASK: N_("is asked about"),
}


def show_rule(rule: PriceRule, grades: Sequence[Grade], unit: str) -> None:
    """The whole rule, as a manager says it; `unit` is what prices are for."""
    lines = [*_base(rule, grades, unit)]
    lines += [_points(part) for part in rule.points]
    lines += [_limit(limit) for limit in rule.limits]
    lines += [_weight(rule.weight)] if rule.weight else []
    st.html("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>")
    for part in rule.bands:
        st.html(_bands_html(part))
        st.caption(" ".join(plain(_otherwise(axis)) for axis in part.axes))


def _base(rule: PriceRule, grades: Sequence[Grade], unit: str) -> list[str]:
    if isinstance(rule.base, Fixed):
        names = {grade.id: grade.name for grade in grades}
        several = len(rule.base.prices) > 1
        return [
            _(
                "Grade {grade}: {price_e4} per {unit}",
                grade=names[each.grade_id],
                price_e4=each.price_e4,
                unit=unit,
            )
            if each.grade_id in names
            else _("Every other grade: {price_e4} per {unit}", price_e4=each.price_e4, unit=unit)
            if several
            else _("Base price: {price_e4} per {unit}", price_e4=each.price_e4, unit=unit)
            for each in rule.base.prices
        ]
    said = [
        _(
            "{index}: {price_e4} at a yield of {yield_bp}",
            index=index.name,
            price_e4=index.price_e4,
            yield_bp=index.yield_bp,
        )
        for index in rule.base.indices
    ]
    k_bp = rule.base.k_bp
    return [*said, _("Price per {unit} = K {k_bp} of their sum", unit=unit, k_bp=k_bp)]


def _points(part: Points) -> str:
    facts = {
        "measure_word": WORDS[part.measure],
        "step": measures.shown(part.measure, part.step),
        "over": measures.shown(part.measure, part.over),
    }
    if not part.over:
        return _(
            "{measure_word}: {each_e4} for each {step}",
            measure_word=facts["measure_word"],
            step=facts["step"],
            each_e4=part.each_e4,
        )
    if part.below:
        return _(
            "{measure_word}: {each_e4} for each {step} over {over}, taken for each under it",
            each_e4=part.each_e4,
            **facts,
        )
    return _("{measure_word}: {each_e4} for each {step} over {over}", each_e4=part.each_e4, **facts)


def _limit(limit: Limit) -> str:
    over = measures.shown(limit.measure, limit.over)
    said = _(
        "{measure_word} over {over}: {adjust_e4}",
        measure_word=WORDS[limit.measure],
        over=over,
        adjust_e4=limit.adjust_e4,
    )
    return said if limit.needed else f"{said} ({_('need not be measured')})"


def _weight(weight: ToMoisture) -> str:
    if weight.drier_too:
        return _("The weight is paid as if its moisture were {bp}.", bp=_percent(weight))
    return _(
        "The weight of wetter goods is paid as if their moisture were {bp}.", bp=_percent(weight)
    )


def _percent(weight: ToMoisture) -> str:
    return money.format_percent(weight.standard_bp)


def _otherwise(axis: Axis) -> str:
    return _(
        "{measure_word} is read in steps of {step}; what lies between two classes "
        "{between_word}, what lies outside all {outside_word}.",
        measure_word=WORDS[axis.measure],
        step=measures.shown(axis.measure, axis.step),
        between_word=BETWEEN[axis.between],
        outside_word=OUTSIDE[axis.outside],
    )


def _bands_html(part: Bands) -> str:
    rows, columns = part.axes[0], part.axes[1] if len(part.axes) > 1 else None
    across = [bands.shown(columns.measure, band) for band in columns.bands] if columns else []
    first = _(WORDS[rows.measure])
    head = [f"{first} / {_(WORDS[columns.measure])}", *across] if columns else [first, ""]
    width = len(across) or 1
    body = [
        [bands.shown(rows.measure, band), *map(signed, part.adjust_e4[n * width : (n + 1) * width])]
        for n, band in enumerate(rows.bands)
    ]
    return _table([head, *body])


def _table(rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        numbers = "".join(f'<{tag} class="n">{escape(cell)}</{tag}>' for cell in cells[1:])
        return f"<tr><{tag}>{escape(cells[0])}</{tag}>{numbers}</tr>"

    body = "".join(line(row, "td") for row in rows[1:])
    return (
        f'<div class="kp-scroll"><table class="kp" style="width:auto">'
        f"<thead>{line(rows[0], 'th')}</thead><tbody>{body}</tbody></table></div>"
    )


def signed(amount_e4: int) -> str:
    """What is added or taken: `+Rp300`, `−Rp750`, `0`."""
    if not amount_e4:
        return "0"
    return f"+{money.format_e4(amount_e4)}" if amount_e4 > 0 else money.format_e4(amount_e4)


def try_out(
    rule: PriceRule,
    *,
    product: Product,
    grades: Sequence[Grade],
    units: Sequence[UnitFactor],
    key: str,
) -> None:
    """Type a grade and measures, and see every step to the price."""
    grade_id = _ask_grade(rule, grades, key)
    values: dict[Measure, int] = {}
    missing = []
    for measure, needed in rules.measured(rule).items():
        value = ask_measure(measure, needed=needed, key=f"{key}_{measure}")
        if value is not None:
            values[measure] = value
        elif needed:
            missing.append(_(WORDS[measure]))
    net = ask_quantity(
        _("Net weight or quantity, if you like"),
        units=units,
        default=product.price_unit,
        base_unit=product.base_unit,
        key=f"{key}_net",
    )
    if missing:
        st.caption(_("Type {measures} to see the price.", measures=", ".join(missing)))
        return
    priced = _ask_price(rule, grade_id, values, key)
    if priced is not None:
        st.html(steps_html(priced, product.price_unit))
        if net is not None:
            per = next(unit.factor for unit in units if unit.name == product.price_unit)
            _show_amount(priced, net.amount, per, product)


def _ask_grade(rule: PriceRule, grades: Sequence[Grade], key: str) -> int | None:
    own = isinstance(rule.base, Fixed) and any(each.grade_id for each in rule.base.prices)
    if not own or not grades:
        return grades[0].id if grades else None
    names = {grade.id: grade.name for grade in grades}
    chosen: int = st.segmented_control(
        _("Grade"),
        list(names),
        format_func=lambda i: names[i],
        default=grades[0].id,
        key=f"{key}_grade",
        required=True,
    )
    return chosen


def ask_measure(measure: Measure, *, needed: bool, key: str) -> int | None:
    """A measure as people type it; nothing while it is empty or cannot be true."""
    unit = measures.scale(measure).unit.strip()
    label = f"{_(WORDS[measure])} ({unit})" if unit else _(WORDS[measure])
    text = st.text_input(label if needed else f"{label}, {_('need not be measured')}", key=key)
    if not text.strip():
        return None
    try:
        return measures.parse(measure, text)
    except Refusal as refusal:
        complain(refusal)
        return None


def _ask_price(
    rule: PriceRule, grade_id: int | None, values: Mapping[Measure, int], key: str
) -> Priced | None:
    """The price; what the rule leaves to somebody is asked until nothing is open."""
    decided: dict[Measure, int] = {}
    while True:
        try:
            return rules.price(rule, grade_id=grade_id, values=values, decided=decided)
        except bands.ToAsk as question:
            chosen = _ask_class(question, key)
            if chosen is None:
                return None
            decided[question.measure] = chosen
        except Refusal as refusal:
            complain(refusal)
            return None


def _ask_class(question: bands.ToAsk, key: str) -> int | None:
    measure = question.measure
    chosen: int | None = st.segmented_control(
        language.sentence(spoken(), question),
        list(question.choices),
        format_func=lambda value: measures.shown(measure, value),
        key="_".join([key, measure, *map(str, question.choices)]),
    )
    return chosen


def steps_html(priced: Priced, unit: str) -> str:
    """Each step of the arithmetic with what it adds, and the price below, as HTML."""
    lines = []
    for place, step in enumerate(priced.steps):
        amount = step_amount(step, first=place == 0)
        text = _(step.message, **step.facts)
        lines.append(f'<tr><td>{escape(text)}</td><td class="n">{escape(amount)}</td></tr>')
    total = escape(money.format_e4(priced.price_e4))
    label = escape(_("Price per {unit}", unit=unit))
    lines.append(f'<tr class="sum"><td>{label}</td><td class="n">{total}</td></tr>')
    return f'<table class="kp"><tbody>{"".join(lines)}</tbody></table>'


def _show_amount(priced: Priced, net: int, per: int, product: Product) -> None:
    paid = priced.paid_weight(net)
    base = BaseUnit(product.base_unit)
    if paid != net:
        st.markdown(
            _("{net} net count as **{paid}**.", net=quantity(net, base), paid=quantity(paid, base))
        )
    st.markdown(
        _(
            "{paid} at {price_e4} are **{amount}**.",
            paid=quantity(paid, base),
            price_e4=priced.price_e4,
            amount=rp(money.amount_rp(paid, priced.price_e4, per)),
        )
    )
