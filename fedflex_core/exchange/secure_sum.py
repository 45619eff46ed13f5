"""Secure sums: two parties add up what neither of them can read.

A person's numbers become integers modulo ``2**bits`` and are split into two halves that add up to them.
One is the keystream of a fresh 32-byte seed, so that only the seed has to be sent (Corrigan-Gibbs and
Boneh 2017, Prio: additive shares for servers that do not tell each other); the other is what is left,
masked by that keystream as by a one-time pad (Bonawitz et al. 2017, Practical Secure Aggregation for
Privacy-Preserving Machine Learning, section 4). Each party adds up the halves of the same people, and the
two totals together are the sum.

What it promises: a half alone is uniformly random whatever the person sent (the keystream cannot be told
from random numbers by anybody who lacks the seed), so one party alone learns nothing, and both together
need not show more than the sum. Nobody waits for anybody: people who never send are left out of both.
What it does not promise: anything against two parties that put their halves together, nor that what was
split is an honest update, since nobody can look, nor anything of sums over nearly the same people, whose
difference is theirs who are in one alone. Totals over different people combine to random numbers.

Noise is added before :meth:`Encoding.encode`, as ``float64``, and the rounding costs no privacy that could
be measured. In steps of the grid: that ``x`` with noise is rounded to ``k`` has, exactly, the probability
density at ``k`` of ``x`` with that noise and an even error of half a step either way. So a sum of ``n``
rounded numbers is the noised sum plus ``n`` such errors, which know nothing of the numbers, read off at
the steps; but for a relative difference of the order of ``n * exp(-(pi * s)**2)``, ``s`` being the noise
on each (Poisson's summation; the same bounds sums of discrete Gaussians, Kairouz et al. 2021, The
Distributed Discrete Gaussian Mechanism for Federated Learning with Secure Aggregation, and what a single
one loses is as little, Canonne, Kamath and Steinke 2020, The Discrete Gaussian for Differential Privacy).
Four steps of noise make that less than 1e-63 for 20,000 people. There are far more: at 32 bits, noise of
a millionth of ``largest_sum`` is a thousand steps. At 64 bits steps are finer than those of ``float64``
itself, and all rests on how the noise was drawn (:func:`fedflex_core.learning.privacy.secure_normal`).
"""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from nacl.bindings import crypto_aead_chacha20poly1305_ietf_encrypt

from fedflex_core.exchange.record import BadRecord

__all__ = [
    "MAX_ADDENDS",
    "SEED_BYTES",
    "Bits",
    "Encoding",
    "ModularSum",
    "Words",
    "combine",
    "expand",
    "new_seed",
    "pack_half",
    "split",
    "unpack_half",
]

Bits = Literal[32, 64]
"""Length of a word; sums are modulo ``2**bits``."""

Words = npt.NDArray[np.unsignedinteger[Any]]
"""uint32 or uint64, as long as ``bits`` says; its arithmetic is modulo ``2**bits`` of its own accord."""

MAX_ADDENDS = 20_000
"""Up to so many numbers may be added, each rounded, before a fitted sum could wrap."""

SEED_BYTES = 32
"""A key of ChaCha20."""

_NO_NONCE = bytes(12)
_LARGEST_POWER = 1023  # of two, in a float


@dataclass(frozen=True)
class Encoding:
    """Numbers as steps of a grid, modulo ``2**bits``; negative ones as two's complement.

    Args:
        bits: 32 or 64.
        scale: Steps per 1.0, a power of two, so that only rounding changes a number.

    Raises:
        ValueError: Other bits, or a scale that is no power of two.

    >>> encoding = Encoding(32, scale=4.0)
    >>> encoding.encode(np.array([1.0, -0.25, 0.3]))
    array([         4, 4294967295,          1], dtype=uint32)
    >>> encoding.decode(encoding.encode(np.array([1.0, -0.25, 0.3]))).tolist()
    [1.0, -0.25, 0.25]
    """

    bits: Bits
    scale: float

    def __post_init__(self) -> None:
        _word(self.bits)
        if math.frexp(self.scale)[0] != 0.5:
            raise ValueError("a scale that is a power of two is expected")

    @classmethod
    def fit(cls, bits: Bits, largest_sum: float) -> Encoding:
        """The finest grid on which no sum can wrap.

        Args:
            bits: 32 or 64.
            largest_sum: The largest magnitude that a sum can have before rounding, noise included, > 0.
                Sums on the way may be larger. Up to :data:`MAX_ADDENDS` roundings are allowed for.

        Raises:
            ValueError: ``largest_sum`` is not above 0 and finite.

        >>> Encoding.fit(32, largest_sum=1000.0)
        Encoding(bits=32, scale=2097152.0)
        """
        if not 0 < largest_sum < math.inf:
            raise ValueError("a largest sum above 0 and finite is expected")
        room = 2 ** (bits - 1) - 1 - MAX_ADDENDS // 2  # each rounding moves a sum by half a step
        mantissa, exponent = math.frexp(largest_sum)
        power = bits - 1 - exponent
        if math.ldexp(mantissa, bits - 1) > room:
            power -= 1
        return cls(bits, math.ldexp(1.0, min(power, _LARGEST_POWER)))

    @property
    def precision(self) -> float:
        """The most that rounding moves one number: half a step. A sum of ``n`` moves by ``n`` of these.

        >>> Encoding(32, scale=4.0).precision
        0.125
        """
        return 0.5 / self.scale

    def encode(self, values: npt.NDArray[np.floating[Any]]) -> Words:
        """Each number's nearest step, the even one of two; noise has to be in the numbers already.

        Args:
            values: float32 or float64, any shape.

        Returns:
            uint32 or uint64 of the same shape.

        Raises:
            ValueError: A number that is not finite, or too large to be a single addend.
        """
        wide = np.asarray(values, dtype=np.float64)
        if not np.isfinite(wide).all():
            raise ValueError("numbers that are finite are expected")
        with np.errstate(over="ignore"):  # infinite is too large, too
            steps = np.rint(wide * self.scale)
        if (np.abs(steps) >= 2.0 ** (self.bits - 1)).any():
            raise ValueError(f"a number is too large for a grid of {self.bits} bits")
        return steps.astype(_signed(self.bits)).view(_word(self.bits))

    def decode(self, words: Words) -> npt.NDArray[np.float64]:
        """The numbers that words stand for, or a sum of words.

        Args:
            words: uint32 or uint64, as ``bits`` says, any shape.

        Returns:
            float64 of the same shape; at 64 bits rounded to its 53.

        Raises:
            ValueError: Words of another length.
        """
        if words.dtype != _word(self.bits):
            raise ValueError(f"words of {self.bits} bits are expected")
        signed = words.view(_signed(self.bits))
        return signed.astype(np.float64) / self.scale


def new_seed() -> bytes:
    """A seed for one half, 32 bytes from the operating system's generator; to be used once.

    >>> len(new_seed())
    32
    """
    return secrets.token_bytes(SEED_BYTES)


def expand(seed: bytes, length: int, bits: Bits) -> Words:
    """The half that a seed stands for: the keystream of ChaCha20 (RFC 8439) as little-endian words.

    Args:
        seed: 32 bytes from :func:`new_seed`.
        length: How many words, >= 0.
        bits: 32 or 64.

    Returns:
        uint32 or uint64 (length,), the same wherever and whenever it is computed.

    Raises:
        ValueError: A seed of another length.

    >>> expand(bytes(32), 2, 32)
    array([3202811807, 2050511189], dtype=uint32)
    """
    if len(seed) != SEED_BYTES:
        raise ValueError(f"a seed of {SEED_BYTES} bytes is expected")
    # ChaCha20 adds its keystream to a message bit by bit, so what it makes of zeros is the keystream. The
    # tag that authenticates a message comes after it and is not read. A nonce keeps two messages under one
    # key apart; a seed is the key of one half only, so that none is needed.
    word = _word(bits)
    zeros = bytes(length * word.itemsize)
    stream = crypto_aead_chacha20poly1305_ietf_encrypt(zeros, None, _NO_NONCE, seed)
    return _from_bytes(stream, length, bits)


def split(encoded: Words, seed: bytes) -> Words:
    """The half that goes with a seed: ``encoded`` without what the seed stands for.

    Args:
        encoded: uint32 or uint64 (length,), what :meth:`Encoding.encode` made of one update.
        seed: From :func:`new_seed`. Two updates split by the same seed would show their difference.

    Returns:
        Words like ``encoded``; ``split(encoded, seed)`` and ``expand(seed)`` add up to it.

    Raises:
        ValueError: Not one row of words, or a seed of another length.

    >>> encoded, seed = np.array([1, 2], np.uint32), new_seed()
    >>> combine(split(encoded, seed), expand(seed, 2, 32))
    array([1, 2], dtype=uint32)
    """
    if encoded.ndim != 1:
        raise ValueError("one row of words is expected")
    half: Words = np.subtract(encoded, expand(seed, len(encoded), _bits(encoded)))
    return half


class ModularSum:
    """The running sum of one party's halves, in the memory of a few halves however many are added.

    Args:
        length: Words in a half.
        bits: 32 or 64.

    >>> summed = ModularSum(2, 32)
    >>> summed.add(np.array([4294967295, 1], np.uint32))
    >>> summed.add(np.array([3, 1], np.uint32))
    >>> summed.total, len(summed)
    (array([2, 2], dtype=uint32), 2)
    """

    def __init__(self, length: int, bits: Bits) -> None:
        self._bits: Bits = bits
        self._total: Words = np.zeros(length, _word(bits))
        self._added = 0

    def add(self, half: Words) -> None:
        """Add a half that was sent as words.

        Raises:
            ValueError: Its length or its dtype is another; the sum is as it was.
        """
        _check_alike(half, self._total)
        np.add(self._total, half, out=self._total)
        self._added += 1

    def add_seed(self, seed: bytes) -> None:
        """Add a half that was sent as its seed.

        Raises:
            ValueError: A seed of another length; the sum is as it was.
        """
        self.add(expand(seed, len(self._total), self._bits))

    @property
    def total(self) -> Words:
        """The sum so far, uint32 or uint64 (length,); a copy."""
        return self._total.copy()

    def __len__(self) -> int:
        return self._added


def combine(one_total: Words, other_total: Words) -> Words:
    """The sum of the people's encoded updates, from the two parties' totals over the same people.

    Totals over different people combine to random words, and nothing here could notice.

    Args:
        one_total: Words of one party's :class:`ModularSum`, or a single half.
        other_total: The other party's, of the same length and dtype.

    Returns:
        Words like both, for :meth:`Encoding.decode`.

    Raises:
        ValueError: The two are not of one length and dtype.
    """
    _check_alike(one_total, other_total)
    both: Words = np.add(one_total, other_total)
    return both


def pack_half(half: Words) -> bytes:
    """A half as bytes: its words one after the other, little-endian, nothing else.

    >>> pack_half(np.array([1, 2], np.uint32)).hex()
    '0100000002000000'
    """
    return half.astype(half.dtype.newbyteorder("<"), copy=False).tobytes()


def unpack_half(content: bytes, length: int, bits: Bits) -> Words:
    """A half from its bytes; any bytes of the right length are one.

    Args:
        content: What :func:`pack_half` made.
        length: How many words it has to hold.
        bits: 32 or 64.

    Returns:
        uint32 or uint64 (length,).

    Raises:
        BadRecord: Another length.

    >>> unpack_half(bytes.fromhex("0100000002000000"), 2, 32)
    array([1, 2], dtype=uint32)
    """
    if len(content) != length * _word(bits).itemsize:
        raise BadRecord(f"the half is {len(content)} bytes long, not {length} words of {bits} bits")
    return _from_bytes(content, length, bits)


def _from_bytes(content: bytes, length: int, bits: Bits) -> Words:
    word = _word(bits)
    little = np.frombuffer(content, word.newbyteorder("<"), count=length)
    return little.astype(word)  # a copy, since what lies on bytes cannot be written to


def _word(bits: int) -> np.dtype[np.unsignedinteger[Any]]:
    if bits not in (32, 64):
        raise ValueError("words of 32 or 64 bits are expected")
    return np.dtype(np.uint32 if bits == 32 else np.uint64)


def _signed(bits: int) -> np.dtype[np.signedinteger[Any]]:
    return np.dtype(np.int32 if bits == 32 else np.int64)


def _bits(words: Words) -> Bits:
    for bits in (32, 64):
        if words.dtype == _word(bits):
            return bits
    raise ValueError("words of 32 or 64 bits are expected")


def _check_alike(found: Words, expected: Words) -> None:
    if found.shape != expected.shape or found.dtype != expected.dtype:
        raise ValueError(f"{len(expected)} words of {expected.dtype} are expected")
