"""Streamlit's files made ours: what is found and what is not, made once, and how it is served."""

import gzip
import os
import re
import shutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio
import brotli
import httpx
import pytest
import streamlit
from starlette.applications import Starlette

from kopprod.__main__ import main
from kopprod.language import gettext
from kopprod.web import asset_files, assets
from kopprod.web.asset_files import Mend, TextMissing
from kopprod.web.gate import is_open
from tests import source

TEXTS = asset_files.read_texts()
OUR_ICON = re.compile(r":material/([a-z0-9_]+):")
LARGE = 2_000  # bytes that a request asks for a part of


@pytest.fixture(scope="module")
def made() -> assets.Assets:
    """The files as this machine keeps them, made once and used again by later runs."""
    assets.prepare()
    assets.served.cache_clear()
    found = assets.served()
    assert found is not None
    return found


@dataclass(frozen=True)
class Answer:
    """What came over the wire, still packed."""

    status_code: int
    headers: httpx.Headers
    content: bytes


class Client:
    """A browser before a server that serves nothing else."""

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        return anyio.run(self._ask, "GET", address, headers or {})

    def head(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        return anyio.run(self._ask, "HEAD", address, headers or {})

    async def _ask(self, method: str, address: str, headers: Mapping[str, str]) -> Answer:
        app = httpx.ASGITransport(Starlette(routes=assets.ROUTES))
        async with httpx.AsyncClient(transport=app, base_url="http://kopprod") as client:
            client.headers["accept-encoding"] = ""
            async with client.stream(method, address, headers=headers) as answer:
                body = b"".join([part async for part in answer.aiter_raw()])
        return Answer(answer.status_code, answer.headers, body)


@pytest.fixture
def client(made: assets.Assets) -> Client:
    assert made
    return Client()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for made files, where making them takes no time."""
    few = asset_files.Copy({"js/index.js": b"say(`Pilih`);" * 99}, frozenset(), (), ())
    monkeypatch.setattr(asset_files, "copied", lambda static, texts: few)
    return tmp_path / "assets"


def script(made: assets.Assets) -> str:
    """The path of a large script that is served in every encoding."""
    return next(path for path in made.files if path.startswith("js/index."))


# --- what is changed -------------------------------------------------------------------------


def test_every_text_of_the_table_is_translated_once_and_stays_source() -> None:
    assert len(TEXTS) > 100
    for (chunk, text), ours in TEXTS.items():
        assert ours and ours != text, (chunk, text)
        assert ours.count("`") == text.count("`"), (chunk, text)
        facts = re.compile(r"\$\{[a-zA-Z.]+\}")
        assert set(facts.findall(ours)) <= set(facts.findall(text)), (chunk, text)


def test_a_text_is_replaced_where_it_stands_alone_between_backticks() -> None:
    sources = {"Selectbox.a1.js": "x(`Open`);y(`Open the door`)", "Other.b2.js": "z(`Open`)"}

    said = asset_files.spoken(sources, {("Selectbox", "Open"): "Buka"})

    assert said == {"Selectbox.a1.js": "x(`Buka`);y(`Open the door`)", "Other.b2.js": "z(`Open`)"}


def test_all_texts_that_are_not_found_are_named() -> None:
    with pytest.raises(TextMissing, match=r"Selectbox: Close(.|\n)*Table: Open"):
        asset_files.spoken(
            {"Selectbox.a1.js": "x(`Open`)", "Table.c3.js": ""},
            {
                ("Selectbox", "Open"): "Buka",
                ("Selectbox", "Close"): "Tutup",
                ("Table", "Open"): "Buka",
            },
        )


@pytest.mark.parametrize("times", [0, 2])
def test_a_mend_must_be_found_as_often_as_it_was(times: int) -> None:
    mend = Mend(re.compile(r"index\..*\.css"), re.compile("Sans"), "", times)

    with pytest.raises(TextMissing, match="found 1 times"):
        asset_files.mended({"index.x.css": "Sans"}, [mend])


def test_the_pinned_streamlit_says_everything_that_the_table_translates(
    made: assets.Assets,
) -> None:
    """Making them would have failed otherwise: this looks at what came of it."""
    names = {path.split("/")[-1].split(".")[0] for path in made.files}
    assert {chunk for chunk, _text in TEXTS} <= names
    for (chunk, text), ours in TEXTS.items():
        files = [path for path in made.files if path.startswith(f"js/{chunk}.")]
        said = [made.files[path][""].path.read_text(encoding="utf-8") for path in files]
        assert any(asset_files.as_written(ours) in one for one in said), (chunk, ours)
        assert not any(asset_files.as_written(text) in one for one in said), (chunk, text)


def test_no_page_asks_for_a_font_beside_the_icons(made: assets.Assets) -> None:
    (style,) = (path for path in made.files if path.startswith("css/index."))
    text = made.files[style][""].path.read_text(encoding="utf-8")

    assert set(re.findall(r"font-family:(Source[^;]*);", text)) == set()
    assert "Material Symbols Rounded" in text


def test_the_icon_font_has_what_is_used_and_little_else(made: assets.Assets) -> None:
    (font,) = (path for path in made.files if "MaterialSymbols" in path)
    data = made.files[font][""].path.read_bytes()
    icons = asset_files.icons_of(data)

    assert {"expand_more", "keyboard_double_arrow_left", "close", "upload"} <= icons
    assert icons >= asset_files.OUR_ICONS
    assert len(data) < 15_000


def test_every_icon_that_our_screens_name_is_in_the_font() -> None:
    named = {
        icon
        for path in source.modules("kopprod", "pages")
        if path.name != "asset_files.py"
        for icon in OUR_ICON.findall(path.read_text(encoding="utf-8"))
    }

    assert named <= asset_files.OUR_ICONS


# --- making them once ------------------------------------------------------------------------


def test_what_is_whole_is_used_again(small: Path) -> None:
    assert assets.prepare(small)
    before = (small / assets.key() / assets.LIST).stat()

    assert not assets.prepare(small)
    assert (small / assets.key() / assets.LIST).stat() == before


@pytest.mark.parametrize("harm", ["changed", "cut", "gone", "no list", "half a list"])
def test_what_is_not_as_it_was_made_is_made_again(small: Path, harm: str) -> None:
    assets.prepare(small)
    made = small / assets.key()
    file = {"no list": made / assets.LIST, "half a list": made / assets.LIST}.get(
        harm, made / "js" / "index.js.br"
    )
    if harm in {"gone", "no list"}:
        file.unlink()
    else:
        data = file.read_bytes()
        file.write_bytes(data[:-1] if harm != "changed" else data[:-1] + b"\0")

    assert assets.prepare(small)
    assert not assets.prepare(small)


def test_what_a_power_cut_left_half_written_is_never_served(small: Path) -> None:
    half = small / assets.key()
    half.mkdir(parents=True)
    (half / "index.js").write_text("say(")

    assert assets.prepare(small)


def test_another_streamlit_or_table_has_another_key(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = assets.key()
    keys = {first}
    for name, put in (("__version__", "1.68.0"), ("TABLE", tmp_path / "table.po")):
        assets.key.cache_clear()
        with monkeypatch.context() as patch:
            if name == "TABLE":
                shutil.copyfile(asset_files.TABLE, tmp_path / "table.po")
                with (tmp_path / "table.po").open("a") as file:
                    file.write("\n# another word")
                patch.setattr(asset_files, name, put)
            else:
                patch.setattr(streamlit, name, put)
            keys.add(assets.key())
    assets.key.cache_clear()

    assert len(keys) == 3
    assert assets.key() == first


def test_what_is_left_of_other_versions_goes_after_a_day(small: Path) -> None:
    small.mkdir()
    for name, age_s in (("0" * 16, 2 * assets.OLD_S), ("1" * 16, 60)):
        (small / name).mkdir()
        at = (small / name).stat().st_mtime - age_s
        os.utime(small / name, (at, at))

    assets.prepare(small)

    left = {path.name for path in small.iterdir() if path.is_dir()}
    assert left == {assets.key(), "1" * 16}


def test_two_that_start_together_make_them_once(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meet, made = threading.Barrier(4), list[bool]()

    def start() -> None:
        meet.wait()
        made.append(assets.prepare(small))

    threads = [threading.Thread(target=start) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(made) == [False, False, False, True]
    assert not [path for path in small.iterdir() if path.name.startswith(".making-")]


def test_a_failed_making_leaves_nothing_and_the_server_goes_on(
    small: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_static: Path, _texts: object) -> None:
        raise TextMissing("Streamlit no longer says")

    monkeypatch.setenv("KOPPROD_ASSETS", str(small))
    monkeypatch.setattr(asset_files, "copied", fail)
    said = list[str]()

    assets.prepare_to_serve(said.append)

    assert len(said) == 1
    assert "Streamlit no longer says" in caplog.text
    assert assets.served() is None
    assert assets.addressed(b'<script src="./static/js/index.js">', officer=True).endswith(
        b'"./static/js/index.js">'
    )
    assert [path.name for path in small.iterdir()] == ["lock"]
    assets.served.cache_clear()


# --- serving ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.1, gzip;q=1.0", "br"),
        ("br;q=0, gzip", "gzip"),
        ("BR", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=0, *", "gzip"),
        ("br;q=2", ""),
        ("br;q=x", ""),
        ("brotli, abr, x-gzip", ""),
        ("identity", ""),
        ("", ""),
        (";;,,=", ""),
    ],
)
def test_the_encoding_is_one_that_the_browser_takes(accepted: str, encoding: str) -> None:
    assert assets.chosen(accepted, ["", "br", "gzip"]) == encoding


def test_each_encoding_holds_the_same_file(client: Client, made: assets.Assets) -> None:
    path = script(made)
    plain = made.files[path][""].path.read_bytes()
    etags = set[str]()
    for accepted, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)):
        answer = client.get(made.address(path), headers={"accept-encoding": accepted})
        assert unpack(answer.content) == plain
        assert answer.headers.get("content-encoding", "") == accepted
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["cache-control"] == assets.FOREVER
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert int(answer.headers["content-length"]) == len(answer.content)
        etags.add(answer.headers["etag"])
    assert len(etags) == 3


def test_a_picture_has_one_form(client: Client, made: assets.Assets) -> None:
    (font,) = (path for path in made.files if "MaterialSymbols" in path)

    answer = client.get(made.address(font), headers={"accept-encoding": "br, gzip"})

    assert "vary" not in answer.headers
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-type"] == "font/woff2"


def test_a_head_has_the_headers_and_no_body(client: Client, made: assets.Assets) -> None:
    headers = {"accept-encoding": "br"}
    whole = client.get(made.address(script(made)), headers=headers)
    head = client.head(made.address(script(made)), headers=headers)

    assert head.content == b""
    assert head.headers == whole.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_what_the_browser_has_is_not_sent_again(
    client: Client, made: assets.Assets, form: str
) -> None:
    address, headers = made.address(script(made)), {"accept-encoding": "br"}
    etag = client.head(address, headers=headers).headers["etag"]

    answer = client.get(address, headers={**headers, "if-none-match": form.format(etag)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["vary"] == "Accept-Encoding"
    assert client.get(address, headers={**headers, "if-none-match": '"x"'}).status_code == 200


def test_a_part_is_a_part_of_the_encoding_that_was_asked_for(
    client: Client, made: assets.Assets
) -> None:
    address = made.address(script(made))
    packed = made.files[script(made)]["br"]
    wanted = {"accept-encoding": "br", "range": f"bytes=100-{LARGE - 1}"}
    answer = client.get(address, headers=wanted)
    size = packed.stat.st_size

    assert answer.status_code == 206
    assert answer.content == packed.path.read_bytes()[100:LARGE]
    assert answer.headers["content-range"] == f"bytes 100-{LARGE - 1}/{size}"
    assert answer.headers["content-encoding"] == "br"


def test_a_part_of_another_encoding_is_not_continued(client: Client, made: assets.Assets) -> None:
    """Or a download that began in gzip would go on in brotli."""
    address, encodings = made.address(script(made)), made.files[script(made)]
    wanted = {"accept-encoding": "br", "range": "bytes=100-199"}

    other = client.head(address, headers={**wanted, "if-range": encodings["gzip"].etag})
    same = client.head(address, headers={**wanted, "if-range": encodings["br"].etag})

    assert (other.status_code, same.status_code) == (200, 206)


def test_a_part_beyond_the_end_is_refused(client: Client, made: assets.Assets) -> None:
    answer = client.get(made.address(script(made)), headers={"range": "bytes=99999999-"})

    assert answer.status_code == 416


@pytest.mark.parametrize("path", ["js/none.js", "js/files.json", "media/..", "js/index.js.br"])
def test_nothing_else_is_there(client: Client, made: assets.Assets, path: str) -> None:
    answer = client.get(made.address(path))

    assert answer.status_code == 404


def test_a_page_that_was_opened_before_a_renewal_is_not_left_alone(
    client: Client, made: assets.Assets
) -> None:
    answer = client.get(f"/berkas/{'0' * 16}/{script(made)}")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


def test_strangers_may_ask_for_these_files_and_no_others(made: assets.Assets) -> None:
    assert all(is_open(made.address(path)) for path in made.files)
    for path in (
        "/berkas",
        f"/berkas/{made.key}/{assets.LIST}",
        f"/berkas/{made.key}/js/../files.json",
        f"/berkas/{made.key}/js/a/b.js",
        f"/static/{script(made)}",
        "/berkas/x/js/index.js",
    ):
        assert not is_open(path)


def test_the_document_asks_for_our_files_only(made: assets.Assets) -> None:
    page = (assets.static() / "index.html").read_bytes()

    member = assets.addressed(page, officer=False).decode()
    officer = assets.addressed(page, officer=True).decode()

    asked = set(re.findall(r'(?:src|href)="([^"]*/js/[^"]*|[^"]*/css/[^"]*)"', officer))
    assert len(asked) > 80
    known = {made.address(path) for path in made.files}
    assert asked <= known
    assert "Selectbox" in officer
    assert "Selectbox" not in member
    assert "Html." in member
    assert "PlotlyChart" not in officer


def test_the_command_says_what_it_did(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KOPPROD_ASSETS", str(small))

    assert main(["assets"]) == main(["assets"]) == 0

    said = [gettext("id", "The files of the pages are ready.")]
    said += [gettext("id", "The files of the pages were ready already.")]
    assert capsys.readouterr().out.splitlines() == said
