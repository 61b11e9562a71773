"""The cheapest plan: over suppliers, tiers, packs and freight, by a solver of whole numbers.

First as much as possible of what is firmly wanted is served (articles weighed by the shop's
prices), then the total of goods and freight is the lowest. Of equal plans the one with fewer
suppliers wins, then the one with more from the offer whose keys come first: there is one answer,
whoever wrote down what first.

The solver is HiGHS, with floating point inside; what it finds is whole packs, which are priced and
checked anew in whole rupiah before anybody sees them (docs/decisions/0005).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

import highspy

from kopprod.domain.plans import Article, Demand, Offer, Plan, Terms, check_plan, priced, worth
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import MOST_PACKS, Supplier

MOST_SECONDS = 20
# Offers are put in order several at a time, as digits of one number that floats tell apart.
_LARGEST_NUMBER = 10**6

Sum = dict[int, int]  # a column of the model to its factor


class PlanTooHard(Refusal):
    """The solver ran out of time."""

    sentence = N_(
        "The cheapest plan was not found in {seconds} seconds. "
        "Take out quotations that cannot win, or split the purchase in two."
    )


class PlanUnproved(Refusal):
    """Reckoned anew in whole rupiah, it is not what the solver found."""

    sentence = N_("The cheapest plan could not be proved. Please choose the packs yourself.")


def cheapest(terms: Terms, demand: Mapping[int, Demand], *, seconds: int = MOST_SECONDS) -> Plan:
    """The plan that serves most, then costs least; refuses when it is not found in time."""
    if not any(asked.firm for asked in demand.values()):
        return priced(terms, {})  # the solver calls a model of nothing unsolved
    search = _Search(terms, demand, seconds)
    search.settle(search.served, most=True)
    total_rp = search.settle(search.total, most=False)
    search.settle(search.suppliers, most=False)
    for number in search.in_order():
        search.settle(number, most=True)
        search.model.keep(number)
    plan = priced(terms, search.packs())
    check_plan(terms, demand, plan)
    agree(plan, total_rp)
    return plan


def whole(values: Iterable[Fraction]) -> list[int]:
    """What the solver found, as the whole numbers it should be; refuses others."""
    found = [(round(value), value) for value in values]
    if any(abs(number - value) * 1_000 > 1 for number, value in found):
        raise PlanUnproved
    return [number for number, _value in found]


def agree(plan: Plan, total_rp: int) -> None:
    """Refuse a plan that costs something else than the solver reckoned."""
    if plan.total_rp != total_rp:
        raise PlanUnproved


@dataclass
class _Model:
    """Columns of whole numbers and rows that bound sums of them."""

    seconds: int
    solver: highspy.Highs = field(default_factory=highspy.Highs)
    values: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Quiet, exact to the last rupiah, and on one thread, so that it always goes one way."""
        for name, value in (
            ("output_flag", False),
            ("threads", 1),
            ("random_seed", 0),
            ("mip_rel_gap", 0),
            ("mip_abs_gap", 0),
        ):
            self.solver.setOptionValue(name, value)

    def column(self, most: int) -> int:
        """A whole number from nought on."""
        self.solver.addVar(0, most)
        key = int(self.solver.getNumCol()) - 1
        self.solver.changeColIntegrality(key, highspy.HighsVarType.kInteger)
        return key

    def row(self, factors: Sum, *, least: int | None = None, most: int | None = None) -> None:
        """Bound a sum from below, from above, or both."""
        infinity = self.solver.getInfinity()
        self.solver.addRow(
            -infinity if least is None else least,
            infinity if most is None else most,
            len(factors),
            list(factors),
            list(factors.values()),
        )

    def settle(self, goal: Sum, *, most: bool) -> int:
        """Find the most (or least) of a sum, and let it stay there from now on."""
        for key in range(self.solver.getNumCol()):
            self.solver.changeColCost(key, goal.get(key, 0))
        sense = highspy.ObjSense.kMaximize if most else highspy.ObjSense.kMinimize
        self.solver.changeObjectiveSense(sense)
        # The limit is of one run, the clock of all of them.
        self.solver.setOptionValue("time_limit", max(0, self.seconds - self.solver.getRunTime()))
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            raise PlanTooHard(seconds=self.seconds)
        self.values = whole([Fraction(value) for value in self.solver.getSolution().col_value])
        found = sum(factor * self.values[key] for key, factor in goal.items())
        self.row(goal, least=found if most else None, most=None if most else found)
        return found

    def keep(self, columns: Iterable[int]) -> None:
        """Let columns stay as they were found, which leaves less to search."""
        for key in columns:
            self.solver.changeColBounds(key, self.values[key], self.values[key])


def _add(*sums: Sum, times: int = 1) -> Sum:
    whole: Sum = {}
    for each in sums:
        for key, factor in each.items():
            whole[key] = whole.get(key, 0) + factor * times
    return whole


@dataclass
class _Line:
    """One offer in the model: its packs, what they cost, and whether there are any."""

    offer: Offer
    most: int
    packs: Sum
    cost: Sum
    used: int

    @property
    def quantity(self) -> Sum:
        return _add(self.packs, times=self.offer.pack)


class _Search:
    """The rules of packs, tiers, minimum orders and freight, written for the solver."""

    def __init__(self, terms: Terms, demand: Mapping[int, Demand], seconds: int) -> None:
        self.model = _Model(seconds)
        self.served: Sum = {}
        self.total: Sum = {}
        self.suppliers: Sum = {}
        self.lines: list[_Line] = []
        offers = sorted(terms.offers, key=lambda offer: offer.place)
        for article in sorted(terms.articles, key=lambda one: one.article_id):
            asked = demand.get(article.article_id, Demand(0))
            if asked.firm:
                mine = [each for each in offers if each.article_id == article.article_id]
                self._buy(article, asked, mine)
        self.lines.sort(key=lambda line: line.offer.place)
        for supplier in terms.suppliers:
            own = [each for each in self.lines if each.offer.supplier_id == supplier.supplier_id]
            self._supply(supplier, own)

    def settle(self, goal: Sum, *, most: bool) -> int:
        return self.model.settle(goal, most=most)

    def packs(self) -> dict[int, int]:
        """Packs by offer, as last found."""
        values = self.model.values
        return {each.offer.offer_id: sum(values[key] for key in each.packs) for each in self.lines}

    def in_order(self) -> Iterable[Sum]:
        """Numbers whose digits are the packs of offers, those whose keys come first in front."""
        number, size = Sum(), 1
        for line in self.lines:
            base = line.most + 1
            if number and size * base > _LARGEST_NUMBER:
                yield number
                number, size = Sum(), 1
            number, size = _add(_add(number, times=base), line.packs), size * base
        if number:
            yield number

    def _buy(self, article: Article, asked: Demand, offers: Iterable[Offer]) -> None:
        """Within what is wanted, and no pack for nobody."""
        model, room = self.model, asked.firm + asked.tolerance + article.stock_most
        mine = [self._offer(offer, room) for offer in offers]
        whole = _add(*(line.quantity for line in mine))
        firm = model.column(asked.firm)
        self.served[firm] = worth(article)
        model.row(_add(whole, {firm: -1}), least=0)
        model.row(whole, most=room)
        for line in mine:
            self._no_pack_for_nobody(line, whole, asked, room)
        self.lines += mine

    def _offer(self, offer: Offer, room: int) -> _Line:
        """One of the tiers, and as many packs as belong to it; or none of them."""
        model, packs, cost, some = self.model, Sum(), Sum(), Sum()
        most = min(room // offer.pack, MOST_PACKS)
        used = model.column(1)
        for tier in offer.tiers:
            last = most if tier.to_packs is None else min(tier.to_packs, most)
            first = max(tier.from_packs, offer.least_packs)
            if first <= last:
                chosen, count = model.column(1), model.column(last)
                model.row({count: 1, chosen: -first}, least=0)
                model.row({count: 1, chosen: -last}, most=0)
                packs[count], cost[count], some[chosen] = 1, tier.pack_rp, 1
        model.row(_add(some, {used: -1}), least=0, most=0)
        return _Line(offer, most, packs, cost, used)

    def _no_pack_for_nobody(self, line: _Line, whole: Sum, asked: Demand, room: int) -> None:
        """Without its last pack, or without all of a minimum order, something firm is not served.

        Each row holds only while its switch is on: off, it asks for no more than the room gives.
        """
        model, offer = self.model, line.offer
        above = model.column(1)  # more packs than the minimum order
        model.row(_add(line.packs, {above: -line.most, line.used: -offer.least_packs}), most=0)
        model.row(_add(whole, {above: room}), most=asked.firm - 1 + offer.pack + room)
        without = _add(whole, _add(line.quantity, times=-1), {line.used: room})
        model.row(without, most=asked.firm - 1 + room)

    def _supply(self, supplier: Supplier, own: list[_Line]) -> None:
        """Its least order; and its freight, unless the goods are worth enough."""
        model, freight = self.model, supplier.freight
        packs, goods = _add(*(each.packs for each in own)), _add(*(each.cost for each in own))
        most = sum(each.most for each in own)
        here, free, charged = model.column(1), model.column(1), model.column(most)
        for each in own:
            model.row({here: 1, each.used: -1}, least=0)
        model.row(_add(packs, {here: -supplier.least_packs}), least=0)
        model.row(_add(goods, {here: -supplier.least_rp}), least=0)
        model.row({free: 1, here: -1}, most=0)
        if freight.free_from_rp is None:
            model.row({free: 1}, most=0)
        model.row(_add(goods, {free: -(freight.free_from_rp or 0)}), least=0)
        model.row(_add({charged: 1, free: most}, _add(packs, times=-1)), least=0)
        cost = {here: freight.fixed_rp, free: -freight.fixed_rp, charged: freight.per_pack_rp}
        self.total = _add(self.total, goods, cost)
        self.suppliers[here] = 1
