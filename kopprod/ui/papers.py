"""Papers on a screen: the PDF that is made when somebody asks for it, and the text to send."""

from collections.abc import Callable, Sequence
from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from kopprod.domain import orders, phones
from kopprod.domain.sales import SaleStage
from kopprod.papers import buying as buying_papers
from kopprod.papers import deliveries as delivery_papers
from kopprod.papers import orders as order_papers
from kopprod.papers import sales as sale_papers
from kopprod.papers import slips as slip_papers
from kopprod.papers import texts
from kopprod.papers.deliveries import Weighing
from kopprod.papers.press import Letterhead
from kopprod.services import bought, cooperative, measures, members, weighing
from kopprod.services import sale_papers as sale_paper_service
from kopprod.services.bought import BoughtStory
from kopprod.services.deliveries import Received
from kopprod.services.settlement import Statement
from kopprod.services.slips import Story
from kopprod.ui.buying import show_bought
from kopprod.ui.fold import fold
from kopprod.ui.show import quantity
from kopprod.ui.visit import _, reading, spoken, today, visit

MOST = 200  # deliveries to choose from; an older one is found by its day


def letterhead() -> Letterhead:
    """Whose paper it is, in the language of whoever asks for it."""
    who = visit()
    with reading() as session:
        name, place, pay_to = (
            cooperative.setting(session, kind) for kind in ("name", "address", "pay_to")
        )
        logo = cooperative.logo(session)
    return Letterhead(who.coop, name, spoken(), today(), _origin(), place, pay_to, logo)


def _origin() -> str:
    found = urlsplit(str(st.context.url or ""))
    return f"{found.scheme}://{found.netloc}" if found.netloc else ""


def download(label: str, make: Callable[[], bytes], *, name: str, key: str) -> None:
    """A button for a PDF; a page is set only when it is pressed."""
    st.download_button(
        label,
        make,
        file_name=f"{name}.pdf",
        mime="application/pdf",
        key=key,
        on_click="ignore",
        width="stretch",
    )


def send(text: str, *, phone: str | None, key: str) -> None:
    """The text to copy, and where a phone is known the chat with it typed already."""
    if phone is not None:
        st.link_button(_("Send by WhatsApp"), phones.whatsapp_link(phone, text), width="stretch")
    with st.expander(_("As text, to copy"), key=key):
        st.code(text, language=None, wrap_lines=True)


def slip(story: Story | BoughtStory) -> None:
    """A slip's paper and its text."""
    letter, number = letterhead(), story.slip.number
    warnings = (
        buying_papers.reversals(story, letter)
        if isinstance(story, BoughtStory)
        else slip_papers.reversals(story.parts, letter)
    )
    for sentence in [] if story.slip.voided_on else warnings:
        st.warning(sentence)
    download(
        _("Download PDF"), lambda: slip_papers.slip(story, letter), name=number, key="slip_pdf"
    )
    send(texts.slip(story, letter), phone=story.member.phone, key="slip_text")


def receipts(rows: Sequence[Received]) -> None:
    """The receipt of one of these deliveries; the newest is chosen already."""
    if not rows:
        return
    by_id = {row.delivery.id: row for row in rows[:MOST]}
    newest = max(by_id)
    with fold(_("Delivery receipt"), key="receipts") as is_open:
        if not is_open:
            return
        picked = st.selectbox(
            _("Which one?"),
            list(by_id),
            index=list(by_id).index(newest),
            format_func=lambda key: _words(by_id[key]),
            key=f"receipt_of_{newest}",  # what was just received is chosen, whatever was before
        )
        row, letter = by_id[picked], letterhead()
        with reading() as session:
            phone = members.member(session, row.delivery.member_id).phone
            measured = measures.measured(session, [picked]).get(picked, {})
            how = bought.how_bought(session, picked)
            weighed = Weighing(weighing.weights(session, picked), measured, how)
        if how is not None:
            show_bought(how, letter)
        download(
            _("Download PDF"),
            lambda: delivery_papers.receipt(row, weighed, letter),
            name=row.delivery.number,
            key="receipt_pdf",
        )
        st.link_button(_("For the printer of 58 mm"), f"/struk/{row.delivery.id}", width="stretch")
        send(texts.receipt(row, letter, how), phone=phone, key="receipt_text")


def _words(row: Received) -> str:
    return f"{row.delivery.number} · {row.member} · {quantity(row.delivery.net, row.unit)}"


def settlement(found: Statement, *, entry_number: int | None) -> None:
    """The paper of a settled sale: its proof, for those who want to add it up themselves."""
    letter, number = letterhead(), found.sale.number
    download(
        _("Proof of the settlement (PDF)"),
        lambda: sale_papers.proof(found, letter, entry_number=entry_number),
        name=f"{number}-bukti",
        key="proof_pdf",
    )


def for_buyer(found: Statement) -> None:
    """The papers that the buyer of a sale gets: delivery note, invoice, and invoices made void."""
    letter = letterhead()
    with reading() as session:
        goods = sale_paper_service.consignment(session, found.sale.id, known=found)
    number, settled = goods.found.sale.number, goods.found.sale.stage is SaleStage.SETTLED
    with st.container(horizontal=True, key="buyer_papers"):
        if goods.found.parts:
            download(
                _("Delivery note (PDF)"),
                lambda: order_papers.delivery_note(goods, letter),
                name=orders.note_number(number),
                key="note_pdf",
            )
        if settled:
            download(
                _("Invoice (PDF)"),
                lambda: order_papers.invoice(goods, letter),
                name=orders.invoice_number(number, turn=goods.turn),
                key="invoice_pdf",
            )
        for turn, back in enumerate(goods.reversals, start=1):
            name = orders.invoice_number(number, turn=turn)
            download(
                _("Cancelled invoice {number} (PDF)", number=name),
                partial(order_papers.void_invoice, goods, back, letter),
                name=f"{name}-batal",
                key=f"void_pdf_{back.id}",
            )
