"""Arithmetic shown step by step: what, how, and the amount on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from kopprod.domain.quantities import BaseUnit
from kopprod.domain.sales import format_graded
from kopprod.ui.show import Column, rp, short_day


@dataclass(frozen=True)
class Step:
    """One line of a reckoning, with how it was reckoned; `is_sum` stands under a rule, in bold."""

    what: str
    amount_rp: int
    how: Sequence[str] = ()
    is_sum: bool = False


def steps(lines: Sequence[Step]) -> None:
    """The lines of a reckoning, legible on a phone and on paper."""
    st.html(steps_html(lines))


def steps_html(lines: Sequence[Step]) -> str:
    """The same as HTML, with every word escaped."""
    return f'<table class="kp"><tbody>{"".join(_line(line) for line in lines)}</tbody></table>'


def _line(line: Step) -> str:
    row = ' class="sum"' if line.is_sum else ""
    how = "".join(f'<p class="kp-note">{escape(text)}</p>' for text in line.how)
    return f'<tr{row}><td>{escape(line.what)}{how}</td><td class="n">{rp(line.amount_rp)}</td></tr>'


def graded(weight_e4: int, unit: BaseUnit) -> str:
    """A graded weight in the unit that people read: 369.840.000 is 36,984 kg."""
    return format_graded(weight_e4, unit)


def unbroken(text: str) -> str:
    """The same text, which a narrow column does not break: JUAL-2026-0001, 2,5 %, 08.00–10.00."""
    joined = text.replace("–", "\N{WORD JOINER}–\N{WORD JOINER}")
    return joined.replace("-", "\N{NON-BREAKING HYPHEN}").replace(" ", "\N{NO-BREAK SPACE}")


def number_column(heading: str, field: str) -> Column:
    """A column of papers' numbers."""
    return Column(heading, field, unbroken)


def narrow_day_column(heading: str, field: str) -> Column:
    """A column of days that are not broken."""
    return Column(heading, field, lambda on: unbroken(short_day(on)))
