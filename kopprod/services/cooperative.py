"""Settings, villages and neighbours of the cooperative, and its founding."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from kopprod.domain import cooperative as rules
from kopprod.domain.access import Action, Role
from kopprod.domain.words import tidy
from kopprod.services import access, accounts, ledger, numbers, references, signin
from kopprod.services.memory import hers_until_written, until_written
from kopprod.tables.access import UserRole
from kopprod.tables.cooperative import Neighbour, Setting, Village
from kopprod.tables.ledger import Entry
from kopprod.tables.members import Member
from kopprod.tables.products import Product

_LOGO = "logo"  # kept beside the settings; nobody types it


def setting(session: Session, name: str) -> str:
    """One setting as it is kept; everybody may know it."""
    # All of them in one look: a page asks for several, and one that nobody changed has no row.
    known: dict[str, str] | None = session.info.get("settings")
    if known is None:
        known = session.info["settings"] = _settings(session)
    return known.get(name, rules.rule(name).default)


@until_written
def _settings(session: Session) -> dict[str, str]:
    query = select(Setting.name, Setting.value).where(Setting.name != _LOGO)
    return {row.name: row.value for row in session.execute(query)}


def whole(session: Session, name: str) -> int:
    """A setting that is a number: days, a count, or hundredths of a percent."""
    return int(setting(session, name))


def change_setting(session: Session, *, name: str, value: str) -> str:
    """Keep a new value as somebody typed it (a percentage as 2,5), and give what was kept (250)."""
    access.require(session, Action.COOPERATIVE_CHANGE)
    kept = rules.check_setting(name, value)
    _keep(session, name, kept)
    if name in references.SETTINGS:
        references.keep_all(session)
    return kept


def _keep(session: Session, name: str, value: str) -> None:
    numbers.wait_turn(session, "setting")
    row = session.get(Setting, name)
    if row is None:
        session.add(Setting(name=name, value=value))
    else:
        row.value = value
    for kept in ("settings", "zone"):
        session.info.pop(kept, None)
    session.flush()


def logo(session: Session) -> bytes:
    """The picture that stands at the head of every paper, as PNG; nothing where there is none."""
    row = session.get(Setting, _LOGO)
    return b"" if row is None else b64decode(row.value)


def keep_logo(session: Session, *, picture: bytes) -> None:
    """Put a small PNG at the head of every paper, or with an empty one none any more."""
    access.require(session, Action.COOPERATIVE_CHANGE)
    rules.check_logo(picture)
    _keep(session, _LOGO, b64encode(picture).decode("ascii"))


def villages(session: Session) -> Sequence[Village]:
    """Every village, by name; whoever records a price or a member chooses from it."""
    return session.exec(select(Village).order_by(col(Village.name))).all()


def add_village(session: Session, *, name: str, region_code: str | None = None) -> Village:
    """Write down a village once."""
    access.require(session, Action.COOPERATIVE_CHANGE)
    return _add_village(session, name, region_code)


def _add_village(session: Session, name: str, region_code: str | None = None) -> Village:
    plain = tidy(name)[:100]
    if not plain:
        raise rules.VillageNeedsName
    numbers.wait_turn(session, "village")
    if any(known.name.casefold() == plain.casefold() for known in villages(session)):
        raise rules.VillageKnown(village=plain)
    village = Village(name=plain, region_code=region_code or None)
    session.add(village)
    session.flush()
    return village


def neighbours(session: Session) -> Sequence[tuple[Village, Village]]:
    """The pairs of villages whose prices may be compared."""
    by_id = {village.id: village for village in villages(session)}
    pairs = session.exec(select(Neighbour).order_by(col(Neighbour.id))).all()
    return [(by_id[pair.village_id], by_id[pair.other_id]) for pair in pairs]


def comparable_villages(session: Session, village_id: int) -> frozenset[int]:
    """The village itself and its neighbours."""
    pairs = session.exec(select(Neighbour)).all()
    found = {village_id}
    found |= {pair.other_id for pair in pairs if pair.village_id == village_id}
    found |= {pair.village_id for pair in pairs if pair.other_id == village_id}
    return frozenset(found)


def add_neighbours(session: Session, *, village_id: int, other_id: int) -> None:
    """Let prices of two villages be compared; a second time changes nothing."""
    access.require(session, Action.COOPERATIVE_CHANGE)
    if village_id == other_id:
        raise rules.NotTwoVillages
    lower, higher = sorted((village_id, other_id))
    numbers.wait_turn(session, "village")
    if _pair(session, lower, higher) is None:
        session.add(Neighbour(village_id=lower, other_id=higher))
        references.keep_all(session)


def remove_neighbours(session: Session, *, village_id: int, other_id: int) -> None:
    """Prices of the two villages are no longer compared."""
    access.require(session, Action.COOPERATIVE_CHANGE)
    lower, higher = sorted((village_id, other_id))
    numbers.wait_turn(session, "village")
    pair = _pair(session, lower, higher)
    if pair is not None:
        session.delete(pair)
        references.keep_all(session)


def _pair(session: Session, lower: int, higher: int) -> Neighbour | None:
    return session.exec(
        select(Neighbour).where(Neighbour.village_id == lower, Neighbour.other_id == higher)
    ).first()


@dataclass(frozen=True)
class Founding:
    """What the founder says about the cooperative and about herself."""

    name: str
    kind: str
    village: str
    founder: str
    user_name: str
    is_treasurer: bool


def check_founding(founding: Founding) -> Founding:
    """Refuse what could not be founded, before a database is made for it."""
    for name, value in (("name", founding.name), ("kind", founding.kind)):
        rules.check_setting(name, value)
    if not founding.village.strip():
        raise rules.VillageNeedsName
    if not founding.founder.strip():
        raise rules.SettingEmpty
    rules.slug_of(founding.name)
    return founding


def found(
    session: Session, *, founding: Founding, secret_hash: str, at: datetime, device: str = ""
) -> signin.SignedIn:
    """Make an empty, migrated database a cooperative: settings, village, chart, first manager."""
    for name, value in (("name", founding.name), ("kind", founding.kind)):
        _keep(session, name, rules.check_setting(name, value))
    _add_village(session, founding.village)
    ledger.open_chart(session)
    roles = {Role.MANAGER} | ({Role.TREASURER} if founding.is_treasurer else set())
    user = accounts.add_user(
        session, name=founding.founder, user_name=founding.user_name, roles=roles
    )
    user.secret_hash = secret_hash
    session.flush()
    return signin.open_sign_in(session, user_id=user.id, at=at, device=device)


@dataclass(frozen=True)
class FirstSteps:
    """What a young cooperative has already.

    `staff` is true once somebody is the treasurer; `opened` once the books have begun, with opening
    balances or without.
    """

    villages: int
    products: int
    members: int
    staff: bool
    opened: bool


@hers_until_written
def first_steps(session: Session) -> FirstSteps:
    """How far a founder has come."""
    access.require(session, Action.COOPERATIVE_SEE)
    villages, products, members = (
        len(session.exec(select(column).limit(1)).all())
        for column in (Village.id, Product.id, Member.id)
    )
    roles = set(session.exec(select(UserRole.role).distinct()).all())
    return FirstSteps(
        villages,
        products,
        members,
        staff=Role.TREASURER in roles,
        opened=session.exec(select(Entry.id).limit(1)).first() is not None,
    )
