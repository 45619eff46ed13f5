"""Keys: who wrote a record, and who alone can read it.

Everybody in a study has an identity of their own, made on their computer when they join: an Ed25519 key
that signs and a Curve25519 key that letters are sealed to (Bernstein et al. 2012, The security impact of a
new cryptographic library; through PyNaCl). A participant's number in the study is a hash of their public
keys. So a record says itself whose folder it may lie in: nobody can write in somebody else's name, and
nobody has to be asked which keys are whose.
"""

from __future__ import annotations

import hashlib
import json

from nacl.bindings import crypto_box_SEALBYTES
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.signing import SigningKey, VerifyKey
from pydantic import BaseModel, ConfigDict, Field

__all__ = ["SEAL_BYTES", "Identity", "PublicKeys", "in_groups"]

SEAL_BYTES: int = crypto_box_SEALBYTES
"""How much longer a sealed content is: an ephemeral public key and an authenticator."""

_KEY = r"^[0-9a-f]{64}$"


class PublicKeys(BaseModel):
    """What everybody may know of an identity."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verify: str = Field(pattern=_KEY)
    """Ed25519 public key, lower-case hexadecimal."""
    box: str = Field(pattern=_KEY)
    """Curve25519 public key, lower-case hexadecimal."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of both keys, lower-case hexadecimal: short enough to compare over another way."""
        return hashlib.sha256(bytes.fromhex(self.verify + self.box)).hexdigest()

    @property
    def id(self) -> str:
        """The number under which their owner appears: the first half of the fingerprint."""
        return self.fingerprint[:32]

    def signed(self, content: bytes, signature: bytes) -> bool:
        """Whether the owner of these keys has signed just this."""
        try:
            VerifyKey(bytes.fromhex(self.verify)).verify(content, signature)
        except (BadSignatureError, ValueError):
            return False
        return True

    def seal(self, content: bytes) -> bytes:
        """Bytes that only the owner of these keys can open; ``SEAL_BYTES`` longer, different each time."""
        return bytes(SealedBox(PublicKey(bytes.fromhex(self.box))).encrypt(content))


class Identity:
    """The secret half: signs, and opens what was sealed to it.

    >>> me = Identity.new()
    >>> me.opened(me.public.seal(b"hello"))
    b'hello'
    >>> me.public.signed(b"hello", me.sign(b"hello")), me.public.signed(b"hallo", me.sign(b"hello"))
    (True, False)
    """

    def __init__(self, signing: SigningKey, box: PrivateKey) -> None:
        self._signing = signing
        self._box = SealedBox(box)
        self._secrets = {"sign": bytes(signing).hex(), "box": bytes(box).hex()}
        self.public = PublicKeys(
            verify=bytes(signing.verify_key).hex(), box=bytes(box.public_key).hex()
        )

    @classmethod
    def new(cls) -> Identity:
        """Fresh keys from the operating system's generator."""
        return cls(SigningKey.generate(), PrivateKey.generate())

    @classmethod
    def from_bytes(cls, stored: bytes) -> Identity:
        """What :meth:`to_bytes` gave.

        Raises:
            ValueError: It is not that.
        """
        try:
            keys = json.loads(stored)
            made = SigningKey(bytes.fromhex(keys["sign"])), PrivateKey(bytes.fromhex(keys["box"]))
        except (KeyError, TypeError, CryptoError) as error:
            raise ValueError("these are no keys") from error
        return cls(*made)

    def to_bytes(self) -> bytes:
        """The secret keys, for a file that only its owner can read."""
        return json.dumps(self._secrets).encode()

    def sign(self, content: bytes) -> bytes:
        """64 bytes that only this identity can make of ``content``."""
        return bytes(self._signing.sign(content).signature)

    def opened(self, sealed: bytes) -> bytes | None:
        """What was sealed to this identity, or None if it was not, or was changed."""
        try:
            return bytes(self._box.decrypt(sealed))
        except (CryptoError, ValueError):
            return None


def in_groups(fingerprint: str, groups: int = 8) -> str:
    """A fingerprint as people compare it: groups of four.

    >>> in_groups("0123456789abcdef" * 4, groups=4)
    '0123 4567 89ab cdef'
    """
    return " ".join(fingerprint[4 * group : 4 * group + 4] for group in range(groups))
