"""The logo: checked by what is in it, made small, kept in the database, printed on every paper."""

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from kopprod import db, pictures
from kopprod.domain.access import NotAllowed, Role
from kopprod.domain.cooperative import MOST_LOGO_BYTES, LogoUnfit, check_logo
from kopprod.papers import orders as order_papers
from kopprod.services import cooperative
from tests import make
from tests.screens import screen, words
from tests.seasons import Season, settled, writing
from tests.test_orders_papers import goods
from tests.test_papers import LETTER


def drawn(kind: str = "PNG", size: tuple[int, int] = (300, 200), colour: str = "#0F766E") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_becomes_a_small_png(kind: str) -> None:
    logo = pictures.as_logo(drawn(kind, (2_000, 1_000)))

    with Image.open(BytesIO(logo)) as small:
        assert (small.format, small.size) == ("PNG", (480, 240))
    assert len(logo) <= MOST_LOGO_BYTES
    check_logo(logo)


def test_what_shines_through_becomes_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")

    with Image.open(BytesIO(pictures.as_logo(out.getvalue()))) as small:
        assert small.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [b"", b"PNG", b"<svg onload='x'/>", b"%PDF-1.4", drawn()[:60], drawn("JPEG")[:200],
     drawn("GIF"), drawn("BMP")],
)  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(pictures.NotAPicture):
        pictures.as_logo(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_picture_or_refused(data: bytes) -> None:
    for tried in (data, drawn()[:40] + data):
        with pytest.raises(pictures.NotAPicture):
            pictures.as_logo(tried)


def test_what_is_too_large_or_too_wide_is_refused() -> None:
    with pytest.raises(pictures.PictureTooLarge):
        pictures.as_logo(b"x" * (pictures.MAX_BYTES + 1))
    with pytest.raises(pictures.PictureTooLarge):
        pictures.as_logo(drawn(size=(7_000, 7_000)))
    for size in ((401, 100), (100, 401)):
        with pytest.raises(pictures.PictureTooWide):
            pictures.as_logo(drawn(size=size))


def test_only_a_small_png_is_kept() -> None:
    check_logo(b"")
    for bad in (b"x", drawn("JPEG"), drawn() + b"0" * MOST_LOGO_BYTES):
        with pytest.raises(LogoUnfit):
            check_logo(bad)


def test_the_logo_is_kept_and_taken_away(coop: str) -> None:
    logo = pictures.as_logo(drawn())
    with db.reading(coop, person=make.OFFICER) as session:
        assert cooperative.logo(session) == b""
    with writing(coop) as session:
        cooperative.keep_logo(session, picture=logo)
    with db.reading(coop, person=make.OFFICER) as session:
        assert cooperative.logo(session) == logo
    with pytest.raises(NotAllowed), writing(coop, make.TREASURER) as session:
        cooperative.keep_logo(session, picture=b"")
    with writing(coop) as session:
        cooperative.keep_logo(session, picture=b"")
        assert cooperative.logo(session) == b""


def test_a_paper_carries_the_logo(season: Season) -> None:
    with writing(season.coop) as session:
        settled(session, season)
    letter = replace(LETTER, logo=pictures.as_logo(drawn()))

    for carried, count in ((LETTER, 0), (letter, 1)):
        page = PdfReader(BytesIO(order_papers.invoice(goods(season), carried))).pages[0]
        assert len(page.images) == count


def test_the_page_shows_where_the_logo_is_chosen(coop: str) -> None:
    with writing(coop) as session:
        cooperative.keep_logo(session, picture=pictures.as_logo(drawn()))
        who = make.user(session, Role.MANAGER)
    test = screen(coop, who, "cooperative")
    assert not test.exception
    test.button(key="remove_logo").click().run()

    assert "Logo sudah dihapus." in words(test)
    with db.reading(coop) as session:
        assert cooperative.logo(session) == b""
