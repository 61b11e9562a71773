"""Indonesian mobile numbers, typed in any of the usual ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kopprod.domain import phones


@pytest.mark.parametrize(
    "text",
    [
        "0822-1234-5678",
        "62 822 1234 5678",
        "+6282212345678",
        "82212345678",
        " 0822 1234 5678 ",
        "+62 822.1234.5678",
        "(0822) 12345678",
        "0822\N{NO-BREAK SPACE}12345678",
    ],
)
def test_the_ways_people_write_one_number(text: str) -> None:
    assert phones.to_e164(text) == "+6282212345678"


@pytest.mark.parametrize("text", ["0812345678", "0812345678901"])
def test_ten_to_thirteen_digits_are_a_mobile_number(text: str) -> None:
    assert phones.to_e164(text) == f"+62{text[1:]}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "08123456",
        "08123456789012",
        "0211234567",  # a landline
        "+60123456789",  # a mobile number of Malaysia
        "08001234567",
        "0822-1234-567a",
        "0800-KOPERASI",
        "٠٨٢٢١٢٣٤٥٦٧٨",
        "0822 1234 5678 / 0811 1234 567",
        "=0822",
        "-",
        "+",
        "9" * 200,
    ],
)
def test_what_is_no_indonesian_mobile_number_is_refused(text: str) -> None:
    with pytest.raises(phones.NotAMobileNumber) as refused:
        phones.to_e164(text)
    assert len(str(refused.value.facts["typed"])) <= 40


def test_a_number_is_shown_as_people_write_it() -> None:
    assert phones.show("+6282212345678") == "0822-1234-5678"


def test_a_link_opens_a_chat_with_the_words_already_typed() -> None:
    assert phones.whatsapp_link("+6282212345678") == "https://wa.me/6282212345678"
    assert (
        phones.whatsapp_link("+6282212345678", "Kode Anda: 12 & 34")
        == "https://wa.me/6282212345678?text=Kode%20Anda%3A%2012%20%26%2034"
    )


@given(st.from_regex(r"8(1[1-9]|2[1-3]|5[1-9])[0-9]{7,8}", fullmatch=True))
def test_what_is_shown_is_read_as_the_same_number(digits: str) -> None:
    number = phones.to_e164(digits)

    assert phones.to_e164(phones.show(number)) == number == f"+62{digits}"
