"""Keys: whose number a record has, whose signature it bears, and who alone can open it."""

import hashlib
import json

import pytest
from pydantic import ValidationError

from fedflex_core.exchange.keys import SEAL_BYTES, Identity, PublicKeys, in_groups

ME, OTHER = Identity.new(), Identity.new()


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# Numbers.


def test_a_number_is_bound_to_both_keys() -> None:
    """Either key alone could be another's: nobody may take a part of somebody's number."""
    mine, others = ME.public, OTHER.public
    mixed = [
        PublicKeys(verify=mine.verify, box=others.box),
        PublicKeys(verify=others.verify, box=mine.box),
        PublicKeys(verify=mine.box, box=mine.verify),
    ]
    numbers = {keys.id for keys in (mine, others, *mixed)}
    fingerprints = {keys.fingerprint for keys in (mine, others, *mixed)}
    assert len(numbers) == len(fingerprints) == 5


def test_a_number_is_half_of_the_hash_of_the_keys() -> None:
    keys = PublicKeys(verify="01" * 32, box="02" * 32)
    expected = hashlib.sha256(b"\x01" * 32 + b"\x02" * 32).hexdigest()
    assert keys.fingerprint == expected
    assert keys.id == expected[:32]


def test_a_fingerprint_is_shown_in_groups_of_four() -> None:
    fingerprint = ME.public.fingerprint
    shown = in_groups(fingerprint).split(" ")
    assert [len(group) for group in shown] == [4] * 8
    assert "".join(shown) == ME.public.id
    assert in_groups(fingerprint, 16).replace(" ", "") == fingerprint


@pytest.mark.parametrize("key", ["", "0" * 63, "0" * 65, "g" * 64, "A" * 64, "0" * 64 + "\n"])
@pytest.mark.parametrize("name", ["verify", "box"])
def test_what_is_no_key_is_refused(name: str, key: str) -> None:
    """Capitals, too: the same key in other letters would have the same number and be another text."""
    with pytest.raises(ValidationError):
        PublicKeys.model_validate(ME.public.model_dump() | {name: key})


# Signatures.


def test_a_signature_is_its_owners_alone() -> None:
    signature = ME.sign(b"content")
    assert ME.public.signed(b"content", signature)
    assert not OTHER.public.signed(b"content", signature)
    assert not ME.public.signed(b"content", OTHER.sign(b"content"))


def test_other_bytes_are_not_signed() -> None:
    content = b"what was signed"
    signature = ME.sign(content)
    assert not any(
        ME.public.signed(flipped(content, bit), signature) for bit in range(8 * len(content))
    )
    assert not ME.public.signed(content[:-1], signature)
    assert not ME.public.signed(content + b"\0", signature)
    assert not ME.public.signed(b"", signature)


def test_another_signature_is_none() -> None:
    """Each has but one form: a second one of the same content would be a second name for it."""
    signature = ME.sign(b"content")
    assert not any(ME.public.signed(b"content", flipped(signature, bit)) for bit in range(512))
    order = 2**252 + 27742317777372353535851937790883648493  # RFC 8032, section 5.1
    second = (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert not ME.public.signed(b"content", signature[:32] + second)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_a_signature_of_another_length_is_none(length: int) -> None:
    assert not ME.public.signed(b"content", ME.sign(b"content").ljust(length, b"\0")[:length])


@pytest.mark.parametrize("point", ["00" * 32, "01" + "00" * 31, "ff" * 32])
def test_a_key_of_low_order_signs_nothing(point: str) -> None:
    """With such a key one signature would do for every content."""
    keys = PublicKeys(verify=point, box=ME.public.box)
    for signature in (bytes(64), bytes.fromhex(point) + bytes(32)):
        assert not keys.signed(b"content", signature)


# Sealing.


def test_only_the_reader_can_open() -> None:
    sealed = ME.public.seal(b"content")
    assert ME.opened(sealed) == b"content"
    assert OTHER.opened(sealed) is None


def test_sealed_bytes_say_nothing_but_their_length() -> None:
    content = b"the same words " * 40
    sealed = [ME.public.seal(content) for _ in range(2)]
    assert sealed[0] != sealed[1]
    for one in sealed:
        assert len(one) == len(content) + SEAL_BYTES
        assert not any(content[start : start + 4] in one for start in range(15))


def test_no_bit_of_what_is_sealed_can_be_changed() -> None:
    """Those of the ephemeral key as well, of which the curve itself leaves one unread."""
    sealed = ME.public.seal(b"content")
    assert all(ME.opened(flipped(sealed, bit)) is None for bit in range(8 * len(sealed)))


@pytest.mark.parametrize("length", [0, 1, SEAL_BYTES - 1, SEAL_BYTES, SEAL_BYTES + 6])
def test_what_was_not_sealed_or_is_not_whole_cannot_be_opened(length: int) -> None:
    assert ME.opened(bytes(length)) is None
    assert ME.opened(ME.public.seal(b"content")[:length]) is None
    assert ME.opened(ME.public.seal(b"content") + bytes(length + 1)) is None


# Secrets.


def test_secrets_read_back_as_the_same_identity() -> None:
    again = Identity.from_bytes(ME.to_bytes())
    assert again.public == ME.public
    assert ME.public.signed(b"content", again.sign(b"content"))
    assert again.opened(ME.public.seal(b"content")) == b"content"


def test_every_identity_is_another() -> None:
    made = [Identity.new() for _ in range(20)]
    assert len({one.public.verify for one in made} | {one.public.box for one in made}) == 40


SECRETS = json.loads(ME.to_bytes())


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b"null",
        b"{}",
        b"\xff\xfe",
        bytes(200),
        ME.to_bytes()[:-1],
        ME.to_bytes()[: len(ME.to_bytes()) // 2],
        json.dumps(SECRETS | {"sign": SECRETS["sign"][2:]}).encode(),
        json.dumps(SECRETS | {"box": SECRETS["box"] + "00"}).encode(),
        json.dumps(SECRETS | {"box": "no key"}).encode(),
        json.dumps(SECRETS | {"sign": None}).encode(),
        json.dumps(SECRETS | {"sign": 7}).encode(),
        json.dumps({"sign": SECRETS["sign"]}).encode(),
    ],
)
def test_damaged_secrets_are_noticed(stored: bytes) -> None:
    with pytest.raises(ValueError):
        Identity.from_bytes(stored)


def test_an_identity_does_not_show_its_secrets() -> None:
    """Not in a message and not in a traceback."""
    assert not any(secret in repr(ME) + str(ME) for secret in SECRETS.values())
    assert not any(secret in ME.public.model_dump_json() for secret in SECRETS.values())
