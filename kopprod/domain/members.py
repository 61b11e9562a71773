"""Members: their standing in the cooperative and how they are written down."""

from enum import StrEnum


class MemberStatus(StrEnum):
    """Applicant (calon anggota), member, or left."""

    APPLICANT = "applicant"
    MEMBER = "member"
    LEFT = "left"


class Sex(StrEnum):
    """As the register of members asks for it."""

    FEMALE = "female"
    MALE = "male"


class AccountKind(StrEnum):
    """Where a member's money may be sent."""

    BANK = "bank"
    EWALLET = "ewallet"
