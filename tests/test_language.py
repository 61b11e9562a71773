"""What people read: every message has its Indonesian words, and only one set of them.

Messages are found in the trees of the modules rather than by Babel's tokenizer, which overlooks a
message inside the call of another: `_("Paid to {who}.", who=_("nobody"))`.
"""

import ast
import string
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from kopprod.domain.refusal import Refusal
from tests import source

CATALOGUES = sorted((source.ROOT / "kopprod" / "locale" / "id").glob("*.po"))
SPOKEN = source.modules("app.py", "kopprod", "pages")
TEMPLATES = sorted((source.ROOT / "kopprod").rglob("templates/*.*"))

# At which place of a call its messages stand.
PLACES = {
    "_": (0,),
    "N_": (0,),
    "gettext": (1,),
    "translate": (1,),
    "ngettext": (1, 2),
    "open_page": (1,),
    "action": (0,),
}
SHOWN_BY_STREAMLIT = {
    *("title", "header", "subheader", "caption", "markdown", "write", "text", "badge"),
    *("error", "warning", "success", "info", "toast", "metric", "expander", "popover", "dialog"),
    *("button", "form_submit_button", "download_button", "link_button", "checkbox", "toggle"),
    *("text_input", "text_area", "number_input", "date_input", "selectbox", "multiselect"),
    *("radio", "pills", "segmented_control", "file_uploader", "spinner", "slider"),
}


def messages() -> dict[str, str]:
    """Every message a person may read, and one place where it stands."""
    return dict([*messages_of_modules(), *messages_of_templates()])


def messages_of_modules() -> Iterator[tuple[str, str]]:
    """The messages in the code."""
    for path in SPOKEN:
        for call in source.calls(path):
            for argument in message_arguments(call):
                text = written_out(argument)
                if text:
                    yield text, source.where(path, argument)


def messages_of_templates() -> Iterator[tuple[str, str]]:
    """The messages in Jinja2 templates."""
    for path in TEMPLATES:
        with path.open("rb") as file:
            for line, _name, said, _comments in babel_extract(file, ("_", "gettext"), [], {}):
                for message in (said,) if isinstance(said, str) else said or ():
                    if message:
                        yield message, f"{path.relative_to(source.ROOT)}:{line}"


def written_out(argument: ast.expr) -> str:
    """The text, if it is written out here; otherwise nothing."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return ""


def message_arguments(call: ast.Call) -> list[ast.expr]:
    """The arguments of a call that are messages."""
    places = PLACES.get(source.called(call), ())
    return [call.args[place] for place in places if place < len(call.args)]


def translations() -> Iterator[tuple[Path, Message]]:
    """Every entry of every Indonesian catalogue."""
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="id", abort_invalid=True):
                if message.id:
                    yield path, message


def ids(message: Message) -> list[str]:
    """The message, and its plural where it has one."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def words(message: Message) -> list[str]:
    """The translation in each of its forms."""
    said = message.string
    return [said] if isinstance(said, str) else list(said or ())


def braces(text: str) -> set[str]:
    """The facts that a message has room for."""
    return {name for _before, name, _spec, _how in string.Formatter().parse(text) if name}


def test_every_message_has_its_indonesian_words() -> None:
    translated = {
        one
        for _path, message in translations()
        for one in ids(message)
        if all(words(message)) and not message.fuzzy
    }

    missing = [f"{where}: {said}" for said, where in messages().items() if said not in translated]

    assert not missing, "\n".join(missing)


def test_no_translation_is_empty_or_doubtful() -> None:
    bad = [
        f"{path.name}: {ids(message)[0]}"
        for path, message in translations()
        if message.fuzzy or not all(words(message))
    ]

    assert bad == []


def test_a_translation_has_room_for_the_same_facts() -> None:
    bad = []
    for path, message in translations():
        wanted = set().union(*(braces(one) for one in ids(message)))
        if any(braces(said) != wanted for said in words(message)):
            bad.append(f"{path.name}: {ids(message)[0]} -> {message.string}")

    assert bad == []


def test_one_message_has_the_same_translation_everywhere() -> None:
    said: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path, message in translations():
        said[ids(message)[0]]["|".join(words(message))].append(path.name)

    assert {one: dict(others) for one, others in said.items() if len(others) > 1} == {}


def test_no_translation_is_left_over_from_a_message_that_is_gone() -> None:
    known = messages()
    left_over = [
        f"{path.name}: {ids(message)[0]}"
        for path, message in translations()
        if not known.keys() & set(ids(message))
    ]

    assert left_over == []


def test_a_message_is_written_out_where_it_stands() -> None:
    built = [
        source.where(path, call)
        for path in SPOKEN
        for call in source.calls(path)
        for argument in message_arguments(call)
        if isinstance(argument, ast.JoinedStr | ast.BinOp)
    ]

    assert built == []


def test_no_page_shows_words_that_nobody_translates() -> None:
    bare = [
        source.where(path, call)
        for path in source.modules("pages", "kopprod/ui")
        for call in source.calls(path)
        if source.called(call) in SHOWN_BY_STREAMLIT
        and isinstance(call.func, ast.Attribute)
        and any(map(str.isalpha, "".join(written_out(one) for one in call.args[:1])))
    ]

    assert bare == []


def test_every_refusal_has_its_own_sentence() -> None:
    silent = [kind for kind in refusals(Refusal) if "sentence" not in vars(kind)]

    assert silent == []


def refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    """Every kind of refusal below this one that has been imported."""
    for below in kind.__subclasses__():
        yield below
        yield from refusals(below)
