"""Who may do what: five roles, one table of role and action.

A treasurer may pay a slip; a manager may settle the sale behind it; a member may do neither.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise

from kopprod.domain.refusal import N_, Refusal


class Role(StrEnum):
    """What somebody is in the cooperative; one person may be several."""

    MEMBER = "member"
    OFFICER = "officer"
    TREASURER = "treasurer"
    MANAGER = "manager"
    SUPERVISOR = "supervisor"


class Action(StrEnum):
    """Everything that asks for a permission, named topic.verb."""

    OWN_SEE = "own.see"  # what is one's own: output, deliveries, slips, account
    PRICES_SEE = "prices.see"
    QUOTES_SEE = "quotes.see"
    QUOTES_RECORD = "quotes.record"
    OUTPUT_LOG_OWN = "output.log_own"
    OUTPUT_LOG_FOR = "output.log_for"
    OUTPUT_SEE_ALL = "output.see_all"
    MEMBERS_SEE = "members.see"
    MEMBERS_CHANGE = "members.change"
    PRODUCTS_SEE = "products.see"
    PRODUCTS_CHANGE = "products.change"
    DELIVERIES_SEE = "deliveries.see"
    DELIVERIES_RECEIVE = "deliveries.receive"
    DELIVERIES_REVERSE = "deliveries.reverse"
    DELIVERIES_ANSWER = "deliveries.answer"  # a member about her own
    SALES_SEE = "sales.see"
    SALES_CHANGE = "sales.change"
    SALES_SETTLE = "sales.settle"
    SLIPS_SEE_ALL = "slips.see_all"
    SLIPS_PAY = "slips.pay"
    MONEY_MOVE = "money.move"  # cash and bank: what buyers paid, what costs were paid
    LEDGER_SEE = "ledger.see"
    LEDGER_POST = "ledger.post"  # opening balances, entries by hand, reversals
    PURCHASES_SEE = "purchases.see"
    PURCHASES_WANT_OWN = "purchases.want_own"
    PURCHASES_WANT_FOR = "purchases.want_for"
    PURCHASES_CHANGE = "purchases.change"
    PURCHASES_HAND_OUT = "purchases.hand_out"
    EQUIPMENT_SEE = "equipment.see"
    EQUIPMENT_CHANGE = "equipment.change"  # register, tariffs, quotas, upkeep plans, blackouts
    BOOKINGS_ASK_OWN = "bookings.ask_own"
    BOOKINGS_ASK_FOR = "bookings.ask_for"
    BOOKINGS_DECIDE = "bookings.decide"  # approve, refuse, put in order, rain days
    EQUIPMENT_HAND_OUT = "equipment.hand_out"  # hand-over, return, upkeep done
    DASHBOARD_SEE = "dashboard.see"
    IMPORTS_RUN = "imports.run"
    ACCESS_SEE = "access.see"
    ACCESS_HAND_CODE = "access.hand_code"  # first and forgotten PINs
    ACCESS_CHANGE = "access.change"  # roles, switching off, signing out
    COOPERATIVE_SEE = "cooperative.see"
    COOPERATIVE_CHANGE = "cooperative.change"


_M, _O, _T, _G, _S = Role.MEMBER, Role.OFFICER, Role.TREASURER, Role.MANAGER, Role.SUPERVISOR
_EVERYBODY = frozenset(Role)
_OFFICE = frozenset({_O, _T, _G, _S})  # everybody but plain members
_BOOKS = frozenset({_T, _G, _S})

MAY: Mapping[Action, frozenset[Role]] = {
    Action.OWN_SEE: frozenset({_M}),
    Action.PRICES_SEE: _EVERYBODY,
    Action.QUOTES_SEE: _EVERYBODY,
    Action.QUOTES_RECORD: _EVERYBODY - {_S},
    Action.OUTPUT_LOG_OWN: frozenset({_M}),
    Action.OUTPUT_LOG_FOR: frozenset({_O, _G}),
    Action.OUTPUT_SEE_ALL: _OFFICE,
    Action.MEMBERS_SEE: _OFFICE,
    Action.MEMBERS_CHANGE: frozenset({_O, _G}),
    Action.PRODUCTS_SEE: _OFFICE,
    Action.PRODUCTS_CHANGE: frozenset({_G}),
    Action.DELIVERIES_SEE: _OFFICE,
    Action.DELIVERIES_RECEIVE: frozenset({_O, _G}),
    Action.DELIVERIES_REVERSE: frozenset({_O, _G}),
    Action.DELIVERIES_ANSWER: frozenset({_M}),
    Action.SALES_SEE: _OFFICE,
    Action.SALES_CHANGE: frozenset({_G}),
    Action.SALES_SETTLE: frozenset({_G}),
    Action.SLIPS_SEE_ALL: _BOOKS,
    Action.SLIPS_PAY: frozenset({_T, _G}),
    Action.MONEY_MOVE: frozenset({_T, _G}),
    Action.LEDGER_SEE: _BOOKS,
    Action.LEDGER_POST: frozenset({_T}),
    Action.PURCHASES_SEE: _EVERYBODY,
    Action.PURCHASES_WANT_OWN: frozenset({_M}),
    Action.PURCHASES_WANT_FOR: frozenset({_O, _G}),
    Action.PURCHASES_CHANGE: frozenset({_G}),
    Action.PURCHASES_HAND_OUT: frozenset({_O, _G}),
    Action.EQUIPMENT_SEE: _EVERYBODY,
    Action.EQUIPMENT_CHANGE: frozenset({_G}),
    Action.BOOKINGS_ASK_OWN: frozenset({_M}),
    Action.BOOKINGS_ASK_FOR: frozenset({_O, _G}),
    Action.BOOKINGS_DECIDE: frozenset({_O, _G}),
    Action.EQUIPMENT_HAND_OUT: frozenset({_O, _G}),
    Action.DASHBOARD_SEE: _BOOKS,
    Action.IMPORTS_RUN: frozenset({_G}),
    Action.ACCESS_SEE: frozenset({_O, _G, _S}),
    Action.ACCESS_HAND_CODE: frozenset({_O, _G}),
    Action.ACCESS_CHANGE: frozenset({_G}),
    Action.COOPERATIVE_SEE: _BOOKS,
    Action.COOPERATIVE_CHANGE: frozenset({_G}),
}


ROLE_NAMES: Mapping[Role, str] = {
    Role.MEMBER: N_("Member"),
    Role.OFFICER: N_("Field officer"),
    Role.TREASURER: N_("Treasurer"),
    Role.MANAGER: N_("Manager"),
    Role.SUPERVISOR: N_("Supervisor"),
}


@dataclass(frozen=True)
class Person:
    """Whoever acts: a signed-in user, or the system itself, which has no `user_id` and no roles."""

    user_id: int | None
    name: str
    roles: frozenset[Role] = frozenset()
    member_id: int | None = None
    language: str = "id"
    system: bool = False

    def may(self, action: Action) -> bool:
        """Whether one of this person's roles allows the action; the system may do all."""
        return self.system or bool(self.roles & MAY[action])


SYSTEM = Person(user_id=None, name="system", system=True)


class NotAllowed(Refusal):
    """The person's roles do not include the action."""

    sentence = N_("You are not allowed to do this. Ask the manager of the cooperative.")


class WrongNameOrSecret(Refusal):
    """Unknown names, wrong secrets and switched-off users read the same sentence."""

    sentence = N_("The name or the PIN is not right. Nothing was changed; please try again.")


class SharedPhone(Refusal):
    """More than one account has this phone number, as in many families."""

    sentence = N_("More than one person uses this phone number. Type your member number instead.")


class TooManyAttempts(Refusal):
    """Signing in to this account is paused for a while."""

    sentence = N_("Too many wrong attempts. Wait {minutes} min, then try again.")


class CodeExpired(Refusal):
    """A one-time code that was right, but too old."""

    sentence = N_("This code is no longer valid. Ask the officer for a new one.")


class SecretMisshapen(Refusal):
    """Neither six digits nor at least eight characters with a letter."""

    sentence = N_("Use a PIN of six digits, or a password of at least 8 characters with a letter.")


class SecretGuessable(Refusal):
    """What others would try first."""

    sentence = N_("This is too easy to guess. Choose another one, not a date or a row of numbers.")


class SecretsDiffer(Refusal):
    """The new secret was typed differently the second time."""

    sentence = N_("The two entries are not the same. Type the new PIN twice.")


class SecretUnchanged(Refusal):
    """The new secret is the old one."""

    sentence = N_("This is the PIN you have now. Choose another one.")


class LastManager(Refusal):
    """Somebody must be left who can give access."""

    sentence = N_("The cooperative needs at least one manager. Make somebody else manager first.")


class UserNameTaken(Refusal):
    """User names, and the member numbers beside them, name one account each."""

    sentence = N_("The user name {user_name} is taken. Choose another one.")


class UserNameMisshapen(Refusal):
    """A user name is typed on old phones, so it is plain."""

    sentence = N_("A user name has 3 to 30 small letters, digits, dots or dashes, a letter first.")


class MemberHasAccess(Refusal):
    """A member has one account."""

    sentence = N_("{name} has access already.")


class OnlyManagerHandsOut(Refusal):
    """Otherwise an officer could take over the account of a treasurer or a manager."""

    sentence = N_("Only the manager hands a code to somebody with a role in the office.")


class DemoStays(Refusal):
    """Visitors enter the demo as these people, so nobody locks them out."""

    sentence = N_("The invented people of the demo keep their access.")


class SwitchedOff(Refusal):
    """A code for an account that is switched off would not let anybody in."""

    sentence = N_("The access of {name} is switched off. Switch it on first.")


PIN = re.compile(r"[0-9]{6}")
ONE_TIME_CODE = re.compile(r"[0-9]{8}")
USER_NAME = re.compile(r"[a-z][a-z0-9.-]{2,29}")
CODE_DAYS = 7  # time enough for a slip to reach the next village
LIMITED_MINUTES = 60
FREE_FAILURES = 4
LONGEST_PAUSE_S = 3600
FAILURES_FORGOTTEN_HOURS = 24
FREE_FAILURES_OF_ADDRESS = 40
_COMMON = frozenset(
    {"password", "kopprod", "koperasi", "indonesia", "rahasia", "sandi", "qwertyui"}
)


def typed_code(secret: str) -> str | None:
    """The one-time code in what was typed, without the blanks and dashes of the slip, if it is one.

    A password needs a letter and a PIN six digits, so that eight digits are always a code and
    checking either takes equally long.
    """
    digits = re.sub(r"[\s.-]", "", secret)
    return digits if ONE_TIME_CODE.fullmatch(digits) else None


def check_secret(secret: str, *, birth_on: date | None, known: Iterable[str] = ()) -> None:
    """Refuse a new secret that is misshapen, or that others would try first.

    `known` are the words and numbers of the account: its names, member number, phone.
    """
    if PIN.fullmatch(secret):
        weak = _row_of_digits(secret) or _is_date(secret, birth_on)
    elif 8 <= len(secret) <= 200 and any(c.isalpha() for c in secret):
        plain = re.sub(r"[^a-z]", "", secret.casefold())
        weak = len(set(secret)) < 4 or plain in _COMMON
    else:
        raise SecretMisshapen
    own = {re.sub(r"\W", "", word.casefold()) for word in known if word}
    folded = re.sub(r"\W", "", secret.casefold())
    if weak or any(word == folded or (len(word) > 6 and word.endswith(folded)) for word in own):
        raise SecretGuessable


def _row_of_digits(pin: str) -> bool:
    """111111, 123123, 121212, 234567, 987654, 567890."""
    if pin in (pin[:1] * 6, pin[:2] * 3, pin[:3] * 2):
        return True
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return steps <= {1} or steps <= {9}


def _is_date(pin: str, birth_on: date | None) -> bool:
    if birth_on is None:
        return False
    forms = ("%d%m%y", "%y%m%d", "%m%d%y", "%Y%m", "%m%Y")
    return pin in {birth_on.strftime(form) for form in forms}


def pause_s(failures: int) -> int:
    """How many seconds an account waits after so many failures in a row: 0, then 30, 60, 120...

    The first four are free, for wet fingers; the longest pause is an hour.
    """
    if failures <= FREE_FAILURES:
        return 0
    return min(LONGEST_PAUSE_S, int(30 * 2 ** min(failures - FREE_FAILURES - 1, 10)))


def address_pause_ms(failures: int) -> int:
    """How long an answer is held back for an address; it is never refused.

    A whole village may sit behind one address, so this is felt by machines and hardly by people.
    """
    return min(3000, max(0, failures - FREE_FAILURES_OF_ADDRESS) * 100)


def sign_in_days(roles: frozenset[Role]) -> int:
    """How long a browser stays signed in: a member's own phone longer than an office laptop."""
    return 30 if roles <= {Role.MEMBER, Role.OFFICER} else 7


def check_user_name(user_name: str) -> str:
    """A user name in small letters, or a refusal."""
    plain = user_name.strip().casefold()
    if not USER_NAME.fullmatch(plain):
        raise UserNameMisshapen
    return plain
