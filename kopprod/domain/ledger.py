"""The journal's rules: double entry, whole rupiah, corrections by reversal.

Siti's slip of Rp2.554.127 is paid in cash: debit 2110 (what is owed to her) Rp2.554.127, credit
1101 (the box) Rp2.554.127. Both sides are equal, the line of 2110 names Siti, and the box is never
emptied below zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from kopprod.domain.refusal import N_, Refusal


class AccountKind(StrEnum):
    """The five kinds of account."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


class SubLedger(StrEnum):
    """Whom every line of the account must name."""

    NONE = "none"
    MEMBER = "member"
    BUYER = "buyer"


class EntryStage(StrEnum):
    """An entry is a draft only inside the transaction that posts it."""

    DRAFT = "draft"
    POSTED = "posted"


@dataclass(frozen=True)
class Posting:
    """One side of an entry to be: exactly one of debit and credit is positive, in whole rupiah."""

    account: str
    debit_rp: int = 0
    credit_rp: int = 0
    member_id: int | None = None
    buyer_id: int | None = None
    business_unit: str = "marketing"


@dataclass(frozen=True)
class ChartAccount:
    """One account as every cooperative begins with it; its name is the cooperative's own word."""

    code: str
    name: str
    kind: AccountKind
    sub_ledger: SubLedger = SubLedger.NONE
    holds_money: bool = False


CASH = "1101"
BANK = "1103"
STOCK = "1117"
SUPPLIES = "1118"
BUYERS_OWE = "1120"
MEMBERS_OWE = "1124"
HIRE_OWED = "1125"
MACHINES = "12043"
DEPRECIATED = "12045"
OWED_TO_MEMBERS = "2110"
OWED_SALE_COSTS = "2130"
OWED_OPERATORS = "2132"
UPKEEP_RESERVE = "2140"
GRANTS = "38"
SALE_FEE = "4101"
GOODS_SOLD = "4102"
SUPPLY_FEE = "4103"
HIRE = "4104"
HIRE_OTHERS = "4201"
COST_OF_GOODS = "5101"
STOCK_LOSS = "6102"
SELLING_COSTS = "6103"
ABOVE_CEILING = "6104"
MACHINE_FUEL = "6105"
OPERATOR_PAY = "6106"
UPKEEP = "6107"
DEPRECIATION = "6108"

_A, _L, _Q = AccountKind.ASSET, AccountKind.LIABILITY, AccountKind.EQUITY
_I, _X = AccountKind.INCOME, AccountKind.EXPENSE
_MEMBER, _BUYER = SubLedger.MEMBER, SubLedger.BUYER

CHART: tuple[ChartAccount, ...] = (
    ChartAccount(CASH, "Kas", _A, holds_money=True),
    ChartAccount(BANK, "Bank", _A, holds_money=True),
    ChartAccount("1108", "Piutang pinjaman anggota", _A, _MEMBER),
    ChartAccount("1109", "Piutang sarana produksi (yarnen)", _A, _MEMBER),
    ChartAccount("1112", "Penyisihan piutang", _A),
    ChartAccount(STOCK, "Persediaan", _A),
    ChartAccount(SUPPLIES, "Persediaan sarana produksi", _A),
    ChartAccount(BUYERS_OWE, "Piutang pembeli", _A, _BUYER),
    ChartAccount("1121", "Panjar panen anggota", _A, _MEMBER),
    ChartAccount("1122", "Klaim kepada pemasok", _A),
    ChartAccount(MEMBERS_OWE, "Tagihan kepada anggota", _A, _MEMBER),
    ChartAccount(HIRE_OWED, "Piutang jasa alat", _A, _MEMBER),
    ChartAccount(MACHINES, "Mesin dan peralatan", _A),
    ChartAccount(DEPRECIATED, "Akumulasi penyusutan mesin", _A),
    ChartAccount("2101", "Simpanan sukarela dan berjangka", _L, _MEMBER),
    ChartAccount("2105", "Titipan uang anggota", _L, _MEMBER),
    ChartAccount(OWED_TO_MEMBERS, "Utang hasil kepada anggota", _L, _MEMBER),
    ChartAccount("2120", "Dana SHU anggota", _L, _MEMBER),
    ChartAccount("2121", "Dana SHU pengurus", _L),
    ChartAccount("2122", "Dana SHU karyawan", _L),
    ChartAccount("2123", "Dana pendidikan", _L),
    ChartAccount("2124", "Dana sosial", _L),
    ChartAccount("2125", "Dana pembangunan daerah kerja", _L),
    ChartAccount(OWED_SALE_COSTS, "Utang biaya jual bersama", _L),
    ChartAccount("2131", "Utang pemasok", _L),
    ChartAccount(OWED_OPERATORS, "Utang operator alat", _L),
    ChartAccount(UPKEEP_RESERVE, "Cadangan perawatan mesin", _L),
    ChartAccount("31", "Simpanan pokok", _Q, _MEMBER),
    ChartAccount("32", "Simpanan wajib", _Q, _MEMBER),
    ChartAccount("34", "Modal penyertaan", _Q),
    ChartAccount("35", "Cadangan umum", _Q),
    ChartAccount("36", "Cadangan risiko", _Q),
    ChartAccount("37", "SHU tahun berjalan", _Q),
    ChartAccount(GRANTS, "Hibah", _Q),
    ChartAccount("41", "Partisipasi bruto anggota", _I),
    ChartAccount(SALE_FEE, "Jasa jual bersama", _I),
    ChartAccount(SUPPLY_FEE, "Jasa pengadaan bersama", _I),
    ChartAccount(GOODS_SOLD, "Penjualan hasil anggota (beli putus)", _I),
    ChartAccount(HIRE, "Jasa alat bersama", _I),
    ChartAccount("42", "Pendapatan dari bukan anggota", _I),
    ChartAccount(HIRE_OTHERS, "Jasa alat kepada bukan anggota", _I),
    ChartAccount("51", "Beban pokok", _X),
    ChartAccount(COST_OF_GOODS, "Beban pokok hasil anggota", _X),
    ChartAccount("61", "Beban usaha", _X),
    ChartAccount("6101", "Selisih kas", _X),
    ChartAccount(STOCK_LOSS, "Selisih persediaan", _X),
    ChartAccount(SELLING_COSTS, "Beban jual", _X),
    ChartAccount(ABOVE_CEILING, "Beban di atas HET", _X),
    ChartAccount(MACHINE_FUEL, "Beban bahan bakar alat", _X),
    ChartAccount(OPERATOR_PAY, "Upah operator alat", _X),
    ChartAccount(UPKEEP, "Beban perawatan alat", _X),
    ChartAccount(DEPRECIATION, "Beban penyusutan alat", _X),
    ChartAccount("62", "Beban perkoperasian", _X),
)


class TooFewLines(Refusal):
    """Double entry needs two sides."""

    sentence = N_("An entry needs at least two lines.")


class NotBalanced(Refusal):
    """Debits and credits differ."""

    sentence = N_("Debit and credit differ by {difference_rp}.")


class NotPositive(Refusal):
    """A line with nothing on it, with both sides, or with less than nothing."""

    sentence = N_("The line of account {account} needs a debit or a credit above zero, not both.")


class UnknownAccount(Refusal):
    """The chart has no such account."""

    sentence = N_("There is no account {account} in the chart of accounts.")


class MemberMissing(Refusal):
    """A line of a sub-ledger of members that names nobody."""

    sentence = N_("The line of account {account} must name a member.")


class BuyerMissing(Refusal):
    """A line of the buyers' sub-ledger that names nobody."""

    sentence = N_("The line of account {account} must name a buyer.")


CHART_SUB_LEDGERS: Mapping[str, SubLedger] = {plan.code: plan.sub_ledger for plan in CHART}


def difference_rp(postings: Sequence[Posting]) -> int:
    """Debit less credit; zero where they balance."""
    return sum(posting.debit_rp - posting.credit_rp for posting in postings)


def check_entry(
    postings: Sequence[Posting], sub_ledgers: Mapping[str, SubLedger] = CHART_SUB_LEDGERS
) -> None:
    """Refuse what is no double entry: under two lines, a wrong line, sides that differ.

    `sub_ledgers` says of each account whom its lines must name.
    """
    if len(postings) < 2:
        raise TooFewLines
    for posting in postings:
        _check_line(posting, sub_ledgers)
    difference = difference_rp(postings)
    if difference:
        raise NotBalanced(difference_rp=abs(difference))


def _check_line(posting: Posting, sub_ledgers: Mapping[str, SubLedger]) -> None:
    wants = sub_ledgers.get(posting.account)
    if wants is None:
        raise UnknownAccount(account=posting.account)
    if min(posting.debit_rp, posting.credit_rp) != 0 or posting.debit_rp == posting.credit_rp:
        raise NotPositive(account=posting.account)
    if wants is SubLedger.MEMBER and posting.member_id is None:
        raise MemberMissing(account=posting.account)
    if wants is SubLedger.BUYER and posting.buyer_id is None:
        raise BuyerMissing(account=posting.account)


def reversed_postings(postings: Sequence[Posting]) -> list[Posting]:
    """The same lines with their sides exchanged, which together come to nothing."""
    return [
        replace(posting, debit_rp=posting.credit_rp, credit_rp=posting.debit_rp)
        for posting in postings
    ]


def in_own_direction_rp(kind: AccountKind, debit_less_credit_rp: int) -> int:
    """A balance as people say it: what we have or spent by debit, what we owe or earn by credit."""
    grows_by_debit = kind in (AccountKind.ASSET, AccountKind.EXPENSE)
    return debit_less_credit_rp if grows_by_debit else -debit_less_credit_rp
