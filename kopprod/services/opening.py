"""Opening balances from a file: a sheet to fill in, and what a filled one says."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from kopprod.domain import imports
from kopprod.domain import opening as rules
from kopprod.domain.access import Action
from kopprod.domain.imports import Columns, Fault, Findings, Row
from kopprod.domain.ledger import Posting, SubLedger
from kopprod.domain.opening import People
from kopprod.services import access
from kopprod.tables.ledger import Account
from kopprod.tables.members import Member
from kopprod.tables.sales import Buyer

HEADINGS = ("Akun", "Nama akun", "Anggota/Pembeli", "Nama", "Debet", "Kredit")
# The accounts of members that a cooperative usually begins with; any other may be added by hand.
USUAL = ("31", "32", "2101", "2110")


def people(session: Session) -> People:
    """Members by number and by name, buyers by name."""
    access.require(session, Action.LEDGER_POST)
    members = session.exec(select(Member.id, Member.number, Member.name)).all()
    buyers = session.exec(select(Buyer.id, Buyer.name)).all()
    return People(
        members=rules.named([(key, (number, name)) for key, number, name in members]),
        buyers=rules.named([(key, (name,)) for key, name in buyers]),
    )


def sheet(session: Session) -> list[list[str]]:
    """Rows to fill in under `HEADINGS`: every account, and each member or buyer where it asks."""
    access.require(session, Action.LEDGER_POST)
    members = session.exec(select(Member.number, Member.name).order_by(col(Member.number))).all()
    buyers = session.exec(select(Buyer.name).order_by(col(Buyer.name))).all()
    rows: list[list[str]] = []
    for account in session.exec(select(Account).where(Account.active).order_by(Account.code)):
        whom: Sequence[tuple[str, str]] = [("", "")]
        if account.sub_ledger is SubLedger.MEMBER:
            whom = members if account.code in USUAL else []
        elif account.sub_ledger is SubLedger.BUYER:
            whom = [(name, name) for name in buyers]
        rows += [[account.code, account.name, named, name, "", ""] for named, name in whom]
    return rows


def findings(
    session: Session, rows: Sequence[Row], faults: Sequence[Fault], header: Sequence[str]
) -> Findings[Posting]:
    """What a filled sheet says; its columns are known by their headings."""
    access.require(session, Action.LEDGER_POST)
    columns = Columns(imports.guess(rules.FIELDS, header))
    imports.check_mapping(rules.FIELDS, columns, header)
    accounts = session.exec(select(Account).where(Account.active))
    return rules.read_rows(
        rows,
        faults,
        columns,
        sub_ledgers={account.code: account.sub_ledger for account in accounts},
        people=people(session),
    )
