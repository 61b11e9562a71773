"""Who gets what of an article when it does not come out even: by three rules, shown before chosen.

Ayu wants 5 sacks (first), Budi 3 and Citra 4; 9 came. First come: 5, 3, 1. In proportion: 4, 2, 3.
Equally: 3, 3, 3. Whichever rule is chosen, all that is firmly wanted is served before anybody's
"this much more would be fine", nobody gets more than both together, and what is left goes to stock.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kopprod.domain.money import split_rp
from kopprod.domain.purchases import Entry
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

LONGEST_NAME = 80


class SharingRule(StrEnum):
    """How too little is shared."""

    FIRST_COME = "first_come"
    PROPORTIONAL = "proportional"
    EQUAL = "equal"


SHARING_WORDS: Mapping[SharingRule, str] = {
    SharingRule.FIRST_COME: N_("who came first is served first"),
    SharingRule.PROPORTIONAL: N_("in proportion to what each wants"),
    SharingRule.EQUAL: N_("the same for everybody"),
}


class HandedBelowZero(Refusal):
    """Less than nothing handed out."""

    sentence = N_("What {name} gets cannot be less than nothing.")


class MoreThanSheWants(Refusal):
    """More than a member said she wants or would take."""

    sentence = N_("{name} wants {most} at the most, so {quantity} is too much.")


class MoreThanCame(Refusal):
    """More handed out than there is."""

    sentence = N_("{came} came, but {handed} would be handed out. Take {over} away again.")


class ProxyUnnamed(Refusal):
    """Goods given to somebody whom the list does not name."""

    sentence = N_("Write the name of the person who takes the goods for {name}.")


@dataclass(frozen=True)
class Asked:
    """What one member wants of an article: firm, and how much more would be fine."""

    member_id: int
    firm: int
    tolerance: int

    @property
    def most(self) -> int:
        """The most she takes."""
        return self.firm + self.tolerance


def asked_in(entries: Iterable[Entry]) -> list[Asked]:
    """All entries of each member together, by member."""
    firm: dict[int, int] = defaultdict(int)
    tolerance: dict[int, int] = defaultdict(int)
    for entry in entries:
        firm[entry.member_id] += entry.firm
        tolerance[entry.member_id] += entry.tolerance
    return [Asked(key, firm[key], tolerance[key]) for key in sorted(firm)]


def share(available: int, entries: Sequence[Entry], rule: SharingRule) -> dict[int, int]:
    """So many portions by member; what nobody takes is left over.

    First come goes by entries, of which a later increase is one of its own; of equal moments the
    lower key comes first. In proportion is by largest remainder, equally is by filling up from
    below; what is odd there goes to the member with the lower key.
    """
    if available < 0:
        raise ValueError("less than nothing came")
    by_member = asked_in(entries)
    firm = {each.member_id: each.firm for each in by_member}
    tolerance = {each.member_id: each.tolerance for each in by_member}
    rest = max(0, available - sum(firm.values()))
    if rule is SharingRule.FIRST_COME:
        queue = sorted(entries, key=lambda entry: entry.place)
        first = _in_turn(available, [(entry.member_id, entry.firm) for entry in queue])
        more = _in_turn(rest, [(entry.member_id, entry.tolerance) for entry in queue])
    elif rule is SharingRule.PROPORTIONAL:
        first, more = _in_proportion(available, firm), _in_proportion(rest, tolerance)
    else:
        first, more = _equally(available, firm), _equally(rest, tolerance)
    return {key: first.get(key, 0) + more.get(key, 0) for key in firm}


def _in_turn(available: int, queue: Iterable[tuple[int, int]]) -> dict[int, int]:
    got: dict[int, int] = defaultdict(int)
    for member_id, wanted in queue:
        given = min(available, wanted)
        got[member_id] += given
        available -= given
    return got


def _in_proportion(available: int, wanted: Mapping[int, int]) -> dict[int, int]:
    shared = split_rp(min(available, sum(wanted.values())), list(wanted.values()))
    return dict(zip(wanted, shared, strict=True))


def _equally(available: int, wanted: Mapping[int, int]) -> dict[int, int]:
    got: dict[int, int] = {}
    waiting = sorted(wanted, key=lambda key: (wanted[key], key))
    while waiting and wanted[waiting[0]] * len(waiting) <= available:
        key = waiting.pop(0)
        got[key] = wanted[key]
        available -= wanted[key]
    level, odd = divmod(available, max(1, len(waiting)))
    for place, key in enumerate(sorted(waiting)):
        got[key] = level + (1 if place < odd else 0)
    return got


@dataclass(frozen=True)
class Outcome:
    """What a member would get by each rule, to be looked at before one is chosen."""

    asked: Asked
    gets: Mapping[SharingRule, int]

    def short(self, rule: SharingRule) -> int:
        """What she firmly wants and would not get."""
        return max(0, self.asked.firm - self.gets[rule])

    def extra(self, rule: SharingRule) -> int:
        """What she would get of what would be fine."""
        return max(0, self.gets[rule] - self.asked.firm)

    def gains(self, rule: SharingRule, *, against: SharingRule) -> int:
        """How much more she would get by one rule than by another; below nothing: less."""
        return self.gets[rule] - self.gets[against]


def outcomes(available: int, entries: Sequence[Entry]) -> list[Outcome]:
    """Every member under every rule, by member."""
    by_rule = {rule: share(available, entries, rule) for rule in SharingRule}
    return [
        Outcome(each, {rule: got[each.member_id] for rule, got in by_rule.items()})
        for each in asked_in(entries)
    ]


@dataclass(frozen=True)
class Handed:
    """What a member gets, and what the chosen rule had computed for her."""

    member_id: int
    quantity: int
    computed: int

    @property
    def differs(self) -> bool:
        """Whether somebody decided otherwise, which every list shows."""
        return self.quantity != self.computed


def handed(
    available: int,
    entries: Sequence[Entry],
    rule: SharingRule,
    *,
    by_hand: Mapping[int, int],
    names: Mapping[int, str],
    portion: Quantity,
) -> list[Handed]:
    """The computed portions, and the figures that somebody typed instead for some members.

    Figures by hand do not change the others', so they may leave something over. Refuses below
    nothing, more than a member wants with her tolerance, and all together more than came; that firm
    comes before tolerance is the rule's, and who goes against it by hand has the mark for it.
    `names` and `portion` (what one portion is) are for the sentences.
    """
    computed = share(available, entries, rule)
    for each in asked_in(entries):
        quantity = by_hand.get(each.member_id, 0)
        if quantity < 0:
            raise HandedBelowZero(name=names[each.member_id])
        if quantity > each.most:
            raise MoreThanSheWants(
                name=names[each.member_id],
                most=_shown(each.most, portion),
                quantity=_shown(quantity, portion),
            )
    if by_hand.keys() - computed.keys():
        raise ValueError("a figure for somebody who wants nothing")
    found = [Handed(key, by_hand.get(key, figure), figure) for key, figure in computed.items()]
    total = sum(each.quantity for each in found)
    if total > available:
        raise MoreThanCame(
            came=_shown(available, portion),
            handed=_shown(total, portion),
            over=_shown(total - available, portion),
        )
    return found


def _shown(portions: int, portion: Quantity) -> Quantity:
    return Quantity(portions * portion.amount, portion.unit)


def proxy(name: str, *, of: str) -> str:
    """The name of who takes the goods for a member, tidied; refuses nobody."""
    taker = tidy(name)[:LONGEST_NAME]
    if not taker:
        raise ProxyUnnamed(name=of)
    return taker
