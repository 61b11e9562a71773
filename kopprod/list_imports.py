"""Lists of deliveries by the command line: `python -m kopprod import lists FILE --buys`."""

import argparse
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kopprod import db, faults, imports, long_sheets
from kopprod.domain.access import SYSTEM
from kopprod.domain.refusal import N_
from kopprod.services import cooperative, delivery_lists
from kopprod.services import imports as mapping_service
from kopprod.services.delivery_lists import Run

KEPT = N_("{deliveries} deliveries are kept; {amount_rp} are owed for them.")


def import_any(asked: argparse.Namespace) -> int:
    """Bring a file in from the command line, a list of deliveries row by row."""
    if asked.what == mapping_service.LISTS:
        return _import_list(asked)
    return imports.import_file(asked)


def _import_list(asked: argparse.Namespace) -> int:
    imports.check_file(asked.file)
    sheet = long_sheets.read(
        asked.file, max_bytes=asked.limit_mb * 2**20, max_rows=asked.limit_rows
    )
    columns = imports.columns_of(asked, sheet)
    with db.reading(asked.coop) as session:
        on = datetime.now(UTC).astimezone(ZoneInfo(cooperative.setting(session, "zone"))).date()
        survey = delivery_lists.survey(session, sheet.rows, columns, on=on)
        looked = delivery_lists.look(session, sheet.rows(), Run(survey, asked.buys))
    imports.report(
        looked.faults,
        rows=looked.rows,
        good=looked.good,
        asked=looked.asked_rows,
        faulty=looked.faulty,
        there_already=looked.there_already,
        repeated=looked.repeated,
    )
    if looked.faults:
        target = asked.faults or imports.beside(asked.file)
        target.write_bytes(faults.as_csv(imports.LANGUAGE, looked.faults))
        imports.say(imports.FAULTS_WRITTEN, file=str(target))
    if not (asked.all_good or (not asked.check and imports.says_yes(looked.good))):
        imports.say(imports.NOTHING_KEPT)
        return 0
    rows = {int(number) for number in asked.accept.split(",") if number.strip().isdecimal()}
    every = looked.asked if asked.accept == "all" else ()
    run = Run(survey, asked.buys, frozenset(every), frozenset(rows))
    kept = amount_rp = 0
    for batch in delivery_lists.batches(sheet.rows()):
        at, action = datetime.now(UTC), f"import.{asked.what}"
        with db.writing(asked.coop, person=SYSTEM, action=action, at=at) as session:
            if asked.save_mapping and not kept:
                mapping_service.save_mapping(
                    session, kind=asked.what, name=asked.save_mapping, columns=columns
                )
            part = delivery_lists.keep(session, batch, run, on=on)
        kept, amount_rp = kept + part.deliveries, amount_rp + part.amount_rp
    imports.say(KEPT, deliveries=kept, amount_rp=amount_rp)
    return 0
