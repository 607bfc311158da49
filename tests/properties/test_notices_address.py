"""Addresses: what is taken is one line of ASCII with one @, the same again; everything else is one error."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.notices.address import MOST, read_address
from exchange.notices.errors import MailAddressError

NAMES = st.text(string.ascii_letters + string.digits + "._+-", min_size=1, max_size=64)
LABELS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=20)


@given(NAMES, st.lists(LABELS, min_size=2, max_size=5), st.sampled_from(["", " ", "\n", "\t "]))
def test_a_sound_address_is_taken_without_the_space_around_it(name: str, labels: list[str], space: str) -> None:
    """And taken again it is the same."""
    address = f"{name}@{'.'.join(labels)}"
    if len(address) <= MOST:
        assert read_address(space + address + space) == address == read_address(address)


@given(st.text())
def test_whatever_is_taken_cannot_be_read_twice(text: str) -> None:
    """No line end, space, comma, bracket or letter outside ASCII: a header made of it names one mailbox."""
    try:
        address = read_address(text)
    except MailAddressError:
        return
    assert address.isascii() and address.count("@") == 1 and address == text.strip()
    assert not set(address) & set(' \r\n\t,;:<>()[]"\\')


@pytest.mark.parametrize(
    "text",
    ["", "anna", "anna@", "@x.example", "anna@host", "anna@x..example", "a b@x.example", "a@x.example, b@x.example",
     "Anna <anna@x.example>", "anna@x.example\nBcc: b@x.example", "anna@-x.example", "ännä@x.example", "a" * 65 + "@x.example",
     "a@" + "x." * 130 + "example"],
)  # fmt: skip
def test_these_are_no_addresses(text: str) -> None:
    """One error for all."""
    with pytest.raises(MailAddressError):
        read_address(text)
