"""What people write in names, notes and reasons, as it is kept.

Markup, quotes and right-to-left letters are plain text like any other: who writes "<b>Ayu</b>" is
called so.
"""

import unicodedata

# Marks that turn the direction of what stands after them: in a name they could disguise another.
_TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def tidy(text: str) -> str:
    """One blank between words, letters composed, nothing that cannot be seen."""
    seen = (c for c in unicodedata.normalize("NFC", text) if c not in _TURNING)
    spaced = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in seen)
    return " ".join("".join(spaced).split())
