"""Making the files of Streamlit's pages ours: our words, few letters, compressed beforehand.

Everything here is done once for a version of Streamlit, by `kopprod.web.assets`. Whatever is to be
changed must be found as the pinned version writes it: otherwise nothing is made.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import brotli
from babel.messages.pofile import read_po
from fontTools import subset
from fontTools.ttLib import TTFont

from kopprod.language import LOCALE

TABLE = LOCALE / "streamlit.po"
# Icons that our own screens name as :material/name: beside those that Streamlit's code names.
OUR_ICONS: frozenset[str] = frozenset()
# What every screen shows, and those of officers: fetched together with the frame, not after it.
SHOWN_TO_ALL = ("Html", "Button", "PageLink")
SHOWN_TO_OFFICERS = ("Selectbox", "DownloadButton", "ButtonGroup")
# What other screens show: compressed as well as can be, which takes its time.
SHOWN_OFTEN = ("TextInput", "NumberInput", "DateInput", "Radio", "Checkbox", "Multiselect")
BEST, QUICK = 11, 5  # qualities of brotli: 11 saves a tenth more, and takes thirty times as long
_COMPRESSED = {".js", ".css", ".svg"}
_ICON = re.compile(r":material/([a-z0-9_]+):")
_PAGES_LANGUAGE = "document.documentElement.lang"


class TextMissing(Exception):
    """The pinned Streamlit does not say what the table or a mend expects of it."""


@dataclass(frozen=True)
class Mend:
    """A change that is no text: in files of this name, a pattern that must be found so often."""

    file: re.Pattern[str]
    found: re.Pattern[str]
    put: str
    times: int


MENDS = (
    # The theme names the device's own fonts; these would be 170 kB before the first word.
    Mend(
        re.compile(r"index\..*\.css"),
        re.compile(r"@font-face\{font-family:Source (?:Sans|Serif|Code Pro);[^}]*\}"),
        "",
        6,
    ),
    # Months and weekdays in the language of the page, not of the browser.
    Mend(
        re.compile(r"(?:index|UriUtil)\..*\.js"),
        re.compile(r"\blocale:window\.navigator\.language\b"),
        f"locale:{_PAGES_LANGUAGE}",
        2,
    ),
    Mend(
        re.compile(r"(?:DateInput|Selectbox|Multiselect)\..*\.js"),
        re.compile(r"\blocale:`en-US`"),
        f"locale:{_PAGES_LANGUAGE}",
        4,
    ),
)


def read_texts(table: Path = TABLE) -> Mapping[tuple[str, str], str]:
    """Our text for each text of each chunk."""
    with table.open("rb") as file:
        return {
            (str(entry.context), str(entry.id)): str(entry.string)
            for entry in read_po(file, locale="id")
            if entry.id
        }


def as_written(text: str) -> str:
    """A text as the chunk's source has it; one with backticks is a piece of source already."""
    return text if "`" in text else f"`{text}`"


def spoken(sources: Mapping[str, str], texts: Mapping[tuple[str, str], str]) -> Mapping[str, str]:
    """The chunks with our texts, by name; whatever is not found is named, all of it."""
    said, missing = dict(sources), []
    for (chunk, text), ours in texts.items():
        old, new = as_written(text), as_written(ours)
        names = [name for name in said if name.split(".")[0] == chunk and old in said[name]]
        if not names:
            missing.append(f"{chunk}: {text}")
        for name in names:
            said[name] = said[name].replace(old, new)
    if missing:
        raise TextMissing("Streamlit no longer says\n  " + "\n  ".join(missing))
    return said


def mended(sources: Mapping[str, str], mends: Iterable[Mend] = MENDS) -> Mapping[str, str]:
    """The sources with what is no text changed too."""
    done = dict(sources)
    for mend in mends:
        times = 0
        for name in [name for name in done if mend.file.fullmatch(name)]:
            done[name], found = mend.found.subn(mend.put, done[name])
            times += found
        if times != mend.times:
            raise TextMissing(f"{mend.found.pattern}: found {times} times, not {mend.times}")
    return done


def with_icons(font: bytes, wanted: frozenset[str]) -> bytes:
    """The icon font with no other icons than these; each is a ligature of the letters of its name.

    One that the font does not know is left out, as Streamlit itself names some.
    """
    full = TTFont(BytesIO(font))
    letters = {glyph: chr(code) for code, glyph in full.getBestCmap().items()}
    for table in _ligatures(full):
        for first, ligatures in list(table.items()):
            kept = [one for one in ligatures if _name(letters, first, one) in wanted]
            table[first] = kept
            if not kept:
                del table[first]
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(set("".join(wanted)) | {"_"})))
    subsetter.subset(full)
    full.flavor, small = "woff2", BytesIO()
    full.save(small)
    return small.getvalue()


def icons_of(font: bytes) -> frozenset[str]:
    """The names of all icons in a font."""
    full = TTFont(BytesIO(font))
    letters = {glyph: chr(code) for code, glyph in full.getBestCmap().items()}
    return frozenset(
        _name(letters, first, one)
        for table in _ligatures(full)
        for first, ligatures in table.items()
        for one in ligatures
    )


def _ligatures(font: Any) -> Iterator[dict[str, list[Any]]]:
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            # A large table is an extension, which leads to the true one.
            yield getattr(table, "ExtSubTable", table).ligatures


def _name(letters: Mapping[str, str], first: str, ligature: Any) -> str:
    return "".join(letters.get(glyph, "?") for glyph in (first, *ligature.Component))


def needed(manifest: Mapping[str, Any], names: Iterable[str]) -> frozenset[str]:
    """The chunks that the page's frame and these elements import, themselves included."""
    entries = [key for key, one in manifest.items() if one.get("name") in names]
    waiting, seen = ["index.html", *entries], set[str]()
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting += manifest[key].get("imports", [])
    return frozenset(Path(manifest[key]["file"]).name for key in seen)


@dataclass(frozen=True)
class Copy:
    """Streamlit's files as ours, before they are compressed."""

    files: Mapping[str, bytes]  # js/…, css/… and media/…
    best: frozenset[str]  # worth the best compression
    early: tuple[str, ...]  # what every page fetches beside what the document names
    officers: tuple[str, ...]  # and what most pages of officers fetch beside that


def copied(static: Path, texts: Mapping[tuple[str, str], str]) -> Copy:
    """Read Streamlit's static folder and make it ours."""
    files = {
        str(path.relative_to(static / "static").as_posix()): path.read_bytes()
        for path in sorted((static / "static").rglob("*"))
        if path.is_file()
    }
    where = {Path(path).name: path for path in files if path.endswith((".js", ".css"))}
    sources = {name: files[path].decode("utf-8") for name, path in where.items()}
    icons = OUR_ICONS.union(*(_ICON.findall(source) for source in sources.values()))
    for name, source in mended(spoken(sources, texts)).items():
        files[where[name]] = source.encode("utf-8")
    (font,) = (path for path in files if "MaterialSymbols" in path)
    files[font] = with_icons(files[font], icons)
    manifest = json.loads((static / "manifest.json").read_text(encoding="utf-8"))
    to_all = needed(manifest, SHOWN_TO_ALL)
    to_officers = needed(manifest, {*SHOWN_TO_ALL, *SHOWN_TO_OFFICERS})
    best = needed(manifest, {*SHOWN_TO_ALL, *SHOWN_TO_OFFICERS, *SHOWN_OFTEN})
    document = (static / "index.html").read_text(encoding="utf-8")
    early = sorted(where[name] for name in to_all & where.keys() if name not in document)
    later = sorted(where[name] for name in (to_officers - to_all) & where.keys())
    return Copy(
        files,
        best=frozenset(where[name] for name in best & where.keys()),
        early=(font, *early),
        officers=tuple(later),
    )


def compressed(copy: Copy) -> Iterator[tuple[str, str, bytes]]:
    """Each file as path, encoding and bytes: as it is, and where that is smaller in br and gzip."""
    with ThreadPoolExecutor() as threads:  # the libraries let go of the interpreter meanwhile
        large_first = sorted(copy.files.items(), key=lambda one: -len(one[1]))
        for made in threads.map(partial(_encoded, best=copy.best), large_first):
            yield from made


def _encoded(file: tuple[str, bytes], best: frozenset[str]) -> list[tuple[str, str, bytes]]:
    path, data = file
    made = [(path, "", data)]
    if Path(path).suffix in _COMPRESSED:
        quality = BEST if path in best else QUICK
        made.append((path, "br", brotli.compress(data, quality=quality, lgwin=24)))
        made.append((path, "gzip", gzip.compress(data, 9, mtime=0)))
    return [one for one in made if not one[1] or len(one[2]) < len(data)]
