"""In a real Chromium that is set to English: no screen of any role has a word of English."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page

from kopprod import db, demo
from kopprod.domain.access import Person, Role
from kopprod.services import signin
from kopprod.ui import places
from kopprod.web import asset_files
from tests.browser import LAPTOP, Server, go, heard, press, serving

pytestmark = pytest.mark.browser

# Words that a screen of ours in Indonesian never has, and frames of programs often have.
COMMON = """
    add all an and app apply are august axes bad box browse button by calendar can cancel chart
    choose clear click close collapse column connecting connection content copy date day
    december decrement delete dismiss download drag drop empty error expand failed february file
    files for friday from fullscreen help hide in increment input invalid is issue january july
    june limit link loading main march may monday month must network next october of open
    option options or page pan password past please plot press previous reconnect remove
    required rerun reset results row running saturday scroll search select selected show sidebar
    skip sort stop suggestions sunday table the this thursday to today toolbar try tuesday
    upload use value view wait wednesday with year you your zoom
"""
ENGLISH = re.compile(r"\b(?:" + "|".join(COMMON.split()) + r")\b", re.IGNORECASE)
# What an empty list of choices says, by the style sheet.
NOTHING_FITS = """() => {
  const list = document.createElement("div");
  list.setAttribute("role", "listbox");
  list.setAttribute("data-empty", "true");
  list.innerHTML = "<span></span>";
  document.body.append(list);
  const said = getComputedStyle(list.firstChild, "::after").content;
  list.remove();
  return said;
}"""
# Everything that is read out or shown, but for what says of itself that it is English or an icon.
WORDS = """() => {
    const found = new Set(), add = (said) => said && said.trim() && found.add(said.trim())
    const named = ['label', 'description', 'roledescription', 'valuetext'].map(it => 'aria-' + it)
    named.push('placeholder', 'title', 'alt', 'data-title')
    const skipped = 'style, script, noscript, [lang=en], [data-testid*=Icon]'
    for (const it of document.querySelectorAll('body, body *')) {
        if (it.closest(skipped)) continue
        named.forEach(name => add(it.getAttribute(name)))
        it.childNodes.forEach(part => part.nodeType === Node.TEXT_NODE && add(part.textContent))
    }
    return [...found]
}"""


@pytest.fixture(scope="module")
def demo_server(made_demo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo cooperative, whose people are one click away."""
    log = tmp_path_factory.mktemp("demo_server") / "server.log"
    with serving(log, KOPPROD_DB=made_demo, KOPPROD_DEMO="on") as running:
        yield running


@pytest.fixture
def page(browser: Browser, demo_server: Server) -> Iterator[Page]:
    """A laptop whose own language is English."""
    width, height = LAPTOP
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="en-US", base_url=demo_server.url
    )
    yield context.new_page()
    context.close()


def enter(page: Page, who: Person) -> None:
    """Sign in as one of the demo's people."""
    page.goto("/masuk")
    at = page.locator("form", has=page.locator(f'[name="orang"][value="{who.user_id}"]'))
    at.get_by_role("button").click()
    heard(page)


def english(page: Page) -> set[str]:
    """What is English on the screen."""
    return {said for said in page.evaluate(WORDS) if ENGLISH.search(said)}


def link(page: Page, place: str) -> Locator:
    """The way to a place in the menu at the side."""
    name = "" if place == "home" else place
    return page.locator(f'[data-testid="stSidebar"] a[href$="/{name}"]').first


def people(url: str) -> dict[Role, Person]:
    """One of the demo's people for each role."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KOPPROD_DB", url)
        with db.reading(demo.SLUG) as session:
            rows = signin.demo_people(session)
    return {role: Person(id_, name, frozenset({role})) for id_, name, role in reversed(rows)}


def test_the_words_looked_for_are_those_that_streamlit_says() -> None:
    """So that a text of the table which is shown again untranslated would be seen."""
    plain = [text for _chunk, text in asset_files.read_texts() if "`" not in text]

    assert [text for text in plain if not ENGLISH.search(text)] == ["seconds 0–59"]  # never alone


def shown(role: Role, who: Person) -> list[str]:
    """The places that this role is asked about.

    All of hers, if what she sees of them is her own; of the others what these two have not.
    """
    wholly = (Role.MANAGER, Role.MEMBER)
    seen = {
        place.name
        for one in wholly
        for place in places.open_to(Person(0, "", frozenset({one})))
        if role not in wholly
    }
    return [place.name for place in places.open_to(who) if place.name not in seen - {"home"}]


@pytest.mark.parametrize("role", list(Role))
def test_no_screen_of_a_role_speaks_english(made_demo: str, page: Page, role: Role) -> None:
    who = people(made_demo)[role]
    enter(page, who)
    found = {}
    for name in shown(role, who):
        if name != "home":
            if link(page, name).count():
                link(page, name).click()
                heard(page)
            else:
                go(page, name)
        found[name] = english(page)

    assert {name: said for name, said in found.items() if said} == {}


def test_the_door_speaks_no_english(page: Page) -> None:
    page.goto("/masuk")

    assert english(page) == set()
    assert page.locator("html").get_attribute("lang") == "id"


def test_the_calendar_of_a_day_is_indonesian(made_demo: str, page: Page) -> None:
    enter(page, people(made_demo)[Role.MANAGER])
    go(page, "field_sheets")

    page.get_by_role("button", name="Pilih tanggal").first.click()
    page.get_by_test_id("stDateInputCalendar").first.wait_for()

    assert english(page) == set()
    said = "\n".join(page.evaluate(WORDS))
    assert re.search(r"\b(?:Minggu|Senin|Selasa|Rabu|Kamis|Jumat|Sabtu), ", said)
    assert "Bulan berikutnya" in said or "Berikutnya" in said


def test_our_words_in_place_of_streamlits_follow_the_language_at_once(
    made_demo: str, page: Page
) -> None:
    enter(page, people(made_demo)[Role.MANAGER])
    go(page, "home")
    assert page.evaluate(NOTHING_FITS) == '"Tidak ada yang cocok"'

    press(page, "English")

    assert page.evaluate(NOTHING_FITS) == '"Nothing fits"'


def test_what_a_browser_fetched_once_it_keeps_and_it_asks_at_one_place(
    made_demo: str, page: Page
) -> None:
    """The second visit asks for no script again, and nowhere else for the server."""
    enter(page, people(made_demo)[Role.MANAGER])
    asked, kept = list[str](), set[str]()

    def note(event: Any) -> None:
        if not (event["response"].get("fromDiskCache") or event["requestId"] in kept):
            asked.append(event["response"]["url"].removeprefix(page.url.rpartition("/")[0]))

    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    devtools.on("Network.responseReceived", note)
    go(page, "output")

    assert [path for path in asked if path.startswith(("/berkas/", "/static/"))] == []
    assert [path for path in asked if "_stcore" in path and not path.startswith("/_stcore/")] == []
    assert any(path.startswith("/_stcore/health") for path in asked)
