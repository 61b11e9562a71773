"""The command line: python -m kopprod migrate | check | reckon | backup | restore | import | …

Each command gives an exit code: 0 done, 1 something is wrong or was refused, 2 asked wrongly.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kopprod import db, exports, imports, language, list_imports, serve
from kopprod.domain.backup import BackupBroken
from kopprod.domain.check import Problem
from kopprod.domain.refusal import N_, Fact, Refusal
from kopprod.migrations import run
from kopprod.services import backup, check

LANGUAGE = "id"


def say(message: str, **facts: Fact) -> None:
    """One translated line for whoever looks after the server."""
    print(language.translate(LANGUAGE, message, **facts))


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def migrate(_asked: argparse.Namespace) -> int:
    """Bring every cooperative to the newest revision, each backed up first."""
    failed = 0
    for done in run.upgrade_all(at=now()):
        if done.failure is not None:
            failed = 1
            says = str(done.failure).splitlines()[0] if str(done.failure) else repr(done.failure)
            say(
                N_("{coop} could not be migrated and is as it was: {says}"),
                coop=done.coop,
                says=says,
            )
            continue
        if done.backup is not None:
            say(N_("{coop}: kept as {file}"), coop=done.coop, file=str(done.backup))
        say(N_("{coop} is at the newest revision."), coop=done.coop)
    return failed


def prove(asked: argparse.Namespace) -> int:
    """Prove the books and the database; name everything that is wrong, the first thing first."""
    wrong = 0
    for coop in asked.coop or db.coops():
        with db.reading(coop) as session:
            found = list(check.problems(session))
        if found:
            wrong = 1
            say(N_("{coop}: {count} things are wrong."), coop=coop, count=len(found))
            list_problems(found)
        else:
            say(N_("{coop}: everything adds up."), coop=coop)
    return wrong


def reckon(asked: argparse.Namespace) -> int:
    """Keep the middlemen's references and the totals by day anew, from what is written down."""
    for coop in asked.coop or db.coops():
        run.keep_references(coop, at=now())
        say(N_("{coop}: references and totals are kept anew."), coop=coop)
    return 0


def prepare_assets(_asked: argparse.Namespace) -> int:
    """Make the files of Streamlit's pages ours, once for each version of it."""
    from kopprod.web import assets  # what only this command needs takes a second to load

    if assets.prepare():
        say(N_("The files of the pages are ready."))
    else:
        say(N_("The files of the pages were ready already."))
    return 0


def list_problems(found: Sequence[Problem]) -> None:
    """One line for each finding."""
    for problem in found:
        print("  " + language.translate(LANGUAGE, problem.sentence, **problem.facts))


def back_up(asked: argparse.Namespace) -> int:
    """Copy cooperatives into a folder, while people work."""
    at = now()
    for coop in asked.coop or db.coops():
        file = backup.backup(coop, folder=asked.to or backup.folder(), at=at)
        say(N_("{coop}: kept as {file}"), coop=coop, file=str(file))
    return 0


def restore(asked: argparse.Namespace) -> int:
    """Put a backup back, once its books prove; what it replaces is kept."""
    try:
        done = backup.restore(asked.file, coop=asked.coop, at=now())
    except BackupBroken as broken:
        list_problems(broken.problems)
        raise
    say(N_("{coop} was put back from {file}."), coop=done.coop, file=str(asked.file))
    if done.kept_as:
        say(N_("What was there before is kept as {kept}."), kept=done.kept_as)
    return 0


@dataclass(frozen=True)
class Command:
    """A word of the command line, what it does, and what it asks for."""

    word: str
    does: Callable[[argparse.Namespace], int]
    asks: Callable[[argparse.ArgumentParser], object] = lambda parser: None


def _coops(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("coop", nargs="*", help="cooperatives by slug; all where none is named")


def _backup(parser: argparse.ArgumentParser) -> None:
    _coops(parser)
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="default: data/backups")


def _restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("coop", help="the slug it is put back as")


COMMANDS: Sequence[Command] = (
    Command("migrate", migrate),
    Command("check", prove, _coops),
    Command("reckon", reckon, _coops),
    Command("backup", back_up, _backup),
    Command("restore", restore, _restore),
    Command("import", list_imports.import_any, imports.ask_import),
    Command("export", exports.export, exports.ask_export),
    Command("demo", serve.make_demo, serve.ask_demo),
    Command("assets", prepare_assets),
    Command("serve", serve.serve, serve.ask_serve),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked; a refusal is told in one sentence."""
    parser = argparse.ArgumentParser(prog="python -m kopprod")
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        told = (command.does.__doc__ or "").strip()
        word = words.add_parser(command.word, help=told, description=told)
        command.asks(word)
        word.set_defaults(does=command.does)
    asked = parser.parse_args(arguments)
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        code: int = asked.does(asked)
    except Refusal as refusal:
        print(language.sentence(LANGUAGE, refusal), file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
