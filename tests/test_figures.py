"""The lines of `make bench`: one figure each, with the ratio to what it is measured by."""

import json

import pytest

from benchmarks import figures


def printed(capsys: pytest.CaptureFixture[str]) -> object:
    """The only line that was printed."""
    (only,) = capsys.readouterr().out.splitlines()
    return json.loads(only)


def test_a_figure_is_one_line_with_its_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    figures.line("page_bytes.log", 540_000, 600_000, 1, plain_bytes=3_070_000)

    assert printed(capsys) == {
        "name": "page_bytes.log",
        "ratio": 0.9,
        "goal": 1,
        "of": 540_000,
        "to": 600_000,
        "plain_bytes": 3_070_000,
    }


def test_no_more_digits_than_were_measured(capsys: pytest.CaptureFixture[str]) -> None:
    figures.line("first_visit_3g", 5.123456, 16.7, 0.35, spread_s=0.123456)

    assert printed(capsys) == {
        "name": "first_visit_3g",
        "ratio": 0.3068,
        "goal": 0.35,
        "of": 5.123,
        "to": 16.7,
        "spread_s": 0.1235,
    }


def test_without_anything_to_compare_with_there_is_no_ratio(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures.line("visitors.most", 50, 0, 0.1)

    shown = printed(capsys)
    assert isinstance(shown, dict)
    assert shown["ratio"] is None
