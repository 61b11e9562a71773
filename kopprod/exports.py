"""`python -m kopprod export`: lists as CSV or XLSX, the journal for other accounting programs."""

import argparse
import sys
from functools import partial
from pathlib import Path

from kopprod import db, language, sheets
from kopprod.domain.ledger_files import ENDINGS, LedgerFormat
from kopprod.domain.refusal import N_
from kopprod.services import exports, ledger_files

LANGUAGE = "id"
LEDGER = "ledger"
ROWS_WRITTEN = N_("{rows} rows are written in {file}.")
JOURNAL_WRITTEN = N_("The whole journal is written in {file}.")


def ask_export(parser: argparse.ArgumentParser) -> None:
    """What `export` may be told."""
    parser.add_argument("what", choices=[*exports.EXPORTS, LEDGER])
    parser.add_argument("--coop", default="demo")
    parser.add_argument("--out", type=Path, help="a name; of lists ending in .csv or .xlsx")
    parser.add_argument(
        "--format",
        type=LedgerFormat,
        choices=list(LedgerFormat),
        default=LedgerFormat.HLEDGER,
        help="the program that reads the journal",
    )


def export(asked: argparse.Namespace) -> int:
    """Write prices, members or deliveries as CSV or XLSX, the journal for hledger or beancount."""
    if asked.what == LEDGER:
        target = asked.out or Path(f"{asked.coop}.{ENDINGS[asked.format]}")
        return _journal(asked.coop, asked.format, target)
    target = asked.out or Path(f"{asked.coop}-{asked.what}.csv")
    write = sheets.write_xlsx if target.suffix.casefold() == ".xlsx" else sheets.write_csv
    with db.reading(asked.coop) as session:
        headings, rows = exports.EXPORTS[asked.what](session)
    target.write_bytes(write(headings, rows))
    _say(ROWS_WRITTEN, rows=len(rows), file=str(target))
    return 0


def _journal(coop: str, form: LedgerFormat, target: Path) -> int:
    says = partial(language.gettext, LANGUAGE)
    with db.reading(coop) as session, target.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(ledger_files.journal(session, form, says=says))
    _say(JOURNAL_WRITTEN, file=str(target))
    return 0


def _say(message: str, **facts: str | int) -> None:
    sys.stdout.write(language.translate(LANGUAGE, message, **facts) + "\n")
