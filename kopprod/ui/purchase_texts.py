"""Texts of a purchase to send by WhatsApp: opened, two days left, fill the pack, fixed."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from kopprod.domain import phones
from kopprod.domain.purchases import PurchaseStage
from kopprod.services.purchases import Listed
from kopprod.services.wants import ArticleView
from kopprod.ui.purchases import about_rp, portions
from kopprod.ui.show import day, rp
from kopprod.ui.visit import _


def reminders(row: Listed, views: Sequence[ArticleView], *, on: date) -> None:
    """What can be sent to the members' group now, each text ready to send or to copy."""
    texts = texts_for(row, views, on=on)
    if not texts:
        return
    with st.expander(_("Texts for the members' group")):
        for place, (title, text) in enumerate(texts):
            st.markdown(f"**{title}**")
            st.code(text, language=None, wrap_lines=True)
            st.link_button(
                _("Send by WhatsApp"), phones.whatsapp_link("", text), width="stretch",
                key=f"purchase_text_{place}",
            )  # fmt: skip


def texts_for(row: Listed, views: Sequence[ArticleView], *, on: date) -> list[tuple[str, str]]:
    """The texts that fit where the purchase stands."""
    purchase = row.purchase
    if purchase.stage is PurchaseStage.LOCKED:
        text = _(
            "{title}: wants are fixed. {n} members take part. The cooperative orders now and "
            "tells you when the goods come.",
            title=purchase.title, n=row.members,
        )  # fmt: skip
        return [(_("Wants are fixed"), text)]
    if purchase.stage is not PurchaseStage.OPEN or on >= purchase.until:
        return []
    last = day(purchase.until - timedelta(days=1))
    goods = "\n".join(_line(one) for one in views)
    opened = _(
        "The cooperative buys together: {title}.\n{goods}\nSay what you want in KopProd or to an "
        "officer, until {last}.",
        title=purchase.title, goods=goods, last=last,
    )  # fmt: skip
    texts = [(_("Opened"), opened)]
    left = (purchase.until - on).days
    if left <= 2:
        text = _(
            "{title}: wants are taken until {last} only. Who has not said yet what she wants, "
            "please do so now.",
            title=purchase.title, last=last,
        )  # fmt: skip
        texts.append((_("The last days"), text))
    filling = [line for one in views for line in _missing(one)]
    if filling:
        text = _(
            "{title}: a little is missing.\n{lines}\nWho takes a little more?",
            title=purchase.title, lines="\n".join(filling),
        )  # fmt: skip
        texts.append((_("Fill the pack"), text))
    return texts


def _line(one: ArticleView) -> str:
    shop_rp = about_rp(one.inside.shop_e4)
    if one.expected_e4 is None:
        return _("- {article}: {shop_rp} for one {portion} in the shop",
                 article=one.article.name, shop_rp=shop_rp,
                 portion=one.article.portion_word)  # fmt: skip
    return _(
        "- {article}: now about {price} for one {portion}, in the shop {shop_rp}",
        article=one.article.name, price=rp(about_rp(one.expected_e4)),
        portion=one.article.portion_word, shop_rp=shop_rp,
    )  # fmt: skip


def _missing(one: ArticleView) -> list[str]:
    fill, offer, article = one.fill, one.offer, one.article
    if fill is None or offer is None:
        return []
    lines = []
    if fill.missing and offer.pack > 1:
        lines.append(
            _("- {article}: {missing} more fill the next pack", article=article.name,
              missing=portions(fill.missing, article))
        )  # fmt: skip
    if fill.next_tier is not None and fill.missing_tier:
        lines.append(
            _("- {article}: {missing} more, and a pack costs everybody {pack_rp}",
              article=article.name, missing=portions(fill.missing_tier, article),
              pack_rp=fill.next_tier.pack_rp)
        )  # fmt: skip
    return lines
