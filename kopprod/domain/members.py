"""Members: who is in the register, how each is written down, and when somebody joins and leaves.

Siti is A-001, and Siti is her whole name; A-002 is proposed for the next one. She leaves on
31 December: her row stays in the register, and a slip still unpaid is paid to her later.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypedDict

from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

LONGEST_NAME = 120
LONGEST_TEXT = 300
OLDEST_YEARS = 120
FIRST_NUMBER = "A-001"
MOST_HECTARES = 1_000


class MemberStatus(StrEnum):
    """Applicant (calon anggota), member, or left."""

    APPLICANT = "applicant"
    MEMBER = "member"
    LEFT = "left"


class Sex(StrEnum):
    """As the register of members asks for it."""

    FEMALE = "female"
    MALE = "male"


class AccountKind(StrEnum):
    """Where a member's money may be sent."""

    BANK = "bank"
    EWALLET = "ewallet"


@dataclass(frozen=True)
class Account:
    """A bank account or an e-wallet, as it was typed; an empty holder is the member herself."""

    kind: AccountKind
    provider: str
    number: str
    holder: str = ""


class Written(TypedDict, total=False):
    """What may be written down about a member beside number and name."""

    village_id: int | None
    phone: str
    joined_on: date | None
    birth_place: str
    birth_on: date | None
    sex: Sex | None
    job: str
    address: str
    land_m2: int | None
    account: Account | None
    product_ids: Collection[int]


# The register's legal columns and the account: for the office only, see services.
PRIVATE = frozenset(
    {
        "birth_place",
        "birth_on",
        "sex",
        "job",
        "address",
        "account_kind",
        "account_provider",
        "account_number",
        "account_holder",
    }
)


class MemberUnknown(Refusal):
    """There is no such member."""

    sentence = N_("This member is not in the register.")


class NameMissing(Refusal):
    """A member without a name."""

    sentence = N_("Write the member's name. One word is enough.")


class NameTooLong(Refusal):
    """More than anybody is called."""

    sentence = N_("This name is too long: at most {longest} letters.")


class NumberMissing(Refusal):
    """Every member has a number in the register."""

    sentence = N_("Give the member a number, for example {example}.")


class NumberMisshapen(Refusal):
    """Members type their number when they sign in."""

    sentence = N_("The number {number} is not possible. Use letters, digits, dots and dashes.")


class NumberTaken(Refusal):
    """A number names one member for good, also after she has left."""

    sentence = N_("The number {number} belongs to {name} already. The next free one is {free}.")


class VillageUnknown(Refusal):
    """There is no such village."""

    sentence = N_("This village is not on the list. Add it on the page of the cooperative first.")


class BornInFuture(Refusal):
    """A birthday that is still to come."""

    sentence = N_("The date of birth {born_on} is still to come. Please look at it again.")


class BornTooLongAgo(Refusal):
    """A birthday of somebody who would be the oldest person alive."""

    sentence = N_("The date of birth {born_on} is too long ago. Please look at the year again.")


class JoinedInFuture(Refusal):
    """A day of joining that is still to come."""

    sentence = N_("The day of joining {joined_on} is still to come. Choose today or earlier.")


class JoinedBeforeBirth(Refusal):
    """Nobody joins before being born."""

    sentence = N_(
        "Nobody joins on {joined_on} who was born on {born_on}. Look at both dates again."
    )


class LeftInFuture(Refusal):
    """A day of leaving that is still to come."""

    sentence = N_("The day of leaving {left_on} is still to come. Choose today or earlier.")


class LeftBeforeJoining(Refusal):
    """Nobody leaves before joining."""

    sentence = N_("Nobody leaves on {left_on} who joined on {joined_on}. Look at both dates again.")


class LeftBeforeBirth(Refusal):
    """Nobody leaves before being born."""

    sentence = N_("Nobody leaves on {left_on} who was born on {born_on}. Look at both dates again.")


class LeavingNeedsReason(Refusal):
    """The register says why somebody left."""

    sentence = N_("Write why {name} leaves, for the register: moved away, died, own wish.")


class LeavingNeedsDay(Refusal):
    """The register says when somebody left."""

    sentence = N_("Write on which day {name} left.")


class AlreadyLeft(Refusal):
    """Somebody leaves once."""

    sentence = N_("{name} left already, on {left_on}.")


class AlreadyMember(Refusal):
    """Somebody joins once."""

    sentence = N_("{name} is a member already.")


class LandAbsurd(Refusal):
    """Land of nothing, or more than any village has."""

    sentence = N_(
        "A member farms more than nothing and at most {most} ha. Leave it empty where nobody knows."
    )


class ProviderMissing(Refusal):
    """An account number without a bank."""

    sentence = N_("Write which bank or e-wallet it is, for example BRI or DANA.")


class AccountNumberMisshapen(Refusal):
    """Money sent to a wrong number is hard to get back."""

    sentence = N_("An account number has 5 to 20 digits and nothing else. Please look at it again.")


_NUMBER = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ./-]{0,18}[0-9A-Za-z])?")
_RUNNING = re.compile(r"(.*?)([0-9]{1,9})")


def check_name(name: str) -> str:
    """A name as it is kept; one word is a full name."""
    kept = tidy(name)
    if not kept:
        raise NameMissing
    if len(kept) > LONGEST_NAME:
        raise NameTooLong(longest=LONGEST_NAME)
    return kept


def check_number(number: str) -> str:
    """A number of the register as it is kept, or a refusal."""
    kept = tidy(number)
    if not kept:
        raise NumberMissing(example=FIRST_NUMBER)
    if not _NUMBER.fullmatch(kept):
        raise NumberMisshapen(number=kept[:40])
    return kept


def suggest_number(taken: Sequence[str]) -> str:
    """The number after the highest one that is written like the newest; `taken` is oldest first.

    After A-001 and A-007 comes A-008; where no number ends in digits the first is A-001.
    """
    for number in reversed(taken):
        newest = _RUNNING.fullmatch(number)
        if newest is not None:
            return _after(newest[1], len(newest[2]), taken)
    return FIRST_NUMBER


def _after(prefix: str, width: int, taken: Sequence[str]) -> str:
    highest = 0
    for number in taken:
        match = _RUNNING.fullmatch(number)
        if match is not None and match[1].casefold() == prefix.casefold():
            highest = max(highest, int(match[2]))
    return f"{prefix}{highest + 1:0{width}d}"


def check_days(
    *,
    today: date,
    birth_on: date | None,
    joined_on: date | None,
    left_on: date | None = None,
) -> None:
    """Refuse days that contradict each other, or that are still to come."""
    if birth_on is not None:
        _check_birth(birth_on, today)
    if joined_on is not None and joined_on > today:
        raise JoinedInFuture(joined_on=joined_on)
    if joined_on is not None and birth_on is not None and joined_on < birth_on:
        raise JoinedBeforeBirth(joined_on=joined_on, born_on=birth_on)
    if left_on is not None:
        _check_leaving(left_on, today, birth_on, joined_on)


def _check_birth(birth_on: date, today: date) -> None:
    if birth_on > today:
        raise BornInFuture(born_on=birth_on)
    if birth_on.year < today.year - OLDEST_YEARS:
        raise BornTooLongAgo(born_on=birth_on)


def _check_leaving(
    left_on: date, today: date, birth_on: date | None, joined_on: date | None
) -> None:
    if left_on > today:
        raise LeftInFuture(left_on=left_on)
    if joined_on is not None and left_on < joined_on:
        raise LeftBeforeJoining(left_on=left_on, joined_on=joined_on)
    if birth_on is not None and left_on < birth_on:
        raise LeftBeforeBirth(left_on=left_on, born_on=birth_on)


def check_land(land_m2: int | None) -> int | None:
    """What she farms, in m2, as it is kept; None where nobody asked. Refuses nothing and too much.

    The area of a job is compared with it, so 0,75 ha are 7.500.
    """
    if land_m2 is not None and not 0 < land_m2 <= MOST_HECTARES * 10_000:
        raise LandAbsurd(most=MOST_HECTARES)
    return land_m2


def check_account(account: Account) -> Account:
    """An account as it is kept: digits only, without the blanks and dashes of a bank's card."""
    provider = tidy(account.provider)[:60]
    if not provider:
        raise ProviderMissing
    digits = re.sub(r"[ .-]", "", tidy(account.number))
    if not re.fullmatch(r"[0-9]{5,20}", digits):
        raise AccountNumberMisshapen
    return Account(account.kind, provider, digits, tidy(account.holder)[:LONGEST_NAME])
