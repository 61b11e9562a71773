"""Every page as every role: it opens without a mistake, or says that it is not for this person."""

import pytest

from kopprod import db
from kopprod.domain.access import NotAllowed, Role
from kopprod.language import gettext
from kopprod.ui import places
from kopprod.ui.places import Place
from tests import make
from tests.screens import screen

REFUSED = gettext("id", NotAllowed.sentence)


EACH_ROLE = pytest.mark.parametrize("role", Role)
EACH_PLACE = pytest.mark.parametrize("place", places.ALL, ids=[place.name for place in places.ALL])


@EACH_ROLE
@EACH_PLACE
def test_each_page_opens_or_refuses(coop: str, role: Role, place: Place) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, role)
        home = make.village(session)
        rice = make.product(session)
        make.grade(session, rice.id)
        make.member(session, "Budi", village_id=home.id)
        make.buyer(session)

    test = screen(coop, who, place.name)

    may = place.action is None or who.may(place.action)
    assert [one.value for one in test.exception] == []
    assert [one.value for one in test.error] == ([] if may else [REFUSED])


@EACH_PLACE
def test_each_page_opens_in_an_empty_cooperative(coop: str, place: Place) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, Role.MANAGER)

    test = screen(coop, who, place.name)

    assert [one.value for one in test.exception] == []
    assert [one.value for one in test.error] == []


def test_nobody_sees_a_page_without_a_sign_in(coop: str) -> None:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, Role.MANAGER)
    test = screen(coop, who)
    test.user = {"coop": coop, "signin": "made up"}

    for place in places.ALL:
        test.switch_page(f"../../pages/{place.name}.py").run()

        assert [one.value for one in test.exception] == []
        assert not test.title
        assert [one.value for one in test.warning] == [
            gettext("id", "You are signed out. Please sign in again.")
        ]
