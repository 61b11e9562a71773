"""Choosing a member or a product: what is likely first, the rest by a few letters."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import streamlit as st

from kopprod.domain.members import MemberStatus
from kopprod.domain.quantities import format_number
from kopprod.services import cooperative, members
from kopprod.tables.members import Member
from kopprod.tables.products import Product
from kopprod.ui.visit import _, reading

_Row = TypeVar("_Row")


def choose_member(
    people: Sequence[Member],
    *,
    villages: Mapping[int, str],
    key: str,
    value: int | None = None,
    first: Sequence[int] = (),
    may_be_all: bool = False,
) -> Member | None:
    """One of the members who have not left, by letters of name, number or village.

    `value` is chosen already; the ids in `first` stand on top of the list, in their order. For
    looking back (`may_be_all`) those who left are listed too.
    """
    known = {m.id: m for m in people if may_be_all or m.status is not MemberStatus.LEFT}
    ids = [i for i in first if i in known]
    ids += [i for i in known if i not in ids]
    chosen = st.selectbox(
        _("Member"),
        ids,
        index=ids.index(value) if value in known else None,
        format_func=lambda i: member_words(known[i], villages),
        placeholder=_("All members") if may_be_all else _("Name, number or village"),
        key=key,
    )
    return None if chosen is None else known[chosen]


def of_one_member(
    newest: Sequence[_Row],
    read: Callable[..., Sequence[_Row]],
    *,
    words: str,
    key: str,
) -> Sequence[_Row]:
    """Where there are more rows than a list shows: the newest, or all of one member.

    `read` gives those of a `member_id`; `words` is the message that says so of the newest {n}.
    """
    with reading() as session:
        people = members.members(session)
        villages = {v.id: v.name for v in cooperative.villages(session)}
    member = choose_member(people, villages=villages, key=key, may_be_all=True)
    if member is None:
        st.caption(_(words, n=format_number(len(newest))))
        return newest
    with reading() as session:
        return read(session, member_id=member.id)


def member_words(member: Member, villages: Mapping[int, str]) -> str:
    """A member on one line: Siti · A-001 · Sukamaju."""
    village = villages.get(member.village_id, "") if member.village_id else ""
    return " · ".join(word for word in (member.name, member.number, village) if word)


def choose_product(
    goods: Sequence[Product], *, key: str, value: int | None = None
) -> Product | None:
    """One product by a button; the only one is chosen already."""
    known = {p.id: p for p in goods}
    if len(goods) == 1:
        value = goods[0].id
    chosen = st.pills(
        _("Product"),
        list(known),
        default=value if value in known else None,
        format_func=lambda i: known[i].name,
        key=key,
        required=True,
    )
    return None if chosen is None else known[chosen]
