"""Signed and sealed: how a record lies on disk.

A *signed* record is a JSON file ``{"signature": …, "record": …}``. What is signed is the record's bytes just
as they lie there, so the signature can be checked before anything of an unknown file is understood.

A *letter* is a signed record that was padded and sealed to its reader. In a plain shared folder everybody
reads every file; of a letter they learn its size, and letters have few sizes.
"""

from __future__ import annotations

import hashlib

from nacl.bindings import sodium_pad, sodium_unpad
from nacl.exceptions import CryptoError

from fedflex_core.exchange.keys import SEAL_BYTES, Identity, PublicKeys
from fedflex_core.exchange.record import BadRecord

__all__ = [
    "LETTER_STEP",
    "is_letter_size",
    "letter",
    "letter_content",
    "payload_content",
    "seal_payload",
    "sign",
    "signed_by",
    "unsigned",
]

LETTER_STEP = 4096
"""Letters are padded to a multiple of it: what people do makes letters of one size."""
_MOST_STEPS = 8
_DOMAIN = b"FedFlex record\n"  # a signature under a record is one under nothing else
_HEAD, _BETWEEN, _TAIL = b'{"signature":"', b'","record":\n', b"}\n"
_SIGNATURE = slice(len(_HEAD), len(_HEAD) + 128)
_RECORD = slice(len(_HEAD) + 128 + len(_BETWEEN), -len(_TAIL))


def sign(record: bytes, identity: Identity) -> bytes:
    """A record's bytes with their writer's signature, as one JSON file.

    >>> me = Identity.new()
    >>> signed_by(sign(b'{"kind": "join"}', me), me.public)
    b'{"kind": "join"}'
    """
    signature = identity.sign(_DOMAIN + record).hex().encode()
    return _HEAD + signature + _BETWEEN + record + _TAIL


def unsigned(signed: bytes) -> bytes:
    """The record in a signed file; whose signature it is has not been looked at.

    Raises:
        BadRecord: It is not a signed record.
    """
    framed = (
        signed.startswith(_HEAD)
        and signed.endswith(_TAIL)
        and signed[_SIGNATURE.stop : _RECORD.start] == _BETWEEN
    )
    if not framed:
        raise BadRecord("it is not a signed record")
    return signed[_RECORD]


def signed_by(signed: bytes, keys: PublicKeys) -> bytes:
    """The record in a signed file, if the owner of ``keys`` has signed it.

    Raises:
        BadRecord: It is not a signed record, or signed by somebody else, or was changed.
    """
    record = unsigned(signed)
    try:
        signature = bytes.fromhex(signed[_SIGNATURE].decode("ascii"))
    except ValueError:
        raise BadRecord("it is not a signed record") from None
    other_letters = signature.hex().encode() != signed[_SIGNATURE]
    if other_letters or not keys.signed(_DOMAIN + record, signature):
        raise BadRecord("its signature is not that of its writer")
    return record


def letter(signed: bytes, reader: PublicKeys) -> bytes:
    """A signed record, padded and sealed.

    Raises:
        ValueError: It is too long for a letter.
    """
    padded = sodium_pad(signed, LETTER_STEP)
    if len(padded) > _MOST_STEPS * LETTER_STEP:
        raise ValueError("a record must stay below 32 kB to be sealed")
    return reader.seal(padded)


def is_letter_size(size: int) -> bool:
    """Whether a letter can be so long, in bytes: no other file has to be read.

    >>> is_letter_size(4096 + 48), is_letter_size(4096), is_letter_size(10**9)
    (True, False, False)
    """
    steps, rest = divmod(size - SEAL_BYTES, LETTER_STEP)
    return rest == 0 and 1 <= steps <= _MOST_STEPS


def letter_content(sealed: bytes, reader: Identity) -> bytes:
    """The signed record in a letter.

    Raises:
        BadRecord: It was sealed to somebody else, or changed on the way.
    """
    padded = reader.opened(sealed)
    if padded is None:
        raise BadRecord("it cannot be opened: damaged, or sealed to somebody else")
    try:
        return bytes(sodium_unpad(padded, LETTER_STEP))
    except CryptoError:
        raise BadRecord("it is not padded as a letter is") from None


def seal_payload(content: bytes, mark: str, reader: PublicKeys) -> bytes:
    """A payload, sealed with whose it is and what for.

    A sealed file can be copied by people who cannot open it. The mark inside belongs to one record, so that
    what somebody else has sent, or the same person for another round, does not pass under a new record.

    Args:
        content: What only the reader is to see.
        mark: What the payload belongs to, as :attr:`UpdateRecord.mark` says it.
        reader: Who can open it.

    >>> me = Identity.new()
    >>> payload_content(seal_payload(b"hello", "mine", me.public), "mine", me)
    b'hello'
    """
    return reader.seal(_digest(mark) + content)


def payload_content(sealed: bytes, mark: str, reader: Identity) -> bytes:
    """The content of a payload that belongs to ``mark``.

    Raises:
        BadRecord: It was sealed to somebody else, or changed on the way, or belongs to another record.
    """
    opened = reader.opened(sealed)
    if opened is None:
        raise BadRecord("its payload cannot be opened: it is sealed to somebody else")
    expected = _digest(mark)
    if opened[: len(expected)] != expected:
        raise BadRecord("its payload belongs to another record")
    return opened[len(expected) :]


def _digest(mark: str) -> bytes:
    return hashlib.sha256(mark.encode()).digest()
