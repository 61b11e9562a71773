"""Pooled purchases: their stages, and what members want, as entries in the order of time.

Siti wants 5 sacks on Monday; Budi wants 4 on Tuesday; on Wednesday Siti wants 7. Her 5 of Monday
stand before Budi's, her 2 more behind them. On Thursday she wants 4 again: the 2 of Wednesday go
first, then one of Monday's. Source: foodcoops/foodsoft, GroupOrderArticle#update_quantities.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from kopprod.domain.packs import PackRule, lacking_of_all
from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_, Refusal

MOST_PORTIONS = 10**6
MOST_E4 = 10**13  # Rp1 billion for one portion


class PurchaseStage(StrEnum):
    """From a plan of the manager's to goods in every house."""

    DRAFT = "draft"
    OPEN = "open"
    LOCKED = "locked"
    ORDERED = "ordered"
    RECEIVED = "received"
    DISTRIBUTED = "distributed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STAGE_WORDS: Mapping[PurchaseStage, str] = {
    PurchaseStage.DRAFT: N_("being prepared"),
    PurchaseStage.OPEN: N_("open for wants"),
    PurchaseStage.LOCKED: N_("wants are fixed"),
    PurchaseStage.ORDERED: N_("ordered from the supplier"),
    PurchaseStage.RECEIVED: N_("goods have come"),
    PurchaseStage.DISTRIBUTED: N_("handed out"),
    PurchaseStage.CLOSED: N_("all done"),
    PurchaseStage.CANCELLED: N_("called off"),
}
# Locked may be opened again until the supplier was asked; once goods are there, nobody calls off.
MOVES: Mapping[PurchaseStage, frozenset[PurchaseStage]] = {
    PurchaseStage.DRAFT: frozenset({PurchaseStage.OPEN, PurchaseStage.CANCELLED}),
    PurchaseStage.OPEN: frozenset({PurchaseStage.LOCKED, PurchaseStage.CANCELLED}),
    PurchaseStage.LOCKED: frozenset(
        {PurchaseStage.OPEN, PurchaseStage.ORDERED, PurchaseStage.CANCELLED}
    ),
    PurchaseStage.ORDERED: frozenset({PurchaseStage.RECEIVED, PurchaseStage.CANCELLED}),
    PurchaseStage.RECEIVED: frozenset({PurchaseStage.DISTRIBUTED}),
    PurchaseStage.DISTRIBUTED: frozenset({PurchaseStage.CLOSED}),
    PurchaseStage.CLOSED: frozenset(),
    PurchaseStage.CANCELLED: frozenset(),
}


class CannotMove(Refusal):
    """A step that this stage does not allow."""

    sentence = N_("Purchase {number}: {stage_word}. The step to “{next_word}” is not possible now.")


class NothingWanted(Refusal):
    """A purchase that nobody takes part in."""

    sentence = N_("Nobody wants anything of {number} yet, so there is nothing to order.")


class NothingCame(Refusal):
    """A receipt of nothing."""

    sentence = N_("Nothing came of {number}. Write down what came, or call the purchase off.")


class WantsClosed(Refusal):
    """A want after the stage, or after the last day."""

    sentence = N_(
        "Purchase {number} takes no wants any more. Ask the manager whether a part is left."
    )


class WantsNotYetOpen(Refusal):
    """A want before the manager opened the purchase."""

    sentence = N_("Purchase {number} is not open yet.")


class FirmBelowZero(Refusal):
    """A want of less than nothing."""

    sentence = N_("The quantity you want cannot be less than nothing.")


class ToleranceBelowZero(Refusal):
    """More that would be fine, but less than nothing."""

    sentence = N_("How much more would be fine cannot be less than nothing. Nought means no more.")


class WantTooLarge(Refusal):
    """More than any member can use."""

    sentence = N_("{quantity} is too much to be true. Please look at the number again.")


class HighestPriceAbsurd(Refusal):
    """A highest price of nothing, or beyond reason."""

    sentence = N_(
        "A highest price of {price_e4} cannot be right. Leave it empty if any price is fine."
    )


class BreaksPacks(Refusal):
    """In the last days a change with which packs are further from full."""

    sentence = N_(
        "Since {since_on} packs are being filled: you can only add what helps to fill them, or "
        "make firm what you said would be fine."
    )


class TermsFixed(Refusal):
    """The plan was made with these terms."""

    sentence = N_(
        "Purchase {number}: {stage_word}. Prices, packs and articles stay as they are now."
    )


class PackChangedWithWants(Refusal):
    """Members said what they want with the old pack in mind."""

    sentence = N_(
        "Members want {quantity} of {article} already, so its pack cannot change any more. "
        "Take the article out and tell them, or add another."
    )


class TermsIncomplete(Refusal):
    """An opened purchase without an article, a supplier or a price."""

    sentence = N_("Write at least one article and one supplier's price before opening {number}.")


def check_move(stage: PurchaseStage, to: PurchaseStage, *, number: str) -> None:
    """Refuse a step that the stage does not allow."""
    if to not in MOVES[stage]:
        raise CannotMove(number=number, stage_word=STAGE_WORDS[stage], next_word=STAGE_WORDS[to])


def check_open(stage: PurchaseStage, *, number: str, on: date, until: date | None) -> None:
    """Refuse a want before and after its time; `until` is the first day that is too late."""
    if stage is PurchaseStage.DRAFT:
        raise WantsNotYetOpen(number=number)
    if stage is not PurchaseStage.OPEN or (until is not None and on >= until):
        raise WantsClosed(number=number)


def check_terms(stage: PurchaseStage, *, number: str) -> None:
    """Refuse to change articles, packs, prices and suppliers once wants are fixed."""
    if stage not in (PurchaseStage.DRAFT, PurchaseStage.OPEN):
        raise TermsFixed(number=number, stage_word=STAGE_WORDS[stage])


def check_pack_change(wanted: Quantity, *, article: str) -> None:
    """Refuse another size of pack or portion while somebody wants the article."""
    if wanted.amount:
        raise PackChangedWithWants(quantity=wanted, article=article)


def check_complete(*, articles: int, prices: int, number: str) -> None:
    """Refuse to open a purchase in which there is nothing to want."""
    if not (articles and prices):
        raise TermsIncomplete(number=number)


def check_wanted(portions: int, *, number: str) -> None:
    """Refuse to order for nobody."""
    if portions <= 0:
        raise NothingWanted(number=number)


def check_came(portions: int, *, number: str) -> None:
    """Refuse a receipt of nothing at all."""
    if portions <= 0:
        raise NothingCame(number=number)


@dataclass(frozen=True)
class Want:
    """What a member wants of one article, in portions: firm, and how much more would be fine.

    `highest_e4` is the most she pays for a portion with freight and fee; without it any price.
    """

    firm: int = 0
    tolerance: int = 0
    highest_e4: int | None = None


def check_want(want: Want, *, portion: Quantity) -> None:
    """Refuse a want that nobody can mean; `portion` is what one of its portions is."""
    if want.firm < 0:
        raise FirmBelowZero
    if want.tolerance < 0:
        raise ToleranceBelowZero
    largest = max(want.firm, want.tolerance)
    if largest > MOST_PORTIONS:
        raise WantTooLarge(quantity=Quantity(largest * portion.amount, portion.unit))
    if want.highest_e4 is not None and not 0 < want.highest_e4 <= MOST_E4:
        raise HighestPriceAbsurd(price_e4=want.highest_e4)


@dataclass(frozen=True)
class Said:
    """What a member wants in all from this moment on; rows of it are only ever added.

    `said_id` is the row's key: of two at the same moment the lower came first.
    """

    said_id: int
    member_id: int
    at: datetime
    firm: int
    tolerance: int


@dataclass(frozen=True)
class Entry:
    """A part of a want, at the place in the queue that its moment gives it."""

    said_id: int
    member_id: int
    at: datetime
    firm: int
    tolerance: int

    @property
    def place(self) -> tuple[datetime, int]:
        """Where it stands in the queue."""
        return self.at, self.said_id


def entries_of(said: Iterable[Said]) -> list[Entry]:
    """All that members have said about one article, as entries in the order of time.

    An increase is an entry of its own, behind all others. A decrease eats her newest entry first.
    Firm quantity and tolerance each go their own way: who makes firm what was fine before waits
    with it like anybody new.
    """
    queue: list[Entry] = []
    for each in sorted(said, key=lambda one: (one.at, one.said_id)):
        queue = _queued(queue, each)
    return queue


def _queued(queue: Sequence[Entry], said: Said) -> list[Entry]:
    mine = [entry for entry in queue if entry.member_id == said.member_id]
    more_firm = said.firm - sum(entry.firm for entry in mine)
    more_tolerance = said.tolerance - sum(entry.tolerance for entry in mine)
    left = _eaten(queue, said.member_id, firm=-more_firm, tolerance=-more_tolerance)
    new = Entry(said.said_id, said.member_id, said.at, max(0, more_firm), max(0, more_tolerance))
    return [entry for entry in (*left, new) if entry.firm or entry.tolerance]


def _eaten(queue: Sequence[Entry], member_id: int, *, firm: int, tolerance: int) -> list[Entry]:
    kept = []
    for entry in reversed(queue):
        if entry.member_id == member_id:
            less_firm = min(entry.firm, max(0, firm))
            less_tolerance = min(entry.tolerance, max(0, tolerance))
            firm, tolerance = firm - less_firm, tolerance - less_tolerance
            entry = replace(
                entry,
                firm=entry.firm - less_firm,
                tolerance=entry.tolerance - less_tolerance,
            )
        kept.append(entry)
    return kept[::-1]


def check_filling(
    before: Want, after: Want, *, others: Want, rules: Sequence[PackRule], since_on: date
) -> None:
    """In the last days refuse a change of hers that does not help packs.

    Accepted are: only more tolerance; more of either with which packs of all sizes together lack
    less, or nothing; tolerance made firm, one for one. `others` is what all other members want. A
    lower highest price could take her whole want out, so that is refused, too; who wanted nothing
    before names any. Source: foodcoops/foodsoft, the box-fill phase of an order; ours is that whole
    packs may be added, and that one pack may be of another size than the next.
    """
    firm, tolerance = after.firm - before.firm, after.tolerance - before.tolerance
    is_new = not (before.firm or before.tolerance)
    dearer = is_new or _limit(after) >= _limit(before)
    only_more = firm == 0 and tolerance >= 0
    made_firm = firm > 0 and firm == -tolerance
    lacks, lacked = _lacking(after, others, rules), _lacking(before, others, rules)
    helps = firm >= 0 and tolerance >= 0 and (lacks < lacked or lacks == 0)
    if not (dearer and (only_more or made_firm or helps)):
        raise BreaksPacks(since_on=since_on)


def _limit(want: Want) -> int:
    return MOST_E4 + 1 if want.highest_e4 is None else want.highest_e4


def _lacking(want: Want, others: Want, rules: Sequence[PackRule]) -> int:
    return lacking_of_all(want.firm + others.firm, want.tolerance + others.tolerance, rules)
