"""Members: the register, one member's data, joining and leaving."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from kopprod import ui
from kopprod.domain import phones
from kopprod.domain.equipment import Work, shown
from kopprod.domain.members import Account, AccountKind, MemberStatus, Sex, Written
from kopprod.domain.refusal import N_
from kopprod.services import cooperative, members, products
from kopprod.tables.members import Member
from kopprod.ui import Column, _, first_steps, places
from kopprod.ui.ask import ask_area
from kopprod.ui.doors import Door, back, doors, opened

STATUSES = {
    MemberStatus.MEMBER: N_("Member"),
    MemberStatus.APPLICANT: N_("Applicant"),
    MemberStatus.LEFT: N_("Has left"),
}
SEXES = {Sex.FEMALE: N_("Woman"), Sex.MALE: N_("Man")}
ACCOUNTS = {AccountKind.BANK: N_("Bank account"), AccountKind.EWALLET: N_("E-wallet")}
ROWS = 20
FIRST_DAY = date(1900, 1, 1)


@dataclass(frozen=True)
class Choices:
    """What a member's form offers."""

    villages: Mapping[int, str]
    products: Mapping[int, str]


def to_page(name: str, label: str) -> None:
    """A link to another page, for those who may open it."""
    if any(place.name == name for place in places.open_to(who.person)):
        ui.link(name, label=label)


def show_list(choices: Choices) -> None:
    """The register, found by name, number, village or phone."""
    if may_change and not choices.villages:
        ui.empty(_("First write down the villages of the members on the page of the cooperative."))
        to_page("cooperative", _("To the page of the cooperative"))
    if may_change and st.button(_("Add a member"), key="new", type="primary", width="stretch"):
        st.query_params["member"] = "new"
        st.rerun()
    search = st.text_input(
        _("Search"), key="search", placeholder=_("name, number, village or phone")
    )
    chosen = st.segmented_control(
        _("Status"),
        ["all", *STATUSES],
        default="all",
        format_func=lambda s: _(STATUSES[MemberStatus(s)]) if s in STATUSES else _("All"),
        key="status",
        required=True,
    )
    status = MemberStatus(chosen) if chosen in STATUSES else None
    with ui.reading() as session:
        found = members.members(session, status=status, search=search)
        produced = members.produced(session)
    if not found and not search and status is None:
        ui.empty(
            _("Nobody is in the register yet. Add a member, or bring a file on the page Files.")
        )
        to_page("imports", _("To the page Files"))
    elif not found:
        ui.empty(_("Nobody is found. Type less, or choose another status."))
    show_found(found, choices, produced)


def show_found(found: list[Member], choices: Choices, produced: Mapping[int, list[str]]) -> None:
    """Each member as a door, and all of them as a table."""
    if not found:
        return
    st.caption(_("{count} found", count=len(found)))
    pages = -(-len(found) // ROWS)
    page = 0
    if pages > 1:
        page = st.selectbox(
            _("Page"),
            range(pages),
            format_func=lambda n: _("{page} of {pages}", page=n + 1, pages=pages),
            key="page",
        )
    shown = found[page * ROWS : (page + 1) * ROWS]
    doors([Door(row.id, row.name, words(row, choices)) for row in shown], parameter="member")
    with st.expander(_("All of them as a table")):
        show_table(found, choices, produced)


def words(row: Member, choices: Choices) -> list[str]:
    """Number, village, and the status where it is not the usual one."""
    known = [row.number]
    if row.village_id is not None:
        known.append(choices.villages[row.village_id])
    if row.status is not MemberStatus.MEMBER:
        known.append(_(STATUSES[row.status]))
    return known


def show_table(found: list[Member], choices: Choices, produced: Mapping[int, list[str]]) -> None:
    """The register as a table with its files."""
    rows = [
        {
            **row.model_dump(),
            "village": choices.villages.get(row.village_id or 0, ""),
            "products": ", ".join(produced.get(row.id, [])),
            "status": _(STATUSES[row.status]),
            "phone": phones.show(row.phone) if row.phone else "",
        }
        for row in found
    ]
    columns = [
        Column(_("Number"), "number"),
        Column(_("Name"), "name"),
        Column(_("Village"), "village"),
        Column(_("Phone"), "phone"),
        Column(_("Produces"), "products"),
        Column(_("Status"), "status"),
        ui.day_column(_("Joined on"), "joined_on"),
        ui.day_column(_("Left on"), "left_on"),
    ]
    ui.table(columns, rows, key="members")


def ask_member(
    row: Member | None, choices: Choices, makes: list[int], *, joins: bool = True
) -> Written:
    """Everything that is written down about a member beside number, name and status."""
    key = "new" if row is None else str(row.id)
    written = Written()
    written["village_id"] = st.selectbox(
        _("Village"),
        list(choices.villages),
        index=place_of(row.village_id if row else None, list(choices.villages)),
        format_func=choices.villages.__getitem__,
        placeholder=_("Choose a village"),
        key=f"village_{key}",
    )
    written["phone"] = st.text_input(
        _("Phone (may be shared in the family)"),
        value=phones.show(row.phone) if row and row.phone else "",
        placeholder="0822-1234-5678",
        key=f"phone_{key}",
    )
    made = st.multiselect(
        _("Produces"),
        list(choices.products),
        default=[i for i in makes if i in choices.products],
        format_func=choices.products.__getitem__,
        placeholder=_("Choose products"),
        key=f"products_{key}",
    )
    # A stopped product is not offered, and what she made of it stays true.
    written["product_ids"] = [*made, *(i for i in makes if i not in choices.products)]
    written["land_m2"] = ask_area(
        _("Land she farms (may stay empty)"), key=f"land_{key}", value=row.land_m2 if row else None
    )
    if joins:
        joined_on = row.joined_on if row else ui.today()
        written["joined_on"] = ask_day(_("Joined on"), joined_on, f"joined_{key}")
    with st.expander(_("For the register (may stay empty)")):
        ask_legal(row, written, key)
    with st.expander(_("Account for payouts (may stay empty)")):
        written["account"] = ask_account(row, key)
    return written


def place_of(value: object, choices: list[int]) -> int | None:
    """Where a kept value stands among the choices."""
    return next((place for place, choice in enumerate(choices) if choice == value), None)


def ask_day(label: str, value: date | None, key: str) -> date | None:
    """A day that may stay empty, never one to come."""
    day: date | None = st.date_input(
        label,
        value=value,
        format="DD/MM/YYYY",
        min_value=FIRST_DAY,
        max_value=max(ui.today(), value or FIRST_DAY),
        key=key,
    )
    return day


def ask_legal(row: Member | None, written: Written, key: str) -> None:
    """The columns that the law's register asks for."""
    written["birth_place"] = st.text_input(
        _("Place of birth"), value=(row and row.birth_place) or "", key=f"birth_place_{key}"
    )
    written["birth_on"] = ask_day(_("Date of birth"), row.birth_on if row else None, f"birth_{key}")
    written["sex"] = st.segmented_control(
        _("Sex"),
        list(SEXES),
        default=row.sex if row else None,
        format_func=lambda s: _(SEXES[s]),
        key=f"sex_{key}",
    )
    written["job"] = st.text_input(_("Job"), value=(row and row.job) or "", key=f"job_{key}")
    written["address"] = st.text_area(
        _("Address"), value=(row and row.address) or "", key=f"address_{key}"
    )


def ask_account(row: Member | None, key: str) -> Account | None:
    """Where money may be sent, or nothing: then it is paid in cash."""
    kind = st.segmented_control(
        _("Paid out to"),
        ["cash", *ACCOUNTS],
        default=(row and row.account_kind) or "cash",
        format_func=lambda k: _(ACCOUNTS[AccountKind(k)]) if k in ACCOUNTS else _("Cash"),
        key=f"account_{key}",
        required=True,
    )
    if kind not in ACCOUNTS:
        return None
    return Account(
        AccountKind(kind),
        st.text_input(
            _("Bank or e-wallet"),
            value=(row and row.account_provider) or "",
            placeholder="BRI",
            key=f"provider_{key}",
        ),
        st.text_input(
            _("Account number"), value=(row and row.account_number) or "", key=f"account_no_{key}"
        ),
        st.text_input(
            _("In whose name"), value=(row and row.account_holder) or "", key=f"holder_{key}"
        ),
    )


def add_member(choices: Choices) -> None:
    """A new row of the register."""
    st.header(_("A new member"), anchor=False)
    with ui.reading() as session:
        proposed = members.next_number(session)
    name = st.text_input(_("Name (one word is enough)"), key="name_new")
    number = st.text_input(_("Member number"), value=proposed, key="number_new")
    status = st.segmented_control(
        _("Status"),
        [MemberStatus.MEMBER, MemberStatus.APPLICANT],
        default=MemberStatus.MEMBER,
        format_func=lambda s: _(STATUSES[s]),
        key="status_new",
        required=True,
    )
    written = ask_member(None, choices, [], joins=status is MemberStatus.MEMBER)
    if st.button(_("Write into the register"), key="add", type="primary", width="stretch"):
        done = N_("{name} is in the register as {number}.")
        with ui.action(done, name="members.add") as session:
            row = members.add_member(session, number=number, name=name, status=status, **written)
            ui.tell(session, name=ui.plain(row.name), number=ui.plain(row.number))
            st.query_params["member"] = str(row.id)


def show_member(member_id: int, choices: Choices) -> None:
    """What the register says of one member, and what may be done."""
    with ui.reading() as session:
        row = members.member(session, member_id)
        makes = members.products_of(session, member_id)
        private = members.sees_private(who.person)
    st.header(f"{ui.plain(row.name)} · {ui.plain(row.number)}", anchor=False)
    facts = [
        (_("Status"), _(STATUSES[row.status])),
        (_("Village"), choices.villages.get(row.village_id or 0, "")),
        (_("Phone"), phones.show(row.phone) if row.phone else ""),
        (_("Produces"), ", ".join(made.name for made in makes)),
        (_("Land farmed"), "" if row.land_m2 is None else shown(Work.AREA, row.land_m2)),
        (_("Joined on"), ui.day(row.joined_on)),
        (_("Left on"), ui.day(row.left_on)),
        (_("Reason"), row.left_reason or ""),
    ]
    show_facts(facts + (private_facts(row) if private else []))
    if row.phone:
        st.link_button(_("Write on WhatsApp"), phones.whatsapp_link(row.phone), width="stretch")
    st.page_link(
        places.FOLDER / "passport.py",
        label=_("Open the passport: goods, slips, money"),
        query_params={"member": str(row.id)},
    )
    to_page("access", _("Hand out a code to sign in"))
    if may_change and st.button(_("Add another member"), key="another", width="stretch"):
        st.query_params["member"] = "new"
        st.rerun()
    if may_change:
        change_member(row, choices, [made.id for made in makes])
        change_standing(row)


def private_facts(row: Member) -> list[tuple[str, str]]:
    """The register's legal columns and the account."""
    born = ", ".join(filter(None, [row.birth_place, ui.day(row.birth_on)]))
    account = " ".join(filter(None, [row.account_provider, row.account_number]))
    return [
        (_("Born"), born),
        (_("Sex"), _(SEXES[row.sex]) if row.sex else ""),
        (_("Job"), row.job or ""),
        (_("Address"), row.address or ""),
        (_("Account for payouts"), account),
        (_("In whose name"), row.account_holder or ""),
    ]


def show_facts(facts: list[tuple[str, str]]) -> None:
    """What is known, as label and value; what is not is left out."""
    columns = [Column("", "label"), Column("", "value")]
    rows = [{"label": label, "value": value} for label, value in facts if value]
    ui.html(ui.table_html(columns, rows))


def change_member(row: Member, choices: Choices, makes: list[int]) -> None:
    """Put right what is written down."""
    with st.expander(_("Change the data"), key="change"):
        name = st.text_input(_("Name"), value=row.name, key=f"name_{row.id}")
        number = st.text_input(_("Member number"), value=row.number, key=f"number_{row.id}")
        written = ask_member(row, choices, makes, joins=row.status is not MemberStatus.APPLICANT)
        if st.button(_("Keep the changes"), key="keep", type="primary", width="stretch"):
            with ui.action(N_("The changes are kept."), name="members.change") as session:
                members.change_member(session, row.id, name=name, number=number, **written)


def change_standing(row: Member) -> None:
    """Accept an applicant, let a member leave, or take back who left."""
    if row.status is not MemberStatus.MEMBER:
        with st.expander(_("Accept as a member"), key="accepting"):
            day = ask_day(_("Joined on"), ui.today(), f"accept_on_{row.id}") or ui.today()
            if st.button(_("Accept as a member"), key="accept", type="primary", width="stretch"):
                with ui.action(N_("{name} is a member now."), name="members.accept") as session:
                    members.accept(session, row.id, on=day)
                    ui.tell(session, name=ui.plain(row.name))
    if row.status is not MemberStatus.LEFT:
        with st.expander(_("The member leaves"), key="leaving"):
            leave(row)


def leave(row: Member) -> None:
    """Ask for day and reason, and once more whether it is meant."""
    st.markdown(
        _(
            "{name} stays in the register as somebody who left. What is owed is still paid out.",
            name=ui.plain(row.name),
        )
    )
    day = ask_day(_("Last day as a member"), ui.today(), f"left_on_{row.id}") or ui.today()
    reason = st.text_input(
        _("Reason"), key=f"reason_{row.id}", placeholder=_("for example moved away")
    )
    sure = st.checkbox(
        _("Yes, {name} leaves the cooperative", name=ui.plain(row.name)), key=f"sure_{row.id}"
    )
    if st.button(_("Write down the leaving"), key="leave", disabled=not sure, width="stretch"):
        done = N_("{name} left on {left_on}. The row stays in the register.")
        with ui.action(done, name="members.leave") as session:
            members.leave(session, row.id, on=day, reason=reason)
            ui.tell(session, name=ui.plain(row.name), left_on=day)


who = ui.open_page(ui.Action.MEMBERS_SEE, "Members")
first_steps.show_next(who.person, here="members")
may_change = who.person.may(ui.Action.MEMBERS_CHANGE)
open_now = opened("member")
with ui.reading() as session:
    offered = Choices(
        villages={village.id: village.name for village in cooperative.villages(session)},
        products={product.id: product.name for product in products.products(session)},
    )
if open_now:
    back(N_("All members"))
if open_now.isdecimal():
    show_member(int(open_now), offered)
elif open_now == "new" and may_change:
    add_member(offered)
else:
    show_list(offered)
