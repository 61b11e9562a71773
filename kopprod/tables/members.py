"""The register of members, a legal book: nobody is ever deleted from it."""

from datetime import date

from sqlmodel import Field, SQLModel, UniqueConstraint

from kopprod.domain.members import AccountKind, MemberStatus, Sex
from kopprod.tables.columns import check, key, may_be_one_of, may_refer, may_whole, one_of, refers


class Member(SQLModel, table=True):
    """One person of the register, by number. A name may be one word; phones are often shared."""

    __table_args__ = (
        check("name_given", "length(name) > 0"),
        check("left_has_date", "(status = 'left') = (left_on IS NOT NULL)"),
        check("left_after_joining", "left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on"),
        check(
            "account_whole",
            "(account_kind IS NULL) = (account_number IS NULL)"
            " AND (account_kind IS NULL) = (account_provider IS NULL)",
        ),
    )

    id: int = key()
    number: str = Field(unique=True)
    name: str = Field(index=True)
    status: MemberStatus = one_of(MemberStatus, "status")
    village_id: int | None = may_refer("village.id")
    phone: str | None = Field(default=None, index=True)
    joined_on: date | None = None
    left_on: date | None = None
    left_reason: str | None = None
    birth_place: str | None = None
    birth_on: date | None = None
    sex: Sex | None = may_be_one_of(Sex, "sex")
    job: str | None = None
    address: str | None = None
    land_m2: int | None = may_whole()  # what she farms; None where nobody asked
    account_kind: AccountKind | None = may_be_one_of(AccountKind, "account_kind")
    account_provider: str | None = None
    account_number: str | None = None
    account_holder: str | None = None
    act_id: int = refers("act.id", index=False)


class MemberProduct(SQLModel, table=True):
    """What a member produces."""

    __tablename__ = "member_product"
    __table_args__ = (UniqueConstraint("member_id", "product_id"),)

    id: int = key()
    member_id: int = refers("member.id")
    product_id: int = refers("product.id")
    act_id: int = refers("act.id", index=False)
