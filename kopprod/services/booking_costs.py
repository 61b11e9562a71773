"""What a booking is likely to cost, by the tariff of the day on which it is."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session

from kopprod.domain import equipment_bills
from kopprod.domain.equipment import Work
from kopprod.domain.equipment_bills import Bill, Job
from kopprod.domain.intervals import Span
from kopprod.domain.products import is_valid
from kopprod.domain.tariffs import Basis, tariff_on
from kopprod.services import booking_rows, days, tariffs
from kopprod.tables.equipment import Equipment

_TIME = (Basis.HOUR, Basis.DAY)
# What is known of a job beforehand, and by which price it is reckoned first.
BASES: Mapping[Work, Sequence[Basis]] = {
    Work.AREA: (Basis.HECTARE, Basis.BAU, Basis.UBIN, Basis.ARE, *_TIME),
    Work.MASS: (Basis.KILOGRAM, *_TIME),
    Work.TRIPS: (Basis.TRIP, *_TIME),
    Work.TIME: _TIME,
}


def estimate(
    session: Session,
    equipment: Equipment,
    span: Span,
    *,
    size: int,
    member: bool,
    with_operator: bool = False,
    season: str = "",
) -> Bill | None:
    """What it will cost, line by line; None while no tariff counts on that day.

    Refuses who is no member where there is a price for members only, and an operator where the
    user brings one. What fuel will cost nobody knows beforehand.
    """
    calendar = days.calendar(session)
    on = calendar.day_of(span.since)
    known = list(tariffs.of(session, equipment.id).values())
    seasons = ("", season.casefold())
    counts = {
        one.basis for one in known if is_valid(one, on=on) and one.season.casefold() in seasons
    }
    basis = next((one for one in BASES[equipment.work] if one in counts), None)
    if basis is None:
        return None
    tariff = tariff_on(known, basis, on=on, machine=equipment.name, season=season)
    work = equipment.work
    job = Job(
        area_m2=size if work is Work.AREA else None,
        grams=size if work is Work.MASS else None,
        trips=size if work is Work.TRIPS else None,
        minutes=span.minutes,
        days=equipment_bills.days_begun(span.since, span.until, calendar.zone),
        with_operator=with_operator,
        brought=with_operator,
    )
    return equipment_bills.estimate(
        tariff, job, member=member, machine=equipment.name, rate=booking_rows.rate(equipment)
    )
