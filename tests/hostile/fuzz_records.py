"""Any bytes at all into the readers of records, letters, payloads and invitations.

    python tests/hostile/fuzz_records.py -max_total_time=600 CORPUS_DIR

The options are those of libFuzzer. The first byte of a file chooses which reader has the rest. Files that
reach something new are kept in the folder, and the next run goes on from them; a file that breaks a rule
below is left in the working folder as `crash-…`.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from nacl.bindings import sodium_pad

if __name__ == "__main__":  # what is imported here tells the fuzzer of every branch it takes
    import atheris

    with atheris.instrument_imports(include=["fedflex_core.exchange", "safetensors"]):
        from fedflex_core.exchange import (
            invitation,
            protocol,
            record,
            sealing,
            secure_sum,
            tensors,
        )
else:
    from fedflex_core.exchange import (
        invitation,
        protocol,
        record,
        sealing,
        secure_sum,
        tensors,
    )

from fedflex_core.exchange.keys import Identity, PublicKeys
from fedflex_core.exchange.personal_records import (
    ClickRecord,
    DoneRecord,
    HalfRecord,
    ImpressionRecord,
    JoinRecord,
    LeaveRecord,
    UpdateRecord,
)
from fedflex_core.exchange.public_records import (
    ArmRound,
    Called,
    CallRecord,
    HelperRecord,
    PartialSum,
    PartialSumRecord,
    ReceiptRecord,
    RoundRecord,
    SetAside,
    StudyRecord,
)
from fedflex_core.learning.aggregation import AggregationConfig, UnusableUpdate, check_update
from fedflex_core.learning.factors import Model
from fedflex_core.study import opened

# Always the same keys, so that a file that was found breaks the same rule again.
ME = Identity.from_bytes(b'{"sign": "%s", "box": "%s"}' % (b"01" * 32, b"02" * 32))
MODEL = Model(np.zeros((3, 2), np.float32), np.zeros(3, np.float32))
CONFIG = AggregationConfig(mode="off", max_update_norm=1.0, noise_multiplier=0.0)
MARK = "Zaklinac"
"""A word that seeds hold, and no reason may."""


# --- the rules --------------------------------------------------------------------------------


def check(data: bytes) -> None:
    """Nothing but the reader's own error, which quotes nothing; nothing printed; and true answers."""
    if not data:
        return
    read = tuple(READERS.values())[data[0] % len(READERS)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            read(data[1:])
        except (record.BadRecord, UnusableUpdate, invitation.BadInvitation) as error:
            assert_quotes_nothing(str(error), data)
    assert not said.getvalue(), "something was printed"


def assert_quotes_nothing(text: str, data: bytes) -> None:
    """No word of a reason comes out of the file, unless the program or a library has it as well."""
    whole = data.decode("latin-1").lower()
    quoted = {word for word in _words(text) - own_words() if word in whole}
    assert not quoted, f"a reason with a word of the file: {text}"
    assert len(text) <= 300, "a reason that is too long"


def parse(content: bytes) -> None:
    """A record that was believed says the same once it is written again."""
    found = protocol.parse_record(content)
    # By its bytes, which are what a seat remembers of a study: in a design there may be a NaN.
    written = found.to_bytes()
    again = _again(protocol.parse_record, written).to_bytes()
    assert again == written, "a record changed by being read"
    for name in (found.name, *(payload.name for payload in found.payloads())):
        assert ".." not in name and not name.startswith("/"), "a name that leads out of its folder"
        assert len(name) <= 200, "a name that no disk takes"


def _again(read: Callable[[bytes], Any], content: bytes) -> Any:
    """What a reader makes of what was read before: this time it may not refuse it."""
    try:
        return read(content)
    except (record.BadRecord, invitation.BadInvitation) as error:
        raise AssertionError("what was read cannot be read again") from error


def signature(content: bytes) -> None:
    """Nobody but the fuzzer's own seeds can be signed by the keys."""
    plain = sealing.unsigned(content)
    assert plain in content, "a record that does not lie in its file"
    assert sealing.signed_by(content, ME.public) == plain, (
        "another record than the one that is there"
    )
    assert content in signed_seeds(), "a forged signature was believed"


def sealed(content: bytes) -> None:
    """A letter as it lies there."""
    if sealing.is_letter_size(len(content)):
        sealing.letter_content(content, ME)


def letter(content: bytes) -> None:
    """What is in a letter of somebody who follows no rule."""
    padded = sealing.letter_content(ME.public.seal(content), ME)
    assert content.startswith(padded), "a letter of something else"


def update(content: bytes) -> None:
    """An update that was believed is finite, bounded and of the model's shape."""
    found, report = opened.unpack_update(content)
    check_update(found, MODEL, CONFIG)
    assert found.item_factors.shape == MODEL.item_factors.shape, "an update of another shape"
    norm = found.norm()
    assert norm <= CONFIG.max_update_norm * 1.001, "an update beyond its bound"
    assert report is None or isinstance(report, np.ndarray)
    again, _ = _again(opened.unpack_update, opened.pack_update(found, report))
    assert (again.item_factors == found.item_factors).all(), "an update changed by being read"


def half(content: bytes) -> None:
    """Bytes of the right length are a half, and no others."""
    words = secure_sum.unpack_half(content, 5, 32)
    assert secure_sum.pack_half(words) == content, "a half changed by being read"


def invite(content: bytes) -> None:
    """An invitation that was believed says the same once it is written again."""
    found = invitation.Invitation.parse(content)
    assert _again(invitation.Invitation.parse, found.to_bytes()) == found, "an invitation changed"


def array(content: bytes) -> None:
    """Arrays no larger than the file that they are in."""
    found = tensors.unpack_tensors(content)
    assert sum(one.nbytes for one in found.values()) <= len(content), "more than there is"


READERS: dict[str, Callable[[bytes], None]] = {
    one.__name__: one for one in (parse, signature, sealed, letter, update, half, invite, array)
}


@cache
def own_words() -> frozenset[str]:
    """All words of this program's exchange and rounds, and what libraries say of numbers and JSON."""
    folder = Path(record.__file__).parents[1]
    sources = [*folder.glob("exchange/*.py"), folder / "study" / "opened.py", folder / "errors.py"]
    sources.append(folder / "learning" / "aggregation.py")
    texts = [source.read_text(encoding="utf-8") for source in sources]
    return frozenset().union(*map(_words, (*texts, _LIBRARIES)))


def _words(text: str) -> set[str]:
    """Its words of three letters and more, in small ones."""
    return set(re.findall(r"[^\W\d_]{3,}", text.lower()))


# What libraries say of values, of JSON and of times.
_LIBRARIES = """
Input should be a valid string integer number boolean object dictionary array tuple datetime or date
instance True False None got with a fractional part unable to parse input as exceeded maximum size
Field required Extra inputs are not permitted greater less than or equal to finite at least most
items characters after validation Value error match pattern tag discriminator extract using keys
strings timezone info Invalid JSON line column EOF while parsing list value float was found where
int was expected duplicate keys ident escape number out of range unicode code point control
character key must lone leading surrogate in hex trailing comma unexpected end recursion limit
exceeded too short long year month day hour minute second sign time separator space unexpected extra
required adjust new fraction more digits outside dates before after supported unix timestamps
numeric times may not exceed null nan infinity
"""


# --- what the fuzzer begins with --------------------------------------------------------------


@cache
def records() -> tuple[bytes, ...]:
    """One record of every kind, each right."""
    study = {"study": "0" * 16, "written_at": "2024-01-01T00:00:00Z"}
    person = {**study, "participant": ME.public.id, "keys": ME.public}
    part = {"arm": "svd", "round": 1}
    payload = record.Payload.of("updates/svd-0001-tensors.sealed", b"x")
    aside = SetAside(participant="1" * 32, reason="it is not here")
    called = Called(participant="1" * 32, pair="2" * 32, update="3" * 64)
    lists = {"A": ("dark", MARK), "B": ("okja",)}
    base = {"base_model": "4" * 64, "pair": "2" * 32}
    made = (
        StudyRecord(**study, aggregator=ME.public, design={"name": MARK, "rounds": 2}, catalogue=payload,
            embeddings=payload),
        RoundRecord(**study, round=1, arms={"svd": ArmRound(model=payload, updates={"1" * 32: "3" * 64},
            set_aside=(aside,), diagnostics={"trust": 0.5}, group_weights=(0.5, 1.0))}),
        CallRecord(**study, round=1, arms={"svd": (called,)}, set_aside={"svd": (aside,)}),
        HelperRecord(**study, datasite=MARK),
        PartialSumRecord(**study, round=1, arms={"svd": PartialSum(total=payload, participants=("1" * 32,))}),
        ReceiptRecord(**study, participant="1" * 32, erased=True, events=1, updates=0, rounds={"svd": (1,)}),
        JoinRecord(**person, token=MARK),
        LeaveRecord(**person, erase=False),
        UpdateRecord(**person, **part, **base, update=payload, noise_multiplier=1.5, rounds_charged=(1,)),
        HalfRecord(**person, **part, **base, seed="5" * 64),
        ImpressionRecord(**person, **part, lists=lists, first="A"),
        ClickRecord(**person, **part, sequence=1, list="A", rank=1, item=MARK, selected=True),
        DoneRecord(**person, **part, sequence=2, none=True),
    )  # fmt: skip
    return tuple(one.to_bytes() for one in made)


@cache
def signed_seeds() -> frozenset[bytes]:
    """Everything that the keys have ever signed."""
    return frozenset(sealing.sign(one, ME) for one in records())


def updates() -> Iterator[bytes]:
    """Updates with and without a report, of one shape and of others."""
    near = Model(np.full((3, 2), 0.1, np.float32), np.full(3, -0.1, np.float32))
    yield opened.pack_update(near, None)
    yield opened.pack_update(near, np.ones((2, 2), np.float32))


def accepted() -> Iterator[bytes]:
    """Files that their readers take."""
    for one in records():
        yield _to(parse, one)
    for one in sorted(signed_seeds()):
        yield _to(signature, one)
        yield _to(sealed, sealing.letter(one, ME.public))
        yield _to(letter, sodium_pad(one, sealing.LETTER_STEP))
    for one in updates():
        yield _to(update, one)
        yield _to(array, one)
    yield _to(array, tensors.pack_tensors({"a": np.zeros(2, np.int64), "b": np.ones((1, 0), bool)}))
    yield _to(half, bytes(range(20)))
    for token in (None, "0" * 32):
        said = invitation.Invitation(study="0" * 16, fingerprint="a" * 64, token=token)
        yield _to(invite, said.to_bytes())


def refused() -> Iterator[bytes]:
    """Files that are nearly what they should be."""
    other = PublicKeys(verify="0" * 64, box="0" * 64).model_dump_json().encode()
    for one in records():
        yield _to(parse, one[:-20])
        yield _to(parse, one.replace(b'"kind":', b'"kind":"%s","x":' % MARK.encode()))
        yield _to(parse, one.replace(ME.public.model_dump_json().encode(), other))
        yield _to(parse, one.replace(b'"0000', b'"%s' % MARK.encode()))
    for number in (b"NaN", b"Infinity", b"1e999"):
        yield _to(
            parse,
            next(one for one in records() if b": 0.5" in one).replace(b": 0.5", b": " + number),
        )
    for one in sorted(signed_seeds()):
        yield _to(signature, one.replace(b"2024", b"2025"))
        yield _to(signature, one[:14] + b"g" * 128 + one[142:])
        yield _to(letter, one)
    yield _to(sealed, bytes(sealing.LETTER_STEP + 48))
    yield _to(letter, b"")
    factors = MODEL.item_factors
    for value in (np.nan, np.inf, 1e30):
        yield _to(
            update, opened.pack_update(Model(factors + np.float32(value), MODEL.item_bias), None)
        )
    for dtype in ("float64", "bool", "int8"):
        yield _to(update, opened.pack_update(Model(factors.astype(dtype), MODEL.item_bias), None))
    yield _to(update, opened.pack_update(Model(factors[:1], MODEL.item_bias), None))
    yield _to(update, tensors.pack_tensors({MARK: factors}))
    yield _to(half, bytes(19))
    yield _to(invite, b'{"fedflex_invitation": 1, "%s": 2}' % MARK.encode())
    for one in (b"", b"[" * 5000, b"\xff" * 16, b"\x80\x04.", b"PK\x03\x04", b"\x1f\x8b"):
        yield from (bytes([number]) + one for number in range(len(READERS)))


def _to(reader: Callable[[bytes], None], content: bytes) -> bytes:
    return bytes([list(READERS.values()).index(reader)]) + content


# Pieces that chance would seldom put together.
WORDS = (
    "study", "round", "call", "partial-sum", "receipt", "join", "leave", "update", "half", "impression",
    "click", "done", '"kind":', '"protocol":2', "NaN", "Infinity", "1e999", "-1", "9999", "true", "null",
    '"arm":"svd"', '"participant":', '"keys":', '"verify":', "../", "\\ud800", "2024-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59", '{"signature":"', '","record":\n', "}\n", '"dtype":"F32"', '"BF16"',
    '"F8_E4M3"', '"BOOL"', '"shape":[', '"data_offsets":[', '"__metadata__":', '"item_bias"', '"item_factors"',
    '"report"', "18446744073709551615", "[0,0]", '"fedflex_invitation":1', '"fingerprint":', MARK,
)  # fmt: skip


def main() -> None:
    """Fuzz until an option says that it is enough."""
    from fuzzing import fuzz  # it lies beside this file, which is run by itself

    fuzz(check, (*accepted(), *refused()), WORDS, longest=9000)


if __name__ == "__main__":
    main()
