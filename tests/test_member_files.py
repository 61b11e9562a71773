"""Members from files: every row, every reason why not, and the register they go into."""

from collections import Counter
from datetime import date

import pytest
from sqlmodel import col, func, select

from kopprod import db, sheets
from kopprod.domain import imports, member_files, members, phones
from kopprod.domain.imports import Columns
from kopprod.domain.members import AccountKind, MemberStatus, Sex
from kopprod.services import exports
from kopprod.services import member_files as member_service
from kopprod.tables.members import Member, MemberProduct
from tests import make

ON, BAU = date(2026, 3, 2), 80_000

MEMBERS = "Nomor;Nama;Desa;Telepon;Produk;Status;Tanggal masuk;Tanggal keluar;Alasan;Tanggal lahir"
MEMBERS += ";Jenis kelamin;Bank;Rekening\n"


def member_file(text: str) -> member_files.MemberFile:
    sheet = sheets.read(text.encode(), "anggota.csv")
    mapping = Columns(imports.guess(member_files.FIELDS, sheet.header))
    return member_files.read_rows(sheet.rows, sheet.faults, mapping, on=ON, bau_tenths=BAU)


def test_a_whole_row_and_the_shortest_one_are_both_members() -> None:
    file = member_file(
        MEMBERS
        + "A-01;Siti;Sukamaju;0812-3456-7890;Gabah, Kopi;;1-2-2020;;;17-08-1980;P;BRI;12345\n"
        + 'A-02;عائشة <b>"O\'Neil"</b>;;+62 812 3456 7890;;calon;;;;;L;DANA;081234567890\n'
        + "A-03;Made\n"
    )

    siti, aisyah, made = file.members
    assert not file.faults
    assert (siti.name, siti.phone, siti.products) == ("Siti", "+6281234567890", ["Gabah", "Kopi"])
    assert (siti.joined_on, siti.birth_on, siti.sex) == (
        date(2020, 2, 1),
        date(1980, 8, 17),
        Sex.FEMALE,
    )
    assert siti.account is not None
    assert siti.account.kind is AccountKind.BANK
    assert aisyah.name == 'عائشة <b>"O\'Neil"</b>'
    assert aisyah.phone == siti.phone  # families share phones
    assert (aisyah.status, aisyah.sex) == (MemberStatus.APPLICANT, Sex.MALE)
    assert aisyah.account is not None
    assert aisyah.account.kind is AccountKind.EWALLET
    assert (made.name, made.status, made.account) == ("Made", MemberStatus.MEMBER, None)


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        ("A-01;;;;;;;;;;;;", "Nama", members.NameMissing.sentence),
        (";Siti;;;;;;;;;;;", "Nomor", members.NumberMissing.sentence),
        ("A_01;Siti;;;;;;;;;;;", "Nomor", members.NumberMisshapen.sentence),
        ("A-01;Siti;;12345;;;;;;;;;", "Telepon", phones.NotAMobileNumber.sentence),
        ("A-01;Siti;;;;pensiun;;;;;;;", "Status", member_files.UNKNOWN_STATUS),
        ("A-01;Siti;;;;;31-02-2020;;;;;;", "Tanggal masuk", imports.NO_DATE),
        ("A-01;Siti;;;;;1-1-2027;;;;;;", "Tanggal masuk", members.JoinedInFuture.sentence),
        ("A-01;Siti;;;;;;;;1-1-2027;;;", "Tanggal lahir", members.BornInFuture.sentence),
        ("A-01;Siti;;;;keluar;;;;;;;", "Status", member_files.LEFT_WITHOUT_DAY),
        ("A-01;Siti;;;;;;;;;X;;", "Jenis kelamin", member_files.UNKNOWN_SEX),
        ("A-01;Siti;;;;;;;;;;BRI;12", "Rekening", members.AccountNumberMisshapen.sentence),
        ("A-01;=Siti();;;;;;;;;;;", "Nama", sheets.FORMULA),
    ],
)
def test_every_faulty_row_says_why_and_where(row: str, column: str, sentence: str) -> None:
    file = member_file(f"{MEMBERS}{row}\n")

    (fault,) = file.faults
    assert (fault.row, fault.column, fault.sentence) == (2, column, sentence)
    assert not file.members


def test_all_faults_of_a_row_are_listed_at_once() -> None:
    file = member_file(f"{MEMBERS};;;12;;x;;;;;;;\n")

    assert [f.column for f in file.faults] == ["Nomor", "Nama", "Telepon", "Status"]


def test_a_file_is_compared_with_itself_the_register_and_the_products() -> None:
    file = member_file(
        MEMBERS
        + "A-01;Siti;;;gabah, KOPI;;;;;;;;\na-02;budi;;;;;;;;;;;\nA-03;Ayu;;;;;;;;;;;\n"
        + "A-04;Citra;;;;;;;;;;;\na-04;Dewi;;;;;;;;;;;\nA-05;Made;;;Kopi, Emas, Perak;;;;;;;;\n"
        + ";Eka;;;;;;;;;;;\n"
    )
    register = {"a-02": "Budi", "a-03": "Putu"}
    found = member_files.sort_out(file, register=register, products=["Gabah", "Kopi"])

    assert [member.name for member in found.good] == ["Siti"]
    assert (found.there_already, found.rows, found.faulty) == (1, 7, 5)
    assert [(f.row, f.column, f.sentence, dict(f.facts)) for f in found.faults] == [
        (4, "Nomor", member_files.NUMBER_OF_OTHER, {"number": "A-03", "name": "Putu"}),
        (5, "Nomor", member_files.NUMBER_TWICE, {"other": 6, "number": "A-04"}),
        (6, "Nomor", member_files.NUMBER_TWICE, {"other": 5, "number": "a-04"}),
        (7, "Produk", member_files.UNKNOWN_PRODUCT, {"said": "Emas"}),
        (7, "Produk", member_files.UNKNOWN_PRODUCT, {"said": "Perak"}),
        (8, "Nomor", members.NumberMissing.sentence, {"example": "A-001"}),
    ]


def test_good_members_are_kept_once_with_their_villages_and_products(coop: str) -> None:
    file = member_file(
        MEMBERS
        + "A-01;Siti;Sukamaju;;Gabah;;;;;;;;\nA-02;Budi;SUKAMAJU;;;keluar;;1-3-2024;pindah;;;;\n"
        + "A-03;Ayu;Cibeureum;;Emas;;;;;;;;\nA-04;Citra;;;;;;;;;;;\nA-04;Dewi;;;;;;;;;;;\n"
    )
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.product(session, "gabah")
        found = member_service.findings(session, file)
        kept = member_service.keep(session, file)
        again = member_service.findings(session, file)
        nothing = member_service.keep(session, file)
        names = session.exec(select(Member.name).order_by(col(Member.number))).all()
        produced = session.exec(select(func.count()).select_from(MemberProduct)).one()

    assert Counter(f.sentence for f in found.faults) == {
        member_files.UNKNOWN_PRODUCT: 1,
        member_files.NUMBER_TWICE: 2,
    }
    assert (kept.members, kept.new_villages) == (2, 1)
    assert (len(again.good), again.there_already, nothing.members) == (0, 2, 0)
    assert (list(names), produced) == (["Siti", "Budi"], 1)


def test_a_number_that_somebody_else_has_is_a_fault(coop: str) -> None:
    file = member_file(f"{MEMBERS}A-01;Siti;;;;;;;;;;;\n")
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.member(session, "Budi", number="a-01")
        (fault,) = member_service.findings(session, file).faults

    assert (fault.sentence, fault.facts["name"]) == (member_files.NUMBER_OF_OTHER, "Budi")


def test_the_register_is_written_in_the_way_it_is_read(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        village = make.village(session)
        make.member(session, "Ayu", phone="+6281234567890", village_id=village.id)
        headings, rows = exports.member_list(session)
        for data in (sheets.write_csv(headings, rows), sheets.write_xlsx(headings, rows)):
            sheet = sheets.read(data, "anggota")
            mapping = Columns(imports.guess(member_files.FIELDS, sheet.header))
            file = member_files.read_rows(sheet.rows, sheet.faults, mapping, on=ON, bau_tenths=BAU)
            assert not file.faults
            assert member_service.findings(session, file).there_already == 1
