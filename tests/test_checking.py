"""The public page: it confirms number, day and figure, and tells a stranger nothing else."""

from functools import partial

import anyio
import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware

from kopprod import db, ui
from kopprod.domain import codes as rules
from kopprod.domain.access import Role
from kopprod.services import cooperative, deliveries, signin
from kopprod.tables.access import SignInFailure
from kopprod.tables.deliveries import Delivery
from kopprod.tables.slips import Slip
from kopprod.web import checking, receipts
from kopprod.web.gate import Gate, is_open
from tests import make
from tests.seasons import DAY, Season, settled, writing

NO_PAPER = "Tidak ada bukti dengan kode ini."


class Browser:
    """A stranger's browser before the gate; it follows nothing by itself."""

    def __init__(self) -> None:
        routes = [*checking.ROUTES, *receipts.ROUTES]
        self.app = Starlette(routes=routes, middleware=[Middleware(Gate)])
        self.cookie = ""

    def get(self, path: str, **params: str) -> httpx.Response:
        """Ask for a page."""
        return anyio.run(partial(self._get, path, params))

    async def _get(self, path: str, params: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=("10.0.0.9", 1))
        headers = {"accept": "text/html", "cookie": self.cookie}
        async with httpx.AsyncClient(transport=transport, base_url="http://kop") as client:
            return await client.get(path, params=params or None, headers=headers)


@pytest.fixture
def client() -> Browser:
    return Browser()


def codes_of(season: Season) -> tuple[str, str]:
    """A delivery's and a slip's."""
    with writing(season.coop) as session:
        settled(session, season)
        delivery = session.get_one(Delivery, season.delivered[0])
        slip = session.exec(select(Slip).order_by(Slip.number)).first()
        assert slip is not None
        return delivery.code, slip.code


def test_a_code_confirms_number_day_and_figure_and_no_name(season: Season, client: Browser) -> None:
    of_delivery, of_slip = codes_of(season)
    receipt = client.get(rules.path(season.coop, of_delivery))
    slip = client.get(rules.path(season.coop, of_slip))

    assert (receipt.status_code, slip.status_code) == (200, 200)
    for part in ("Bukti ini asli", "SET-2026-0001", "2 Maret 2026", "120,5 kg"):
        assert part in receipt.text
    for part in ("Bukti ini asli", "SLIP-2026-0001", "2 Maret 2026", "Rp2.554.127"):
        assert part in slip.text
    for page in (receipt, slip):
        assert len(page.content) <= 10_000
        assert page.headers["cache-control"] == "no-store"
        for secret in ("Siti", "A-Siti", "Gabah", "Sri Rejeki", "Rp4.720.896"):
            assert secret not in page.text


def test_a_delivery_taken_back_is_said_to_be_cancelled(season: Season, client: Browser) -> None:
    with writing(season.coop) as session:
        code = session.get_one(Delivery, season.delivered[2]).code
        deliveries.reverse(session, season.delivered[2], reason="Rahasia dapur", on=DAY)
    page = client.get(rules.path(season.coop, code)).text

    assert "sudah dibatalkan" in page
    assert "Rahasia dapur" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/cek/{coop}/0000-0000-0000-0000",
        "/cek/{coop}/AAAA",
        "/cek/nelayan/0000-0000-0000-0000",
        "/cek/demo/0000-0000-0000-0000",
        "/cek?koperasi={coop}&kode=xx",
        "/cek?koperasi=..%2Fx&kode=0000-0000-0000-0000",
    ],
)
def test_wrong_codes_read_one_sentence(season: Season, client: Browser, path: str) -> None:
    page = client.get(path.format(coop=season.coop))

    assert page.status_code == 404
    assert NO_PAPER in page.text
    assert len(page.content) <= 10_000


def test_a_code_of_another_cooperative_is_unknown_here(season: Season, client: Browser) -> None:
    _of_delivery, of_slip = codes_of(season)

    assert client.get(rules.path("nelayan", of_slip)).status_code == 404


def test_the_form_leads_to_the_address_on_the_paper(season: Season, client: Browser) -> None:
    form = client.get("/cek")
    assert form.status_code == 200
    assert 'name="kode"' in form.text
    code, _slip = codes_of(season)
    typed = rules.grouped(code).lower().replace("-", " ")
    sent = client.get("/cek", koperasi=season.coop, kode=typed)

    assert (sent.status_code, sent.headers["location"]) == (303, rules.path(season.coop, code))


def test_wrong_codes_are_counted_and_slowed_by_address(
    season: Season, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(anyio, "sleep", sleep)
    for _ in range(8):
        client.get(f"/cek/{season.coop}/0000-0000-0000-0000")

    assert slept == [0, 0, 0, 0, 0, 0, 1, 2]
    with db.reading(season.coop) as session:
        assert session.get_one(SignInFailure, "code:10.0.0.9").failures == 8


@pytest.mark.parametrize(
    ("path", "open_"),
    [
        ("/cek", True),
        ("/cek/tani_makmur/7K3M-Q9XW-2FHB-4DTA", True),
        ("/cek/", False),
        ("/cek/tani", False),
        ("/cek/tani/", False),
        ("/cek/../members", False),
        ("/cek/tani/../../members", False),
        ("/cek/tani/code/more", False),
        ("/cek/tani/a.js", False),
        ("/CEK", False),
        ("/struk/1", False),
    ],
)
def test_one_shape_of_path_is_open(path: str, open_: bool) -> None:
    assert is_open(path) is open_


def sign_in(season: Season, client: Browser, *roles: Role) -> None:
    with writing(season.coop) as session:
        who = make.user(session, *roles, name="Oman")
        assert who.user_id is not None
        token = signin.open_sign_in(session, user_id=who.user_id, at=ui.now(), device="").token
    client.cookie = f"kopprod={season.coop}.{token}"


def test_a_receipt_for_the_small_printer_is_behind_the_gate(
    season: Season, client: Browser
) -> None:
    path = f"/struk/{season.delivered[0]}"
    assert client.get(path).status_code == 303

    with writing(season.coop) as session:
        cooperative.change_setting(session, name="address", value="Jalan Pasar 7, Sukamaju")
    sign_in(season, client, Role.OFFICER)
    page = client.get(path)

    assert page.status_code == 200
    for part in (
        "size:58mm auto",
        "Bukti setoran",
        "SET-2026-0001",
        "Siti",
        "120,5 kg",
        "/cek/",
        "Jalan Pasar 7",
    ):
        assert part in page.text
    assert "<title>SET-2026-0001</title>" in page.text
    assert "<script" not in page.text
    assert client.get("/struk/999").status_code == 404


def test_a_member_prints_her_own_receipts_only(season: Season, client: Browser) -> None:
    sign_in(season, client, Role.MEMBER)

    assert client.get(f"/struk/{season.delivered[0]}").status_code == 404
