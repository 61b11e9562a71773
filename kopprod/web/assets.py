"""The files of Streamlit's pages, made ours once and served from a folder of the project.

Their addresses begin with a key that changes with Streamlit and with whatever makes them, so a
browser may keep them for a year and never mixes two versions. They hold nothing of a cooperative.
"""

import fcntl
import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import streamlit
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from kopprod import db
from kopprod.web import asset_files

PREFIX = "/berkas"
LIST = "files.json"
FOREVER = "public, max-age=31536000, immutable"
OLD_S = 86_400  # what is left of another version is removed after a day
_PREFERRED = ("br", "gzip")
_ENDINGS = {"": "", "br": ".br", "gzip": ".gz"}
_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".gif": "image/gif",
    ".woff2": "font/woff2",
}
_STREAMLITS = b'="./static/'
# Streamlit would look for its server below the page's own address first, then at the root, and only
# then open its socket: two rounds of questions, most of a second on a 3G. This is where it is.
_KNOWN_BASE = (
    "<script>window.__streamlit={BACKEND_BASE_URL:location.origin,"
    "HOST_CONFIG:{allowedOrigins:[location.origin],useExternalAuthToken:false}}</script>"
)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Variant:
    """One file in one encoding."""

    path: Path
    stat: os.stat_result
    etag: str


@dataclass(frozen=True)
class Assets:
    """What is served: the key, the encodings of each file, and what a page fetches early."""

    key: str
    files: Mapping[str, Mapping[str, Variant]]
    early: tuple[str, ...]
    officers: tuple[str, ...]

    def address(self, path: str) -> str:
        """Where a browser asks for a file."""
        return f"{PREFIX}/{self.key}/{path}"


def folder() -> Path:
    """Where the made files are kept, for all processes of this machine."""
    return Path(os.environ.get("KOPPROD_ASSETS", db.ROOT / "data" / "cache" / "assets"))


def static() -> Path:
    """Where the installed Streamlit keeps its own."""
    return Path(streamlit.__file__).parent / "static"


@cache
def key() -> str:
    """Another one for every version of Streamlit, of the table, and of the code that makes them."""
    made_from = hashlib.sha256(streamlit.__version__.encode())
    made_from.update((static() / "index.html").read_bytes())
    for path in (asset_files.TABLE, Path(asset_files.__file__)):
        made_from.update(path.read_bytes())
    return made_from.hexdigest()[:16]


# --- making ----------------------------------------------------------------------------------


def prepare(root: Path | None = None) -> bool:
    """Make the files unless they are there and whole; say whether they had to be made."""
    root = root or folder()
    root.mkdir(parents=True, exist_ok=True)
    with _alone(root):
        if _read(root / key()) is not None:
            return False
        began = Path(mkdtemp(prefix=".making-", dir=root))
        try:
            _make(began)
            began.chmod(0o755)
            shutil.rmtree(root / key(), ignore_errors=True)
            began.rename(root / key())
        finally:
            shutil.rmtree(began, ignore_errors=True)
        _remove_old(root)
    return True


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Processes that start together make the files one after the other: only the first has to."""
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(into: Path) -> None:
    copy = asset_files.copied(static(), asset_files.read_texts())
    hashes: dict[str, dict[str, str]] = {}
    for path, encoding, data in asset_files.compressed(copy):
        file = into / (path + _ENDINGS[encoding])
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        hashes.setdefault(path, {})[encoding] = _hash(data)
    listed = {"files": hashes, "early": copy.early, "officers": copy.officers}
    (into / LIST).write_text(json.dumps(listed), encoding="utf-8")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _remove_old(root: Path) -> None:
    for path in root.iterdir():
        if path.is_dir() and path.name != key() and time.time() - path.stat().st_mtime > OLD_S:
            shutil.rmtree(path, ignore_errors=True)


def _read(made: Path) -> Assets | None:
    """What a folder holds; nothing if it is not there, or a file of it is not as it was made."""
    try:
        listed = json.loads((made / LIST).read_text(encoding="utf-8"))
        files = {
            path: {
                encoding: _variant(made / (path + _ENDINGS[encoding]), expected)
                for encoding, expected in hashes.items()
            }
            for path, hashes in listed["files"].items()
        }
        return Assets(made.name, files, tuple(listed["early"]), tuple(listed["officers"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _variant(path: Path, expected: str) -> Variant:
    if _hash(path.read_bytes()) != expected:
        raise ValueError(f"{path} is not as it was made")
    return Variant(path, path.stat(), f'"{expected}"')


# --- serving ---------------------------------------------------------------------------------


@cache
def served() -> Assets | None:
    """The files that this process serves, looked at once; without them Streamlit serves its own."""
    return _read(folder() / key())


def prepare_to_serve(say: Callable[[str], None]) -> None:
    """Make what is missing at a server's start; if that fails, pages are served as Streamlit's."""
    served.cache_clear()
    if served() is None:
        say("KopProd: preparing the files of the pages, once ...")
        began = time.monotonic()
        try:
            prepare()
        except Exception:
            _LOG.exception("The files of the pages could not be made; Streamlit's own are served")
            return
        served.cache_clear()
        say(f"KopProd: the files are ready after {time.monotonic() - began:.0f} s")


def addressed(page: bytes, *, officer: bool) -> bytes:
    """Streamlit's document, asking for our files instead of its own, and for more of them early."""
    assets = served()
    if assets is None or _STREAMLITS not in page:
        return page
    early = (*assets.early, *(assets.officers if officer else ()))
    links = _KNOWN_BASE + "".join(_early(assets.address(path)) for path in early)
    ours = page.replace(_STREAMLITS, f'="{assets.address("")}'.encode())
    return ours.replace(b"</head>", f"{links}</head>".encode(), 1)


def _early(address: str) -> str:
    if address.endswith(".js"):
        return f'<link rel="modulepreload" crossorigin href="{address}">'
    return f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{address}">'


async def _serve(request: Request) -> Response:
    assets = served()
    path = f"{request.path_params['kind']}/{request.path_params['name']}"
    if assets is None or path not in assets.files:
        return PlainTextResponse("404", status_code=404, headers={"cache-control": "no-store"})
    encodings = assets.files[path]
    encoding = chosen(request.headers.get("accept-encoding", ""), encodings)
    variant = encodings[encoding]
    # A page that was opened before the server was renewed asks under an older key.
    current = request.path_params["key"] == assets.key
    headers = {
        "etag": variant.etag,
        "cache-control": FOREVER if current else "no-cache",
        "x-content-type-options": "nosniff",
    }
    if len(encodings) > 1:
        headers["vary"] = "Accept-Encoding"
    if encoding:
        headers["content-encoding"] = encoding
    if _has_it(request.headers.get("if-none-match"), variant.etag):
        headers.pop("content-encoding", None)
        return Response(status_code=304, headers=headers)
    return FileResponse(
        variant.path,
        headers=headers,
        media_type=_KINDS.get(Path(path).suffix, "application/octet-stream"),
        stat_result=variant.stat,
    )


def chosen(accepted: str, offered: Container[str]) -> str:
    """The encoding to answer in: the smallest of those that the browser takes, else none."""
    weights = dict(_weight(part) for part in accepted.lower().split(","))
    for encoding in _PREFERRED:
        if encoding in offered and weights.get(encoding, weights.get("*", 0.0)) > 0:
            return encoding
    return ""


def _weight(part: str) -> tuple[str, float]:
    name, _, parameters = part.partition(";")
    marker, _, value = parameters.strip().partition("=")
    if not parameters.strip():
        return name.strip(), 1.0
    try:
        weight = float(value) if marker.strip() == "q" else 0.0
    except ValueError:
        weight = 0.0
    return name.strip(), weight if 0 <= weight <= 1 else 0.0


def _has_it(if_none_match: str | None, etag: str) -> bool:
    if if_none_match is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return etag in tags or "*" in tags


ROUTES = [Route(PREFIX + "/{key:str}/{kind:str}/{name:str}", _serve)]
