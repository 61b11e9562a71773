"""Files of members: what each row says of a person, and every reason why it cannot be kept.

`A-014;Siti;Sukamaju;0812-3456-7890` is a whole row: one word is a full name, and the phone may be
her brother's too. A row without a name, or with a number that the file gives twice, is listed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypedDict, TypeVar

from kopprod.domain import imports, members, phones
from kopprod.domain.booking_limits import read_size, unit_in
from kopprod.domain.equipment import Work
from kopprod.domain.imports import Cell, Columns, Fault, Field, Findings, Row
from kopprod.domain.members import Account, AccountKind, MemberStatus, Sex
from kopprod.domain.refusal import N_, Fact, Refusal

NUMBER_TWICE = N_("Row {other} has the number {number} too.")
NUMBER_OF_OTHER = N_("The number {number} belongs to {name} already.")
UNKNOWN_STATUS = N_("{said} is no standing. Write anggota, calon or keluar.")
UNKNOWN_SEX = N_("{said} is not read. Write L or P.")
UNKNOWN_PRODUCT = N_("{said} is not among the products. Add it on the page of products first.")
LEFT_WITHOUT_DAY = N_("Somebody who left needs the day of leaving and the reason.")

FIELDS: Sequence[Field] = (
    Field("number", N_("Member number"), ("nomor", "nomor anggota", "no anggota", "no"), True),
    Field("name", N_("Name"), ("nama", "nama lengkap", "nama anggota", "name"), True),
    Field("village", N_("Village"), ("desa", "dusun", "kampung", "desa/kelurahan", "village")),
    Field("phone", N_("Phone"), ("telepon", "no hp", "hp", "nomor hp", "no. telepon", "phone")),
    Field("products", N_("Products"), ("produk", "hasil", "komoditas", "products")),
    Field("status", N_("Standing"), ("status", "keanggotaan")),
    Field("joined_on", N_("Joined on"), ("tanggal masuk", "masuk", "tgl masuk", "joined")),
    Field("left_on", N_("Left on"), ("tanggal keluar", "keluar", "tgl keluar")),
    Field("left_reason", N_("Reason for leaving"), ("alasan keluar", "sebab keluar", "alasan")),
    Field("birth_place", N_("Place of birth"), ("tempat lahir",)),
    Field("birth_on", N_("Date of birth"), ("tanggal lahir", "tgl lahir", "lahir")),
    Field("sex", N_("Sex"), ("jenis kelamin", "kelamin", "l/p", "sex")),
    Field("job", N_("Job"), ("pekerjaan", "job")),
    Field("address", N_("Address"), ("alamat", "address")),
    Field(
        "land_m2",
        N_("Land farmed"),
        ("luas lahan (m2)", "luas lahan (m²)", "luas lahan (ha)", "luas lahan (bau)")
        + ("luas lahan", "luas garapan", "luas (m2)", "luas (ha)", "lahan"),
    ),
    Field("provider", N_("Bank or e-wallet"), ("bank", "bank/dompet", "nama bank")),
    Field("account", N_("Account number"), ("nomor rekening", "rekening", "no rekening")),
    Field("holder", N_("Account holder"), ("atas nama", "nama rekening", "pemilik rekening")),
)

_STATUSES: Mapping[str, MemberStatus] = {
    **dict.fromkeys(("", "anggota", "aktif", "member"), MemberStatus.MEMBER),
    **dict.fromkeys(("calon", "calon anggota", "applicant"), MemberStatus.APPLICANT),
    **dict.fromkeys(("keluar", "berhenti", "left"), MemberStatus.LEFT),
}
_SEXES: Mapping[str, Sex | None] = {
    "": None,
    **dict.fromkeys(("p", "perempuan", "wanita", "female"), Sex.FEMALE),
    **dict.fromkeys(("l", "laki-laki", "laki laki", "pria", "male"), Sex.MALE),
}
_EWALLETS = {"dana", "ovo", "gopay", "go-pay", "linkaja", "shopeepay", "dompet digital"}


_Choice = TypeVar("_Choice")


class _Standing(TypedDict):
    status: MemberStatus
    joined_on: date | None
    left_on: date | None
    left_reason: str
    birth_on: date | None


@dataclass(frozen=True)
class MemberRow:
    """A person as a file writes her down; village and products by name."""

    row: int
    number: str
    name: str
    village: str = ""
    phone: str = ""
    products: Sequence[str] = ()
    status: MemberStatus = MemberStatus.MEMBER
    joined_on: date | None = None
    left_on: date | None = None
    left_reason: str = ""
    birth_place: str = ""
    birth_on: date | None = None
    sex: Sex | None = None
    job: str = ""
    address: str = ""
    land_m2: int | None = None
    account: Account | None = None


@dataclass(frozen=True)
class MemberFile:
    """What a file of members says, before it is compared with the register."""

    members: Sequence[MemberRow]
    faults: Sequence[Fault]
    rows: int
    mapping: Columns


@dataclass
class _Reader:
    """One row being read; its faults are all collected, so that they can be mended at once."""

    row: int
    cells: Mapping[str, Cell]
    mapping: Columns
    bau_tenths: int
    faults: list[Fault] = field(default_factory=list)

    def words(self, name: str) -> str:
        cell = self.mapping.cell(self.cells, name)
        return "" if imports.is_nothing(cell) else imports.words(cell)

    def wrong(self, name: str, why: str, **facts: Fact) -> None:
        shown = imports.shown(self.mapping.cell(self.cells, name))
        self.faults.append(Fault(self.row, self.mapping.heading(name), shown, why, facts))

    def refused(self, name: str, refusal: Refusal) -> None:
        self.wrong(name, refusal.sentence, **refusal.facts)

    def day(self, name: str) -> date | None:
        cell = self.mapping.cell(self.cells, name)
        if imports.is_nothing(cell):
            return None
        found = imports.day(cell)
        if found is None:
            self.wrong(name, imports.NO_DATE, said=imports.shown(cell))
        return found


def read_rows(
    rows: Sequence[Row],
    cell_faults: Sequence[Fault],
    mapping: Columns,
    *,
    on: date,
    bau_tenths: int,
) -> MemberFile:
    """What each row says, and every fault of every row; `on` is today, a bau the place's own."""
    broken = {fault.row for fault in cell_faults}
    faults, found = list(cell_faults), []
    for row, cells in rows:
        if row in broken:
            continue
        reader = _Reader(row, cells, mapping, bau_tenths)
        member = _read_row(reader, on)
        faults.extend(reader.faults)
        if not reader.faults:
            found.append(member)
    return MemberFile(found, faults, len(rows), mapping)


def _read_row(reader: _Reader, on: date) -> MemberRow:
    return MemberRow(
        reader.row,
        number=_checked(reader, "number", members.check_number),
        name=_checked(reader, "name", members.check_name),
        village=reader.words("village")[:100],
        phone=_checked(reader, "phone", phones.to_e164) if reader.words("phone") else "",
        products=[p.strip() for p in re.split(r"[;,/]", reader.words("products")) if p.strip()],
        birth_place=reader.words("birth_place"),
        sex=_one_of(reader, "sex", _SEXES, UNKNOWN_SEX),
        job=reader.words("job"),
        address=reader.words("address"),
        land_m2=_land(reader),
        account=_account(reader),
        **_standing(reader, on),
    )


def _checked(reader: _Reader, name: str, check: Callable[[str], str]) -> str:
    try:
        return check(reader.words(name))
    except Refusal as refusal:
        reader.refused(name, refusal)
        return ""


def _one_of(reader: _Reader, name: str, known: Mapping[str, _Choice], why: str) -> _Choice | None:
    said = reader.words(name)
    if said.casefold() in known:
        return known[said.casefold()]
    reader.wrong(name, why, said=said)
    return None


def _standing(reader: _Reader, on: date) -> _Standing:
    status = _one_of(reader, "status", _STATUSES, UNKNOWN_STATUS) or MemberStatus.MEMBER
    joined_on, left_on = reader.day("joined_on"), reader.day("left_on")
    birth_on, reason = reader.day("birth_on"), reader.words("left_reason")
    if status is MemberStatus.LEFT and (left_on is None or not reason):
        reader.wrong("status", LEFT_WITHOUT_DAY)
    if status is not MemberStatus.LEFT:
        left_on, reason = None, ""
    try:
        members.check_days(today=on, birth_on=birth_on, joined_on=joined_on, left_on=left_on)
    except Refusal as refusal:
        column = "birth_on" if "born_on" in refusal.facts else "joined_on"
        reader.refused(column, refusal)
    return {
        "status": status,
        "joined_on": joined_on,
        "left_on": left_on,
        "left_reason": reason,
        "birth_on": birth_on,
    }


def _land(reader: _Reader) -> int | None:
    """What she farms: `0,75 ha`, or a bare number in a column whose heading names the unit."""
    said = reader.words("land_m2")
    if not said:
        return None
    if isinstance(reader.mapping.cell(reader.cells, "land_m2"), Decimal):
        said = said.replace(".", ",")
    if not re.search(r"[^\W\d_]", said):
        said += unit_in(reader.mapping.heading("land_m2"))
    try:
        return members.check_land(read_size(said, Work.AREA, bau_tenths=reader.bau_tenths).amount)
    except Refusal as refusal:
        reader.refused("land_m2", refusal)
        return None


def _account(reader: _Reader) -> Account | None:
    provider, number = reader.words("provider"), reader.words("account")
    if not provider and not number:
        return None
    kind = AccountKind.EWALLET if provider.casefold() in _EWALLETS else AccountKind.BANK
    try:
        return members.check_account(Account(kind, provider, number, reader.words("holder")))
    except Refusal as refusal:
        reader.refused("account", refusal)
        return None


def sort_out(
    file: MemberFile, *, register: Mapping[str, str], products: Sequence[str]
) -> Findings[MemberRow]:
    """Compare a file with itself and the register (folded number to name) and the products' names.

    The same number with the same name is there already; with another name it is somebody else's.
    """
    faults = list(file.faults)
    by_number: dict[str, list[MemberRow]] = defaultdict(list)
    for member in file.members:
        by_number[member.number.casefold()].append(member)
    known_products = {name.casefold() for name in products}
    good, there_already = [], 0
    for number, same in by_number.items():
        if len(same) > 1:
            faults.extend(_twice(file, same))
        elif number in register and register[number].casefold() == same[0].name.casefold():
            there_already += 1
        else:
            wrong = _wrong(file, same[0], register.get(number), known_products)
            faults.extend(wrong)
            if not wrong:
                good.append(same[0])
    faults.sort(key=lambda fault: fault.row)
    return Findings(good, [], faults, there_already, 0, file.rows)


def _twice(file: MemberFile, same: Sequence[MemberRow]) -> list[Fault]:
    column, found = file.mapping.heading("number"), []
    for member in same:
        other = next(m.row for m in same if m.row != member.row)
        facts: dict[str, Fact] = {"other": other, "number": member.number}
        found.append(Fault(member.row, column, member.number, NUMBER_TWICE, facts))
    return found


def _wrong(
    file: MemberFile, member: MemberRow, taken_by: str | None, products: set[str]
) -> list[Fault]:
    found = []
    if taken_by is not None:
        facts: dict[str, Fact] = {"number": member.number, "name": taken_by}
        column = file.mapping.heading("number")
        found.append(Fault(member.row, column, member.number, NUMBER_OF_OTHER, facts))
    for product in member.products:
        if product.casefold() not in products:
            column = file.mapping.heading("products")
            found.append(Fault(member.row, column, product, UNKNOWN_PRODUCT, {"said": product}))
    return found
