"""The manager's forms about a kind of machine: its facts, its photo, trainings, leaving."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from kopprod.domain import money, quantities
from kopprod.domain.booking_limits import SIZE_UNITS, Limits
from kopprod.domain.equipment import Work
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tariffs import Split
from kopprod.services import equipment, equipment_units, trainings
from kopprod.services.equipment import Facts
from kopprod.tables.equipment import Equipment
from kopprod.tables.members import Member
from kopprod.ui.ask import ask_day, sized
from kopprod.ui.choose import choose_member
from kopprod.ui.files import ask_photo
from kopprod.ui.visit import _, action, complain, plain, reading, tell, today

WORKS: Mapping[Work, str] = {
    Work.AREA: N_("area of land"),
    Work.MASS: N_("weight"),
    Work.TRIPS: N_("trips"),
    Work.TIME: N_("time only"),
}
_HINTS: Mapping[Work, tuple[str, str]] = {  # the unit in which it is shown, and an example
    Work.AREA: ("m2", "1.500 m2"),
    Work.MASS: ("kg", "800 kg"),
    Work.TRIPS: ("trip", "4 trip"),
}


def ask_facts(*, key: str, facts: Facts, villages: Mapping[int, str]) -> Facts | None:
    """All that is written down about a kind; None while a field cannot be read."""
    name = st.text_input(
        _("What is the machine called?"), value=facts.name, key=f"{key}_name", max_chars=80,
        placeholder=_("for example Traktor tangan"),
    )  # fmt: skip
    place = st.text_input(
        _("Where does it stand?"), value=facts.place, key=f"{key}_place", max_chars=100
    )
    work = st.radio(
        _("By what is its work counted?"), list(WORKS), index=list(WORKS).index(facts.work),
        format_func=lambda one: _(WORKS[one]), horizontal=True, key=f"{key}_work",
    )  # fmt: skip
    try:
        rate = _ask_rate(work, facts, key)
    except Refusal as refusal:
        complain(refusal)
        return None
    operator = st.toggle(
        _("Only with an operator of the cooperative"), value=facts.needs_operator,
        key=f"{key}_operator",
    )  # fmt: skip
    meter = st.toggle(_("It has an hour meter"), value=facts.has_meter, key=f"{key}_meter")
    training = st.text_input(
        _("What must a user have learnt? (empty: nothing)"), value=facts.training,
        key=f"{key}_training", max_chars=100,
    )  # fmt: skip
    where = st.multiselect(
        _("Only for members of these villages (empty: all)"), list(villages),
        default=[one for one in facts.village_ids if one in villages],
        format_func=villages.__getitem__, key=f"{key}_villages", placeholder=_("All villages"),
    )  # fmt: skip
    fuel = st.text_input(
        _("What fuel does it burn? (may stay empty)"), value=facts.fuel, key=f"{key}_fuel"
    )
    along = st.text_area(
        _("What goes along, one a line (may stay empty)"), value=facts.accessories,
        key=f"{key}_accessories",
    )  # fmt: skip
    note = st.text_input(
        _("Note (may stay empty)"), value=facts.note, key=f"{key}_note", max_chars=300
    )
    found = replace(
        facts, name=name, place=place, work=work, rate_per_hour=rate, needs_operator=operator,
        has_meter=meter, training=training, village_ids=tuple(where), fuel=fuel,
        accessories=along, note=note,
    )  # fmt: skip
    with st.expander(_("Rules of booking")):
        found = _ask_limits(found, key)
    with st.expander(_("How net income is shared")):
        split = _ask_split(facts.split, key)
    return None if split is None else replace(found, split=split)


def _ask_rate(work: Work, facts: Facts, key: str) -> int | None:
    if work is Work.TIME:
        return None
    name, hint = _HINTS[work]
    kept = facts.rate_per_hour if work is facts.work else None
    unit = next(one for one in SIZE_UNITS[work] if one.name == name)
    shown = "" if kept is None else quantities.format_in(kept, unit)
    text = st.text_input(
        _("How much does it do in an hour? (empty: not known)"), value=shown, placeholder=hint,
        key=f"{key}_rate_{work}", max_chars=40,
    )  # fmt: skip
    return sized(text, work).amount if text.strip() else None


def _number(label: str, value: int, *, key: str, least: int = 0, most: int | None = None) -> int:
    return int(st.number_input(label, min_value=least, max_value=most, value=value, key=key))


def _ask_limits(facts: Facts, key: str) -> Facts:
    limits = facts.limits
    approval = st.toggle(
        _("The manager answers each request"), value=facts.needs_approval, key=f"{key}_approval"
    )
    buffer_min = _number(_("Least minutes between two jobs"), facts.buffer_min, key=f"{key}_buffer")
    opens = _number(_("Works from which hour?"), facts.opens_min // 60, key=f"{key}_opens", most=23)
    closes = _number(
        _("Until which hour?"), facts.closes_min // 60, key=f"{key}_closes", least=1, most=24
    )
    longest = _number(
        _("Most minutes of one booking (0: no limit)"), limits.most_min or 0, key=f"{key}_most"
    )
    kept = Limits(
        add_notice_h=_number(
            _("Booked at least how many hours ahead?"), limits.add_notice_h, key=f"{key}_add"
        ),
        change_notice_h=_number(
            _("Changed at least how many hours ahead?"), limits.change_notice_h,
            key=f"{key}_change",
        ),
        cancel_notice_h=_number(
            _("Cancelled at least how many hours ahead?"), limits.cancel_notice_h,
            key=f"{key}_cancel",
        ),
        horizon_days=_number(
            _("Booked at most how many days ahead?"), limits.horizon_days, key=f"{key}_horizon",
            least=1, most=equipment.MOST_DAYS,
        ),
        least_min=_number(
            _("Least minutes of one booking"), limits.least_min, key=f"{key}_least", least=1
        ),
        most_min=longest or None,
    )  # fmt: skip
    hours = _number(
        _("A request without an answer ends after how many hours?"), facts.request_hours,
        key=f"{key}_request", least=1,
    )  # fmt: skip
    return replace(
        facts, needs_approval=approval, buffer_min=buffer_min, opens_min=opens * 60,
        closes_min=closes * 60, limits=kept, request_hours=hours,
    )  # fmt: skip


def _ask_split(split: Split, key: str) -> Split | None:
    words = (_("Operator"), _("Maintenance"), _("Depreciation"), _("Cooperative"))
    parts = []
    for place, (word, bp) in enumerate(zip(words, split.parts, strict=True)):
        text = st.text_input(
            _("{what}, in percent", what=word), value=money.format_percent(bp),
            key=f"{key}_split_{place}",
        )  # fmt: skip
        try:
            parts.append(money.parse_percent_bp(text))
        except Refusal as refusal:
            complain(refusal)
    return Split(*parts) if len(parts) == len(words) else None


def new_kind(*, villages: Mapping[int, str], turn: str) -> int | None:
    """Write a kind of machine down; its key once it is there."""
    made: int | None = None
    facts = ask_facts(key=f"kind_{turn}", facts=Facts(name="", work=Work.AREA), villages=villages)
    if st.button(
        _("Write the machine down"), key="kind_add", type="primary", width="stretch",
        disabled=facts is None,
    ):  # fmt: skip
        assert facts is not None
        done = N_("{name} is in the register. Now its units and what it costs.")
        with action(done, name="equipment.add", stay=True) as session:
            row = equipment.add_kind(session, facts)
            tell(session, name=plain(row.name))
            made = row.id
    return made


def change_kind(row: Equipment, *, villages: Mapping[int, str]) -> None:
    """Put right what is written down, and the photo."""
    with st.expander(_("Change what is written down")):
        with reading() as session:
            kept = equipment.facts_of(session, row)
        facts = ask_facts(key=f"kind_{row.id}", facts=kept, villages=villages)
        if st.button(
            _("Keep"), key=f"kind_keep_{row.id}", type="primary", width="stretch",
            disabled=facts is None,
        ):  # fmt: skip
            assert facts is not None
            with action(N_("{name} is changed."), name="equipment.change") as session:
                tell(session, name=plain(equipment.change_kind(session, row.id, facts).name))
    with st.expander(_("Photo")):
        picture = ask_photo(key=f"photo_{row.id}")
        if picture is not None:
            st.image(picture, width=240)
            if st.button(
                _("Keep this photo"), key=f"photo_keep_{row.id}", type="primary", width="stretch"
            ):
                with action(N_("The photo is kept."), name="equipment.photo") as session:
                    equipment.keep_photo(session, row.id, picture=picture)


def ask_trainings(row: Equipment, people: Sequence[Member], *, villages: Mapping[int, str]) -> None:
    """Who has learnt it and who operates it; one more, and who no longer does."""
    with reading() as session:
        found = trainings.trainings(session, row.id, on=today())
    st.subheader(_("Who has learnt it, who operates it"), anchor=False)
    for learnt, known in found:
        says = _("operates it for others") if learnt.operates else _("has learnt it")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(known.name)}** · {says}")
            if st.button(_("No longer"), key=f"training_end_{learnt.id}"):
                done = N_("{name} is no longer on the list.")
                with action(done, name="equipment.end_training") as session:
                    trainings.end_training(session, learnt.id, on=today())
                    tell(session, name=plain(known.name))
    with st.expander(_("One more member")):
        member = choose_member(people, villages=villages, key=f"trained_{row.id}")
        operates = st.toggle(_("Operates it for others"), key=f"operates_{row.id}")
        on = ask_day(_("Learnt on which day?"), key=f"trained_on_{row.id}")
        if member is not None and st.button(
            _("Keep"), key=f"training_add_{row.id}", type="primary", width="stretch"
        ):
            with action(N_("{name} is on the list."), name="equipment.add_training") as session:
                trainings.add_training(
                    session, row.id, member_id=member.id, trained_on=on, operates=operates,
                    on=today(),
                )  # fmt: skip
                tell(session, name=plain(member.name))


def retire(row: Equipment) -> None:
    """The kind leaves the register with all its machines."""
    with st.expander(_("The machine leaves the register")):
        why = st.text_input(_("Why?"), key=f"kind_why_{row.id}", max_chars=200)
        sure = st.checkbox(
            _("Yes, nobody will book {name} any more", name=plain(row.name)),
            key=f"kind_sure_{row.id}",
        )
        if st.button(
            _("Take it out of the register"), key=f"kind_retire_{row.id}", disabled=not sure,
            width="stretch",
        ):  # fmt: skip
            done = N_("{name} left the register.")
            with action(done, name="equipment.retire") as session:
                kind = equipment_units.retire_kind(session, row.id, why=why, on=today())
                tell(session, name=plain(kind.name))
