"""The cooperative itself: its settings with their kinds and defaults, and how it is named.

"Koperasi Produsen Tani Makmur" is kept as `tani_makmur`; its fee of 5 % is the setting
`fee_bp` = 500.
"""

import re
import unicodedata
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kopprod.domain import typed
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy


class SettingUnknown(Refusal):
    """A name that is no setting."""

    sentence = N_("There is no setting named {name}.")


class SettingOutOfRange(Refusal):
    """A value that the cooperative cannot mean."""

    sentence = N_("{value} is not possible here. Choose from {lowest} to {highest}.")


class PercentOutOfRange(Refusal):
    """A percentage that the cooperative cannot mean."""

    sentence = N_(
        "{value} is not possible here. Type a percentage such as 2,5, from {lowest_bp} to"
        " {highest_bp}."
    )


class SettingEmpty(Refusal):
    """A setting that must say something."""

    sentence = N_("This may not be empty.")


class NameWithoutLetters(Refusal):
    """A cooperative that could not be told from another."""

    sentence = N_("Write the name of the cooperative in letters.")


class VillageKnown(Refusal):
    """A village is written down once."""

    sentence = N_("{village} is on the list already.")


class VillageNeedsName(Refusal):
    """A village without a name."""

    sentence = N_("Write the name of the village.")


class NotTwoVillages(Refusal):
    """A village is no neighbour of itself."""

    sentence = N_("Choose two different villages.")


class CooperativeKind(StrEnum):
    """What the cooperative mostly makes; only words on the screen depend on it."""

    CROPS = "crops"
    DAIRY = "dairy"
    FISH = "fish"
    CRAFT = "craft"
    MIXED = "mixed"


class SettingKind(StrEnum):
    """How a setting is asked for and shown."""

    TEXT = "text"
    WHOLE = "whole"
    PERCENT = "percent"  # kept in hundredths of a percent, the name ending in _bp
    TENTHS = "tenths"  # kept in tenths, the name ending in _tenths
    CHOICE = "choice"


@dataclass(frozen=True)
class SettingRule:
    """A setting's kind, default, bounds or choices, and what it means to the person who sets it."""

    kind: SettingKind
    default: str
    label: str
    meaning: str
    lowest: int = 0
    highest: int = 0
    choices: tuple[str, ...] = ()
    may_be_empty: bool = False


MOST_LOGO_BYTES = 256 * 2**10
_PNG = b"\x89PNG\r\n\x1a\n"


class LogoUnfit(Refusal):
    """A picture that was not made small first."""

    sentence = N_("The logo must be a PNG of at most {limit_kb} kB.")


ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")

CHOICE_NAMES: Mapping[str, str] = {
    CooperativeKind.MIXED.value: N_("Different things"),
    CooperativeKind.CROPS.value: N_("Crops"),
    CooperativeKind.DAIRY.value: N_("Milk and livestock"),
    CooperativeKind.FISH.value: N_("Fish"),
    CooperativeKind.CRAFT.value: N_("Crafts"),
    "Asia/Jakarta": N_("West (WIB)"),
    "Asia/Makassar": N_("Middle (WITA)"),
    "Asia/Jayapura": N_("East (WIT)"),
}

SETTINGS: Mapping[str, SettingRule] = {
    "name": SettingRule(
        SettingKind.TEXT,
        "",
        N_("Name of the cooperative"),
        N_("It stands at the head of every slip."),
    ),
    "kind": SettingRule(
        SettingKind.CHOICE,
        CooperativeKind.MIXED.value,
        N_("What it mostly makes"),
        N_("Only words on the screen depend on it."),
        choices=tuple(kind.value for kind in CooperativeKind),
    ),
    "address": SettingRule(
        SettingKind.TEXT,
        "",
        N_("Address"),
        N_("It stands below the name on every slip."),
        may_be_empty=True,
    ),
    "pay_to": SettingRule(
        SettingKind.TEXT,
        "",
        N_("Where buyers pay"),
        N_("Bank, account number and name, as they stand on every invoice and reminder."),
        may_be_empty=True,
    ),
    "zone": SettingRule(
        SettingKind.CHOICE,
        ZONES[0],
        N_("Time zone"),
        N_("Which day it is, for deliveries, sales and slips."),
        choices=ZONES,
    ),
    "fee_bp": SettingRule(
        SettingKind.PERCENT,
        "500",
        N_("The cooperative's fee"),
        N_("What a new collective sale proposes to keep from the buyer's money."),
        highest=5000,
    ),
    "shrinkage_limit_bp": SettingRule(
        SettingKind.PERCENT,
        "200",
        N_("Shrinkage that needs a reason"),
        N_("When the buyer weighs this much less or more than you did, a sale asks why."),
        highest=10000,
    ),
    "quote_min_count": SettingRule(
        SettingKind.WHOLE,
        "3",
        N_("Middleman prices needed"),
        N_("With fewer comparable prices the comparison says: not enough data."),
        lowest=1,
        highest=50,
    ),
    "quote_max_age_days": SettingRule(
        SettingKind.WHOLE,
        "14",
        N_("Oldest middleman price, in days"),
        N_("Older prices do not count in the comparison."),
        lowest=1,
        highest=365,
    ),
    "quote_window_days": SettingRule(
        SettingKind.WHOLE,
        "7",
        N_("Comparable within, in days"),
        N_("A middleman's price is comparable this many days before or after the delivery."),
        lowest=1,
        highest=60,
    ),
    "waiting_rate_bp": SettingRule(
        SettingKind.PERCENT,
        "2400",
        N_("What waiting for money costs in a year"),
        N_("Who pays later pays less: the comparison takes this much off for a year of waiting."),
        highest=10000,
    ),
    "advance_most_bp": SettingRule(
        SettingKind.PERCENT,
        "5000",
        N_("Most of a delivery paid in advance (panjar)"),
        N_("So much of what goods are worth may be paid at delivery, before they are sold."),
        highest=10000,
    ),
    "yarnen_limit_rp": SettingRule(
        SettingKind.WHOLE,
        "3000000",
        N_("Most that a member may owe for inputs, in rupiah"),
        N_("Above it nothing more can wait for her next settlement (yarnen): she pays at once."),
        highest=100_000_000,
    ),
    "expected_shu_bp": SettingRule(
        SettingKind.PERCENT,
        "0",
        N_("Expected SHU"),
        N_(
            "In percent of what members sold through the cooperative. It is shown apart, as not"
            " sure yet, and never counts in the comparison. 0 shows nothing."
        ),
        highest=2000,
    ),
    "dispute_days": SettingRule(
        SettingKind.WHOLE,
        "3",
        N_("Days to dispute a delivery"),
        N_("So many days after it came a member may say that her delivery is not right."),
        lowest=0,
        highest=30,
    ),
    "bau_tenths": SettingRule(
        SettingKind.TENTHS,
        "80000",
        N_("One bau of land, in m2"),
        N_("How large a bau is differs from place to place: 8.000 m2 here, 7.096,5 m2 there."),
        lowest=50_000,
        highest=100_000,
    ),
    "output_oldest_days": SettingRule(
        SettingKind.WHOLE,
        "60",
        N_("Oldest harvest, in days"),
        N_("What was made longer ago cannot be logged any more."),
        lowest=1,
        highest=366,
    ),
}

# Words that most cooperatives share and that would not tell one from another.
_LEGAL_FORM = frozenset(
    {"koperasi", "produsen", "kop", "kud", "ksu", "unit", "desa", "cooperative"}
)


def rule(name: str) -> SettingRule:
    """The rule of a setting, or a refusal."""
    try:
        return SETTINGS[name]
    except KeyError:
        raise SettingUnknown(name=name[:40]) from None


def check_setting(name: str, value: str) -> str:
    """The typed value as it is kept, or a refusal; a percentage is typed as 2,5 and kept as 250.

    Tenths are typed as 7.096,5 and kept as 70965.
    """
    found = rule(name)
    plain = tidy(value)
    if found.kind is SettingKind.TEXT:
        if not plain and not found.may_be_empty:
            raise SettingEmpty
        return plain[:200]
    if found.kind is SettingKind.CHOICE:
        if plain not in found.choices:
            raise SettingOutOfRange(
                value=plain[:40], lowest=found.choices[0], highest=found.choices[-1]
            )
        return plain
    if found.kind is SettingKind.PERCENT:
        return _check_percent(found, plain)
    if found.kind is SettingKind.TENTHS:
        return _check_tenths(found, plain)
    return _check_whole(found, plain)


def _check_whole(found: SettingRule, plain: str) -> str:
    if re.fullmatch(r"[0-9]{1,9}", plain) and found.lowest <= int(plain) <= found.highest:
        return str(int(plain))
    raise SettingOutOfRange(value=plain[:40], lowest=found.lowest, highest=found.highest)


def _check_percent(found: SettingRule, plain: str) -> str:
    match = re.fullmatch(r"([0-9]{1,3})(?:,([0-9]{1,2}))?\s*%?", plain)
    if match is not None:
        bp = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))
        if found.lowest <= bp <= found.highest:
            return str(bp)
    raise PercentOutOfRange(value=plain[:40], lowest_bp=found.lowest, highest_bp=found.highest)


def _check_tenths(found: SettingRule, plain: str) -> str:
    tenths = typed.read(typed.clean(plain), thousandths=False) * 10
    if tenths.denominator == 1 and found.lowest <= tenths <= found.highest:
        return str(int(tenths))
    raise SettingOutOfRange(
        value=plain[:40], lowest=found.lowest // 10, highest=found.highest // 10
    )


def check_logo(picture: bytes) -> None:
    """Refuse what is no small PNG; an empty picture takes the logo away."""
    if picture and not (picture.startswith(_PNG) and len(picture) <= MOST_LOGO_BYTES):
        raise LogoUnfit(limit_kb=MOST_LOGO_BYTES // 2**10)


def slug_of(name: str, taken: Container[str] = ()) -> str:
    """The short name that a cooperative's database goes by: small letters, digits, underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    telling = [word for word in words if word not in _LEGAL_FORM] or words
    slug = "_".join(telling)[:36].strip("_")
    if not re.search(r"[a-z]", plain):
        raise NameWithoutLetters
    if not slug[0].isalpha() or len(slug) < 2:
        slug = f"kop_{slug}"[:36]
    count, free = 2, slug
    while free in taken:
        free, count = f"{slug}_{count}", count + 1
    return free
