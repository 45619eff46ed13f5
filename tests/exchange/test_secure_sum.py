"""Sums of halves: exact together, nothing alone."""

import math
import struct
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from fedflex_core.exchange.record import BadRecord
from fedflex_core.exchange.secure_sum import (
    MAX_ADDENDS,
    Bits,
    Encoding,
    ModularSum,
    Words,
    combine,
    expand,
    new_seed,
    pack_half,
    split,
    unpack_half,
)

BOTH: tuple[Bits, Bits] = (32, 64)
WORDS = {32: np.dtype(np.uint32), 64: np.dtype(np.uint64)}


def updates(people: int, length: int = 50) -> npt.NDArray[np.float64]:
    return np.random.default_rng(people).normal(0, 0.5, (people, length))


def summed(encoding: Encoding, people: npt.NDArray[np.float64]) -> Words:
    """What the two parties find together: the aggregator adds words, the helper seeds."""
    aggregator = ModularSum(people.shape[1], encoding.bits)
    helper = ModularSum(people.shape[1], encoding.bits)
    for update in people:
        seed = new_seed()
        aggregator.add(split(encoding.encode(update), seed))
        helper.add_seed(seed)
    assert len(aggregator) == len(helper) == len(people)
    return combine(aggregator.total, helper.total)


def steps(encoding: Encoding, people: npt.NDArray[np.float64]) -> list[int]:
    """The sum of the rounded numbers, in whole numbers that know no largest one."""
    return [
        sum(round(Fraction(value) * Fraction(encoding.scale)) for value in column)
        for column in people.T.tolist()
    ]


@pytest.mark.parametrize("bits", BOTH)
@pytest.mark.parametrize("people", [1, 2, 13, 200])
def test_the_halves_of_all_people_are_exactly_the_sum_of_what_was_rounded(
    people: int, bits: Bits
) -> None:
    encoding = Encoding.fit(bits, largest_sum=4.0 * people)
    given_in = updates(people)
    total = summed(encoding, given_in)
    assert total.view(f"int{bits}").tolist() == steps(encoding, given_in)
    # Beside the roundings to the grid: those of float64, in the plain sum and in what is decoded.
    within = people * encoding.precision + 1e-15 * people * 4.0
    plain = [math.fsum(column) for column in given_in.T.tolist()]
    assert np.allclose(encoding.decode(total), plain, rtol=0, atol=within)


@pytest.mark.parametrize("bits", BOTH)
@given(stays=st.lists(st.booleans(), min_size=8, max_size=8))
def test_whoever_both_parties_count_is_in_the_sum_and_nobody_else(
    bits: Bits, stays: list[bool]
) -> None:
    encoding = Encoding.fit(bits, largest_sum=40.0)
    given_in, seeds = updates(8, length=5), [new_seed() for _ in stays]
    halves = [
        split(encoding.encode(update), seed) for update, seed in zip(given_in, seeds, strict=True)
    ]
    aggregator, helper = ModularSum(5, bits), ModularSum(5, bits)
    for place in np.flatnonzero(stays):
        aggregator.add(halves[place])
    for place in reversed(np.flatnonzero(stays)):  # the order is each party's own
        helper.add_seed(seeds[place])
    total = combine(aggregator.total, helper.total)
    assert total.view(f"int{bits}").tolist() == steps(encoding, given_in[stays])


def test_totals_over_different_people_say_nothing() -> None:
    encoding, zeros = Encoding.fit(32, 10.0), np.zeros(65_536)
    aggregator, helper = ModularSum(len(zeros), 32), ModularSum(len(zeros), 32)
    for person in range(3):
        seed = new_seed()
        aggregator.add(split(encoding.encode(zeros), seed))
        if person:
            helper.add_seed(seed)
    assert looks_even(combine(aggregator.total, helper.total))


def looks_even(words: Words) -> bool:
    """Each byte is as frequent as any other, at every place of a word."""
    places = words.view(np.uint8).reshape(len(words), -1).T
    return all(stats.chisquare(np.bincount(place, minlength=256)).pvalue > 1e-6 for place in places)


@pytest.mark.parametrize("bits", BOTH)
@pytest.mark.parametrize("value", [0.0, 1.0, -1e-3])
def test_a_half_alone_is_random_whatever_was_split(value: float, bits: Bits) -> None:
    encoding, update = Encoding.fit(bits, 10.0), np.full(65_536, value)
    encoded, seed = encoding.encode(update), new_seed()
    assert not looks_even(encoded)
    assert looks_even(split(encoded, seed))
    assert looks_even(expand(seed, len(encoded), bits))


@pytest.mark.parametrize("bits", BOTH)
def test_only_a_seed_used_twice_shows_a_difference(bits: Bits) -> None:
    encoding = Encoding.fit(bits, 10.0)
    one, other = (encoding.encode(np.full(65_536, value)) for value in (1.0, -0.5))
    seed = new_seed()
    same = np.subtract(split(one, seed), split(other, seed))
    assert encoding.decode(same).tolist() == [1.5] * len(one)
    fresh = np.subtract(split(one, new_seed()), split(other, new_seed()))
    assert looks_even(fresh)


def test_seeds_are_never_the_same() -> None:
    np.random.seed(0)
    first = new_seed()
    np.random.seed(0)
    assert first != new_seed()
    assert len(first) == 32


@st.composite
def encoded(draw: st.DrawFn) -> Words:
    dtype = draw(st.sampled_from([np.uint32, np.uint64]))
    return draw(hnp.arrays(dtype, st.integers(0, 40)))


@given(encoded(), st.binary(min_size=32, max_size=32))
def test_the_two_halves_are_what_was_split(words: Words, seed: bytes) -> None:
    bits: Bits = 32 if words.dtype == np.uint32 else 64
    half = split(words, seed)
    assert half.dtype == words.dtype
    assert np.array_equal(combine(half, expand(seed, len(words), bits)), words)


@given(encoded())
def test_a_half_reads_back_the_same(words: Words) -> None:
    bits: Bits = 32 if words.dtype == np.uint32 else 64
    content = pack_half(words)
    assert len(content) == len(words) * bits // 8
    found = unpack_half(content, len(words), bits)
    assert found.dtype == words.dtype
    assert np.array_equal(found, words)


def test_a_half_is_little_endian_wherever_it_is_packed() -> None:
    words = np.array([1, 258], dtype=np.uint32)
    assert pack_half(words) == pack_half(words.astype(">u4")) == struct.pack("<2I", 1, 258)


# The largest and the smallest are far from anything that a study could add up.
@given(st.floats(1e-200, 1e200), st.sampled_from(BOTH))
def test_a_fitted_grid_leaves_room_for_the_roundings_and_no_more(
    largest: float, bits: Bits
) -> None:
    encoding = Encoding.fit(bits, largest)
    room = 2 ** (bits - 1) - 1 - Fraction(MAX_ADDENDS, 2)
    assert Fraction(largest) * Fraction(encoding.scale) <= room
    assert 2 * Fraction(largest) * Fraction(encoding.scale) > room


@given(
    people=st.integers(1, MAX_ADDENDS),
    largest=st.floats(1e-6, 1e6),
    sign=st.sampled_from([-1, 1]),
    bits=st.sampled_from(BOTH),
)
def test_the_largest_sum_does_not_wrap_though_all_are_rounded_away_from_zero(
    people: int, largest: float, sign: int, bits: Bits
) -> None:
    encoding = Encoding.fit(bits, largest)
    each = (
        math.floor(largest * encoding.scale / people - 0.5) + 0.5
    )  # half a step short of the next
    word = encoding.encode(np.array([sign * math.nextafter(each, math.inf) / encoding.scale]))
    total = encoding.decode(np.multiply(word, word.dtype.type(people)))
    one = encoding.decode(word)
    assert total == pytest.approx(people * one, rel=1e-15)


@pytest.mark.parametrize("bits", BOTH)
def test_sums_on_the_way_may_wrap(bits: Bits) -> None:
    """Only the last one has to fit: what went over comes back."""
    encoding = Encoding.fit(bits, largest_sum=1.0)
    values = [0.9, 0.9, 0.9, 0.9, -0.9, -0.9, -0.9, -0.4]
    people = np.array(values)[:, None]
    total = summed(encoding, people)
    assert total.view(f"int{bits}").tolist() == steps(encoding, people)
    assert encoding.decode(total)[0] == pytest.approx(0.5, abs=8 * encoding.precision + 1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bits", BOTH)
def test_a_number_moves_by_half_a_step_at_most(bits: Bits, dtype: type[np.floating]) -> None:
    encoding = Encoding.fit(bits, largest_sum=100.0)
    values = np.random.default_rng(1).uniform(-100, 100, (40, 5)).astype(dtype)
    words = encoding.encode(values)
    assert words.dtype == WORDS[bits] and words.shape == values.shape
    assert np.abs(encoding.decode(words) - values).max() <= encoding.precision


def test_numbers_between_two_steps_go_to_the_nearer_and_in_the_middle_to_the_even_one() -> None:
    encoding = Encoding(32, scale=1.0)
    values = np.array([0.49, 0.5, 0.51, 1.5, -0.49, -0.5, -0.51, -1.5, -0.0])
    assert encoding.decode(encoding.encode(values)).tolist() == [0, 0, 1, 2, 0, 0, -1, -2, 0]


@pytest.mark.parametrize("bits", BOTH)
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(wrong: float, bits: Bits) -> None:
    with pytest.raises(ValueError, match="finite"):
        Encoding.fit(bits, 1.0).encode(np.array([0.0, wrong]))


@pytest.mark.parametrize("bits", BOTH)
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_the_largest_number_is_taken_and_what_is_larger_refused(sign: float, bits: Bits) -> None:
    encoding = Encoding(bits, scale=1.0)
    beyond = 2.0 ** (bits - 1)
    largest = beyond - 1 if bits == 32 else math.nextafter(beyond, 0.0)
    assert encoding.decode(encoding.encode(np.array([sign * largest])))[0] == sign * largest
    for wrong in (beyond, 1e300):
        with pytest.raises(ValueError, match="too large"):
            Encoding(bits, scale=1.0).encode(np.array([sign * wrong]))
        with pytest.raises(ValueError, match="too large"):
            Encoding(bits, scale=2.0**100).encode(np.array([sign * wrong]))


@pytest.mark.parametrize("wrong", [0.0, -1.0, 3.0, math.inf, math.nan])
def test_a_grid_that_would_add_errors_of_its_own_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="power of two"):
        Encoding(32, scale=wrong)


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.inf, math.nan])
def test_a_largest_sum_that_is_none_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="largest sum"):
        Encoding.fit(32, wrong)


@pytest.mark.parametrize("bits", [0, 16, 128])
def test_other_words_are_refused(bits: Bits) -> None:
    for wrong in (
        lambda: Encoding(bits, 1.0),
        lambda: expand(bytes(32), 1, bits),
        lambda: ModularSum(1, bits),
        lambda: unpack_half(b"", 0, bits),
        lambda: split(np.zeros(1, np.uint16), bytes(32)),
    ):
        with pytest.raises(ValueError, match="32 or 64"):
            wrong()


@pytest.mark.parametrize("bits", BOTH)
@pytest.mark.parametrize("length", [0, 1, 15, 17, 32])
def test_bytes_of_another_length_are_not_believed(length: int, bits: Bits) -> None:
    with pytest.raises(BadRecord, match="words"):
        unpack_half(bytes(length), 16 * 8 // bits, bits)


def test_what_does_not_fit_leaves_the_sum_as_it_was() -> None:
    total = ModularSum(3, 32)
    total.add(np.array([1, 2, 3], np.uint32))
    for wrong in (
        np.ones(1, np.uint32),  # would be spread over all three
        np.ones(4, np.uint32),
        np.ones((1, 3), np.uint32),
        np.ones(3, np.uint64),
        np.ones(3, np.int32),
        np.ones(3, np.uint16),
    ):
        with pytest.raises(ValueError, match="3 words of uint32"):
            total.add(wrong)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="3 words of uint32"):
            combine(wrong, total.total)  # type: ignore[arg-type]
    for seed in (b"", bytes(31), bytes(33)):
        with pytest.raises(ValueError, match="seed"):
            total.add_seed(seed)
    assert total.total.tolist() == [1, 2, 3]
    assert len(total) == 1


def test_a_total_is_a_copy() -> None:
    total = ModularSum(1, 64)
    before = total.total
    total.add_seed(bytes(32))
    before += np.uint64(1)
    assert before.tolist() == [1]
    assert np.array_equal(total.total, expand(bytes(32), 1, 64))


def test_words_of_another_length_are_not_decoded() -> None:
    with pytest.raises(ValueError, match="64 bits"):
        Encoding(64, 1.0).decode(np.zeros(2, np.uint32))


def test_only_one_row_is_split() -> None:
    with pytest.raises(ValueError, match="row"):
        split(np.zeros((2, 2), np.uint32), bytes(32))


# RFC 8439, appendix A.1, test vectors 2 and 3: block 1 without a nonce, of two keys.
_OF_ZEROS = (
    "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
    "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f"
)
_OF_ONE = (
    "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a"
    "8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0"
)


@pytest.mark.parametrize("bits", BOTH)
@pytest.mark.parametrize(
    ("seed", "stream"), [(bytes(32), _OF_ZEROS), (bytes(31) + b"\x01", _OF_ONE)]
)
def test_a_seed_stands_for_the_published_keystream(seed: bytes, stream: str, bits: Bits) -> None:
    assert pack_half(expand(seed, 512 // bits, bits)).hex() == stream


def chacha20_block(key: bytes, counter: int, nonce: bytes) -> bytes:
    """RFC 8439, section 2.3, word by word: not the code under test."""

    def turn(value: int, by: int) -> int:
        return (value << by | value >> (32 - by)) & 0xFFFFFFFF

    def quarter(a: int, b: int, c: int, d: int) -> None:
        for into, other, target, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[into] = (state[into] + state[other]) & 0xFFFFFFFF
            state[target] = turn(state[target] ^ state[into], by)

    first = struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce)
    state = list(first)
    for _ in range(10):
        for place in range(4):
            quarter(place, place + 4, place + 8, place + 12)
        for place in range(4):
            quarter(place, 4 + (place + 1) % 4, 8 + (place + 2) % 4, 12 + (place + 3) % 4)
    return struct.pack(
        "<16I", *((one + other) & 0xFFFFFFFF for one, other in zip(state, first, strict=True))
    )


def test_the_plain_block_function_is_the_published_one() -> None:
    """RFC 8439, section 2.3.2."""
    found = chacha20_block(bytes(range(32)), 1, bytes.fromhex("000000090000004a00000000"))
    assert found.hex() == (
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e"
    )


@given(st.binary(min_size=32, max_size=32), st.integers(0, 100), st.sampled_from(BOTH))
def test_a_seed_stands_for_blocks_one_two_three_and_so_on(
    seed: bytes, length: int, bits: Bits
) -> None:
    needed = length * bits // 8
    blocks = b"".join(chacha20_block(seed, 1 + place, bytes(12)) for place in range(13))
    found = expand(seed, length, bits)
    assert found.dtype == WORDS[bits] and found.shape == (length,)
    assert pack_half(found) == blocks[:needed]


def test_rounding_what_is_noised_costs_no_privacy() -> None:
    """The exact distribution of a sum of rounded numbers, beside the Gaussian it stands for.

    Four people whose noise is four steps of the grid, of whom one may have sent 5.3 steps more.
    """
    people, noise, moved, epsilon = 4, 4.0, 5.3, 1.0
    places = np.arange(-100, 101)

    def rounded(value: float) -> npt.NDArray[np.float64]:
        above, below = (places + 0.5 - value) / noise, (places - 0.5 - value) / noise
        # Each tail by its own function, lest small differences are lost beside 1.
        return np.where(
            below > 0,
            stats.norm.sf(below) - stats.norm.sf(above),
            stats.norm.cdf(above) - stats.norm.cdf(below),
        )

    others = np.ones(1)
    for value in (0.37, -2.81, 0.5):
        others = np.convolve(others, rounded(value))
    one, other = np.convolve(others, rounded(0.2)), np.convolve(others, rounded(0.2 + moved))
    assert one.sum() == pytest.approx(1.0, abs=1e-12)

    def failing(shift: float) -> float:
        """The analytic Gaussian mechanism (Balle and Wang 2018, theorem 8)."""
        return float(
            stats.norm.cdf(shift / 2 - epsilon / shift)
            - math.exp(epsilon) * stats.norm.cdf(-shift / 2 - epsilon / shift)
        )

    noised = failing(moved / (noise * math.sqrt(people)))
    for here, there in ((one, other), (other, one)):
        found = float(np.maximum(here - math.exp(epsilon) * there, 0).sum())
        assert 0.8 * noised < found < noised
