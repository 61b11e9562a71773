"""A day on which slips are paid: WE-18 settled, who pays, who owes, money in the box."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.access import Person, Role
from kopprod.domain.ledger import BANK, CASH, Posting
from kopprod.domain.payouts import Agreed, DeductionKind
from kopprod.services import check, deductions, ledger
from kopprod.tables.slips import Slip
from tests import make, seasons
from tests.seasons import DAY, Season

INPUTS, LOAN, DUES = DeductionKind.INPUTS, DeductionKind.LOAN, DeductionKind.DUES
# What WE-18 comes to for each member.
SITI_RP, BUDI_RP, MADE_RP = 2_554_127, 1_193_669, 973_100


@dataclass(frozen=True)
class Payday:
    """A settled sale of three; Siti owes Rp2.000.000 of a loan, Budi Rp400.000 of inputs."""

    season: Season
    sale_id: int
    manager: Person
    treasurer: Person
    slip_ids: dict[str, int]

    @property
    def coop(self) -> str:
        """The cooperative's slug."""
        return self.season.coop

    def acting(self, person: Person | None = None) -> AbstractContextManager[Session]:
        """One act of the treasurer, or of another person."""
        who = person or self.treasurer
        return db.writing(self.coop, person=who, action="test", at=make.AT)

    def agree(self, name: str, *agreed: Agreed, most_bp: int = 5_000) -> None:
        """What a member lets be taken."""
        with self.acting() as session:
            member_id = self.season.members[name]
            deductions.agree(session, member_id, agreed=agreed, most_bp=most_bp, on=DAY)

    def slip(self, session: Session, name: str) -> Slip:
        """A member's slip as it stands."""
        return session.get_one(Slip, self.slip_ids[name], populate_existing=True)


def people(session: Session) -> tuple[Person, Person]:
    """A manager and a treasurer with users of their own."""
    manager = make.user(session, Role.MANAGER, name="Citra")
    return manager, make.user(session, Role.TREASURER, name="Tuti")


@pytest.fixture
def payday(kept: Callable[[Callable[..., Any]], Any]) -> Payday:
    """WE-18 on the day on which it is paid; Rp5.000.000 lie in the box and as much in the bank."""
    return cast(Payday, kept(_payday))


def _payday(season: Season) -> Payday:
    with seasons.writing(season.coop) as session:
        manager, treasurer = people(session)
    with db.writing(season.coop, person=treasurer, action="test", at=make.AT) as session:
        balances = [
            Posting(CASH, debit_rp=5_000_000),
            Posting(BANK, debit_rp=5_000_000),
            Posting("1108", debit_rp=2_000_000, member_id=season.members["Siti"]),
            Posting("1109", debit_rp=400_000, member_id=season.members["Budi"]),
            Posting("35", credit_rp=12_400_000),
        ]
        ledger.open_balances(session, on=DAY, balances=balances)
    with seasons.writing(season.coop, manager) as session:
        sale = seasons.settled(session, season)
        by_member = {slip.member_id: slip.id for slip in session.exec(select(Slip)).all()}
        ids = {name: by_member[member_id] for name, member_id in season.members.items()}
        return Payday(season, sale.id, manager, treasurer, ids)


def clean(coop: str) -> list[str]:
    """Every sentence that `check` has to say."""
    with db.reading(coop) as session:
        return [problem.sentence for problem in check.problems(session)]
