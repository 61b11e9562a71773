"""Who may do what: five roles, one table of role and action.

A treasurer may pay a slip; a manager may settle the sale behind it; a member may do neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

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
    SALES_SEE = "sales.see"
    SALES_CHANGE = "sales.change"
    SALES_SETTLE = "sales.settle"
    SLIPS_SEE_ALL = "slips.see_all"
    SLIPS_PAY = "slips.pay"
    MONEY_MOVE = "money.move"  # cash and bank: what buyers paid, what costs were paid
    LEDGER_SEE = "ledger.see"
    LEDGER_POST = "ledger.post"  # opening balances, entries by hand, reversals
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
    Action.SALES_SEE: _OFFICE,
    Action.SALES_CHANGE: frozenset({_G}),
    Action.SALES_SETTLE: frozenset({_G}),
    Action.SLIPS_SEE_ALL: _BOOKS,
    Action.SLIPS_PAY: frozenset({_T, _G}),
    Action.MONEY_MOVE: frozenset({_T, _G}),
    Action.LEDGER_SEE: _BOOKS,
    Action.LEDGER_POST: frozenset({_T}),
    Action.DASHBOARD_SEE: _BOOKS,
    Action.IMPORTS_RUN: frozenset({_G}),
    Action.ACCESS_SEE: frozenset({_O, _G, _S}),
    Action.ACCESS_HAND_CODE: frozenset({_O, _G}),
    Action.ACCESS_CHANGE: frozenset({_G}),
    Action.COOPERATIVE_SEE: _BOOKS,
    Action.COOPERATIVE_CHANGE: frozenset({_G}),
}


@dataclass(frozen=True)
class Person:
    """Whoever acts: a signed-in user, or the system itself (`user_id` None, no roles but `system`)."""

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
