"""Verification codes: what is printed on a paper so that anybody can ask whether it is ours.

`7K3MQ9XW2FHB4DTA` is printed as `7K3M-Q9XW-2FHB-4DTA`, and found too when somebody types it small,
without the dashes, or with an O for the nought.
"""

from kopprod.domain.refusal import N_, Refusal

# Crockford's base32: without I, L, O and U, which are taken for digits or make words.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16  # letters of 5 bits each, so 80 bits that nobody guesses
_GROUP = 4
_MISREAD = str.maketrans("ILO", "110")


class UnknownCode(Refusal):
    """Misshapen, of no paper, or of another cooperative: always the same sentence."""

    sentence = N_("No paper has this code. Compare each letter with the paper, and try again.")


def grouped(code: str) -> str:
    """The code as it is printed, in groups of four."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def cleaned(typed: str) -> str | None:
    """The code that somebody typed or followed; None where it cannot be one."""
    bare = "".join(c for c in typed.strip().upper() if c not in " -.\N{NON-BREAKING HYPHEN}")
    code = bare.translate(_MISREAD)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def path(coop: str, code: str) -> str:
    """The address of the page that confirms a paper, below the server's own."""
    return f"/cek/{coop}/{grouped(code)}"


def pause_ms(failures: int) -> int:
    """How long an answer is held back for an address with so many wrong codes lately.

    Five are free, for a misread letter; then each one costs a second more, up to twenty.
    """
    return min(20, max(0, failures - 5)) * 1000
