"""What must hold of bookings: no machine and no operator is promised twice at any moment."""

from kopprod.domain.refusal import N_
from kopprod.tables.check import Rule

_HOLDS = "stage IN ('requested', 'booked', 'out')"
# The moments at which something more is taken: between them nothing changes.
_BEGINS = f"""
    SELECT equipment_id, since FROM booking WHERE {_HOLDS}
    UNION SELECT equipment_id, since FROM outage
"""  # noqa: S608
_TAKEN = f"""(
    (SELECT count(*) FROM booking AS held WHERE held.equipment_id = begins.equipment_id
        AND held.{_HOLDS} AND held.since <= begins.since AND held.blocked_until > begins.since)
    + (SELECT count(*) FROM equipment_unit AS unit
        WHERE unit.equipment_id = begins.equipment_id AND unit.retired_on IS NULL
        AND EXISTS (SELECT 1 FROM outage WHERE outage.equipment_id = begins.equipment_id
            AND coalesce(outage.unit_id, unit.id) = unit.id
            AND outage.since <= begins.since AND outage.until > begins.since)))
"""  # noqa: S608
_UNITS = """(SELECT count(*) FROM equipment_unit AS unit
    WHERE unit.equipment_id = begins.equipment_id AND unit.retired_on IS NULL)"""

BOOKING_RULES = (
    Rule(
        N_("Booking {number}: more of {machine} is booked or out of service than there is."),
        f"""
        SELECT DISTINCT booking.number, equipment.name FROM booking
        JOIN equipment ON equipment.id = booking.equipment_id
        JOIN ({_BEGINS}) AS begins ON begins.equipment_id = booking.equipment_id
        WHERE booking.{_HOLDS}
            AND booking.since <= begins.since AND booking.blocked_until > begins.since
            AND {_TAKEN} > {_UNITS}
        ORDER BY booking.number
        """,  # noqa: S608
        ("number", "machine"),
    ),
    Rule(
        N_("Bookings {number} and {other}: {operator} would operate both at once."),
        f"""
        SELECT one.number, other.number, member.name FROM booking AS one
        JOIN booking AS other ON other.operator_id = one.operator_id AND other.id > one.id
        JOIN member ON member.id = one.operator_id
        WHERE one.{_HOLDS} AND other.{_HOLDS}
            AND one.since < other.blocked_until AND other.since < one.blocked_until
        ORDER BY one.number, other.number
        """,  # noqa: S608
        ("number", "other", "operator"),
    ),
    Rule(
        N_("Request {number} would hold its time after that time has begun."),
        """
        SELECT number FROM booking WHERE stage = 'requested' AND expires_at > since
        ORDER BY number
        """,
    ),
    Rule(
        N_("Booking {number} is said to be of a series that does not begin so."),
        """
        SELECT number FROM booking WHERE series <> ''
            AND NOT EXISTS (SELECT 1 FROM booking AS first WHERE first.number = booking.series
                AND first.series = first.number AND first.equipment_id = booking.equipment_id)
        ORDER BY number
        """,
    ),
)
