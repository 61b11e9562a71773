"""The plan of a purchase on the manager's screen: packs, alternatives, sharing, and fixing it."""

from collections.abc import Mapping
from datetime import date, timedelta

import streamlit as st

from kopprod.domain.handing_out import SHARING_WORDS, SharingRule
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import purchases
from kopprod.services.purchase_plans import PlanView
from kopprod.ui.purchases import about_rp, portions
from kopprod.ui.show import Column, Tile, rp, rp_column, table, tiles
from kopprod.ui.visit import _, action, complain, plain, reading, tell, today

_SHORT = {
    SharingRule.FIRST_COME: N_("First come"),
    SharingRule.PROPORTIONAL: N_("In proportion"),
    SharingRule.EQUAL: N_("Equally"),
}


def look(purchase_id: int) -> PlanView:
    """The cheapest plan, or the one whose packs the manager chose; a choice that breaks a rule
    is given up with its sentence."""
    packs = st.session_state.get(_key(purchase_id))
    with reading() as session:
        try:
            return purchases.plan(session, purchase_id, packs=packs)
        except Refusal as refusal:
            if packs is None:
                raise
            complain(refusal)
            del st.session_state[_key(purchase_id)]
            return purchases.plan(session, purchase_id)


def _key(purchase_id: int) -> str:
    return f"purchase_packs_{purchase_id}"


def show(found: PlanView) -> None:
    """What is bought where, what it costs, who is left out, and what would cost less."""
    outlook, plan = found.outlook, found.outlook.plan
    st.subheader(_("The plan"), anchor=False)
    if not plan.bought:
        st.info(_("What members want fills no pack and no least order yet."))
        return
    if not outlook.is_cheapest:
        st.warning(
            _("The cheapest plan was not found in time. This is a simple one, which buys each "
              "article from one supplier only; you may choose the packs yourself below.")
        )  # fmt: skip
    bills = outlook.bills(outlook.sharing)
    saved_rp = sum(bill.saved_rp for bill in bills.by_member.values())
    tiles(
        [
            Tile(_("Goods and freight"), rp(plan.total_rp), _("to all suppliers")),
            Tile(_("Members pay"), rp(bills.billed_rp),
                 _("with a fee of {fee_rp}", fee_rp=bills.fee_rp)),
            Tile(_("Members save"), rp(saved_rp), _("against the village shop"),
                 "teal" if saved_rp >= 0 else "amber"),
            Tile(_("To stock at cost"), rp(bills.leftover_rp)),
        ]
    )  # fmt: skip
    table(
        [
            Column(_("Supplier"), "supplier"),
            Column(_("Article"), "article"),
            Column(_("Packs"), "packs", number=True),
            Column(_("Quantity"), "quantity", number=True),
            rp_column(_("One pack"), "pack_rp"),
            rp_column(_("Goods"), "goods_rp"),
            Column(_("Comes to"), "each", number=True),
        ],
        [
            {
                "supplier": found.suppliers[one.supplier_id],
                "article": found.articles[one.article_id][1].name,
                "packs": one.packs,
                "quantity": portions(one.quantity, found.articles[one.article_id][1]),
                "pack_rp": one.pack_rp,
                "goods_rp": one.goods_rp,
                "each": rp(about_rp(outlook.expected_e4[one.article_id])),
            }
            for one in plan.bought
        ],
        key="rencana_belanja",
    )
    for supplier_id, freight_rp in plan.freight_rp.items():
        if freight_rp:
            st.caption(
                _("Freight of {name}: {freight_rp}", name=plain(found.suppliers[supplier_id]),
                  freight_rp=freight_rp)
            )  # fmt: skip
    for one in outlook.dropped:
        article = found.articles[one.article_id][1]
        st.warning(
            _("{name} is left out: {article} costs more than {highest_e4} for one {portion}.",
              name=plain(found.members[one.member_id].name), article=plain(article.name),
              highest_e4=one.highest_e4 or 0, portion=plain(article.portion_word))
        )  # fmt: skip


def choose_packs(found: PlanView) -> None:
    """Alternatives that cost less, and the manager's own packs."""
    key = _key(found.purchase.id)
    offers = {one.offer_id: one for one in found.outlook.terms.offers}
    if key in st.session_state:
        st.info(_("These are the packs that you chose, not the cheapest plan."))
        if st.button(_("Back to the cheapest plan"), key="plan_cheapest", width="stretch"):
            del st.session_state[key]
            st.rerun()
    for more in found.outlook.more if key not in st.session_state else ():
        offer = offers[more.offer_id]
        st.info(
            _("{n} more packs of {article} from {name}: the whole costs {saves_rp} less. What "
              "nobody wants goes to the cooperative's stock.",
              n=more.extra_packs, article=plain(found.articles[offer.article_id][1].name),
              name=plain(found.suppliers[offer.supplier_id]), saves_rp=more.saves_rp)
        )  # fmt: skip
        if st.button(_("Take this plan"), key=f"plan_more_{more.offer_id}", width="stretch"):
            st.session_state[key] = more.plan.packs
            st.rerun()
    with st.expander(_("Choose the packs myself")):
        chosen: dict[int, int] = {}
        for offer in offers.values():
            article = found.articles[offer.article_id][1]
            chosen[offer.offer_id] = st.number_input(
                _("{name}: packs of {pack} {article}",
                  name=plain(found.suppliers[offer.supplier_id]),
                  pack=plain(portions(offer.pack, article)), article=plain(article.name)),
                min_value=0, step=1, value=found.outlook.plan.packs.get(offer.offer_id, 0),
                key=f"plan_packs_{offer.offer_id}",
            )  # fmt: skip
        if st.button(_("Look at this plan"), key="plan_look", width="stretch"):
            st.session_state[key] = {one: count for one, count in chosen.items() if count}
            st.rerun()


# Who gets what


def sharing(found: PlanView) -> SharingRule:
    """Every rule beside the others, with gains and losses; and which one is chosen."""
    st.subheader(_("If it does not come out even"), anchor=False)
    rows = list(_sharing_rows(found))
    if rows:
        table(
            [
                Column(_("Member"), "member"),
                Column(_("Article"), "article"),
                Column(_("Wants"), "wants", number=True),
                *(Column(_(word), rule.value, number=True) for rule, word in _SHORT.items()),
            ],
            rows,
            key="cara_membagi",
        )
        st.caption(_("In brackets: more or less than by the way chosen now."))
    else:
        st.caption(_("Everybody gets what she wants, so all ways of sharing give the same now. "
                     "The way counts if less comes than was ordered."))  # fmt: skip
    rules = list(SharingRule)
    return st.radio(
        _("How is too little shared?"),
        rules,
        index=rules.index(found.purchase.sharing),
        format_func=lambda rule: _(SHARING_WORDS[rule]),
        key=f"plan_sharing_{found.purchase.id}",
    )


def _sharing_rows(found: PlanView) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = []
    now = found.purchase.sharing
    for article_id, (_inside, article) in found.articles.items():
        for each in found.outlook.outcomes(article_id):
            if len(set(each.gets.values())) == 1:
                continue
            rows.append(
                {
                    "member": found.members[each.asked.member_id].name,
                    "article": article.name,
                    "wants": portions(each.asked.firm, article),
                    **{
                        rule.value: _gets(each.gets[rule], each.gains(rule, against=now))
                        for rule in SharingRule
                    },
                }
            )
    return rows


def _gets(gets: int, gains: int) -> str:
    return str(gets) if not gains else f"{gets} ({gains:+d})"


# Fixing it


def fix(found: PlanView, rule: SharingRule) -> None:
    """The button that fixes wants and packs."""
    if st.button(
        _("Fix wants and packs"), key="purchase_lock", type="primary", width="stretch",
        disabled=not found.outlook.plan.bought,
    ):  # fmt: skip
        with action(N_("{number}: wants and packs are fixed."), name="purchases.lock") as session:
            kept = purchases.lock(
                session, found.purchase.id, packs=found.outlook.plan.packs, sharing=rule
            )
            tell(session, number=kept.number)
            st.session_state.pop(_key(kept.id), None)


def stage_buttons(row: purchases.Listed) -> None:
    """Open again while nothing is ordered; call off while nothing has come."""
    purchase = row.purchase
    if purchase.stage is PurchaseStage.LOCKED:
        with st.expander(_("Take wants again")):
            until = _ask_until(purchase.until)
            if st.button(_("Open it again"), key="purchase_reopen", width="stretch"):
                with action(N_("{number} takes wants again."), name="purchases.reopen") as session:
                    kept = purchases.reopen(session, purchase.id, until=until, on=today())
                    tell(session, number=kept.number)
    if purchase.stage in (
        PurchaseStage.DRAFT, PurchaseStage.OPEN, PurchaseStage.LOCKED, PurchaseStage.ORDERED
    ):  # fmt: skip
        with st.expander(_("Call the purchase off")):
            reason = st.text_input(
                _("Why? Members will read it."), key="purchase_cancel_reason", max_chars=300
            )
            if st.button(_("Call it off"), key="purchase_cancel", width="stretch"):
                with action(N_("{number} is called off."), name="purchases.cancel") as session:
                    kept = purchases.cancel(session, purchase.id, reason=reason)
                    tell(session, number=kept.number)


def _ask_until(value: date) -> date:
    start = max(value, today() + timedelta(days=1))
    return st.date_input(
        _("Wants are taken before"), value=start, format="DD/MM/YYYY", key="purchase_until_again"
    )
