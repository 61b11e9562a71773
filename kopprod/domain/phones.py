"""Indonesian mobile numbers, typed in any of the usual ways and kept as E.164.

`0822-1234-5678`, `62 822 1234 5678` and `82212345678` are all kept as `+6282212345678`. A number
need not be one person's: families share phones.
"""

import re
from urllib.parse import quote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from kopprod.domain.refusal import N_, Refusal

COUNTRY = "ID"
_COUNTRY_CODE = 62
_WRITTEN = re.compile(r"\+?[0-9 ().-]+")  # the library would also read letters and other digits


class NotAMobileNumber(Refusal):
    """Not an Indonesian mobile number: 08…, ten to thirteen digits."""

    sentence = N_("{typed} is not an Indonesian mobile number. Type it like 0822-1234-5678.")


def to_e164(text: str) -> str:
    """The number as `+628…`; refuses what is no Indonesian mobile number."""
    words = " ".join(text.split())
    if not _WRITTEN.fullmatch(words):
        raise NotAMobileNumber(typed=words[:40])
    try:
        number = phonenumbers.parse(words, COUNTRY)
    except NumberParseException:
        raise NotAMobileNumber(typed=words[:40]) from None
    if not _is_mobile(number):
        raise NotAMobileNumber(typed=words[:40])
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _is_mobile(number: PhoneNumber) -> bool:
    mobile = phonenumbers.number_type(number) == PhoneNumberType.MOBILE
    return mobile and number.country_code == _COUNTRY_CODE


def show(e164: str) -> str:
    """`+6282212345678` as people write it: `0822-1234-5678`."""
    number = phonenumbers.parse(e164, COUNTRY)
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def whatsapp_link(e164: str, text: str = "") -> str:
    """The address that opens a chat with this number, with `text` already typed."""
    link = f"https://wa.me/{e164.removeprefix('+')}"
    return f"{link}?text={quote(text, safe='')}" if text else link
