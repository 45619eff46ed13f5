"""What is planted, and the reason that is given for passing it over.

Three tables: rubbish that can lie anywhere, updates and lists that people with keys of their own send, and
what is made to look like the aggregator's or the helper's.
"""

import gzip
import io
import json
import os
import pickle
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import ClickRecord, DoneRecord, JoinRecord, LeaveRecord
from fedflex_core.exchange.record import MAX_FILE_BYTES, Payload
from fedflex_core.exchange.sealing import LETTER_STEP, sign
from fedflex_core.exchange.tensors import pack_tensors

from .stage import PEOPLE, Stage, Stranger

MARK = "Zaklinac z Rivie"
"""Stands in whatever is planted, and may never be repeated to anybody."""
BOMB = 1 << 28
"""Bytes that a bomb would become."""
SUFFIXES = (".json", ".sealed", ".safetensors", ".csv", ".words")

UNSIGNED = "it is not a signed record"
FORGED = "its signature is not that of its writer"
A_COPY = "it is a copy: its name is not the one that its record has"
A_LINK = "it is a link, and links are not followed"
NOT_PLAIN = "it is not a plain file"
WRONG_SIZE = "it is still arriving, or not of a size that such a file has"
TOO_LARGE = "it is larger than 8 MB"
SHUT = "it cannot be opened: damaged, or sealed to somebody else"
UNREADABLE = "it cannot be read"
CONFLICT = "a conflict copy made by a sync program"
NOT_TENSORS = "the payload is not a safetensors file"
NOT_HERE = "its payload has not arrived yet"
OTHER_BYTES = "its payload is still arriving, or was changed"


class Trap:
    """Whoever unpickles it makes a folder."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.place),)


def framed(record: bytes, signature: bytes = b"f" * 128) -> bytes:
    """What looks like a signed record."""
    return b'{"signature":"' + signature + b'","record":\n' + record + b"}\n"


def as_letter(content: bytes) -> bytes:
    """The same, as long as letters are."""
    size = LETTER_STEP + 48
    assert len(content) <= size
    return content.ljust(size, b"\0")


def _sparse(size: int) -> Callable[[Path], None]:
    """A file of zeros that takes no room on most disks."""

    def write(place: Path) -> None:
        with open(place, "wb") as file:
            file.truncate(size)

    return write


def contents(trap: Path) -> dict[str, bytes]:
    """Bytes that no reader can use."""
    pickled = pickle.dumps((MARK, Trap(trap)))
    array = io.BytesIO()
    np.save(array, np.array([Trap(trap)], dtype=object), allow_pickle=True)
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr(f"{MARK}.json", bytes(BOMB))
    lists = b"[" + b"[]," * 2_600_000 + b"[]]"
    return {
        "a pickle": pickled,
        "a pickle as long as a letter": as_letter(pickled),
        "an array of pickles": array.getvalue(),
        "a zip bomb": zipped.getvalue(),
        "a gzip bomb": gzip.compress(bytes(BOMB), 1),
        "a gzip bomb as long as a letter": as_letter(gzip.compress(bytes(BOMB >> 7))),
        "a letter of random bytes": np.random.default_rng(0).bytes(LETTER_STEP + 48),
        "an empty file": b"",
        "deep JSON": framed(b'{"kind":' * 10_000),
        "millions of lists": framed(lists),
        "JSON without a signature": json.dumps({"kind": MARK}).encode(),
        "a signature of letters": framed(MARK.encode(), "ž".encode() * 64),
    }


# --- rubbish that can lie anywhere ------------------------------------------------------------


class Rubbish(NamedTuple):
    """Something planted in every place."""

    name: str
    file: str
    """Its name, of ``{stem}`` and ``{suffix}``."""
    write: Callable[[Path, "Larder"], None]
    as_json: str
    """Why it is passed over where signed records are read."""
    as_letter: str
    """And where letters are."""


def fill(place: Path) -> None:
    """Make all rubbish that consists of bytes, each a file in ``place``."""
    for name, content in contents(place / "sprung").items():
        (place / name).write_bytes(content)
    _sparse(1 << 30)(place / "a gigabyte")
    _sparse(MAX_FILE_BYTES)(place / "eight megabytes")


class Larder:
    """Rubbish that was made before, and one of each honest record to copy.

    Args:
        stage: An honest study.
        place: What :func:`fill` has filled.
    """

    def __init__(self, stage: Stage, place: Path) -> None:
        self.place, self.trap, self.outside = place, place / "sprung", stage.outside
        participants = stage.folder / "participants"
        letters = participants / stage.people["anna"] / "events"
        honest = {
            ".json": stage.folder / "aggregator" / "rounds" / "round-0000.json",
            ".sealed": min(letters.glob("[0-9a-f]*.sealed")),
        }
        self.honest = {suffix: source.read_bytes() for suffix, source in honest.items()}
        self.stems = {suffix: source.stem for suffix, source in honest.items()}

    def stem(self, suffix: str) -> str:
        return self.stems.get(suffix, "round-0000")

    def copy(self, place: Path) -> None:
        place.write_bytes(self.honest.get(place.suffix, b"{}"))


def _linked(name: str) -> Callable[[Path, Larder], None]:
    return lambda place, larder: os.link(larder.place / name, place)


def _part(place: Path, larder: Larder) -> None:
    whole = larder.honest.get(place.suffix, b"{}")
    place.write_bytes(whole[: len(whole) // 2])


def _device(place: Path, _: Larder) -> None:
    os.mknod(place, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # as /dev/zero, which never ends


def _outside(place: Path, larder: Larder) -> None:
    """A link to what would be right, were it not a link."""
    source = larder.outside / f"honest{place.suffix}"
    larder.copy(source)
    place.symlink_to(source)


_CONTENTS = (
    ("a pickle", UNSIGNED, WRONG_SIZE),
    ("a pickle as long as a letter", UNSIGNED, SHUT),
    ("an array of pickles", UNSIGNED, WRONG_SIZE),
    ("a zip bomb", UNSIGNED, WRONG_SIZE),
    ("a gzip bomb", UNSIGNED, WRONG_SIZE),
    ("a gzip bomb as long as a letter", UNSIGNED, SHUT),
    ("a letter of random bytes", UNSIGNED, SHUT),
    ("an empty file", UNSIGNED, WRONG_SIZE),
    ("deep JSON", FORGED, WRONG_SIZE),
    ("millions of lists", FORGED, WRONG_SIZE),
    ("a gigabyte", TOO_LARGE, TOO_LARGE),
    ("eight megabytes", UNSIGNED, WRONG_SIZE),
    ("JSON without a signature", UNSIGNED, WRONG_SIZE),
    ("a signature of letters", UNSIGNED, WRONG_SIZE),
)
_COPIES = (
    ("{stem}.conflict{suffix}", CONFLICT),
    ("{stem}.conflict.20240101120000{suffix}", CONFLICT),
    ("{stem}.rejected{suffix}", CONFLICT),
    ("{stem}.syftconflict{suffix}", CONFLICT),
    ("{stem}.syftrejected{suffix}", CONFLICT),
    ("{stem} (conflicted copy){suffix}", CONFLICT),
    ("{stem} (conflicted copy 2024-01-01 120000){suffix}", CONFLICT),
    ("{stem} (Anna's conflicted copy 2024-01-01){suffix}", CONFLICT),
    ("{stem} (Case Conflict 1){suffix}", CONFLICT),
    ("{stem}.sync-conflict-20240101-120000-ABCDEFG{suffix}", CONFLICT),
    ("{stem}_conflict-20240101-120000{suffix}", CONFLICT),
    ("{stem} (1){suffix}", "a second copy made by a sync program"),
    ("~{stem}{suffix}", "a temporary file"),
    ("{stem}.tmp.1{suffix}", "a temporary file"),
    (".{stem}{suffix}", "a hidden file"),
    ("..{suffix}", "a hidden file"),
    ("..\\..\\{stem}{suffix}", "a hidden file"),
    ("a..b{suffix}", A_COPY),
    ("{stem}{suffix}{suffix}", A_COPY),
    ("\x1b[31mred\n\u202e{suffix}", A_COPY),
    ("\udcff\udcfe{suffix}", A_COPY),  # bytes that are no UTF-8
    ("{long}{suffix}", A_COPY),  # 255 bytes
    ("{twin}{suffix}", A_COPY),  # the same name in capitals
)
_KINDS: tuple[tuple[str, Callable[[Path, Larder], None], str], ...] = (
    ("a folder", lambda place, _: place.mkdir(), NOT_PLAIN),
    ("a link out of the study", _outside, A_LINK),
    ("a link to nothing", lambda place, _: place.symlink_to("nothing"), A_LINK),
    ("a link to itself", lambda place, _: place.symlink_to(place.name), A_LINK),
    ("a link to a device", lambda place, _: place.symlink_to("/dev/zero"), A_LINK),
    ("a link to a folder", lambda place, _: place.symlink_to(".."), A_LINK),
    ("a pipe", lambda place, _: os.mkfifo(place), NOT_PLAIN),
    ("a device", _device, NOT_PLAIN),
    ("a socket", lambda place, _: os.mknod(place, stat.S_IFSOCK | 0o600), UNREADABLE),
)
RUBBISH = (
    *(Rubbish(name, name + "{suffix}", _linked(name), *why) for name, *why in _CONTENTS),
    Rubbish("half a file", "half a file{suffix}", _part, UNSIGNED, WRONG_SIZE),
    *(Rubbish(repr(file), file, lambda at, all: all.copy(at), why, why) for file, why in _COPIES),
    *(Rubbish(name, name + "{suffix}", write, why, why) for name, write, why in _KINDS),
)  # fmt: skip

SURVEYED = {"": "it belongs to no study", "participants": "it is not a participant's folder"}
"""Places where nothing belongs that is not a study's folder."""
LEAVES = {
    "aggregator/rounds": ".json",
    "aggregator/calls": ".json",
    "helper/sums": ".json",
    "participants/{anna}/events": ".sealed",
    "participants/{stranger}/events": ".sealed",
}
"""Places that are read from end to end, and what of them."""
SILENT = (
    "aggregator", "aggregator/study", "aggregator/receipts", "helper", "helper/study",
    "participants/{anna}", "participants/{anna}/updates", "participants/{anna}/halves",
    "participants/{stranger}", "participants/{stranger}/updates", "participants/{stranger}/halves",
)  # fmt: skip
"""Places of which nothing is read but what is asked for by its name."""
STRANGER = "0" * 32


def place_of(stage: Stage, place: str) -> str:
    return place.format(stranger=STRANGER, **stage.people)


def file_name(rubbish: Rubbish, suffix: str, larder: Larder) -> str:
    stem = larder.stem(suffix)
    long = "n" * (255 - len(suffix))
    return rubbish.file.format(stem=stem, suffix=suffix, long=long, twin=stem.upper())


def plant_everywhere(stage: Stage, larder: Larder) -> dict[str, str]:
    """All rubbish in every place, under every suffix; what this system does not make, and why."""
    impossible: dict[str, str] = {}
    for place in (*SURVEYED, *LEAVES, *SILENT):
        folder = stage.folder / place_of(stage, place)
        folder.mkdir(parents=True, exist_ok=True)
        for rubbish in RUBBISH:
            for suffix in SUFFIXES:
                at = folder / file_name(rubbish, suffix, larder)
                try:
                    if os.path.lexists(at):
                        raise FileExistsError("names are not told apart by their case")
                    rubbish.write(at, larder)
                except (OSError, AttributeError, UnicodeError) as error:
                    impossible[rubbish.name] = str(error)
    return impossible


# --- what people send -------------------------------------------------------------------------


class Sent(NamedTuple):
    """Something that a person with keys of their own puts into their folder."""

    name: str
    plant: Callable[[Stranger], str | None]
    """How a report calls it; None if it goes by the person's number."""
    reason: str


def _quietly(act: Callable[[Stranger], object]) -> Callable[[Stranger], None]:
    def plant(me: Stranger) -> None:
        act(me)

    return plant


def _factors(me: Stranger, value: float) -> Any:
    changed = np.zeros_like(me.model.item_factors)
    changed[0, 0] = value
    return changed


def _in_place_of_payload(act: Callable[[Path], object]) -> Callable[[Stranger], None]:
    """A right update whose payload is something else."""

    def plant(me: Stranger) -> None:
        place = me.send()
        place.unlink()
        act(place)

    return plant


def _in_place_of_letter(act: Callable[[Path], object]) -> Callable[[Stranger], None]:
    def plant(me: Stranger) -> None:
        me.send()
        place = me.folder / "updates" / "svd-0001.sealed"
        place.unlink()
        act(place)

    return plant


def _named(name: str) -> Callable[[Stranger], None]:
    """A payload under a name of the sender's own choice."""

    def plant(me: Stranger) -> None:
        sealed = me.sealed(me.update())
        payload = Payload.of("updates/svd-0001-tensors.sealed", sealed)
        me.send(sealed=sealed, update=json.loads(payload.model_dump_json()) | {"name": name})

    return plant


def _through_a_link(me: Stranger) -> None:
    """A payload that would be right, reached by a link out of the study."""
    hidden = me.send()
    target = me.stage.outside / me.id
    (target / "deep" / "deeper").mkdir(parents=True)
    sealed = hidden.read_bytes()
    (target / "deep" / "deeper" / "file.sealed").write_bytes(sealed)
    (me.folder / "link").symlink_to(target)
    payload = Payload.of("link/deep/deeper/file.sealed", sealed)
    me.send(sealed=sealed, update=json.loads(payload.model_dump_json()))
    hidden.unlink()


def _of_anna(name: str, mine: str | None = None) -> Callable[[Stranger], None]:
    """A file of hers, in one's own folder."""

    def plant(me: Stranger) -> None:
        source = me.folder.parent / me.stage.people["anna"] / name
        me.put(mine or name, source.read_bytes())

    return plant


def _very_same(me: Stranger) -> None:
    """The payload of somebody honest, sent again under one's own signature."""
    first = min(me.stage.people[who] for who in PEOPLE)
    me.send(sealed=(me.folder.parent / first / "updates/svd-0001-tensors.sealed").read_bytes())


def _linked_folder(name: str) -> Callable[[Stranger], str]:
    """All that should lie in one of their folders, behind a link."""

    def plant(me: Stranger) -> str:
        target = me.stage.outside / f"{me.id}-{name}"
        if name != "events":
            me.send()
        (me.folder / name).rename(target)
        (me.folder / name).symlink_to(target)
        return f"participants/{me.id}/events" if name == "events" else me.id

    return plant


def _letter(make: Callable[[Stranger], bytes]) -> Callable[[Stranger], None]:
    """Something else where the letter of an update should lie."""

    def plant(me: Stranger) -> None:
        me.send()
        me.put("updates/svd-0001.sealed", make(me))

    return plant


def _changed(**changes: Any) -> Callable[[Stranger], None]:
    return _quietly(lambda me: me.send(**changes))


def _content(make: Callable[[Stranger], bytes]) -> Callable[[Stranger], None]:
    return _quietly(lambda me: me.send(make(me)))


def _record(me: Stranger, **changes: Any) -> bytes:
    return json.dumps(me.update_fields(me.sealed(me.update()), **changes)).encode()


def _header(text: str, body: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text.encode() + body


def _many_tensors() -> bytes:
    entry = '"{}":{{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
    return _header("{" + ",".join(entry.format(number) for number in range(100_000)) + "}")


_HEX = "a" * 64
_ITEMS = 20
LETTERS = (
    # Who wrote it, and for whom.
    Sent("random bytes", _letter(lambda me: os.urandom(LETTER_STEP + 48)), SHUT),
    Sent("sealed to its writer", _letter(
        lambda me: me.identity.public.seal(bytes(LETTER_STEP))), SHUT),
    Sent("without padding", _letter(
        lambda me: me.aggregator.seal(bytes(LETTER_STEP))), "it is not padded as a letter is"),
    Sent("without a signature", _letter(
        lambda me: me.aggregator.seal(_record(me) + b"\x80" + bytes(LETTER_STEP - 1 - len(_record(me))))),
        UNSIGNED),
    Sent("signed by somebody else", lambda me: _changed(signer=Identity.new())(me), FORGED),
    Sent("with keys of somebody else", lambda me: _changed(
        keys=json.loads(Identity.new().public.model_dump_json()))(me), "is not that of these keys"),
    Sent("in another's name", lambda me: _changed(participant=me.stage.people["anna"])(me),
        "is not that of these keys"),
    Sent("another's letter", _of_anna("updates/svd-0001.sealed"), "another participant's folder"),
    Sent("another's lists as an update", _of_anna("events/join.sealed", "updates/svd-0001.sealed"),
        "another participant's folder"),
    # What it says.
    Sent("of another study", _changed(study="b" * 16), "it belongs to another study"),
    Sent("of an older protocol", _changed(protocol=1), "protocol: Input should be 2"),
    Sent("of an unknown kind", _changed(kind=MARK), "it is no kind of record that is known"),
    Sent("of the aggregator's kind", _letter(lambda me: me.letter(
        {"kind": "round", "study": me.stage.study.id, "round": 1, "arms": {}})),
        "it is not a participant's record"),
    Sent("of another kind", _letter(lambda me: me.letter(me.fields(JoinRecord))), A_COPY),
    Sent("with an unknown key", _changed(**{MARK: MARK}), "update: Extra inputs are not permitted"),
    Sent("for an older round", _changed(round=2, rounds_charged=[1, 2]), A_COPY),
    Sent("for another arm", _changed(arm="bpr"), A_COPY),
    Sent("for an arm that nobody knows", _changed(arm="fcf"), A_COPY),
    Sent("for an arm that is none", _changed(arm=MARK), "update.arm: String should match pattern"),
    Sent("deep", _letter(lambda me: me.letter(b'{"kind":' * 3000)), "recursion limit exceeded"),
    Sent("of thousands of lists", _letter(
        lambda me: me.letter(b'{"kind":"update","study":[' + b"[]," * 10_000 + b"[]]}")), "update.study"),
    Sent("of numbers without end", _changed(rounds_charged=[10**3000]), "update.rounds_charged"),
    Sent("not text", _letter(lambda me: me.letter(b"\xff\xfe" + MARK.encode())), "Invalid JSON"),
    Sent("from another model", _changed(base_model="b" * 64), "it starts from another model"),
    Sent("of more weight", _changed(weight=0.5), "it asks for another weight than everybody's"),
    Sent("of no weight", _changed(weight=0.0), "update.weight: Input should be greater than 0"),
    Sent("of a weight that is no number", _changed(weight=float("nan")), "update.weight"),
    Sent("of infinite weight", _changed(weight=float("inf")), "update.weight"),
    Sent("with other noise", _changed(noise_multiplier=3.0), "its ledger has another noise"),
    Sent("with noise that is no number", _changed(noise_multiplier=float("nan")), "noise_multiplier"),
    Sent("with infinite noise", _changed(noise_multiplier=float("inf")), "should be a finite number"),
    Sent("with a ledger of nothing", _changed(rounds_charged=[]), "its ledger does not fit this round"),
    Sent("with a ledger of later rounds", _changed(rounds_charged=[1, 2]), "does not fit this round"),
    # How it lies there.
    Sent("a letter cut short", _in_place_of_letter(_sparse(100)), WRONG_SIZE),
    Sent("an empty letter", _in_place_of_letter(Path.touch), WRONG_SIZE),
    Sent("a letter of a gigabyte", _in_place_of_letter(_sparse(1 << 30)), TOO_LARGE),
    Sent("a letter that is a folder", _in_place_of_letter(Path.mkdir), NOT_PLAIN),
    Sent("a letter that is a pipe", _in_place_of_letter(lambda at: os.mkfifo(at)), NOT_PLAIN),
    Sent("a letter that is a link", _in_place_of_letter(
        lambda at: at.symlink_to("svd-0001-tensors.sealed")), A_LINK),
    Sent("a letter that is a link to itself", _in_place_of_letter(
        lambda at: at.symlink_to(at.name)), A_LINK),
    Sent("in a folder that is a link", _linked_folder("updates"), "it lies behind a link"),
)  # fmt: skip
PAYLOADS = (
    Sent("nothing yet", _in_place_of_payload(lambda at: None), NOT_HERE),
    Sent("half of it", _in_place_of_payload(_sparse(100)), OTHER_BYTES),
    Sent("an empty file", _in_place_of_payload(Path.touch), OTHER_BYTES),
    Sent("a gigabyte", _in_place_of_payload(_sparse(1 << 30)), OTHER_BYTES),
    Sent("a folder", _in_place_of_payload(Path.mkdir), OTHER_BYTES),
    Sent("a pipe", _in_place_of_payload(lambda at: os.mkfifo(at)), OTHER_BYTES),
    Sent("a device", _in_place_of_payload(lambda at: os.mknod(
        at, stat.S_IFCHR | 0o666, os.makedev(1, 5))), OTHER_BYTES),
    Sent("a link", _in_place_of_payload(lambda at: at.symlink_to("svd-0001.sealed")), OTHER_BYTES),
    Sent("a link to itself", _in_place_of_payload(lambda at: at.symlink_to(at.name)), OTHER_BYTES),
    Sent("beyond a link", _through_a_link, NOT_HERE),
    Sent("elsewhere", _named("updates/elsewhere.sealed"), NOT_HERE),
    Sent("above its folder", _named("../../aggregator/study/catalogue.csv"), "update.update.name"),
    Sent("anywhere on the disk", _named("/etc/hostname"), "update.update.name"),
    Sent("under a name too long", _named("updates/" + "n" * 300 + "/x.sealed"), "update.update.name"),
    Sent("under a name of many folders", _named("a/" * 8000 + "x.sealed"), "update.update.name"),
    Sent("larger than any file", _changed(update={
        "name": "updates/x.sealed", "size": MAX_FILE_BYTES + 1, "sha256": _HEX}), "update.update.size"),
    Sent("not sealed", _quietly(lambda me: me.send(sealed=me.update())), "sealed to somebody else"),
    Sent("sealed to its writer", _quietly(
        lambda me: me.send(sealed=me.sealed(me.update(), me.identity.public))), "sealed to somebody else"),
    Sent("another's", _very_same, "its payload belongs to another record"),
)  # fmt: skip
TENSORS = (
    Sent("nothing", _content(lambda me: b""), NOT_TENSORS),
    Sent("a header without end", _content(lambda me: b"\xff" * 100), NOT_TENSORS),
    Sent("a deep header", _content(lambda me: _header('{"a":' * 1000)), NOT_TENSORS),
    Sent("a header that is cut short", _content(lambda me: me.update()[:50]), NOT_TENSORS),
    Sent("without tensors", _content(lambda me: _header("{}")), "other tensors"),
    Sent("one tensor more", _content(lambda me: pack_tensors({
        "item_factors": me.model.item_factors, "item_bias": me.model.item_bias, MARK: np.zeros(1)})),
        "other tensors"),
    Sent("a hundred thousand tensors", _content(lambda me: _many_tensors()), "larger than an update"),
    Sent("a report", _content(lambda me: me.update(report=np.ones((2, 2), np.float32))),
        "it holds a report, and this study asks for none"),
    Sent("a dtype without a name", _content(lambda me: me.update().replace(b"F32", b"F99")), NOT_TENSORS),
    Sent("a dtype that numpy lacks", _content(lambda me: _header(
        '{"item_bias":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}', bytes(4))), NOT_TENSORS),
    Sent("a shape of no number", _content(lambda me: _header(
        '{"item_bias":{"dtype":"F32","shape":[0,18446744073709551615],"data_offsets":[0,0]}}')), NOT_TENSORS),
    Sent("a hundred dimensions", _content(lambda me: _header(
        '{"item_bias":{"dtype":"F32","shape":[' + "1," * 99 + '1],"data_offsets":[0,4]}}', bytes(4))),
        NOT_TENSORS),
    Sent("of fewer series", _content(lambda me: me.update(
        np.zeros((2, 4), np.float32), np.zeros(2, np.float32))), "item_factors has shape (2, 4)"),
    Sent("of no series", _content(lambda me: me.update(
        np.zeros((0, 4), np.float32), np.zeros(0, np.float32))), "item_factors has shape (0, 4)"),
    Sent("of more factors", _content(lambda me: me.update(np.zeros((_ITEMS, 9), np.float32))),
        "item_factors has shape (20, 9)"),
    Sent("of three dimensions", _content(lambda me: me.update(np.zeros((_ITEMS, 4, 1), np.float32))),
        "item_factors has shape (20, 4, 1)"),
    Sent("of one bias", _content(lambda me: me.update(bias=np.zeros(1, np.float32))),
        "item_bias has shape (1,)"),
    *(Sent(f"of {dtype}", _content(lambda me, dtype=dtype: me.update(np.zeros((_ITEMS, 4), dtype))),
        f"item_factors is {dtype}, not float32")
        for dtype in ("float64", "float16", "int32", "bool", "complex64")),
    *(Sent(f"a {value} among the factors", _content(lambda me, value=value: me.update(_factors(me, value))),
        "item_factors holds a number that is not finite") for value in (np.nan, np.inf, -np.inf)),
    Sent("a nan among the biases", _content(lambda me: me.update(
        bias=np.full(_ITEMS, np.nan, np.float32))), "item_bias holds a number that is not finite"),
    *(Sent(f"a norm of {norm}", _content(lambda me, norm=norm: me.update(_factors(me, norm))),
        "the norm of item_factors is larger than the study's bound allows") for norm in (1.01, 1e6, 3e38)),
    Sent("biases of 1e30", _content(lambda me: me.update(bias=np.full(_ITEMS, 1e30, np.float32))),
        "the norm of item_bias is larger than the study's bound allows"),
)  # fmt: skip


def _half_is(act: Callable[[Path], object]) -> Callable[[Stranger], None]:
    """A right update, with something else where the helper's half of it should lie."""

    def plant(me: Stranger) -> None:
        me.send()
        place = me.folder / "halves" / "svd-0001.sealed"
        place.unlink()
        act(place)

    return plant


def _half_says(**changes: Any) -> Callable[[Stranger], None]:
    def plant(me: Stranger) -> None:
        me.send()
        me.send_half(**changes)

    return plant


def _noise_of_letter_size(place: Path) -> None:
    place.write_bytes(os.urandom(LETTER_STEP + 48))


NO_HALF = "the helper's half of it has not arrived yet"
NOT_SUMMED = "the helper does not have its half of it"
HALVES = (
    Sent("not of a pair", _changed(pair=None), "it is not a half of an update"),
    Sent("of a pair that is none", _changed(pair=MARK), "update.pair: String should match"),
    Sent("half as long", _content(lambda me: me.half()[::2]), "the half is 40 bytes long, not 20 words"),
    Sent("of no words", _content(lambda me: b""), "the half is 0 bytes long, not 20 words"),
    Sent("an update in the open", _content(lambda me: me.update()), "bytes long, not 20 words"),
    Sent("of ten thousand words", _content(lambda me: bytes(40_000)), "larger than an update"),
    Sent("without a half", _half_is(lambda at: None), NO_HALF),
    Sent("with an empty half", _half_is(Path.touch), NO_HALF),
    Sent("with half a half", _half_is(_sparse(1000)), NO_HALF),
    Sent("with a gigabyte", _half_is(_sparse(1 << 30)), NO_HALF),
    Sent("with a folder", _half_is(Path.mkdir), NO_HALF),
    Sent("with a pipe", _half_is(lambda at: os.mkfifo(at)), NO_HALF),
    Sent("with a link", _half_is(lambda at: at.symlink_to("../updates/svd-0001.sealed")), NO_HALF),
    Sent("with a link to itself", _half_is(lambda at: at.symlink_to(at.name)), NO_HALF),
    Sent("with random bytes", _half_is(_noise_of_letter_size), NOT_SUMMED),
    Sent("with another's half", lambda me: (me.send(), _of_anna("halves/svd-0001.sealed")(me))[1],
        NOT_SUMMED),
    Sent("with a half of another pair", _half_says(pair="1" * 32), NOT_SUMMED),
    Sent("with a half from another model", _half_says(base_model="b" * 64), NOT_SUMMED),
    Sent("with a half for another arm", _half_says(arm="bpr"), NOT_SUMMED),
    Sent("with a half for a later round", _half_says(round=2), NOT_SUMMED),
    Sent("with a half of another study", _half_says(study="b" * 16), NOT_SUMMED),
    Sent("with a seed that is none", _half_says(seed=MARK), NOT_SUMMED),
    Sent("with a half in a folder that is a link", _linked_folder("halves"), NOT_SUMMED),
)  # fmt: skip


def bombs(larder: Larder) -> Iterator[Callable[[Stranger], object]]:
    """Payloads that are rightly signed and sealed, and would burst what reads them as something else."""
    names = "a pickle", "an array of pickles", "a zip bomb", "a gzip bomb", "millions of lists"
    for content in ((larder.place / name).read_bytes() for name in names):
        yield lambda me, content=content: me.send(content)


# --- lists and clicks -------------------------------------------------------------------------


def _told(**changes: Any) -> Callable[[Stranger], str]:
    """Lists, rightly signed, of which something is wrong."""
    return lambda me: me.tell(me.shown(**changes))


def _impossible(**changes: Any) -> Callable[[Stranger], str]:
    """Lists that are what a record has to be, and cannot have been shown."""

    def plant(me: Stranger) -> str:
        record = me.shown(**changes)
        me.tell(record)
        name = f"events/{record['arm']}-{record['round']:04d}-impression.json"
        return f"participants/{me.id}/{name}"

    return plant


def _second(me: Stranger) -> str:
    me.tell(me.shown(written_at="0001-01-01T00:00:00+23:59"))
    return _impossible(written_at="9999-12-31T23:59:59-23:59", first="B")(me)


def _event(make: Callable[[Stranger], bytes], name: str = "a" * 32) -> Callable[[Stranger], str]:
    def plant(me: Stranger) -> str:
        me.put(f"events/{name}.sealed", make(me))
        return f"participants/{me.id}/events/{name}.sealed"

    return plant


def _anna_event(me: Stranger) -> str:
    hers = me.folder.parent / me.stage.people["anna"] / "events"
    source = min(hers.glob("[0-9a-f]*.sealed"))
    me.put(f"events/{source.name}", source.read_bytes())
    return f"participants/{me.id}/events/{source.name}"


def _click(me: Stranger, **changes: Any) -> dict[str, Any]:
    about = {"arm": "svd", "round": 0, "sequence": 1, "list": "A", "rank": 1, "item": MARK}
    return me.fields(ClickRecord, **about, selected=True) | changes


def _leave(where: str, erase: bool = False) -> Callable[[Stranger], str]:
    """Their own letter of leaving, in somebody's folder."""

    def plant(me: Stranger) -> str:
        person = me.stage.people.get(where, me.id)
        place = me.folder.parent / person / "events" / "leave-erase.sealed"
        place.write_bytes(me.letter(me.fields(LeaveRecord, erase=erase)))
        return f"participants/{person}/events/leave-erase.sealed"

    return plant


_LONG = {"A": [f"item-{number}" for number in range(21)], "B": []}
EVENTS = (
    Sent("of series that nobody knows", _impossible(lists={"A": [MARK], "B": []}),
        "it names a series that the study does not have"),
    Sent("of six series", lambda me: _impossible(lists={
        "A": [str(one) for one in me.stage.study.catalogue.items["item_id"][:6]], "B": []})(me),
        "its lists are longer than the study's"),
    Sent("of an arm that nobody knows", _impossible(arm="fcf"), "the study has no such arm or round"),
    Sent("of a round to come", _impossible(round=9), "the study has no such arm or round"),
    Sent("other lists at the end of time", _second, "other lists were shown before"),
    Sent("of too many series", _told(lists=_LONG), "Tuple should have at most 20 items"),
    Sent("of the same series twice", _told(lists={"A": [MARK, MARK], "B": []}),
        "a list names an item twice"),
    Sent("of a third list", _told(lists={"A": [], "B": [], MARK: []}), "lists: Input should be 'A' or 'B'"),
    Sent("of one list", _told(lists={"A": []}), "list A and list B are expected"),
    Sent("of another study", _told(study="b" * 16), "it belongs to another study"),
    Sent("at no time", _told(written_at=MARK), "written_at: Input should"),
    Sent("at a time without a place", _told(written_at="2024-01-01T00:00:00"), "written_at: Input should"),
    Sent("signed by somebody else", lambda me: me.tell(me.shown(), Identity.new()), FORGED),
    Sent("under another name", _event(lambda me: me.letter(me.shown())), A_COPY),
    Sent("another's", _anna_event, "it lies in another participant's folder"),
    Sent("a second joining", _event(lambda me: me.letter(me.fields(JoinRecord)), "Join2"), A_COPY),
    Sent("a click on rank 0", lambda me: me.tell(_click(me, rank=0)), "rank: "),
    Sent("a click on rank 1e300", lambda me: me.tell(_click(me, rank=1e300)), "rank: "),
    Sent("a click on a third list", lambda me: me.tell(_click(me, list="C")), "list: Input should be"),
    Sent("an answer with a token of its own", lambda me: me.tell(me.fields(
        DoneRecord, arm="svd", round=0, sequence=1, none=True) | {"token": MARK}),
        "token: String should match"),
    Sent("an update among the events", _event(lambda me: me.letter(_record(me))), A_COPY),
    Sent("in a folder that is a link", _linked_folder("events"), A_LINK),
    Sent("leaving in anna's name", _leave("anna"), "it lies in another participant's folder"),
    Sent("leaving under another name", _leave("self"), A_COPY),
)  # fmt: skip


# --- what looks like the aggregator's or the helper's -----------------------------------------


def _replayed(me: Stranger) -> None:
    """Last round's letter and payload, under this round's names."""
    for rest in (".sealed", "-tensors.sealed"):
        me.put(f"updates/svd-0002{rest}", (me.folder / f"updates/svd-0001{rest}").read_bytes())


REPLAYS = (
    Sent("last round's letter", _replayed, A_COPY),
    Sent("from last round's model", lambda me: _changed(
        base_model=me.stage.study.rounds()[0].arms["svd"].model.sha256)(me), "starts from another model"),
    Sent("with last round's ledger", _changed(rounds_charged=[1]), "does not fit this round"),
    Sent("with a ledger without last round", _changed(rounds_charged=[2]), "leaves out a round"),
    Sent("with last round's payload alone", _in_place_of_payload(lambda at: None), NOT_HERE),
)  # fmt: skip
"""Sent in the second round by people who took part in the first."""


class Forged(NamedTuple):
    """A file in a folder whose owner has not written it, or should not have."""

    name: str
    plant: Callable[[Stage], str]
    """How a report calls it."""
    reason: str


def _signed(place: str, signer: str = "stranger", **changes: Any) -> Callable[[Stage], str]:
    """The newest round's record, changed and signed by somebody."""

    def plant(stage: Stage) -> str:
        values = json.loads(stage.study.current_round().model_dump_json()) | changes
        content = json.dumps(values).encode()
        at = stage.folder / place
        at.parent.mkdir(exist_ok=True)
        at.write_bytes(sign(content, signer_of(stage, signer)))
        return place

    return plant


def signer_of(stage: Stage, who: str) -> Identity:
    """The keys of the aggregator, the helper or an honest participant, or some of nobody."""
    found = sorted(stage.home(who).rglob("keys.json")) if who != "stranger" else []
    return Identity.from_bytes(found[0].read_bytes()) if found else Identity.new()


def _bytes(place: str, content: bytes) -> Callable[[Stage], str]:
    def plant(stage: Stage) -> str:
        (stage.folder / place).write_bytes(content)
        return place

    return plant


def _copied(source: str, place: str) -> Callable[[Stage], str]:
    def plant(stage: Stage) -> str:
        (stage.folder / place).write_bytes((stage.folder / source).read_bytes())
        return place

    return plant


ROUNDS = (
    Forged("a stranger's", _signed("aggregator/rounds/round-0009.json", round=9), FORGED),
    Forged("a participant's", _signed("aggregator/rounds/round-0008.json", "anna", round=8), FORGED),
    Forged("nobody's", _bytes("aggregator/rounds/round-0007.json", framed(b"{}")), FORGED),
    Forged("an older one again", _copied(
        "aggregator/rounds/round-0000.json", "aggregator/rounds/round-0006.json"), A_COPY),
    # Rightly signed: what a careless aggregator, or one with bad intentions, could write.
    Forged("of another study", _signed(
        "aggregator/rounds/round-0005.json", "aggregator", round=5, study="b" * 16),
        "it belongs to another study"),
    Forged("of an unknown kind", _signed("aggregator/rounds/round-0004.json", "aggregator", kind=MARK),
        "it is no kind of record that is known"),
    Forged("with unknown keys", _signed(
        "aggregator/rounds/round-0003.json", "aggregator", round=3, **{MARK: MARK}),
        "round: Extra inputs are not permitted"),
)  # fmt: skip


def _sum(place: str, signer: str, **changes: Any) -> Callable[[Stage], str]:
    """An answer to a call, of all who have sent something."""

    def plant(stage: Stage) -> str:
        part = {
            "total": json.loads(Payload.of("sums/none.words", MARK.encode()).model_dump_json()),
            "participants": sorted(stage.people.values()),
        }
        answer = {"protocol": 2, "study": stage.study.id, "written_at": "2024-01-01T00:00:00Z"}
        answer |= {"kind": "partial-sum", "round": 1, "arms": {"svd": part, "bpr": part}}
        at = stage.folder / place
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(sign(json.dumps(answer | changes).encode(), signer_of(stage, signer)))
        return place

    return plant


SUMS = (
    Forged("a stranger's", _sum("helper/sums/round-0002.json", "stranger", round=2), FORGED),
    Forged("the aggregator's own", _sum("helper/sums/round-0003.json", "aggregator", round=3), FORGED),
    Forged("of another round", _sum("helper/sums/round-0004.json", "helper", round=2), A_COPY),
    Forged("of another study", _sum("helper/sums/round-0005.json", "helper", round=5, study="b" * 16),
        "it belongs to another study"),
    Forged("a call that nobody made", _sum("aggregator/calls/round-0009.json", "stranger"), FORGED),
    Forged("an older round as a call", _copied(
        "aggregator/rounds/round-0000.json", "aggregator/calls/round-0008.json"), A_COPY),
)  # fmt: skip
