"""Setting a purchase up: what the manager decides, its articles, its suppliers and their prices."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

import streamlit as st

from kopprod import language
from kopprod.domain import money, tier_lines, tiers
from kopprod.domain.handing_out import SHARING_WORDS, SharingRule
from kopprod.domain.packs import ROUNDING_WORDS, Rounding
from kopprod.domain.purchase_bills import FREIGHT_WORDS, FreightBy
from kopprod.domain.purchase_payments import MOST_PARTS
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.tiers import Freight
from kopprod.services import needs, purchase_terms, purchases
from kopprod.services.purchase_plans import PlanView
from kopprod.services.purchase_terms import Offered
from kopprod.services.purchases import Facts
from kopprod.tables.purchases import Article, Purchase, Supplier
from kopprod.ui.purchases import portions
from kopprod.ui.show import Card, cards, rp
from kopprod.ui.visit import _, action, complain, now, plain, reading, spoken, tell, today

T = TypeVar("T")


class _Wrong(Exception):
    """A field that cannot be read; its sentence stands below it."""


def _read(label: str, parse: Callable[[str], T], *, key: str, value: str = "", hint: str = "") -> T:
    text = st.text_input(label, value=value, key=key, placeholder=hint, max_chars=400)
    try:
        return parse(text)
    except Refusal as refusal:
        complain(refusal)
        raise _Wrong from None


def _rp_or_none(text: str) -> int:
    return money.parse_rp(text) if text.strip() else 0


def _percent(text: str) -> int:
    return money.parse_percent_bp(text) if text.strip() else 0


def _shown(amount_rp: int | None) -> str:
    return "" if not amount_rp else money.format_rp(amount_rp)


def _one_of(label: str, words: Mapping[T, str], value: T, *, key: str) -> T:
    choices = list(words)
    picked = st.radio(
        label,
        choices,
        index=choices.index(value),
        format_func=lambda one: _(words[one]),
        key=key,
    )
    return value if picked is None else picked


# What the manager decides


def ask_facts(
    *, key: str, villages: Mapping[int, str], row: Purchase | None, invited: Sequence[int]
) -> Facts:
    """All that is decided about a purchase beside its articles and prices."""
    title = st.text_input(
        _("Title"), value=row.title if row else "", key=f"{key}_title", max_chars=100,
        placeholder=_("for example: fertiliser for the dry season"),
    )  # fmt: skip
    until = st.date_input(
        _("Wants are taken before"), value=row.until if row else today() + timedelta(days=14),
        format="DD/MM/YYYY", key=f"{key}_until",
    )  # fmt: skip
    filling = st.date_input(
        _("From this day on only what helps to fill packs (may stay empty)"),
        value=row.filling_on if row else None, format="DD/MM/YYYY", key=f"{key}_filling",
    )  # fmt: skip
    where = st.multiselect(
        _("Only for these villages (empty: for everybody)"), list(villages), default=list(invited),
        format_func=villages.__getitem__, key=f"{key}_villages", placeholder=_("All villages"),
    )  # fmt: skip
    rounding = _one_of(
        _("Packs that are not full"), ROUNDING_WORDS, row.rounding if row else Rounding.DOWN,
        key=f"{key}_rounding",
    )  # fmt: skip
    sharing = _one_of(
        _("How is too little shared?"), SHARING_WORDS,
        row.sharing if row else SharingRule.FIRST_COME, key=f"{key}_sharing",
    )  # fmt: skip
    freight_by = _one_of(
        _("How is the freight shared?"), FREIGHT_WORDS,
        row.freight_by if row else FreightBy.WEIGHT, key=f"{key}_freight_by",
    )  # fmt: skip
    fee_bp = _read(
        _("The cooperative's fee, in percent of the goods"), _percent, key=f"{key}_fee",
        value=money.format_percent(row.fee_bp) if row and row.fee_bp else "", hint="1 %",
    )  # fmt: skip
    deposit_bp = _read(
        _("Deposit, in percent of the expected bill (empty: none)"), _percent,
        key=f"{key}_deposit",
        value=money.format_percent(row.deposit_bp) if row and row.deposit_bp else "",
    )  # fmt: skip
    parts = st.number_input(
        _("May be paid from how many settlements (yarnen)? 0 is not at all"), min_value=0,
        max_value=MOST_PARTS, value=row.most_parts if row else 0, key=f"{key}_parts",
    )  # fmt: skip
    season = st.text_input(
        _("Season (for the e-RDKK and to compare)"), value=row.season if row else "",
        key=f"{key}_season", max_chars=40,
    )  # fmt: skip
    note = st.text_input(
        _("Note (may stay empty)"), value=row.note if row else "", key=f"{key}_note", max_chars=300
    )
    return Facts(
        title=title, until=until, filling_on=filling, rounding=rounding, sharing=sharing,
        freight_by=freight_by, fee_bp=fee_bp, deposit_bp=deposit_bp, most_parts=int(parts),
        season=season, note=note, village_ids=tuple(where),
    )  # fmt: skip


def new_purchase(*, villages: Mapping[int, str], turn: str) -> int | None:
    """Begin a purchase; its key once it is there."""
    made: int | None = None
    try:
        facts = ask_facts(key=f"purchase_{turn}", villages=villages, row=None, invited=())
    except _Wrong:
        return None
    if st.button(_("Prepare this purchase"), key="purchase_add", type="primary", width="stretch"):
        done = N_("{number} is being prepared. Now its articles and prices.")
        with action(done, name="purchases.add", stay=True) as session:
            row = purchases.add_purchase(session, facts, on=today(), draft_key=turn)
            tell(session, number=row.number)
            made = row.id
    return made


def change_facts(row: Purchase, *, villages: Mapping[int, str], invited: Sequence[int]) -> None:
    """Decide something else before wants are fixed."""
    with st.expander(_("Title, days, villages, fee, deposit")):
        try:
            facts = ask_facts(key=f"facts_{row.id}", villages=villages, row=row, invited=invited)
        except _Wrong:
            return
        if st.button(_("Keep"), key="purchase_change", type="primary", width="stretch"):
            with action(N_("{number} is changed."), name="purchases.change") as session:
                kept = purchases.change_purchase(session, row.id, facts, on=today())
                tell(session, number=kept.number)


# Articles


def ask_articles(found: PlanView, *, known: Sequence[Article]) -> None:
    """The articles of the purchase, and one more."""
    st.subheader(_("Articles"), anchor=False)
    for article_id, (inside, article) in found.articles.items():
        shop = _("{shop_e4} in the shop", shop_e4=inside.shop_e4)
        with st.expander(plain(f"{article.name} · {shop}")):
            _article_form(
                found.purchase, article, shop=money.format_e4(inside.shop_e4),
                weight=inside.weight, stock=inside.stock_most,
            )  # fmt: skip
            if st.button(
                _("Take the article out"), key=f"article_out_{article_id}", width="stretch"
            ):
                done = N_("{article} is taken out. Tell the {n} members who wanted it.")
                with action(done, name="purchases.take_out_article") as session:
                    told = purchase_terms.take_out_article(
                        session, found.purchase.id, article_id=article_id, at=now()
                    )
                    tell(session, article=article.name, n=len(told))
    more = {one.id: one for one in known if one.id not in found.articles}
    with st.expander(_("One more article"), expanded=not found.articles):
        if not more:
            st.caption(_("Write down articles on the page of all purchases first."))
            return
        picked = st.selectbox(
            _("Article"), list(more), index=None, format_func=lambda key: more[key].name,
            placeholder=_("Choose"), key="article_more",
        )  # fmt: skip
        if picked is not None:
            _article_form(found.purchase, more[picked], shop="", weight=None, stock=0)


def _article_form(
    purchase: Purchase, article: Article, *, shop: str, weight: int | None, stock: int
) -> None:
    key = f"article_{purchase.id}_{article.id}"
    portion = plain(article.portion_word)
    try:
        shop_e4 = _read(
            _("What does one {portion} cost in the village shop?", portion=portion),
            lambda text: money.parse_price_e4(text, unit=article.portion_word) if text else 0,
            key=f"{key}_shop", value=shop, hint="305.000",
        )  # fmt: skip
    except _Wrong:
        return
    grams = weight
    if article.base_unit is not BaseUnit.GRAM:
        grams = st.number_input(
            _("What does one {portion} weigh, in gram?", portion=portion), min_value=1,
            value=weight or 1_000, key=f"{key}_weight",
        )  # fmt: skip
    most = st.number_input(
        _("How many {portion} may go to the cooperative's stock at most?", portion=portion),
        min_value=0, value=stock, key=f"{key}_stock",
    )  # fmt: skip
    if shop_e4 and st.button(_("Keep"), key=f"{key}_keep", type="primary", width="stretch"):
        with action(N_("{article} is in the purchase."), name="purchases.put_article") as session:
            purchase_terms.put_article(
                session, purchase.id, article_id=article.id, shop_e4=shop_e4,
                weight=None if grams is None else int(grams), stock_most=int(most),
            )  # fmt: skip
            tell(session, article=article.name)


# Suppliers and their prices


def ask_offers(found: PlanView, *, sellers: Sequence[Supplier]) -> None:
    """Every offer, one more, and what each supplier asks of a whole order."""
    st.subheader(_("Suppliers and prices"), anchor=False)
    for offer in found.outlook.terms.offers:
        article = found.articles[offer.article_id][1]
        label = " · ".join(
            [found.suppliers[offer.supplier_id], article.name, portions(offer.pack, article),
             "; ".join(_tier_words(tier) for tier in offer.tiers)]
        )  # fmt: skip
        with st.expander(plain(label)):
            offered = _ask_offered(
                article, key=f"offer_{offer.offer_id}", pack=offer.pack, least=offer.least_packs,
                text=tier_lines.write_tiers(offer.tiers),
            )  # fmt: skip
            if offered and st.button(
                _("Keep"), key=f"offer_keep_{offer.offer_id}", type="primary", width="stretch"
            ):
                done = N_("The prices of {name} are kept.")
                with action(done, name="purchases.change_offer") as session:
                    purchase_terms.change_offer(
                        session, found.purchase.id, offer.offer_id, offered=offered
                    )
                    tell(session, name=found.suppliers[offer.supplier_id])
            if st.button(
                _("Take this price out"), key=f"offer_out_{offer.offer_id}", width="stretch"
            ):
                done = N_("The price is taken out.")
                with action(done, name="purchases.take_out_offer") as session:
                    purchase_terms.take_out_offer(session, found.purchase.id, offer.offer_id)
    if found.articles:
        with st.expander(_("One more price"), expanded=not found.outlook.terms.offers):
            _new_offer(found, sellers)
    for terms in found.outlook.terms.suppliers:
        _supplier_terms(found, terms)


def _tier_words(tier: tiers.Tier) -> str:
    if tier.to_packs is None and tier.from_packs == 1:
        return rp(tier.pack_rp)
    return f"{tier.from_packs}\N{EN DASH}{tier.to_packs or ''} {rp(tier.pack_rp)}"


def _new_offer(found: PlanView, sellers: Sequence[Supplier]) -> None:
    names = {one.id: one.name for one in sellers}
    if not names:
        st.caption(_("Write down suppliers on the page of all purchases first."))
        return
    here = {key: article.name for key, (_inside, article) in found.articles.items()}
    supplier_id = st.selectbox(
        _("Supplier"), list(names), format_func=names.__getitem__, key="offer_supplier"
    )
    article_id = st.selectbox(
        _("Article"), list(here), format_func=here.__getitem__, key="offer_article"
    )
    article = found.articles[article_id][1]
    key = f"offer_new_{found.purchase.id}_{supplier_id}_{article_id}"
    offered = _ask_offered(article, key=key, pack=1, least=1, text="")
    if offered and st.button(
        _("Keep this price"), key="offer_add", type="primary", width="stretch"
    ):
        done = N_("The prices of {name} are kept.")
        with action(done, name="purchases.add_offer") as session:
            purchase_terms.add_offer(
                session, found.purchase.id, supplier_id=supplier_id, article_id=article_id,
                offered=offered,
            )  # fmt: skip
            tell(session, name=names[supplier_id])


def _ask_offered(article: Article, *, key: str, pack: int, least: int, text: str) -> Offered | None:
    """A pack, the fewest packs, and prices by quantity in one line."""
    packed = st.number_input(
        _("How many {portion} are in one pack?", portion=plain(article.portion_word)), min_value=1,
        value=pack, key=f"{key}_pack",
    )  # fmt: skip
    fewest = st.number_input(
        _("How many packs does he sell at least?"), min_value=1, value=least, key=f"{key}_least"
    )
    typed = st.text_input(
        _("Price of one pack, by quantity"), value=text, key=f"{key}_tiers", max_chars=400,
        placeholder="1-9 305000; 10-29 295000; 30- 284000",
    )  # fmt: skip
    if not typed.strip():
        return None
    try:
        read = tiers.check_tiers(
            tier_lines.read_tiers(typed), name=article.name, least_packs=int(fewest)
        )
    except Refusal as refusal:
        complain(refusal)
        return None
    return Offered(pack=int(packed), tiers=read, least_packs=int(fewest))


def _supplier_terms(found: PlanView, terms: tiers.Supplier) -> None:
    name, key = found.suppliers[terms.supplier_id], f"terms_{found.purchase.id}_{terms.supplier_id}"
    with st.expander(_("{name}: freight and least order", name=plain(name))):
        try:
            fixed_rp = _read(
                _("Freight for the whole order"), _rp_or_none, key=f"{key}_fixed",
                value=_shown(terms.freight.fixed_rp),
            )  # fmt: skip
            per_pack_rp = _read(
                _("Freight for each pack"), _rp_or_none, key=f"{key}_pack",
                value=_shown(terms.freight.per_pack_rp),
            )  # fmt: skip
            free_rp = _read(
                _("No freight from goods worth (empty: never)"), _rp_or_none, key=f"{key}_free",
                value=_shown(terms.freight.free_from_rp),
            )  # fmt: skip
            least_rp = _read(
                _("Least order in rupiah"), _rp_or_none, key=f"{key}_least_rp",
                value=_shown(terms.least_rp),
            )  # fmt: skip
        except _Wrong:
            return
        least = st.number_input(
            _("Least order in packs"), min_value=0, value=terms.least_packs, key=f"{key}_least"
        )
        if st.button(_("Keep"), key=f"{key}_keep", type="primary", width="stretch"):
            done = N_("What {name} asks is kept.")
            with action(done, name="purchases.put_supplier") as session:
                purchase_terms.put_supplier(
                    session, found.purchase.id, supplier_id=terms.supplier_id,
                    freight=Freight(fixed_rp, per_pack_rp, free_rp or None), least_rp=least_rp,
                    least_packs=int(least),
                )  # fmt: skip
                tell(session, name=name)


def open_button(row: Purchase) -> None:
    """Let members take part."""
    if st.button(_("Open it for members"), key="purchase_open", type="primary", width="stretch"):
        done = N_("{number} is open for members; {kept} needs became wants.")
        with action(done, name="purchases.open") as session:
            opened = purchases.open_purchase(session, row.id, on=today())
            first = needs.first_wants(session, row.id, on=today(), at=now())
            tell(session, number=opened.number, kept=first.kept)
            st.session_state[_why(row.id)] = {
                (one.name, one.article): language.sentence(spoken(), one.why)
                for one in first.refused
            }


def _why(purchase_id: int) -> str:
    return f"needs_refused_{purchase_id}"


def unsaid(purchase_id: int, *, draft: bool) -> None:
    """Whose needs will become wants, or did not; with the reason, to whoever has just opened it."""
    with reading() as session:
        rows = needs.unsaid(session, purchase_id)
    if not rows:
        return
    why = st.session_state.get(_why(purchase_id), {})
    if draft:
        st.subheader(_("Needs that become first wants"), anchor=False)
    else:
        st.warning(_("These needs have not become wants. Talk to the members, or say it for them."))
    cards(
        [
            Card(
                title=one.member,
                below=why.get((one.member, one.article.name), ""),
                right=portions(one.quantity, one.article),
                right_below=one.article.name,
            )
            for one in rows
        ]
    )
