"""Files of what farmers bought: members, their fertiliser by season, and what each paid for it.

`A-014;wargabinangun;1;900;75` is a row: 900 kg of urea at Rp75 a kilogram, in the first season.
Bought together in sacks of 50 kg at the lowest price that anybody paid in that village and season,
rounded down, 18 sacks would have come; what fills no sack is left to the shop, so it saves nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction

from kopprod.domain import handing_out, members, planning, subsidies
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.imports import Columns, Fault, Field, Findings, Row
from kopprod.domain.money import E4, amount_rp, round_half_up
from kopprod.domain.planning import Wanted
from kopprod.domain.plans import Article, Offer, Terms
from kopprod.domain.purchases import Entry
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.row_reader import RowReader, signs
from kopprod.domain.tiers import Supplier, Tier

PACK_KG = 50
MOST_KG = 100_000
MOST_PRICE_E4 = 10**6 * E4

NO_PRICE = N_("A price is missing: what was paid for a kilogram?")
SAME_SEASON_TWICE = N_("Row {other} has the same member in the same season.")
ANOTHER_VILLAGE = N_("{number} lives in {village}, says the register or a row above.")
ANOTHER_NAME = N_("The number {number} belongs to {name} already.")
CLOSED_ALREADY = N_("What is bought together in {village} in season {season} is fixed already.")


@dataclass(frozen=True)
class FileArticle:
    """An article that a file may have two columns for: so many kilograms, and Rp for one."""

    key: str
    name: str

    @property
    def price(self) -> str:
        """The name of the field with its price."""
        return f"{self.key}_price"


# The names are the cooperative's own words for its articles, as every article's name is.
ARTICLES: Sequence[FileArticle] = (
    FileArticle("urea", "Urea"),
    FileArticle("phosphate", "Fosfat (TSP)"),
    FileArticle("npk", "NPK"),
)
NAMES: Mapping[str, str] = {one.key: one.name for one in ARTICLES}
FIELDS: Sequence[Field] = (
    Field("number", N_("Member number"), ("nomor", "nomor anggota", "no anggota", "id"), True),
    Field("name", N_("Name"), ("nama", "nama anggota", "name")),
    Field("village", N_("Village"), ("desa", "dusun", "kampung", "village", "region"), True),
    Field("season", N_("Season"), ("musim", "musim tanam", "mt", "season")),
    Field("urea", N_("Urea, kg"), ("urea", "urea kg")),
    Field("urea_price", N_("Urea, Rp for 1 kg"), ("harga urea", "purea")),
    Field("phosphate", N_("Phosphate, kg"), ("fosfat", "tsp", "phosphate")),
    Field(
        "phosphate_price", N_("Phosphate, Rp for 1 kg"), ("harga fosfat", "harga tsp", "pphosph")
    ),
    Field("npk", N_("NPK, kg"), ("npk", "npk kg")),
    Field("npk_price", N_("NPK, Rp for 1 kg"), ("harga npk", "pnpk")),
)


@dataclass(frozen=True)
class WantRow:
    """What one member bought of one article in one season, in kilograms, at Rp for one of them.

    A row of the file gives one of these for each article; without any it is only of the member.
    """

    row: int
    number: str
    name: str
    village: str
    season: str
    article: str = ""
    kg: int = 0
    price_e4: int = 0

    @property
    def key(self) -> str:
        """By which the want is found again: the same twice is kept once."""
        return f"file-{self.number.casefold()}-{self.season.casefold()}-{self.article}"

    @property
    def place(self) -> tuple[str, str]:
        """The village and the season that buy together."""
        return self.village.casefold(), self.season.casefold()


@dataclass(frozen=True)
class WantFile:
    """What a file of wants says, before it is compared with the register."""

    wants: Sequence[WantRow]
    faults: Sequence[Fault]
    rows: int
    mapping: Columns


@dataclass(frozen=True)
class Known:
    """What is there already, all names folded.

    Members by number with name and village, keys of wants that are kept, and the places whose
    purchase takes no wants any more.
    """

    register: Mapping[str, tuple[str, str]]
    kept: Set[str]
    closed: Set[tuple[str, str]]


def read_rows(rows: Sequence[Row], cell_faults: Sequence[Fault], mapping: Columns) -> WantFile:
    """What each row says, and every fault of every row.

    Where the file names no season, the rows of one number are in the order of seasons: 1, 2, 3 ...
    """
    broken = {fault.row for fault in cell_faults}
    how = signs(rows, mapping, [name for one in ARTICLES for name in (one.key, one.price)])
    faults, found = list(cell_faults), []
    turns: dict[str, int] = defaultdict(int)
    for row, cells in rows:
        reader = RowReader(row, cells, mapping, how)
        own = reader.words("number").casefold()
        turns[own] += 1  # of faulty rows too, so that the later ones keep their season
        if row in broken:
            continue
        read = _read_row(reader, str(turns[own]))
        faults.extend(reader.faults)
        if not reader.faults:
            found.extend(read)
    return WantFile(found, faults, len(rows), mapping)


def _read_row(reader: RowReader, turn: str) -> list[WantRow]:
    number = ""
    try:
        number = members.check_number(reader.words("number"))
    except Refusal as refusal:
        reader.refused("number", refusal)
    name, season = reader.words("name") or number, reader.words("season") or turn
    if len(name) > members.LONGEST_NAME:
        reader.refused("name", members.NameTooLong(longest=members.LONGEST_NAME))
    try:
        season = subsidies.check_season(season)
    except Refusal as refusal:
        reader.refused("season", refusal)
    village = reader.needed("village")[:100]
    person = WantRow(reader.row, number, name, village, season)
    wants = [want for one in ARTICLES for want in _read_want(reader, one, person)]
    return wants or [person]


def _read_want(reader: RowReader, one: FileArticle, person: WantRow) -> list[WantRow]:
    kg = reader.whole(one.key, times=1, most=MOST_KG)
    if not kg:
        return []  # who buys none has no price to tell
    before = len(reader.faults)
    price_e4 = reader.whole(one.price, times=E4, most=MOST_PRICE_E4)
    if not price_e4:
        if len(reader.faults) == before:
            reader.wrong(one.price, NO_PRICE)
        return []
    return [replace(person, article=one.key, kg=kg, price_e4=price_e4)]


def sort_out(file: WantFile, *, known: Known) -> Findings[WantRow]:
    """Compare a file with itself and with what is there; rows are counted by article."""
    faults, good, there_already = list(file.faults), [], 0
    people = dict(known.register)
    seen: dict[tuple[str, str], int] = {}
    for want in file.wants:
        number = want.number.casefold()
        first = seen.setdefault((number, want.season.casefold()), want.row)
        wrong = (
            Fault(want.row, file.mapping.heading("number"), want.number, SAME_SEASON_TWICE,
                  {"other": first})
            if first != want.row
            else _wrong(file, want, people.get(number), known)
        )  # fmt: skip
        if wrong is not None:
            faults.append(wrong)
        elif want.key in known.kept or (number in known.register and not want.kg):
            there_already += 1
        else:
            good.append(want)
        people.setdefault(number, (want.name.casefold(), want.village.casefold()))
    faults.sort(key=lambda fault: fault.row)
    return Findings(good, [], faults, there_already, 0, file.rows)


def _wrong(
    file: WantFile, want: WantRow, there: tuple[str, str] | None, known: Known
) -> Fault | None:
    name, village = there or (want.name.casefold(), want.village.casefold())
    if village != want.village.casefold():
        why, facts = ANOTHER_VILLAGE, {"number": want.number, "village": village}
        return Fault(want.row, file.mapping.heading("village"), want.village, why, facts)
    if name != want.name.casefold() and "name" in file.mapping.columns:
        why, facts = ANOTHER_NAME, {"number": want.number, "name": name}
        return Fault(want.row, file.mapping.heading("name"), want.name, why, facts)
    if want.kg and want.place in known.closed and want.key not in known.kept:
        why, facts = CLOSED_ALREADY, {"village": want.village, "season": want.season}
        return Fault(want.row, file.mapping.heading("season"), want.season, why, facts)
    return None


@dataclass(frozen=True)
class Pooled:
    """One article of one village and season bought together, in kilograms and rupiah.

    `left_kg` fills no sack, so that nobody gets it; `shop_rp` is what those who get something had
    paid for just that.
    """

    village: str
    season: str
    article: str
    members: int
    wanted_kg: int
    packs: int
    bought_kg: int
    pack_rp: int
    paid_rp: int
    shop_rp: int

    @property
    def left_kg(self) -> int:
        """What was wanted and fills no sack."""
        return self.wanted_kg - self.bought_kg

    @property
    def saved_rp(self) -> int:
        """What buying together would have saved."""
        return self.shop_rp - self.paid_rp


def lowest_pack_rp(wants: Iterable[WantRow]) -> int:
    """A sack at the lowest price of a kilogram that anybody paid, rounded down to the rupiah."""
    return min(want.price_e4 for want in wants) * PACK_KG // E4


def mean_e4(wants: Sequence[WantRow]) -> int:
    """What a kilogram cost on the average, by weight."""
    kg = sum(want.kg for want in wants)
    return round_half_up(Fraction(sum(want.kg * want.price_e4 for want in wants), kg))


def pooled(
    wants: Iterable[WantRow], *, rule: SharingRule = SharingRule.PROPORTIONAL
) -> list[Pooled]:
    """The purchases that would have been, by village, season and article."""
    places: dict[tuple[str, str], list[WantRow]] = defaultdict(list)
    for want in wants:
        if want.kg:
            places[want.place].append(want)
    return [
        one
        for _place, own in sorted(places.items())
        for one in _pooled_at(sorted(own, key=lambda want: want.row), rule)
    ]


def _pooled_at(wants: Sequence[WantRow], rule: SharingRule) -> list[Pooled]:
    keys = [one.key for one in ARTICLES]
    by_article = {
        key: own
        for key in keys
        if (own := [want for want in wants if want.article == key]) and lowest_pack_rp(own)
    }
    terms = Terms(
        articles=tuple(Article(keys.index(key), mean_e4(own)) for key, own in by_article.items()),
        suppliers=(Supplier(0),),
        offers=tuple(
            Offer(
                keys.index(key), 0, keys.index(key), PACK_KG, (Tier(1, None, lowest_pack_rp(own)),)
            )
            for key, own in by_article.items()
        ),
    )
    planned = planning.plan_purchase(
        terms,
        [
            Wanted(want.row, keys.index(key), want.kg, highest_e4=want.price_e4)
            for key, own in by_article.items()
            for want in own
        ],
    )
    return [
        _outcome(own, planned.plan.packs.get(keys.index(key), 0), rule)
        for key, own in by_article.items()
    ]


def _outcome(wants: Sequence[WantRow], packs: int, rule: SharingRule) -> Pooled:
    at = datetime(2000, 1, 1, tzinfo=UTC)  # nobody came before anybody else
    entries = [Entry(want.row, want.row, at, want.kg, 0) for want in wants]
    got = handing_out.share(packs * PACK_KG, entries, rule)
    return Pooled(
        village=wants[0].village,
        season=wants[0].season,
        article=wants[0].article,
        members=len(wants),
        wanted_kg=sum(want.kg for want in wants),
        packs=packs,
        bought_kg=sum(got.values()),
        pack_rp=lowest_pack_rp(wants),
        paid_rp=packs * lowest_pack_rp(wants),
        shop_rp=sum(amount_rp(got[want.row], want.price_e4, 1) for want in wants),
    )


def total(orders: Sequence[Pooled]) -> Pooled:
    """All of them together; members are counted once an order."""
    return Pooled(
        village="",
        season="",
        article="",
        members=sum(one.members for one in orders),
        wanted_kg=sum(one.wanted_kg for one in orders),
        packs=sum(one.packs for one in orders),
        bought_kg=sum(one.bought_kg for one in orders),
        pack_rp=0,
        paid_rp=sum(one.paid_rp for one in orders),
        shop_rp=sum(one.shop_rp for one in orders),
    )
