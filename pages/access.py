"""Access: who can get in and as what; codes for first and forgotten PINs; signing others out."""

import streamlit as st

from kopprod import ui
from kopprod.domain import phones
from kopprod.domain.access import ROLE_NAMES, Role
from kopprod.domain.refusal import N_
from kopprod.services import access, accounts, cooperative, signin
from kopprod.services.access import Access
from kopprod.ui import Column, Tile, _, first_steps
from kopprod.ui.steps import narrow_day_column

OFFICE = [role for role in Role if role is not Role.MEMBER]


def named(roles: frozenset[Role]) -> str:
    """The words for some roles."""
    return ", ".join(_(ROLE_NAMES[role]) for role in Role if role in roles)


def state(line: Access) -> str:
    """How far somebody's access is."""
    if line.switched_off_at is not None:
        return _("Switched off")
    if line.code_until is not None:
        return _("Has a code until {until_on}", until_on=ui.day_of(line.code_until))
    if line.has_secret:
        return _("Has a PIN")
    return _("No PIN yet")


def label(line: Access) -> str:
    """Somebody in the list of choices."""
    return " · ".join(part for part in (line.name, line.number or line.user_name) if part)


def key_of(line: Access) -> str:
    """What stays the same for a person, with an account or without."""
    return f"user {line.user_id}" if line.member_id is None else f"member {line.member_id}"


def show_list(lines: list[Access]) -> None:
    """Everybody with what they may do and when they came last."""
    columns = [
        Column(_("Name"), "name"),
        Column(_("Number or user name"), "login"),
        Column(_("May act as"), "roles"),
        Column(_("PIN"), "state"),
        narrow_day_column(_("Signed in last"), "last_on"),
    ]
    rows = [
        {
            "name": line.name,
            "login": line.number or line.user_name or "",
            "roles": named(line.roles),
            "state": state(line),
            "last_on": ui.day_of(line.last_at) if line.last_at else None,
        }
        for line in lines
    ]
    ui.table(columns, rows, key="access")


def hand_code(line: Access, called: str) -> None:
    """A code for a first or forgotten PIN, shown once, with words to send."""
    st.write(_("For a first or a forgotten PIN, hand out a code. The old PIN works until then."))
    if not st.button(_("Make a code"), key="make_code", type="primary", width="stretch"):
        return
    code = ""
    with ui.action(N_("The code is made."), name="access.hand_code", stay=True) as session:
        user_id = line.user_id
        if user_id is None and line.member_id is not None:
            user_id = accounts.open_for_member(session, member_id=line.member_id).id
        if user_id is not None:
            code = accounts.hand_code(session, user_id=user_id, at=ui.now())
    if code:
        show_code(line, called, f"{code[:4]} {code[4:]}")


def show_code(line: Access, called: str, code: str) -> None:
    """The code in big figures, and a text for WhatsApp or paper."""
    st.session_state.pop("done", None)
    ui.figure(_("Code for {name}", name=line.name), code, _("Valid for 7 days, and shown only now"))
    address = "/".join((st.context.url or "").split("/")[:3])
    text = _(
        "{name}, this is your code for {coop}: {code}. Open {address}, type {login} in the first "
        "field and the code in the second, then choose a PIN of your own. Give the code to nobody "
        "else.",
        name=line.name,
        coop=called,
        code=code,
        address=address,
        login=line.number or line.user_name or line.phone or "",
    )
    st.code(text, language=None, wrap_lines=True)
    if line.phone:
        link = phones.whatsapp_link(line.phone, text)
        st.link_button(_("Send by WhatsApp"), link, width="stretch")


def change_roles(line: Access, user_id: int) -> None:
    """What else somebody is beside a member."""
    chosen = st.pills(
        _("Works in the office as"),
        OFFICE,
        selection_mode="multi",
        default=[role for role in OFFICE if role in line.roles],
        format_func=lambda role: _(ROLE_NAMES[role]),
        key=f"roles_{user_id}",
    )
    if st.button(_("Keep the roles"), key="keep_roles"):
        with ui.action(N_("The roles of {name} are changed."), name="access.roles") as session:
            accounts.set_roles(session, user_id=user_id, roles=chosen)
            ui.tell(session, name=ui.plain(line.name))


def close_access(line: Access, user_id: int) -> None:
    """Sign somebody out everywhere, or close the account."""
    with st.container(horizontal=True):
        if st.button(_("Sign out everywhere"), key="revoke"):
            done = N_("{name} is signed out everywhere.")
            with ui.action(done, name="access.revoke") as session:
                signin.revoke(session, user_id=user_id, at=ui.now())
                ui.tell(session, name=ui.plain(line.name))
        if line.switched_off_at is None and st.button(_("Switch the access off"), key="off"):
            done = N_("The access of {name} is switched off. Nothing that was kept is lost.")
            with ui.action(done, name="access.switch_off") as session:
                accounts.switch_off(session, user_id=user_id, at=ui.now())
                ui.tell(session, name=ui.plain(line.name))
        if line.switched_off_at is not None and st.button(_("Switch it on again"), key="on"):
            done = N_("The access of {name} is switched on. A code lets them in again.")
            with ui.action(done, name="access.switch_on") as session:
                accounts.switch_on(session, user_id=user_id)
                ui.tell(session, name=ui.plain(line.name))


def add_somebody(turn: int) -> None:
    """An account for somebody who works here; members have theirs from the register.

    Whoever was added leaves an empty form for the next: `turn` is how many there are.
    """
    with st.form(f"add_user_{turn}", border=False):
        name = st.text_input(_("Name"), key=f"user_name_full_{turn}")
        user_name = st.text_input(
            _("User name (small letters and digits)"), key=f"user_user_name_{turn}"
        )
        phone = st.text_input(_("Phone (may stay empty)"), key=f"user_phone_{turn}")
        roles = st.pills(
            _("Works in the office as"),
            OFFICE,
            selection_mode="multi",
            format_func=lambda role: _(ROLE_NAMES[role]),
            key=f"user_roles_{turn}",
        )
        sent = st.form_submit_button(_("Give access"), type="primary", width="stretch")
    if sent:
        done = N_("{name} has access. Now make a code for the first PIN.")
        with ui.action(done, name="access.add_user") as session:
            user = accounts.add_user(
                session, name=name, user_name=user_name, phone=phone, roles=roles
            )
            ui.tell(session, name=ui.plain(name))
            st.session_state["who_next"] = f"user {user.id}"


def one_person() -> None:
    """Choose somebody, hand out a code, and what else may be done about the access."""
    st.subheader(_("One person"), anchor=False)
    # By a key of its own: a member's place in the list moves when she is given an account.
    by_key = {key_of(line): line for line in lines}
    if st.session_state.get("who_next") in by_key:
        st.session_state["who"] = st.session_state.pop("who_next")
    chosen = st.selectbox(
        _("Who?"),
        list(by_key),
        index=None,
        format_func=lambda key: label(by_key[key]),
        placeholder=_("Type a name or a number"),
        key="who",
    )
    if chosen is None:
        return
    hand_code(by_key[chosen], called)
    chosen_id = by_key[chosen].user_id
    if may_change and chosen_id is not None:
        change_roles(by_key[chosen], chosen_id)
        close_access(by_key[chosen], chosen_id)


who = ui.open_page(ui.Action.ACCESS_SEE, "Access")
first_steps.show_next(who.person, here="access")
may_hand = who.person.may(ui.Action.ACCESS_HAND_CODE)
may_change = who.person.may(ui.Action.ACCESS_CHANGE)
with ui.reading() as session:
    lines = access.people(session, at=ui.now())
    called = cooperative.setting(session, "name")

waiting = sum(not line.has_secret and line.code_until is None for line in lines)
ui.tiles(
    [
        Tile(_("Can get in"), str(sum(line.has_secret for line in lines))),
        Tile(_("Have no PIN yet"), str(waiting), _("Make a code for each of them")),
    ]
)

with st.container():  # what comes and goes in it closes nothing below
    if may_hand:
        one_person()
if may_change:
    with st.expander(_("Give access to somebody who is no member")):
        add_somebody(len(lines))
    with st.expander(_("Sign everybody out")):
        st.write(_("When a phone was lost or a PIN has become known. You yourself stay signed in."))
        if st.button(_("Sign everybody else out"), key="revoke_all"):
            with ui.action(
                N_("Everybody else is signed out."), name="access.revoke_all"
            ) as session:
                signin.revoke_all(session, at=ui.now(), except_user_id=who.person.user_id)
st.subheader(_("Everybody"), anchor=False)
show_list(lines)
