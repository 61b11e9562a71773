"""The languages people read: translated messages, and facts shown the Indonesian way.

The language is always an argument, because it belongs to a person's session and many people share
the process's threads. English needs no catalogue: its sentences are the message ids.
`translate("id", "Paid on {paid_on}.", paid_on=date(2025, 12, 31))` -> "Dibayar 31 Desember 2025."
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from num2words import num2words

from kopprod.domain import money, quantities
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import Fact, Refusal

LANGUAGES = ("id", "en")
LOCALE = Path(__file__).parent / "locale"


@cache
def _catalogue(language: str) -> Mapping[str, tuple[str, ...]]:
    """Every translated message of a language: message id to its forms (singular only: one form)."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                found.update(_entry(message))
    return found


def _entry(message: Message) -> dict[str, tuple[str, ...]]:
    if not message.id or message.fuzzy or not message.string:
        return {}
    key = message.id if isinstance(message.id, str) else message.id[0]
    string = message.string
    return {key: (string,) if isinstance(string, str) else tuple(string)}


def gettext(language: str, message: str) -> str:
    """The message in that language; the message itself where there is no translation."""
    if not message:
        return ""
    return _catalogue(language).get(message, (message,))[0]


def ngettext(language: str, singular: str, plural: str, n: int) -> str:
    """The singular or plural for `n` things; Indonesian has one form for both."""
    forms = _catalogue(language).get(singular)
    if forms is None:
        return singular if n == 1 else plural
    return forms[0 if n == 1 else len(forms) - 1]


def translate(language: str, message: str, **facts: Fact) -> str:
    """The message in that language with its braces filled; name endings say how facts are shown."""
    return fill(language, gettext(language, message), facts)


def sentence(language: str, refusal: Refusal) -> str:
    """What a person reads when a rule says no."""
    return fill(language, gettext(language, refusal.sentence), refusal.facts)


def fill(language: str, message: str, facts: Mapping[str, Fact]) -> str:
    """Fill the braces of a message that is translated already."""
    return message.format(**{name: show(language, name, fact) for name, fact in facts.items()})


def show(language: str, name: str, fact: Fact) -> str:
    """One fact as people read it: `_rp` money, `_e4` a unit price, `_bp` a percentage, a date.

    `_min` are minutes. A text that is a message itself, as `_word` says, is translated too. A
    moment is shown as clocks of its own zone show it.
    """
    if isinstance(fact, Quantity):
        return quantities.format_quantity(fact)
    if isinstance(fact, tuple):
        return ", ".join(long_date(language, day) for day in fact)
    if isinstance(fact, datetime):
        return long_moment(language, fact)
    if isinstance(fact, date):
        return long_date(language, fact)
    if isinstance(fact, str):
        return gettext(language, fact) if name.endswith("_word") else fact
    if name.endswith("_min"):
        return duration(language, fact)
    return _show_number(name, fact)


def _show_number(name: str, number: int) -> str:
    if name.endswith("_rp"):
        return money.format_rp(number)
    if name.endswith("_e4"):
        return money.format_e4(number)
    if name.endswith("_bp"):
        return money.format_percent(number)
    return str(number)


def amount_in_words(language: str, amount_rp: int) -> str:
    """An amount read aloud: satu juta enam ratus lima puluh ribu rupiah."""
    return f"{num2words(amount_rp, lang=language)} rupiah"


# A list shows the same few hundred days again and again; each costs the formatter as much as a row.
_DAYS = 4096


@lru_cache(_DAYS)
def long_date(language: str, day: date) -> str:
    """31 Desember 2025; 31 December 2025 in English."""
    return format_date(day, "d MMMM y", locale=language)


def long_moment(language: str, moment: datetime) -> str:
    """Senin, 6 April 2026, 08.00 WIB; Monday, 6 April 2026, 08:00 WIB in English."""
    clock = f"{moment:%H.%M}" if language == "id" else f"{moment:%H:%M}"
    day = format_date(moment.date(), "EEEE, d MMMM y", locale=language)
    return f"{day}, {clock} {moment.tzname()}"


def duration(language: str, minutes: int) -> str:
    """2 jam 30 menit; 2 h 30 min in English."""
    hours, rest = divmod(minutes, 60)
    hour, minute = ("jam", "menit") if language == "id" else ("h", "min")
    many = quantities.format_number(hours) if language == "id" else f"{hours:,}"
    parts = [f"{many} {hour}"] * bool(hours) + [f"{rest} {minute}"] * bool(rest or not hours)
    return " ".join(parts)


@lru_cache(_DAYS)
def short_date(language: str, day: date) -> str:
    """31 Des 2025; 31 Dec 2025 in English."""
    return format_date(day, "d MMM y", locale=language)


def weekday(language: str, day: date) -> str:
    """Sen, 6 Apr: a day near now, where there is little room; Mon, 6 Apr in English."""
    return format_date(day, "EEE, d MMM", locale=language)


@lru_cache(_DAYS)
def short_month(language: str, day: date) -> str:
    """Mar 26: a month where there is little room."""
    return format_date(day, "MMM yy", locale=language)
