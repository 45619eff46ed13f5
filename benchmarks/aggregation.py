"""How fast ten thousand updates are averaged, and in how much memory, beside plainly reading their files.

    python benchmarks/aggregation.py [--files 1000] [--passes 10] [--folder FOLDER]

Made-up updates of 4,000 series and 32 factors lie in the folders of a study, sealed to its aggregator and
with signed and sealed records, as participants put them there. All ways go over all files by turns,
`--passes` times, with the files in the system's memory; a way's seconds are the median of its passes.
`Path.read_bytes` keeps nothing. The stream reads a file, opens it, parses it, checks it and adds it to the
round's sum. `Aggregator.collect` is what a round does: everybody's record, opened, its signature, its schema,
and the SHA-256 of each payload besides, in two threads. A list of all updates and numpy's mean of it are
there for their memory. Peaks are those of processes of their own.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from measuring import apart, forget_peak, load, medians, peak_mb
from rich.console import Console
from rich.table import Table

from fedflex_core.exchange.carriers import PARTICIPANTS
from fedflex_core.exchange.keys import Identity
from fedflex_core.exchange.personal_records import UpdateRecord
from fedflex_core.exchange.record import Payload
from fedflex_core.exchange.sealing import letter, payload_content, seal_payload, sign
from fedflex_core.learning import _compiled
from fedflex_core.learning.aggregation import RoundSum
from fedflex_core.learning.factors import Model
from fedflex_core.study.aggregator import Aggregator
from fedflex_core.study.design import PrivacyDesign, StudyDesign
from fedflex_core.study.opened import pack_model, unpack_model
from fedflex_core.viewing.catalogue import read_catalogue
from fedflex_core.viewing.embeddings import CatalogueEmbeddings

_ITEMS = 4_000
_ARM = "svd"
_TENSORS = f"updates/{_ARM}-0001-tensors.sealed"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--files", type=int, default=1_000, help="different updates on the disk")
    parser.add_argument("--passes", type=int, default=10, help="times that all are gone over")
    parser.add_argument("--folder", type=Path, help="where there is room for them")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=said.folder) as made:
        place = Path(made)
        apart(make_study, place, said.files)
        console = Console(width=100)
        console.print(memory_table(place, said.files, said.passes))
        console.print(speed_table(place, said.files, said.passes))


def speed_table(place: Path, files: int, passes: int) -> Table:
    """Seconds of each way, and how they compare with plain reading."""
    table = Table("way", "seconds a pass", "us an update", "MB/s", "x plain reading")
    aggregator = Aggregator.open(place / "study", place / "home")
    works: dict[str, Callable[[], int]] = {
        "Path.read_bytes": partial(read, place),
        "the same, hashed": partial(read, place, hashed=True),
        "the same, opened": partial(open_all, aggregator, place),
        "stream": partial(stream, aggregator, place),
        "Aggregator.collect": partial(collect, aggregator),
    }
    size = works["Path.read_bytes"]()
    for way in list(works)[2:]:  # all but those that count bytes
        assert works[way]() == files, "an update was set aside"
    spent = medians(works, passes)
    for way, seconds in spent.items():
        figures = f"{seconds:.3f}", f"{1e6 * seconds / files:.0f}", f"{size / seconds / 1e6:,.0f}"
        table.add_row(way, *figures, f"{spent['Path.read_bytes'] / seconds:.2f}")
    table.title = (
        f"{files:,} files of {size / files / 1e3:.0f} kB, {passes} passes: {files * passes:,} updates, "
        f"{size * passes / 1e9:.1f} GB; {load()}"
    )
    return table


def memory_table(place: Path, files: int, passes: int) -> Table:
    """Peaks of each way, for ever more updates."""
    table = Table("way", "updates", "MB before", "peak MB")
    table.title = "Memory"
    for way, sizes in (
        ("stream", [(files // 10, 1), (files, 1), (files, passes)]),
        ("collect", [(files, 1), (files, passes)]),
        ("a list and its mean", [(files // 10, 1), (files, 1)]),
    ):
        for count, times in sizes:
            before, peak = apart(peak_of, way, place, count, times)
            table.add_row(way, f"{count * times:,}", f"{before:,.0f}", f"{peak:,.0f}")
        table.add_section()
    return table


# --- the ways ---------------------------------------------------------------------------------------


def read(place: Path, hashed: bool = False) -> int:
    """How many bytes there are."""
    total = 0
    for path in paths(place):
        content = path.read_bytes()
        total += len(content)
        if hashed:
            hashlib.sha256(content).digest()
    return total


def open_all(aggregator: Aggregator, place: Path) -> int:
    """How many updates could be opened."""
    return sum(len(opened(aggregator, path)) > 0 for path in paths(place))


def opened(aggregator: Aggregator, path: Path) -> bytes:
    """An update as its participant packed it."""
    mark = UpdateRecord.mark_of(aggregator.study.id, path.parts[-3], _ARM, 1)
    return payload_content(path.read_bytes(), mark, aggregator.identity)


def stream(aggregator: Aggregator, place: Path, count: int | None = None, passes: int = 1) -> int:
    """How many updates were added."""
    study = aggregator.study
    summed = RoundSum(study.model(study.current_round(), _ARM), study.design.round_config(1))
    for _ in range(passes):
        for path in paths(place, count):
            summed.add(unpack_model(opened(aggregator, path)))
    return len(summed)


def collect(aggregator: Aggregator, passes: int = 1) -> int:
    """How many updates were usable in the last of some passes."""
    found = 0
    for _ in range(passes):
        found = len(aggregator.collect(_ARM))
    return found


def mean_of_list(aggregator: Aggregator, place: Path, count: int) -> Model:
    """What all updates together come to."""
    updates = [unpack_model(opened(aggregator, path)) for path in paths(place, count)]
    factors = np.mean([update.item_factors for update in updates], axis=0)
    return Model(factors, np.mean([update.item_bias for update in updates], axis=0))


def peak_of(way: str, place: Path, count: int, passes: int) -> tuple[float, float]:
    """Memory in MB before anything was read, and its peak."""
    _compiled.warm_up()
    aggregator = Aggregator.open(place / "study", place / "home")
    before = forget_peak()
    if way == "stream":
        stream(aggregator, place, count, passes)
    elif way == "collect":
        collect(aggregator, passes)
    else:
        mean_of_list(aggregator, place, count)
    return before, peak_mb()


# --- a made-up study ----------------------------------------------------------------------------------


def paths(place: Path, count: int | None = None) -> Iterator[Path]:
    """The payloads of so many participants."""
    folders = sorted(os.listdir(place / "study" / PARTICIPANTS))
    return (place / "study" / PARTICIPANTS / folder / _TENSORS for folder in folders[:count])


def make_study(place: Path, files: int) -> None:
    """Open a study and put one update of everybody into its folder."""
    rng = np.random.default_rng(1)
    lines = "\n".join(f"Series {number:05},Drama,{number + 1}" for number in range(_ITEMS))
    catalogue = read_catalogue(f"title,genres,imdb_votes\n{lines}\n".encode())
    rows = rng.standard_normal((_ITEMS, 384), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    embeddings = CatalogueEmbeddings(rows, rows, catalogue.content_hash)
    design = StudyDesign(name="Files", arms={_ARM: {}}, privacy=PrivacyDesign(mode="off"))
    aggregator = Aggregator.create(place / "study", design, catalogue, embeddings, place / "home")
    size = design.embedding_size
    base = aggregator.current_round().arms[_ARM].model.sha256
    bounds = design.round_config(1).bounds
    for _ in range(files):
        factors = rng.standard_normal((_ITEMS, size), np.float32)
        bias = rng.standard_normal(_ITEMS, np.float32)
        factors *= np.float32(0.99 * bounds.factors / np.linalg.norm(factors))
        bias *= np.float32(0.99 * bounds.bias / np.linalg.norm(bias))
        put(aggregator, base, pack_model(Model(factors, bias)))


def put(aggregator: Aggregator, base: str, content: bytes) -> None:
    """One participant's update and its record, signed and sealed."""
    study, who = aggregator.study, Identity.new()
    reader = aggregator.identity.public
    sealed = seal_payload(content, UpdateRecord.mark_of(study.id, who.public.id, _ARM, 1), reader)
    record = UpdateRecord(
        study=study.id,
        participant=who.public.id,
        keys=who.public,
        arm=_ARM,
        round=1,
        base_model=base,
        update=Payload.of(_TENSORS, sealed),
        noise_multiplier=study.design.noise_multiplier_of(1),
        rounds_charged=(1,),
    )
    own = study.folder.path / PARTICIPANTS / who.public.id
    (own / "updates").mkdir(parents=True)
    (own / _TENSORS).write_bytes(sealed)
    signed = sign(record.to_bytes(), who)
    (own / record.place(signed)).write_bytes(letter(signed, reader))


if __name__ == "__main__":
    main()
