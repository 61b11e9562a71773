"""A product's measures on a screen: what the officer asks for, and the limits of its grades."""

from collections.abc import Mapping, Sequence

import streamlit as st

from kopprod.domain import measures as rules
from kopprod.domain.grading import Limit
from kopprod.domain.measures import Measure
from kopprod.domain.refusal import N_
from kopprod.services import measures
from kopprod.tables.measures import ProductMeasure
from kopprod.tables.products import Grade, Product
from kopprod.ui.show import empty
from kopprod.ui.visit import _, action, plain, reading, tell


def show_measures(product: Product, grades: Sequence[Grade], *, may_change: bool) -> None:
    """What is measured of the product, and which grade that proposes."""
    with reading() as session:
        asked = measures.asked(session, product.id)
        limits = measures.limits(session, product.id)
    st.subheader(_("What is measured at the scale"), anchor=False)
    if not asked:
        empty(_("Nothing is measured yet. Choose below what the officer should ask for."))
    for row in asked:
        st.markdown(" · ".join(_words(row, grades, limits)))
    if not may_change:
        return
    with st.expander(_("Change what is measured")):
        _ask_measure(product, asked)
    if asked and grades:
        with st.expander(_("Limit of a grade")):
            _ask_limit(asked, grades)


def _words(
    row: ProductMeasure, grades: Sequence[Grade], limits: Mapping[int, Sequence[Limit]]
) -> list[str]:
    words = [f"**{_(rules.WORDS[row.measure])}**"]
    if row.required:
        words.append(_("must be measured"))
    for grade in grades:
        for limit in limits.get(grade.id, ()):
            if limit.measure is row.measure:
                words.append(f"{plain(grade.name)}: {', '.join(_ends(limit))}")
    return words


def _ends(limit: Limit) -> list[str]:
    ends = []
    if limit.least is not None:
        ends.append(_("at least {least}", least=rules.shown(limit.measure, limit.least)))
    if limit.most is not None:
        ends.append(_("at most {most}", most=rules.shown(limit.measure, limit.most)))
    return ends


def _ask_measure(product: Product, asked: Sequence[ProductMeasure]) -> None:
    measure = st.selectbox(
        _("Measure"),
        list(Measure),
        format_func=lambda m: _(rules.WORDS[m]),
        key="measure_ask",
    )
    if measure is None:
        return
    known = {row.measure: row for row in asked}
    required = st.checkbox(
        _("It must be measured"),
        value=measure in known and known[measure].required,
        key=f"measure_required_{measure}",
    )
    if st.button(_("Ask for it"), key="measure_keep", type="primary", width="stretch"):
        with action(N_("{measure} is asked for at the scale."), name="measures.ask") as session:
            measures.ask(session, product.id, measure=measure, required=required)
            tell(session, measure=_(rules.WORDS[measure]))
    if measure in known and st.button(
        _("No longer ask for it"), key="measure_stop", width="stretch"
    ):
        with action(N_("{measure} is no longer asked for."), name="measures.stop") as session:
            measures.stop_asking(session, product.id, measure=measure)
            tell(session, measure=_(rules.WORDS[measure]))


def _ask_limit(asked: Sequence[ProductMeasure], grades: Sequence[Grade]) -> None:
    st.caption(
        _(
            "Limits propose a grade: the best one whose limits all hold. "
            "The officer may choose another."
        )
    )
    by_id = {grade.id: grade for grade in grades}
    grade_id = st.selectbox(
        _("Grade"), list(by_id), format_func=lambda i: by_id[i].name, key="limit_grade"
    )
    measure = st.selectbox(
        _("Measure"),
        [row.measure for row in asked],
        format_func=lambda m: _(rules.WORDS[m]),
        key="limit_measure",
    )
    unit = rules.scale(measure).unit
    of = f"{grade_id}_{measure}"
    least = st.text_input(_("At least"), key=f"limit_least_{of}", placeholder=unit.strip())
    most = st.text_input(_("At most"), key=f"limit_most_{of}", placeholder=unit.strip())
    name = plain(by_id[grade_id].name)
    if st.button(_("Keep the limit"), key="limit_keep", type="primary", width="stretch"):
        with action(N_("The limit of grade {grade} is kept."), name="measures.limit") as session:
            limit = Limit(measure, _read(measure, least), _read(measure, most))
            measures.set_limit(session, grade_id, limit=limit)
            tell(session, grade=name)
    if st.button(_("Remove the limit"), key="limit_remove", width="stretch"):
        done = N_("The limit of grade {grade} is removed.")
        with action(done, name="measures.unlimit") as session:
            measures.remove_limit(session, grade_id, measure=measure)
            tell(session, grade=name)


def _read(measure: Measure, text: str) -> int | None:
    return rules.parse(measure, text) if text.strip() else None
