"""Loads that are not taken: a reason is written down, and nothing is owed for them."""

from kopprod.domain.refusal import N_, Refusal


class RejectionNeedsReason(Refusal):
    """The member will ask why, and so will whoever reads the book."""

    sentence = N_("Write why the load is not taken.")


class LoadReceivedAlready(Refusal):
    """The same form was sent as a delivery."""

    sentence = N_("This load was received already as {number}. Take that delivery back first.")


class LoadRejectedAlready(Refusal):
    """The same form was sent as a rejection."""

    sentence = N_("This load was rejected already as {number}. Begin a new one.")


def check_reason(reason: str) -> str:
    """The reason, tidied; refuses an empty one."""
    kept = " ".join(reason.split())[:300]
    if not kept:
        raise RejectionNeedsReason
    return kept
