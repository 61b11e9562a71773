"""Lists that leave the house: headings and rows, the way the imports read them back."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from kopprod.domain import entitlement_files, member_files
from kopprod.domain.access import Action
from kopprod.domain.subsidies import KG, Fertiliser
from kopprod.services import access, booking_files, deliveries, members, subsidies, want_files
from kopprod.services import products as product_service
from kopprod.tables.cooperative import Village
from kopprod.tables.prices import PricePoint, PriceSeries

List = tuple[Sequence[str], list[list[Any]]]


def prices(session: Session) -> List:
    """Every reference price, by series and day, in rupiah for one unit."""
    access.require(session, Action.PRICES_SEE)
    query = (
        select(PriceSeries, PricePoint)
        .join(PricePoint, col(PricePoint.series_id) == col(PriceSeries.id))
        .order_by(col(PriceSeries.id), col(PricePoint.starts_on))
    )
    rows = [
        [s.source, s.commodity, s.place, s.unit, p.starts_on, Decimal(p.price_e4) / 10_000]
        for s, p in session.exec(query).all()
    ]
    return ("Sumber", "Komoditas", "Wilayah", "Satuan", "Tanggal", "Harga"), rows


MEMBER_HEADINGS = tuple(field.headings[0].capitalize() for field in member_files.FIELDS)
_STATUS_WORDS = {"member": "anggota", "applicant": "calon", "left": "keluar"}
_SEX_WORDS = {"female": "P", "male": "L"}


def member_list(session: Session) -> List:
    """The register, with what the acting person may see of it."""
    access.require(session, Action.MEMBERS_SEE)
    villages = {v.id: v.name for v in session.exec(select(Village)).all()}
    produced = members.produced(session)
    rows: list[list[Any]] = []
    for m in members.members(session):
        rows.append(
            [m.number, m.name, villages.get(m.village_id or 0, ""), m.phone or ""]
            + [", ".join(produced.get(m.id, [])), _STATUS_WORDS[m.status]]
            + [m.joined_on, m.left_on, m.left_reason, m.birth_place, m.birth_on]
            + [_SEX_WORDS.get(m.sex or "", ""), m.job, m.address, m.land_m2]
            + [m.account_provider, m.account_number, m.account_holder]
        )
    return MEMBER_HEADINGS, rows


def delivery_list(session: Session) -> List:
    """The delivery book, without what was taken back; quantities in the unit of the price."""
    access.require(session, Action.DELIVERIES_SEE)
    goods = {p.id: p for p in product_service.products(session, with_stopped=True)}
    rows: list[list[Any]] = []
    for found in deliveries.deliveries(session):
        if not found.stands:
            continue
        d = found.delivery
        product = goods[d.product_id]
        per = product_service.price_per(session, product, on=d.received_on)
        rows.append(
            [d.number, d.received_on, found.member_number, found.member, found.product]
            + [found.grade, Decimal(d.net) / per, product.price_unit, d.note]
        )
    headings = ("Nomor", "Tanggal", "Nomor anggota", "Nama", "Produk", "Mutu", "Jumlah", "Satuan")
    return (*headings, "Catatan"), rows


def pooled_wants(session: Session) -> List:
    """What was bought together of wants from files, by village and season, and what it saved."""
    first = ("Desa", "Musim", "Barang", "Anggota", "Dipesan (kg)", "Karung", "Dibeli (kg)")
    then = ("Tidak genap sekarung (kg)", "Harga sekarung", "Dibayar", "Di kios", "Hemat")
    return (*first, *then), want_files.cells(want_files.report(session), lambda _words: "Bersama")


def entitlement_list(session: Session) -> List:
    """The e-RDKK of all seasons, by member, in kilograms of each fertiliser."""
    rows: list[list[Any]] = []
    for season in subsidies.seasons(session):
        of_member: dict[str, dict[Fertiliser, Decimal]] = {}
        for one in subsidies.entitlements(session, season=season):
            of_member.setdefault(one.number, {})[one.fertiliser] = Decimal(one.grams) / KG
        for number, own in of_member.items():
            rows.append([number, season, *(own.get(each, "") for each in Fertiliser)])
    headings = [field.headings[0].capitalize() for field in entitlement_files.FIELDS]
    return headings, rows


EXPORTS: dict[str, Callable[[Session], List]] = {
    "prices": prices,
    "members": member_list,
    "deliveries": delivery_list,
    "wants": pooled_wants,
    "entitlements": entitlement_list,
    "bookings": booking_files.listed,
}
