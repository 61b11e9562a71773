"""Papers: the words on them are the rows', whatever is in a name, and the same file each time."""

import re
from dataclasses import asdict, replace
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain.access import Role
from kopprod.domain.measures import Measure
from kopprod.domain.money import format_rp
from kopprod.domain.payouts import KIND_NAMES, DeductionKind
from kopprod.domain.phones import whatsapp_link
from kopprod.domain.quantities import BaseUnit
from kopprod.language import gettext
from kopprod.papers import deliveries as delivery_papers
from kopprod.papers import sales as sale_papers
from kopprod.papers import scales, texts
from kopprod.papers import slips as slip_papers
from kopprod.papers.deliveries import Weighing
from kopprod.papers.press import Letterhead
from kopprod.services import deliveries, settlement, slips
from kopprod.services.deliveries import Received
from kopprod.services.settlement import Statement
from kopprod.services.slips import Story
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Product
from kopprod.tables.slips import Slip
from tests import make
from tests.screens import screen, words
from tests.seasons import DAY, Season, settled, writing

CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")
LETTER = Letterhead("tani", "Koperasi Tani Makmur", "id", DAY, "https://kop.example")
ODD_NAMES = [
    'Siti "Ati" *tebal* _miring_ #pagebreak() $x^2$ @label <b>& \\ `kode`',
    '#sys.inputs #read("house.typ") {{ words }} ]] ) //',
    "Ünsal Müller-Žižek",
]


def text_of(pdf: bytes) -> str:
    """What is printed, page after page, with single blanks."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    return " ".join(" ".join(pages).split())


def rename(season: Season, name: str) -> None:
    with writing(season.coop) as session:
        session.get_one(Member, season.members["Siti"]).name = name


def settle(season: Season) -> int:
    with writing(season.coop) as session:
        return settled(session, season).id


def story_of(session: Session, season: Season, name: str = "Siti") -> Story:
    member_id = season.members[name]
    row = session.exec(select(Slip).where(Slip.member_id == member_id)).one()
    found = slips.slip(session, row.id)
    assert isinstance(found, Story)
    return found


def story(season: Season) -> Story:
    with db.reading(season.coop, person=make.MANAGER) as session:
        return story_of(session, season)


def statement(season: Season, sale_id: int) -> Statement:
    with db.reading(season.coop, person=make.MANAGER) as session:
        return settlement.statement(session, sale_id)


def row_of(season: Season, place: int = 0) -> Received:
    with db.reading(season.coop, person=make.OFFICER) as session:
        return deliveries.received(session, season.delivered[place])


def test_a_slip_shows_each_step_and_its_amounts_are_the_rows(season: Season) -> None:
    settle(season)
    found = story(season)
    said = text_of(slip_papers.slip(found, LETTER))

    for part in (
        "Koperasi Tani Makmur",
        found.slip.number,
        "A-Siti",
        "Rp2.554.127",
        "dua juta lima ratus lima puluh empat ribu seratus dua puluh tujuh rupiah",
        "Rp17.250/kg × 297,4 kg menurut timbangan pembeli",
        "−Rp250.000",
        "2,5 % × Rp5.130.150",
        "Rp4.720.896",
        "40,2 kg × 92 % = 36,984 kg",
        "36,984 kg ÷ 291,084 kg × Rp4.720.896",
        *(format_rp(part.share_rp) for part in found.parts),
        "Dicetak 2 Maret 2026",
        "Belum dibayar.",
    ):
        assert part in said, part
    code = CODE.search(said)
    assert code is not None
    assert code[0].replace("-", "") == found.slip.code


def test_who_signs_for_a_slip_signs_beside_the_money_on_one_page(season: Season) -> None:
    settle(season)
    found = story(season)
    found.slip.deducted_rp = 600_000
    taken = {DeductionKind.LOAN: 500_000, DeductionKind.DUES: 100_000}
    pages = PdfReader(BytesIO(slip_papers.slip(replace(found, taken=taken), LETTER))).pages
    first = pages[0].extract_text()

    assert len(pages) == 1
    assert "Rp1.954.127" in first.split("Potongan")[0]  # what she signs for is what she gets
    assert first.index("Penerima") < first.index("1. Hasil penjualan")
    many = replace(found, taken=dict.fromkeys(KIND_NAMES, 120_000), parts=[*found.parts] * 10)
    long = PdfReader(BytesIO(slip_papers.slip(many, LETTER))).pages
    assert len(long) > 1
    assert "Penerima" in long[0].extract_text()


def test_the_same_words_are_the_same_file(season: Season) -> None:
    settle(season)
    found = story(season)

    assert slip_papers.slip(found, LETTER) == slip_papers.slip(found, LETTER)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_is_printed_as_it_is(season: Season, name: str) -> None:
    rename(season, name)
    sale_id = settle(season)
    found = statement(season, sale_id)

    for pdf in (
        slip_papers.slip(story(season), LETTER),
        delivery_papers.receipt(row_of(season), Weighing(), LETTER),
        sale_papers.proof(found, LETTER, entry_number=1),
    ):
        assert name.replace(" ", "") in text_of(pdf).replace(" ", "")


def test_a_name_from_right_to_left_leaves_the_amounts_where_they_are(season: Season) -> None:
    rename(season, "مريم \N{RIGHT-TO-LEFT OVERRIDE}Siti")
    settle(season)
    said = text_of(slip_papers.slip(story(season), LETTER))

    assert "Rp2.554.127" in said
    assert any("\u0600" <= letter <= "\ufeff" for letter in said)


def test_a_proof_adds_up_to_the_rupiah_with_a_rounding_of_nothing(season: Season) -> None:
    sale_id = settle(season)
    found = statement(season, sale_id)
    said = text_of(sale_papers.proof(found, LETTER, entry_number=7))

    for part in (
        "Untuk anggota, 3 slip Rp4.720.896",
        "Jasa koperasi Rp128.254",
        "Biaya Rp281.000",
        "Pembulatan Rp0",
        "Hasil penjualan Rp5.130.150",
        "Catatan jurnal nomor 7",
        "A 100 % 180,5 kg",
        "B 92 % 120,2 kg",
    ):
        assert part in said, part
    for slip, member in found.slips:
        assert slip.number in said
        assert member.name in said
        assert format_rp(slip.net_value_rp) in said
    for pooled in found.parts:
        assert pooled.delivery.number in said
        assert format_rp(pooled.allotment.share_rp or 0) in said


def test_a_receipt_says_what_was_weighed(season: Season) -> None:
    row = row_of(season)
    said = text_of(delivery_papers.receipt(row, Weighing(), LETTER))

    for part in ("Bukti setoran", row.delivery.number, "2 Maret 2026", "Gabah", "120,5 kg"):
        assert part in said, part
    assert f"https://kop.example/cek/tani/{CODE.search(said)[0]}" in said  # type: ignore[index]


def test_a_receipt_shows_each_sack_the_measures_and_the_scale(season: Season) -> None:
    row = replace(row_of(season), scale="Gudang", scale_verified_until=DAY)
    weighed = Weighing([60_000, 60_500], {Measure.MOISTURE: 1_450})
    said = text_of(delivery_papers.receipt(row, weighed, LETTER))

    for part in ("2 kali timbang: 60 kg + 60,5 kg", "Kadar air", "Gudang", "2 Maret 2026"):
        assert part in said, part


def test_a_receipt_of_a_delivery_taken_back_says_so(season: Season) -> None:
    with writing(season.coop) as session:
        reversal = deliveries.reverse(session, season.delivered[2], reason="Salah timbang", on=DAY)
    row = row_of(season, 2)

    assert f"DIBATALKAN dengan {reversal.number}" in text_of(
        delivery_papers.receipt(row, Weighing(), LETTER)
    )
    assert f"DIBATALKAN dengan {reversal.number}" in texts.receipt(row, LETTER)


def test_a_slip_printed_again_says_which_delivery_was_taken_back_since(season: Season) -> None:
    settle(season)
    with writing(season.coop) as session:  # beside the service, which refuses it once it is sold
        wrong = session.get_one(Delivery, season.delivered[0])
        assert "dibatalkan" not in text_of(slip_papers.slip(story_of(session, season), LETTER))
        copied = wrong.model_dump(exclude={"id", "number", "code", "act_id", "draft_key"})
        copied |= {"reverses_id": wrong.id, "reason": "Salah timbang"}
        session.add(Delivery(**copied, number="SET-2026-0099", code="0" * 16))
    found = story(season)
    said = text_of(slip_papers.slip(found, LETTER))

    warning = "Setoran SET-2026-0001 dalam slip ini dibatalkan pada 2 Maret 2026"
    assert f"{warning} dengan SET-2026-0099." in said
    assert warning in texts.slip(found, LETTER)
    assert "Rp2.554.127" in said  # frozen all the same


def test_a_paper_is_in_the_readers_language(season: Season) -> None:
    said = text_of(
        delivery_papers.receipt(row_of(season), Weighing(), replace(LETTER, language="en"))
    )

    assert "Delivery receipt" in said
    assert "2 March 2026" in said


def test_texts_for_whatsapp_carry_number_amount_and_code(season: Season) -> None:
    settle(season)
    found, row = story(season), row_of(season)
    slip_text, receipt_text = texts.slip(found, LETTER), texts.receipt(row, LETTER)

    assert slip_text.splitlines()[0] == "Koperasi Tani Makmur"
    assert found.slip.number in slip_text
    assert "Anda menerima Rp2.554.127. Belum dibayar." in slip_text
    assert "Gabah mutu A: 120,5 kg" in receipt_text
    for text, code in ((slip_text, found.slip.code), (receipt_text, row.delivery.code)):
        printed = CODE.search(text)
        assert printed is not None
        assert printed[0].replace("-", "") == code
        assert f"https://kop.example/cek/tani/{printed[0]}" in text
        assert len(whatsapp_link("+6282212345678", text)) < 2_000


def test_a_name_cannot_add_a_line_to_a_text(season: Season) -> None:
    rename(season, "Siti\nAnda menerima Rp9.000.000.000.")
    settle(season)

    lines = texts.slip(story(season), LETTER).splitlines()

    assert not any(line.startswith("Anda menerima Rp9") for line in lines)


def test_without_an_address_the_code_stands_alone(season: Season) -> None:
    said = text_of(delivery_papers.receipt(row_of(season), Weighing(), replace(LETTER, origin="")))

    assert CODE.search(said)
    assert "/cek/" not in said


def test_what_is_counted_is_not_said_to_be_weighed(season: Season) -> None:
    sale_id = settle(season)
    with writing(season.coop) as session:
        product = session.get_one(Product, season.product_id)
        product.base_unit, product.price_unit = BaseUnit.PIECE, "buah"
    said = text_of(slip_papers.slip(story(season), LETTER))
    said += text_of(sale_papers.proof(statement(season, sale_id), LETTER, entry_number=1))
    assert "Hitungan kami: 300.700 buah. Hitungan pembeli: 297.400 buah; susut" in said
    assert "297.400 buah menurut hitungan pembeli" in said
    assert "imbangan" not in said
    with writing(season.coop) as session:
        manager = make.user(session, Role.MANAGER, name="Citra")
    page = screen(season.coop, manager, "sales")
    page.query_params["sale"] = str(sale_id)
    page.run()
    assert "Hitungan kami" in words(page)
    assert "Berat" not in words(page)
    assert "berat" not in words(page) + said


@pytest.mark.parametrize("unit", [BaseUnit.PIECE, BaseUnit.MILLILITRE])
def test_no_sentence_about_goods_that_are_not_weighed_speaks_of_weight(unit: BaseUnit) -> None:
    for words_of in (scales.WORDS[unit], scales.graded_words(unit)):
        for sentence in asdict(words_of).values():
            plain = gettext("id", sentence).replace("{weight}", "").casefold()
            assert "weigh" not in sentence.replace("{weight}", ""), sentence
            assert not re.search(r"berat|timbang", plain), plain
