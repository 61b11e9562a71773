"""Today's prices on a screen."""

from fractions import Fraction
from html import escape

from kopprod.domain import money
from kopprod.domain.comparison import Reference
from kopprod.services.standings import Standing
from kopprod.tables.products import Product
from kopprod.ui.show import day
from kopprod.ui.visit import _


def price(value: Fraction) -> str:
    """An effective price in whole rupiah: what it is worth knowing on a screen."""
    return money.format_rp(money.round_half_up(value))


def cents(value: Fraction | int) -> str:
    """A price to the hundredth of a rupiah: what decides which side is better."""
    return money.format_e4(money.round_half_up(Fraction(value) * 100) * 100)


def standing_html(standing: Standing, product: Product) -> str:
    """One grade's two prices side by side, each with its day and how sure it is."""
    unit = product.price_unit
    coop = None if standing.coop is None else price(standing.coop)
    heard = standing.middlemen
    trader = None if heard.price is None or heard.thin else price(heard.price)
    sides = pair(
        (coop, coop_words(standing, day(standing.coop_on))),
        (trader, _heard(heard)),
    )
    return (
        f'<div class="kp-card" style="display:block"><b>{escape(product.name)} '
        f"{escape(standing.grade)}</b>"
        f'<span class="kp-note">{escape(_("what arrives for one true {unit}", unit=unit))}</span>'
        f"{sides}</div>"
    )


def coop_words(standing: Standing, on: str) -> str:
    """Where the cooperative's price is from: its last sale, or when it last bought outright."""
    if standing.coop is None:
        return _("nothing sold or bought lately")
    return (
        _("bought outright on {day}", day=on)
        if standing.coop_bought
        else _("sold on {day}", day=on)
    )


def pair(coop: tuple[str | None, str], middleman: tuple[str | None, str]) -> str:
    """The two prices side by side, each with its note; "not enough data" where there is none."""
    left = _side(_("Cooperative"), "teal", *coop)
    return f'<div class="kp-pair">{left}{_side(_("Middleman"), "amber", *middleman)}</div>'


def _side(label: str, tone: str, value: str | None, note: str) -> str:
    shown = escape(value or _("Not enough data"))
    size = "kp-big" if value else ""
    return (
        f'<div><p class="kp-label kp-{tone}">{escape(label)}</p>'
        f'<p class="{size} kp-{tone}" style="font-size:1.4rem;margin:0">{shown}</p>'
        f'<p class="kp-note">{escape(note)}</p></div>'
    )


def _heard(heard: Reference) -> str:
    if heard.count == 0 or heard.lowest is None or heard.highest is None:
        return _("no price heard in the last days")
    age = age_words(heard.age_days)
    if heard.thin:
        return _("only {n} prices, the latest {age}", n=heard.count, age=age)
    said = _("middle of {n} prices, the latest {age}", n=heard.count, age=age)
    reach = _(
        "from {lowest} to {highest}", lowest=price(heard.lowest), highest=price(heard.highest)
    )
    far = _("{n} of them far from the others", n=heard.odd) if heard.odd else ""
    return "; ".join(part for part in (said, reach, far) if part)


def age_words(age_days: int | None) -> str:
    """How old the youngest offer is; nothing where there is none."""
    if age_days is None:
        return ""
    return _("today") if age_days == 0 else _("{n} days ago", n=age_days)
