"""In a real Chromium: signing in and out, and every page on a phone."""

import re

import pytest
from playwright.sync_api import expect

from kopprod import db
from kopprod.domain.access import Role
from kopprod.language import gettext
from kopprod.ui import places
from tests import make
from tests.browser import OpensPages, go, read

pytestmark = pytest.mark.browser
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"


def test_a_member_signs_in_on_her_phone_and_out_again(coop: str, phone: OpensPages) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.user(session, Role.MEMBER, name="Ayu")

    ayu = phone(make.Key("ayu"))
    assert gettext("id", "The cooperative owes you") in read(ayu)

    ayu.goto("/keluar")
    ayu.get_by_role("button").first.click()
    expect(ayu).to_have_url(re.compile("/masuk"))
    ayu.goto("/slips")
    expect(ayu).to_have_url(re.compile("/masuk"))


def test_a_wrong_pin_opens_nothing(coop: str, phone: OpensPages) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.user(session, Role.MEMBER, name="Ayu")

    page = phone()
    page.locator('[name="nama"]').fill("ayu")
    page.locator('[name="pin"]').fill("123123")
    page.locator('form[action="/masuk"] button').click()

    expect(page.get_by_role("alert")).to_be_visible()
    page.goto("/")
    expect(page).to_have_url(re.compile("/masuk"))


def test_no_page_is_wider_than_a_phone(coop: str, phone: OpensPages) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        make.user(session, Role.MANAGER, Role.MEMBER, name="Citra")

    citra = phone(make.Key("citra"))
    wider = {place.name: citra.evaluate(WIDER) for place in places.ALL if go(citra, place.name)}

    assert {name: by for name, by in wider.items() if by > 0} == {}
