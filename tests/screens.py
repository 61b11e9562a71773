"""Opening a page as somebody signed in, without a browser: AppTest through the menu script."""

from functools import cache, partial

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest, local_script_runner

from kopprod import db
from kopprod.domain.access import SYSTEM, Person
from tests import make
from tests.source import ROOT

MENU = ROOT / "kopprod" / "ui" / "menu.py"
PATIENCE_S = 30
# What is installed stays as it is; each new AppTest looks through it, longer than a page takes.
setattr(  # noqa: B010
    manifest_scanner,
    "scan_component_manifests",
    cache(manifest_scanner.scan_component_manifests),
)


def screen(coop: str, who: Person, place: str = "home") -> AppTest:
    """The page as this user sees it, who has a row (`make.user`); press, then `.run()`."""
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        sign_in = make.sign_in(session, who)
    config.set_option(
        "client.showErrorDetails", "full"
    )  # visitors get an apology; a test, the trace
    test = AppTest.from_file(str(MENU), default_timeout=PATIENCE_S)
    test.user = {"coop": coop, "signin": sign_in}
    if place != "home":
        test.switch_page(f"../../pages/{place}.py")
    return test.run()


def words(test: AppTest) -> str:
    """What stands on the screen, in one text."""
    shown = [*test.title, *test.header, *test.subheader, *test.markdown, *test.caption]
    shown += [*test.success, *test.info, *test.warning, *test.error]
    said = [str(element.value) for element in shown]
    said += [str(element.proto.body) for element in test.get("html")]
    said += [button.label for button in test.button]
    return "\n".join(said)


def unfold(test: AppTest, key: str, *, open_it: bool = True) -> AppTest:
    """The page after somebody opened, or closed, the fold whose key begins so."""
    ids = [block.proto.id for block in test.expander if f"-{key}" in block.proto.id]
    test.session_state[key + ids[0].partition(f"-{key}")[2]] = open_it
    return test.run()


def answer_in_part(test: AppTest) -> AppTest:
    """The page after an answer that draws only its part again, as a browser asks for it."""
    (part,) = test._fragment_storage._fragments  # it has no public name for it
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "RerunData", partial(RerunData, fragment_id=part))
        return test.run()
