"""The gate over a real server: closed by default, out within five seconds, nothing forged."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from kopprod import db, demo, style, ui
from kopprod.domain.access import SYSTEM, Role
from kopprod.migrations import run
from kopprod.services import accounts, cooperative, signin
from kopprod.web.document import LOST, NO_SCRIPT, SIGNED_OUT, ours
from kopprod.web.gate import is_open
from tests import make
from tests.browser import Server, serving
from tests.databases import COOP, Postgresql, Sqlite
from tests.source import ROOT

# Signing in, ending a sign-in and counting guesses are asked of PostgreSQL by test_access.py, and
# of servers on it, within the same five seconds, by test_two_processes.py.
pytestmark = pytest.mark.one_engine("the gate asks by services that are asked on both engines")

GOOD = "836194"
PAGE = {"accept": "text/html"}
CLOSED = 4401


@dataclass(frozen=True)
class House:
    """A running server with two cooperatives and the demo."""

    server: Server
    ayu: int  # the key of a manager at the first cooperative
    budi: int  # and of a field officer there

    def client(self, cookie: str | None = None) -> httpx.Client:
        """A browser; it sends what browsers send along with a form."""
        headers = {"origin": self.server.url, **PAGE}
        cookies = {"kopprod": cookie} if cookie else {}
        return httpx.Client(base_url=self.server.url, headers=headers, cookies=cookies, timeout=30)

    def cookie(self, user_id: int, coop: str = COOP) -> str:
        """A sign-in of a user."""
        with db.writing(coop, person=SYSTEM, action="test", at=ui.now()) as session:
            signed_in = signin.open_sign_in(session, user_id=user_id, at=ui.now(), device="a test")
        return f"{coop}.{signed_in.token}"

    def socket(
        self, cookie: str | None, *, session_id: str = "", forged: dict[str, str] | None = None
    ) -> ClientConnection:
        """Streamlit's WebSocket, as its page opens it."""
        offered = ["streamlit", "no-xsrf-token", *([session_id] if session_id else [])]
        return connect(
            self.server.url.replace("http", "ws") + "/_stcore/stream",
            origin=Origin(self.server.url),
            subprotocols=[Subprotocol(entry) for entry in offered],
            additional_headers={
                **({"cookie": f"kopprod={cookie}"} if cookie else {}),
                **(forged or {}),
            },
            open_timeout=30,
            max_size=None,
        )


@pytest.fixture(scope="module")
def house(
    databases: Sqlite | Postgresql, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with databases.fresh(folder / "coops") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOPPROD_DB", url)
        patch.setenv("KOPPROD_DATA", str(folder))
        for coop in ("nelayan", "demo"):
            run.create(coop)
        with db.writing("demo", person=SYSTEM, action=demo.WHOLE, at=make.AT) as session:
            accounts.add_user(session, name="Ratna", roles={Role.MANAGER}, is_demo=True)
            accounts.add_user(session, name="Endang", roles={Role.TREASURER}, is_demo=True)
        with db.writing(COOP, person=make.MANAGER, action="test", at=make.AT) as session:
            cooperative.change_setting(session, name="name", value="Koperasi <Tani> Makmur")
            ayu = make.user(session, Role.MANAGER, secret=GOOD).user_id
            budi = make.user(session, Role.OFFICER, name="Budi", secret=GOOD).user_id
        assert ayu is not None
        assert budi is not None
        with serving(folder / "server.log") as server:
            yield House(server, ayu, budi)


def session_of(socket: ClientConnection) -> str:
    """Ask for the page, and wait for the id of the Streamlit session that it runs in."""
    socket.send(BackMsg(rerun_script=ClientState()).SerializeToString())
    until = time.monotonic() + 30
    while time.monotonic() < until:
        message = ForwardMsg()
        received = socket.recv(timeout=30)
        assert isinstance(received, bytes)
        message.ParseFromString(received)
        if message.WhichOneof("type") == "new_session":
            return str(message.new_session.initialize.session_id)
    raise AssertionError("no session began")


def closing_code(socket: ClientConnection, *, within_s: float) -> int | None:
    """How the server closed the socket."""
    until = time.monotonic() + within_s
    try:
        while True:
            socket.recv(timeout=max(0.01, until - time.monotonic()))
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


# --- closed by default -----------------------------------------------------------------------


def streamlit_routes() -> list[tuple[str, str]]:
    """Every route that the app registers, Streamlit's own too: its kind and path."""
    code = (
        "import json, app; print(json.dumps([[type(r).__name__, r.path] "
        "for r in app.app._build_starlette_app().routes]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    return [(kind, path or "/") for kind, path in found]


def test_every_route_is_closed_without_a_sign_in(house: House) -> None:
    routes = streamlit_routes()
    paths = {re.sub(r"\{[^}]*\}", "x", path) for kind, path in routes if "WebSocket" not in kind}
    paths |= {f"/static/js/{name}" for name in ("index.js", "main.js")}
    paths |= {f"/{page.stem}" for page in (ROOT / "pages").glob("*.py")}
    assert {"/_stcore/health", "/media/x", "/_stcore/upload_file/x/x", "/masuk"} <= paths
    assert [path for kind, path in routes if "WebSocket" in kind] == ["/_stcore/stream"]

    with house.client() as client:
        for path in sorted(path for path in paths if not is_open(path)):
            for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                answer = client.request(method, path, headers={"accept": "*/*"})
                assert answer.status_code == 401, (method, path)
            page = client.get(path)
            assert page.status_code == 303, path
            assert page.headers["location"].startswith("/masuk"), path


@pytest.mark.parametrize(
    "path",
    [
        "/masuk/",
        "/masuk/x",
        "/masuk/..%2Fmembers",
        "/sehat/../members",
        "//masuk",
        "/MASUK",
        "/%2e",
    ],
)
def test_nothing_is_open_beside_the_list(house: House, path: str) -> None:
    with house.client() as client:
        assert client.get(path).status_code == 303


def test_health_tells_strangers_nothing_more(house: House) -> None:
    with house.client() as client:
        assert client.get("/sehat").text == "ok"


@pytest.mark.parametrize("header", ["x-kopprod-signin", "X-Kopprod-Coop", "x_kopprod_signin"])
def test_a_forged_identity_is_nobody(house: House, header: str) -> None:
    forged = {header: signin.hash_token(house.cookie(house.ayu).partition(".")[2])}
    with house.client() as client:
        assert client.get("/members", headers=forged).status_code == 303


def test_a_cookie_made_up_or_of_another_cooperative_is_nobody(house: House) -> None:
    token = house.cookie(house.ayu).partition(".")[2]
    for cookie in (
        f"nelayan.{token}",
        f"{COOP}.{token[:-1]}",
        f"{COOP}.{signin.hash_token(token)}",
        f"nowhere.{token}",
        f"../{COOP}.{token}",
        f"{COOP}.",
        token,
        "." * 50,
    ):
        with house.client(cookie) as client:
            assert client.get("/").status_code == 303, cookie
        with house.socket(cookie) as socket:
            assert closing_code(socket, within_s=5) == CLOSED


def test_without_a_sign_in_the_socket_is_opened_only_to_say_why(house: House) -> None:
    with house.socket(None) as socket:
        assert socket.subprotocol == "streamlit"
        assert closing_code(socket, within_s=5) == CLOSED == SIGNED_OUT


# --- signed in -------------------------------------------------------------------------------


def test_the_document_is_ours_and_is_never_kept(house: House) -> None:
    with house.client(house.cookie(house.ayu)) as client:
        first = client.get("/members", headers={"accept-encoding": "gzip"})
        again = client.get("/members", headers={"if-none-match": "*", "range": "bytes=0-9"})
        head = client.head("/members")

    assert (first.status_code, again.status_code, head.status_code) == (200, 200, 200)
    assert first.text == again.text
    assert head.text == ""
    assert head.headers["content-length"] == first.headers["content-length"]
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers
    assert '<html lang="id"' in first.text
    assert "<title>KopProd</title>" in first.text
    script = first.text.index("4401")
    assert script < first.text.index("<script type=")  # before any script of Streamlit's


def test_streamlits_own_document_is_still_the_one_we_rewrite() -> None:
    import streamlit

    index = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()

    text = ours(index, "en").decode()

    assert '<html lang="en" translate="no">' in text
    assert "<title>KopProd</title>" in text
    assert "SourceSans" not in text
    assert re.findall(r"<noscript>(.*?)</noscript>", text, re.DOTALL) == [NO_SCRIPT]
    assert f'id="kp-lost" role="status">{LOST}<' in text
    assert text.index("location.replace('/masuk?keluar=1')") < text.index("<meta charset")
    # After all that Streamlit puts into the head, before what a page says of its own look.
    assert text.index("</head>") < text.index(style.sheet()) < text.index('id="root"')


def test_other_files_keep_their_cache(house: House) -> None:
    with house.client(house.cookie(house.ayu)) as client:
        index = client.get("/").text
        found = re.search(r'src="/(berkas/[0-9a-f]{16}/js/index[^"]+)"', index)
        assert found is not None
        answer = client.get(f"/{found[1]}", headers={"accept": "*/*"})

    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_another_visitors_session_is_never_resumed(house: House) -> None:
    ayu, budi = house.cookie(house.ayu), house.cookie(house.budi)
    forged = {
        "x-kopprod-coop": COOP,
        "x-kopprod-signin": signin.hash_token(ayu.partition(".")[2]),
    }
    with house.socket(ayu) as hers:
        mine = session_of(hers)
        with house.socket(budi, session_id=mine) as his:
            assert session_of(his) != mine  # while it is in use
    with house.socket(budi, session_id=mine, forged=forged) as his:
        assert session_of(his) != mine  # and after it was left
    with house.socket(ayu, session_id=mine) as hers:
        assert session_of(hers) == mine  # its owner does resume it


def test_signed_out_means_out_within_five_seconds_also_from_another_process(house: House) -> None:
    cookie = house.cookie(house.budi)
    other = house.cookie(house.ayu)
    with house.socket(cookie) as socket, house.socket(other) as stays:
        session_of(socket)
        with db.writing(COOP, person=SYSTEM, action="test", at=ui.now()) as session:
            signin.revoke(session, user_id=house.budi, at=ui.now())
        began = time.monotonic()

        assert closing_code(socket, within_s=10) == CLOSED
        assert time.monotonic() - began < 5
        assert session_of(stays)
    with house.client(cookie) as client:
        assert client.get("/").status_code == 303


# --- the plain pages -------------------------------------------------------------------------


def enter(client: httpx.Client, name: str, secret: str, **more: str) -> httpx.Response:
    return client.post("/masuk", data={"koperasi": COOP, "nama": name, "pin": secret, **more})


def test_the_sign_in_page_is_small_whole_and_safe(house: House) -> None:
    with house.client() as client:
        page = client.get("/masuk")

    assert len(page.content) <= 30_000
    assert not re.search(r"<script|src=|@import|url\(|https?://(?!www\.w3\.org)", page.text)
    assert "Koperasi &lt;Tani&gt; Makmur" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_signing_in_and_out_again(house: House) -> None:
    with house.client() as client:
        entered = enter(client, "ayu", GOOD, ke="/members")
        assert (entered.status_code, entered.headers["location"]) == (303, "/members")
        given = entered.headers["set-cookie"].lower()
        assert "httponly" in given
        assert "samesite=lax" in given
        cookie = client.cookies["kopprod"]
        assert client.get("/members").status_code == 200
        assert client.get("/masuk").status_code == 303
        assert "Ayu" in client.get("/keluar").text

        with house.socket(cookie) as socket:
            session_of(socket)
            left = client.post("/keluar")
            assert closing_code(socket, within_s=2) == CLOSED
        assert left.headers["location"] == "/masuk?keluar=1"
        assert "kopprod" not in client.cookies
        assert "Anda sudah keluar." in client.get("/masuk?keluar=1").text
    time.sleep(2.1)  # as long as the gate remembers
    with house.client(cookie) as client:
        assert client.get("/").status_code == 303


@pytest.mark.parametrize("where", ["//elsewhere.example", "https://elsewhere.example", "/\\x", "x"])
def test_signing_in_leads_to_no_other_site(house: House, where: str) -> None:
    with house.client() as client:
        assert enter(client, "ayu", GOOD, ke=where).headers["location"] == "/"


def test_a_wrong_pin_gets_a_sentence_and_keeps_the_name(house: House) -> None:
    with house.client() as client:
        refused = enter(client, 'no"body<b>', "111111")
        lost = client.post("/masuk", data={"koperasi": "../etc", "nama": "ayu", "pin": GOOD})

    assert refused.status_code == lost.status_code == 403
    assert "Nama atau PIN tidak cocok." in refused.text
    assert "Nama atau PIN tidak cocok." in lost.text
    assert "no&#34;body&lt;b&gt;" in refused.text
    assert "111111" not in refused.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/masuk", "/masuk/contoh", "/keluar", "/dirikan", "/masuk/pin"])
def test_forms_of_other_sites_are_refused(house: House, path: str, headers: dict[str, str]) -> None:
    cookie = house.cookie(house.ayu)
    with house.client(cookie) as client:
        answer = client.post(path, headers=headers, data={"koperasi": COOP, "nama": "ayu"})

        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert client.get("/").status_code == 200  # still signed in


def test_a_form_without_any_source_is_refused_and_a_huge_one_too(house: House) -> None:
    data = {"koperasi": COOP, "nama": "ayu", "pin": GOOD}
    with httpx.Client(base_url=house.server.url) as client:
        assert client.post("/masuk", data=data).status_code == 403
    with house.client() as client:
        assert enter(client, "ayu", "x" * 50_000).status_code == 403


def test_the_demo_is_one_click_away(house: House) -> None:
    with house.client() as client:
        page = client.get("/masuk").text
        assert re.findall(r"<span>(\w+)</span><small>(\w+)</small>", page) == [
            ("Endang", "Bendahara"),
            ("Ratna", "Pengelola"),
        ]
        found = re.search(r'name="orang" value="(\d+)"', page)
        assert found is not None
        entered = client.post("/masuk/contoh", data={"orang": found[1]})
        assert entered.headers["location"] == "/"
        assert client.get("/").status_code == 200
    with house.client() as client:
        assert client.post("/masuk/contoh", data={"orang": "999"}).status_code == 403


def test_a_code_leads_to_a_pin_of_ones_own_and_nowhere_else(house: House) -> None:
    with db.writing(COOP, person=make.MANAGER, action="test", at=ui.now()) as session:
        member = make.member(session, "Citra", number="KM-009")
        account = accounts.open_for_member(session, member_id=member.id)
        code = accounts.hand_code(session, user_id=account.id, at=ui.now())

    with house.client() as client:
        entered = enter(client, "KM-009", code)
        assert entered.headers["location"] == "/masuk/pin"
        limited = client.cookies["kopprod"]
        assert client.get("/members").headers["location"] == "/masuk/pin"
        assert client.get("/media/x", headers={"accept": "*/*"}).status_code == 401
        with house.socket(limited) as socket:
            assert closing_code(socket, within_s=5) == CLOSED
        assert "Citra" in client.get("/masuk/pin").text
        weak = client.post("/masuk/pin", data={"baru": "123456", "ulang": "123456"})
        assert "terlalu mudah ditebak" in weak.text
        differ = client.post("/masuk/pin", data={"baru": GOOD, "ulang": "836195"})
        assert "Kedua isian tidak sama." in differ.text
        kept = client.post("/masuk/pin", data={"baru": GOOD, "ulang": GOOD})
        assert (kept.status_code, kept.headers["location"]) == (303, "/")
        assert client.get("/").status_code == 200
        assert client.cookies["kopprod"] != limited

        same = client.post("/masuk/pin", data={"pin": GOOD, "baru": GOOD, "ulang": GOOD})
        assert "Ini PIN Anda yang sekarang." in same.text
        wrong = client.post("/masuk/pin", data={"pin": "1", "baru": "527419", "ulang": "527419"})
        assert "Nama atau PIN tidak cocok." in wrong.text
    with house.client(limited) as client:
        assert client.get("/masuk/pin").headers["location"] == "/masuk"


def test_the_language_is_chosen_in_the_browser(house: House) -> None:
    with house.client() as client:
        assert '<html lang="id"' in client.get("/masuk").text
        english = client.get("/masuk?bahasa=en")
        assert '<html lang="en"' in english.text
        assert "PIN or password" in client.get("/masuk").text
        enter(client, "ayu", GOOD)
        assert '<html lang="en"' in client.get("/").text
        assert '<html lang="id"' in client.get("/masuk?keluar=1&bahasa=xx").text


def test_founding_needs_the_printed_code(house: House) -> None:
    with house.client() as client:
        began = time.monotonic()
        answer = client.post("/dirikan", data={"kode": "AAAA-BBBB-CCCC", "nama": "Kop <X>"})

    assert answer.status_code == 403
    assert "bukan kode pendiri" in answer.text
    assert time.monotonic() - began >= 1  # guessing is slow


def test_the_log_says_how_to_get_in(house: House) -> None:
    log = house.server.log.read_text()

    assert "KopProd serves on http://" in log
    assert "Endang, Ratna" in log
    assert "founding code" not in log  # a real cooperative exists
