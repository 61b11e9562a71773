"""CSV and XLSX files of a million rows: read row by row, as often as somebody asks.

What `sheets.py` holds as a whole, this gives one row after the other; it reads cells the same way
and refuses the same files. A row with a formula or with too many cells is given as its fault.
"""

import codecs
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from kopprod import sheets
from kopprod.domain.imports import Fault, Row
from kopprod.sheets import RawCell

_SAMPLE_BYTES = 2**16
_PIECE = 2**20
_ODD = frozenset({sheets.Formula, sheets.ErrorCell})


@dataclass(frozen=True)
class LongSheet:
    """A file's headings, and its rows as often as they are asked for."""

    name: str
    header: Sequence[str]
    max_rows: int
    records: Callable[[], Iterator[tuple[int, Sequence[RawCell]]]]

    def rows(self) -> Iterator[Row | Fault]:
        """Every row below the headings, or its first fault."""
        width, count = len(self.header), 0
        for number, cells in islice(_not_empty(self.records()), 1, None):
            count += 1
            if count > self.max_rows:
                raise sheets.TooManyRows(file=self.name, limit=self.max_rows)
            if len(cells) == width and _ODD.isdisjoint(map(type, cells)):
                yield number, dict(zip(self.header, cells, strict=True))  # type: ignore[arg-type]
                continue
            row, wrong = sheets.read_row(number, cells, self.header)
            yield wrong[0] if wrong else row


def read(
    source: bytes | Path,
    name: str = "",
    *,
    max_bytes: int = sheets.MAX_BYTES,
    max_rows: int = sheets.MAX_ROWS,
) -> LongSheet:
    """Look at a file. Refuses what is too large, empty, only headings, or no table."""
    name = name or (source.name if isinstance(source, Path) else "")
    with _opened(source) as file:
        size = file.seek(0, io.SEEK_END)
        if size > max_bytes:
            raise sheets.FileTooLarge(file=name, limit_mb=max_bytes // (1024 * 1024))
        file.seek(0)
        sample = file.read(_SAMPLE_BYTES)
    if size == len(sample) and not sample.strip(b"\xef\xbb\xbf \t\r\n"):
        raise sheets.FileEmpty(file=name)
    records = _workbook(source, name) if sample.startswith(sheets.ZIP) else _text(source, name)
    first = list(islice(_not_empty(records()), 2))
    if not first:
        raise sheets.FileEmpty(file=name)
    if len(first) < 2:
        raise sheets.OnlyHeadings(file=name)
    return LongSheet(name, sheets.headings(first[0][1], name), max_rows, records)


Records = Callable[[], Iterator[tuple[int, Sequence[RawCell]]]]


def _opened(source: bytes | Path) -> IO[bytes]:
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def _not_empty(
    records: Iterator[tuple[int, Sequence[RawCell]]],
) -> Iterator[tuple[int, Sequence[RawCell]]]:
    return (record for record in records if record[1].count("") < len(record[1]))


def _workbook(source: bytes | Path, name: str) -> Records:
    data = source.read_bytes() if isinstance(source, Path) else source
    return lambda: sheets.workbook(data, name)


def _text(source: bytes | Path, name: str) -> Records:
    with _opened(source) as file:
        sheets.check_foreign(file.read(_SAMPLE_BYTES), name)
    encoding = next((one for one in _encodings(source) if _decodes(source, one, name)), None)
    if encoding is None:
        raise sheets.NotATable(file=name)
    with _lines(source, encoding) as lines:
        sample = lines.read(_SAMPLE_BYTES)
    # The sample ends in the middle of a row, which would seem to have fewer cells.
    whole = sample.rpartition("\n")[0] if len(sample) == _SAMPLE_BYTES else sample
    separator = sheets.separator(whole or sample, name)

    def records() -> Iterator[tuple[int, Sequence[RawCell]]]:
        with _lines(source, encoding) as lines:
            yield from sheets.csv_rows(lines, separator, name)

    return records


def _lines(source: bytes | Path, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(_opened(source), encoding, newline="")


def _encodings(source: bytes | Path) -> Sequence[str]:
    with _opened(source) as file:
        return sheets.encodings(file.read(2))


def _decodes(source: bytes | Path, encoding: str, name: str) -> bool:
    """Whether the whole file is text of this encoding; refuses one with signs of no text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with _opened(source) as file:
        try:
            while piece := file.read(_PIECE):
                sheets.check_signs(decoder.decode(piece), name)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True
