"""What selling together brought more or less, by delivery, member, product, village or month."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kopprod.domain import premiums as rules
from kopprod.domain.comparison import Enough
from kopprod.domain.premiums import Evidence, Mark
from kopprod.services.comparison import Compared
from kopprod.services.together import Together


class By(StrEnum):
    """What lots are added up by."""

    DELIVERY = "delivery"
    MEMBER = "member"
    PRODUCT = "product"
    VILLAGE = "village"
    MONTH = "month"


_KEYS: Mapping[By, Callable[[Compared], Hashable]] = {
    By.DELIVERY: lambda lot: lot.delivery_number,
    By.MEMBER: lambda lot: lot.member_id,
    By.PRODUCT: lambda lot: lot.likeness.product_id,
    By.VILLAGE: lambda lot: lot.likeness.village_id,
    By.MONTH: lambda lot: lot.likeness.on.replace(day=1),
}


@dataclass(frozen=True)
class Premium:
    """Lots of one key, the newest first, added up; `evidence` is the weakest of those compared.

    `rate` is what came more or less as a part of what the middleman would have paid.
    """

    lots: list[Compared]
    together: Together
    evidence: Evidence | None
    mark: Mark

    @property
    def rate(self) -> Fraction | None:
        """More or less as a part of the middleman's money; nothing where nothing is compared."""
        middleman_rp = self.together.middleman_rp
        if not self.together.compared or middleman_rp <= 0:
            return None
        return Fraction(self.together.difference_rp, middleman_rp)


def premiums(found: Iterable[Compared], *, by: By, enough: Enough) -> list[Premium]:
    """Lots that were compared before, added up by one thing; the newest first."""
    groups: dict[Hashable, list[Compared]] = defaultdict(list)
    for lot in sorted(found, key=lambda lot: (lot.likeness.on, lot.delivery_number), reverse=True):
        groups[_KEYS[by](lot)].append(lot)
    return [_added_up(lots, enough) for lots in groups.values()]


def _added_up(lots: list[Compared], enough: Enough) -> Premium:
    together = Together()
    for lot in lots:
        together.add(lot)
    known = [one for lot in lots if (one := rules.evidence(lot.middlemen)) is not None]
    rests_on = rules.weakest(known)
    return Premium(lots, together, rests_on, rules.mark(rests_on, enough))
