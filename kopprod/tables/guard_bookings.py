"""What keeps two jobs off one machine and one operator: the database refuses, on both engines.

A row that takes a machine's time is looked at moment by moment: at its own start, and wherever
another job or an outage begins in it. Between those nothing more is taken. PostgreSQL locks the
machine and the operator first and looks afterwards, so that two who press at once come one after
the other; SQLite has one writer at a time.
"""

from kopprod.tables.guards import Guard

_HOLDS = "stage IN ('requested', 'booked', 'out')"
_MACHINE = "equipment WHERE id = NEW.equipment_id"


def _over(kind: str, since: str, until: str, *, more: str, gone: str, but: str = "0") -> str:
    """True if at some moment jobs and units out of service are more than there are units.

    `more` jobs are about to be added, `gone` says of a unit `u` when it will be out at a moment;
    the booking `but` is not counted as it stands.
    """
    begins = " UNION ".join(
        f"SELECT since FROM {table} WHERE equipment_id = {kind} AND since >= {since}"  # noqa: S608
        f" AND since < {until}{which}"
        for table, which in (("booking", f" AND {_HOLDS} AND id <> {but}"), ("outage", ""))
    )
    jobs = (
        f"(SELECT count(*) FROM booking AS b WHERE b.equipment_id = {kind} AND b.{_HOLDS}"  # noqa: S608
        f" AND b.id <> {but} AND b.since <= points.since AND b.blocked_until > points.since)"
    )
    out = (
        f"(SELECT count(*) FROM equipment_unit AS u WHERE u.equipment_id = {kind}"  # noqa: S608
        f" AND u.retired_on IS NULL AND (({gone}) OR EXISTS (SELECT 1 FROM outage AS o"
        f" WHERE o.equipment_id = {kind} AND (o.unit_id IS NULL OR o.unit_id = u.id)"
        " AND o.since <= points.since AND o.until > points.since)))"
    )
    units = (
        f"(SELECT count(*) FROM equipment_unit WHERE equipment_id = {kind}"  # noqa: S608
        " AND retired_on IS NULL)"
    )
    return (
        f"EXISTS (SELECT 1 FROM (SELECT {since} AS since UNION {begins}) AS points"  # noqa: S608
        f" WHERE {jobs} + {more} + {out} > {units})"
    )


_JOB = _over(
    "NEW.equipment_id", "NEW.since", "NEW.blocked_until", more="1", gone="1 = 0",
    but="coalesce(NEW.id, 0)",
)  # fmt: skip
_WORKS_ELSEWHERE = (
    "EXISTS (SELECT 1 FROM booking AS b WHERE b.operator_id = NEW.operator_id"  # noqa: S608
    f" AND b.{_HOLDS} AND b.id <> coalesce(NEW.id, 0)"
    " AND b.since < NEW.blocked_until AND NEW.since < b.blocked_until)"
)
_TAKES = f"NEW.{_HOLDS} AND ({_JOB} OR {_WORKS_ELSEWHERE})"
_ALONE = (_MACHINE, "member WHERE id = NEW.operator_id")
_OUT = _over(
    "NEW.equipment_id", "NEW.since", "NEW.until", more="0",
    gone="(NEW.unit_id IS NULL OR NEW.unit_id = u.id)"
    " AND NEW.since <= points.since AND NEW.until > points.since",
)  # fmt: skip
# Looked at all that stands, as if the unit were out: it is gone for good.
_WITHOUT_IT = _over(
    "OLD.equipment_id", "first.since", "first.blocked_until", more="0", gone="u.id = OLD.id"
)
_FEWER = (
    "EXISTS (SELECT 1 FROM booking AS first"  # noqa: S608
    f" WHERE first.equipment_id = OLD.equipment_id AND first.{_HOLDS} AND {_WITHOUT_IT})"
)

BOOKINGS = (
    Guard("booking_finds_its_time", "booking", "INSERT", _TAKES, alone=_ALONE),
    Guard(
        "booking_keeps_its_time",
        "booking",
        "UPDATE OF equipment_id, stage, since, until, blocked_until, operator_id",
        _TAKES,
        alone=_ALONE,
    ),
    Guard(
        "booking_ended_stands",
        "booking",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.number <> OLD.number"
        " OR OLD.stage IN ('returned', 'refused', 'cancelled', 'expired')",
    ),
    Guard("outage_leaves_jobs", "outage", "INSERT", _OUT, alone=(_MACHINE,)),
    Guard(
        "outage_goes_on_around_jobs",
        "outage",
        "UPDATE OF equipment_id, unit_id, since, until",
        _OUT,
        alone=(_MACHINE,),
    ),
    Guard(
        "unit_leaves_jobs",
        "equipment_unit",
        "UPDATE OF retired_on, equipment_id",
        f"NEW.equipment_id <> OLD.equipment_id"
        f" OR (OLD.retired_on IS NULL AND NEW.retired_on IS NOT NULL AND {_FEWER})",
        alone=("equipment WHERE id = OLD.equipment_id",),
    ),
    Guard(
        "equipment_use_returned_stands",
        "equipment_use",
        "UPDATE",
        "NEW.id <> OLD.id OR OLD.reversed_on IS NOT NULL"
        " OR (OLD.returned_at IS NOT NULL AND (NEW.reversed_on IS NULL"
        " OR NEW.bill_rp <> OLD.bill_rp OR NEW.operator_rp <> OLD.operator_rp"
        " OR NEW.maintenance_rp <> OLD.maintenance_rp OR NEW.fuel_rp <> OLD.fuel_rp"
        " OR coalesce(NEW.entry_id, 0) <> coalesce(OLD.entry_id, 0)))",
    ),
    *(
        Guard(f"{table}_stands", table, "UPDATE", "1 = 1")
        for table in ("use_line", "use_payment", "operator_payment", "upkeep_done", "depreciation")
    ),
)

KEPT = (
    "booking",
    "equipment_use",
    "use_line",
    "use_payment",
    "operator_payment",
    "upkeep_done",
    "depreciation",
    "equipment_unit",
)
