"""What a booking is likely to cost, by the tariff of the day on which it is."""

from sqlmodel import Session

from kopprod.domain import equipment_bills
from kopprod.domain.equipment_bills import Bill, measured
from kopprod.domain.intervals import Span
from kopprod.domain.refusal import Refusal
from kopprod.domain.tariffs import bases_on, tariff_on
from kopprod.services import booking_rows, days, tariffs
from kopprod.tables.bookings import Booking
from kopprod.tables.equipment import Equipment


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
    user brings one. What fuel will cost nobody knows beforehand; else a use that is as it was
    booked costs exactly this.
    """
    calendar = days.calendar(session)
    on = calendar.day_of(span.since)
    known = list(tariffs.of(session, equipment.id).values())
    job = equipment_bills.booked_job(
        equipment.work, size, span, calendar.zone, with_operator=with_operator
    )
    likely = bases_on(known, equipment.work, on=on, season=season)
    basis = next((one for one in likely if measured(job, one) is not None), None)
    if basis is None:
        return None
    tariff = tariff_on(known, basis, on=on, machine=equipment.name, season=season)
    return equipment_bills.estimate(
        tariff, job, member=member, machine=equipment.name, rate=booking_rows.rate(equipment)
    )


def again_rp(session: Session, row: Booking, span: Span) -> int | None:
    """What a booking will cost at the time to which it is moved; None where nobody can say.

    Whoever moves a whole queue is not held up by a price.
    """
    try:
        bill = estimate(
            session,
            booking_rows.kind(session, row.equipment_id),
            span,
            size=row.size,
            member=row.member_id is not None,
            with_operator=row.with_operator,
            season=row.season,
        )
    except Refusal:
        return None
    return None if bill is None else bill.total_rp
