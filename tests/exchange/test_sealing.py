"""Signed and sealed: what is changed on the way is refused, and a letter's size tells next to nothing."""

import json

import pytest

from fedflex_core.exchange.keys import SEAL_BYTES, Identity
from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.sealing import (
    LETTER_STEP,
    is_letter_size,
    letter,
    letter_content,
    sign,
    signed_by,
    unsigned,
)

ME, READER, OTHER = (Identity.new() for _ in range(3))
RECORD = b'{"kind": "join", "study": "0123456789abcdef"}\n'


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def is_refused(signed: bytes) -> bool:
    try:
        signed_by(signed, ME.public)
    except BadRecord:
        return True
    return False


# Signed.


def test_a_signed_record_is_json_around_the_record_as_it_was() -> None:
    signed = sign(RECORD, ME)
    assert json.loads(signed)["record"] == json.loads(RECORD)
    assert unsigned(signed) == signed_by(signed, ME.public) == RECORD


def test_it_is_its_writers_alone() -> None:
    with pytest.raises(BadRecord, match="signature"):
        signed_by(sign(RECORD, OTHER), ME.public)


def test_no_bit_of_a_signed_record_can_be_changed() -> None:
    """Nor a letter of the signature: what is another file may not be the same record."""
    signed = sign(RECORD, ME)
    taken = [bit for bit in range(8 * len(signed)) if not is_refused(flipped(signed, bit))]
    assert taken == []


def test_a_signature_in_other_letters_is_none() -> None:
    signed = sign(RECORD, ME)
    signature = json.loads(signed)["signature"].encode()
    assert is_refused(signed.replace(signature, signature.upper()))


@pytest.mark.parametrize(
    "other",
    [
        b"",
        RECORD,
        b"{}",
        b'{"signature":"',
        sign(RECORD, ME)[:-1],
        sign(RECORD, ME)[1:],
        sign(RECORD, ME) + b"\n",
        sign(RECORD, ME).replace(b'{"signature":"', b'{"signature":"0'),
        b'{"signature":"' + b" " * 128 + b'","record":\n' + RECORD + b"}\n",
        b'{"signature":"' + b"\xff" * 128 + b'","record":\n' + RECORD + b"}\n",
        b'{"signature":"' + "é".encode() * 64 + b'","record":\n' + RECORD + b"}\n",
    ],
)
def test_what_is_no_signed_record_is_refused(other: bytes) -> None:
    with pytest.raises(BadRecord):
        signed_by(other, ME.public)


def test_a_signature_under_the_bare_bytes_does_not_count() -> None:
    """What somebody signs elsewhere, in another program, is no record."""
    signed = sign(RECORD, ME)
    elsewhere = ME.sign(RECORD).hex().encode()
    framed = signed.replace(json.loads(signed)["signature"].encode(), elsewhere)
    assert unsigned(framed) == RECORD
    with pytest.raises(BadRecord, match="signature"):
        signed_by(framed, ME.public)


# Sealed.


def test_a_letter_is_its_readers_alone() -> None:
    sealed = letter(sign(RECORD, ME), READER.public)
    assert letter_content(sealed, READER) == sign(RECORD, ME)
    with pytest.raises(BadRecord, match="somebody else"):
        letter_content(sealed, OTHER)


def test_short_and_long_contents_make_letters_of_one_size() -> None:
    sizes = {
        len(letter(bytes(length), READER.public)) for length in (0, 1, 100, 3000, LETTER_STEP - 1)
    }
    assert sizes == {LETTER_STEP + SEAL_BYTES}


def test_a_longer_content_makes_a_letter_of_the_next_size() -> None:
    for length in (LETTER_STEP, LETTER_STEP + 1, 2 * LETTER_STEP - 1):
        assert len(letter(bytes(length), READER.public)) == 2 * LETTER_STEP + SEAL_BYTES


@pytest.mark.parametrize("length", [0, 1, 4095, 4096, 4097, 8 * LETTER_STEP - 1])
@pytest.mark.parametrize("last", [b"\0", b"\x80", b"}"])
def test_contents_come_back_whatever_they_end_with(length: int, last: bytes) -> None:
    content = last * length
    assert letter_content(letter(content, READER.public), READER) == content


def test_no_bit_of_a_letter_can_be_changed() -> None:
    sealed = letter(sign(RECORD, ME), READER.public)
    head = range(8 * SEAL_BYTES)  # the ephemeral key, and the authenticator
    for bit in (*head, *range(8 * SEAL_BYTES, 8 * len(sealed), 37)):
        with pytest.raises(BadRecord):
            letter_content(flipped(sealed, bit), READER)


def test_half_a_letter_is_none() -> None:
    sealed = letter(sign(RECORD, ME), READER.public)
    for length in (0, 1, SEAL_BYTES, LETTER_STEP, len(sealed) - 1):
        with pytest.raises(BadRecord):
            letter_content(sealed[:length], READER)


def test_what_is_sealed_but_not_padded_is_no_letter() -> None:
    for content in (b"", b"short", bytes(LETTER_STEP), b"x" * LETTER_STEP):
        with pytest.raises(BadRecord, match="padded"):
            letter_content(READER.public.seal(content), READER)


def test_nothing_of_a_letter_is_seen_from_outside() -> None:
    record = b'{"title":"Amber Coast", "title":"Amber Coast", "title":"Amber Coast"}\n'
    sealed = letter(sign(record, ME), READER.public)
    content = sign(record, ME)
    assert not any(content[at : at + 4] in sealed for at in range(len(content) - 3))
    assert b"\0" * 8 not in sealed, "nor where it ends"
    assert sealed != letter(content, READER.public)


def test_too_long_a_record_is_no_letter() -> None:
    longest = 8 * LETTER_STEP - 1
    assert is_letter_size(len(letter(bytes(longest), READER.public)))
    with pytest.raises(ValueError, match="32 kB"):
        letter(bytes(longest + 1), READER.public)


def test_sizes_of_letters() -> None:
    sizes = [size for size in range(100_000) if is_letter_size(size)]
    assert sizes == [SEAL_BYTES + LETTER_STEP * steps for steps in range(1, 9)]
    assert not is_letter_size(SEAL_BYTES - LETTER_STEP)
    assert not is_letter_size(-1)
