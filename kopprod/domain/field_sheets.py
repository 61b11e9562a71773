"""Field sheets: a printed list with numbered rows, typed back in the same order.

The sheet of paddy of 2 March for Siti and Budi bears a mark of four letters. Who types it back sees
the same mark as long as the same members stand on it, in the same order.
"""

import hashlib
from collections.abc import Sequence
from datetime import date

from kopprod.domain.refusal import N_, Refusal

MOST_TURNS = 9
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another one
_MARK = 4


class TurnUnknown(Refusal):
    """More sheets than a day has."""

    sentence = N_("A day has sheets 1 to {most}. Choose one of them.")


def mark(product_id: int, member_ids: Sequence[int]) -> str:
    """Four letters that tell one list of members from another."""
    text = ",".join(str(key) for key in (product_id, *member_ids))
    found = hashlib.sha256(text.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in found[:_MARK])


def row_key(product_id: int, on: date, turn: int, member_id: int) -> str:
    """What a row is known by, however often it is sent: one delivery of a member on one sheet."""
    if not 1 <= turn <= MOST_TURNS:
        raise TurnUnknown(most=MOST_TURNS)
    return f"lembar-{product_id}-{on:%Y%m%d}-{turn}-{member_id}"
