"""Backups: how their files are named, and what is refused.

`makmur` on 2 March 2026 at 08.00 in Jakarta -> `makmur-20260302T010000Z.db`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from kopprod.domain.check import Problem
from kopprod.domain.refusal import N_, Refusal

STAMP = "%Y%m%dT%H%M%SZ"


class NoBackup(Refusal):
    """What was given to be put back is no backup."""

    sentence = N_("{file} is not a backup of a cooperative on this kind of database.")


class BackupBroken(Refusal):
    """The books in the backup do not prove."""

    sentence = N_("{file} was not put back: {count} things in it are wrong. Nothing was changed.")

    def __init__(self, problems: Sequence[Problem], *, file: str) -> None:
        super().__init__(file=file, count=len(problems))
        self.problems = problems


class ProgramMissing(Refusal):
    """PostgreSQL's own programs are needed."""

    sentence = N_("The program {program} is not on this server. Install PostgreSQL's client tools.")


def stamp(at: datetime) -> str:
    """The moment as it stands in a file's name, in UTC and to the second."""
    return at.astimezone(UTC).strftime(STAMP)
