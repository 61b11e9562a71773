"""The key of a form: one until the form was kept, whichever process the browser tells it to."""

from uuid import UUID

from streamlit.testing.v1 import AppTest

from tests.screens import PATIENCE_S


def page() -> None:
    """A form that is kept at a press, and shows its key."""
    import streamlit as st

    from kopprod.ui.held import held_turn, next_turn

    st.caption(held_turn("quote"))
    if st.button("keep", key="keep"):
        next_turn("quote")
        st.rerun()


def shown(test: AppTest) -> str:
    """The key that the form has now."""
    assert not test.exception
    assert not test.warning
    key = str(test.caption[0].value)
    assert str(UUID(key)) == key
    return key


def test_a_form_has_one_key_until_it_was_kept() -> None:
    test = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    first = shown(test)
    assert shown(test.run()) == first

    second = shown(test.button(key="keep").click().run())
    third = shown(test.button(key="keep").click().run())

    assert len({first, second, third}) == 3
    assert shown(test.run()) == third


def test_a_process_that_begins_anew_takes_the_key_from_the_browser() -> None:
    before = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    held = shown(before.button(key="keep").click().run())
    anew = AppTest.from_function(page, default_timeout=PATIENCE_S).run()

    # A browser sends what it holds with whatever is pressed.
    anew.text_input(key="held_quote").set_value(held)
    assert shown(anew.run()) == held
    assert shown(anew.button(key="keep").click().run()) != held


def test_a_browser_that_missed_the_next_key_does_not_bring_back_the_used_one() -> None:
    test = AppTest.from_function(page, default_timeout=PATIENCE_S).run()
    used = shown(test)
    test.button(key="keep").click().run()

    test.text_input(key="held_quote").set_value(used)

    assert shown(test.run()) != used


def test_what_is_no_key_is_not_taken_for_one() -> None:
    test = AppTest.from_function(page, default_timeout=PATIENCE_S).run()

    test.text_input(key="held_quote").set_value("' OR 1=1")

    assert shown(test.run()) == shown(test.run())
