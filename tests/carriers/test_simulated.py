"""The simulated carrier: with faults each of them is seen, without it copies, and it always ends complete."""

import random
from collections import Counter
from pathlib import Path

import pytest

from fedflex_core.exchange.passing import is_passing

from .simulated import FAULTS, Faults, NotSettled, SimulatedCarrier

ANNA, BEN = "participants/" + "a" * 16, "participants/" + "b" * 16
SITES = {"researcher": "aggregator", "anna": ANNA, "ben": BEN}
SEEDS = range(4)


class Study:
    """Three sites whose writers write a large and a small file now and then, and put back what is lost."""

    def __init__(self, root: Path, faults: Faults, seed: int) -> None:
        self.carrier = SimulatedCarrier(root, faults, seed)
        self.copies = {name: self.carrier.site(name, [owner]) for name, owner in SITES.items()}
        self.private: dict[str, dict[str, bytes]] = {name: {} for name in SITES}
        self._bytes = random.Random(seed)

    def write(self, number: int) -> None:
        for name, owner in SITES.items():
            content = self._bytes.randbytes(200 + number)
            self.private[name][f"{owner}/updates/svd-{number:04d}.sealed"] = content
            self.private[name][f"{owner}/updates/svd-{number:04d}.json"] = content[:20]
        self.put_back()

    def put_back(self) -> None:
        for name, files in self.private.items():
            for place, content in files.items():
                if not (self.copies[name] / place).exists():
                    (self.copies[name] / place).parent.mkdir(parents=True, exist_ok=True)
                    (self.copies[name] / place).write_bytes(content)

    def original(self) -> dict[str, bytes]:
        return {
            place: content for files in self.private.values() for place, content in files.items()
        }

    def lying(self, name: str) -> dict[str, bytes]:
        copy = self.copies[name]
        return {
            place.relative_to(copy).as_posix(): place.read_bytes()
            for place in sorted(copy.rglob("*"))
            if place.is_file()
        }

    def run(self, ticks: int = 40) -> list[dict[str, dict[str, bytes]]]:
        """What lies at every site after each tick."""
        seen = []
        for number in range(ticks):
            if number % 4 == 0:
                self.write(number)
            if number % 3 == 0:
                self.put_back()
            self.carrier.tick()
            seen.append({name: self.lying(name) for name in SITES})
        return seen


@pytest.fixture(params=SEEDS)
def harsh(request: pytest.FixtureRequest, tmp_path: Path) -> Study:
    return Study(tmp_path, Faults.harsh(), request.param)


def test_without_faults_it_is_a_plain_copy(tmp_path: Path) -> None:
    study = Study(tmp_path, Faults.none(), 1)
    for seen in study.run(9):
        assert len({tuple(sorted(files.items())) for files in seen.values()}) == 1
    assert study.lying("anna") == study.original()
    assert not +study.carrier.happened


def test_what_a_writer_removes_or_replaces_changes_everywhere(tmp_path: Path) -> None:
    study = Study(tmp_path, Faults.none(), 1)
    study.run(2)
    (study.copies["anna"] / ANNA / "updates" / "svd-0000.json").unlink()
    (study.copies["anna"] / ANNA / "updates" / "svd-0000.sealed").write_bytes(b"other")
    study.carrier.tick()
    assert study.lying("ben") == study.lying("anna")
    assert study.lying("ben")[f"{ANNA}/updates/svd-0000.sealed"] == b"other"
    assert f"{ANNA}/updates/svd-0000.json" not in study.lying("ben")


def test_only_the_writers_folder_is_carried(tmp_path: Path) -> None:
    study = Study(tmp_path, Faults.none(), 1)
    (study.copies["ben"] / ANNA).mkdir(parents=True)
    (study.copies["ben"] / ANNA / "planted.json").touch()
    (study.copies["ben"] / "planted.json").touch()
    study.carrier.tick(3)
    assert study.lying("anna") == study.lying("researcher") == {}


def test_a_site_may_come_late_and_tell_later_what_it_writes(tmp_path: Path) -> None:
    study = Study(tmp_path, Faults.none(), 1)
    study.run(5)
    late = study.carrier.site("late")
    (late / "participants" / "cc").mkdir(parents=True)
    (late / "participants" / "cc" / "join.json").write_bytes(b"cc")
    study.carrier.tick()
    assert (late / ANNA / "updates" / "svd-0000.json").exists()
    assert "participants/cc/join.json" not in study.lying("anna")
    study.carrier.owns("late", "participants/cc")
    study.carrier.tick()
    assert study.lying("anna")["participants/cc/join.json"] == b"cc"


def test_a_folder_has_one_writer(tmp_path: Path) -> None:
    study = Study(tmp_path, Faults.none(), 1)
    with pytest.raises(ValueError, match="is written by anna"):
        study.carrier.owns("ben", ANNA)
    with pytest.raises(ValueError, match="there is no site"):
        study.carrier.owns("nobody", ANNA)


def test_every_kind_of_fault_happens(tmp_path: Path) -> None:
    counted: Counter[str] = Counter()
    for seed in SEEDS:
        study = Study(tmp_path / str(seed), Faults.harsh(), seed)
        study.run()
        counted += study.carrier.happened
    assert set(counted) == set(FAULTS)
    assert min(counted.values()) >= 10


def test_every_kind_of_fault_can_be_seen_from_outside(harsh: Study) -> None:
    """Not counted by the carrier: what a reader, or a writer, comes to see."""
    whole: dict[str, bytes] = {}
    told: Counter[str] = Counter()
    ever: set[tuple[str, str]] = set()
    before: dict[tuple[str, str], bytes] = {}
    for seen in harsh.run():
        whole = harsh.original()
        now = {
            (site, name): content for site, files in seen.items() for name, content in files.items()
        }
        for (site, name), content in now.items():
            if name not in whole:
                told["conflict" if "conf" in name or "reject" in name else "stray"] += 1
                own = name.startswith(SITES[site])
                told["junk in the writer's copy"] += own
            else:
                told["empty"] += content == b""
                told["half"] += 0 < len(content) < len(whole[name])
                assert whole[name].startswith(content)
        for site, files in seen.items():
            for name, content in whole.items():
                if not name.startswith(SITES[site]) and name.endswith(".json"):
                    late = files.get(name) == content and name[:-4] + "sealed" not in files
                    told["overtake"] += late
        for site, name in before.keys() - now.keys():
            told["lose" if name.startswith(SITES[site]) else "vanish"] += 1
        told["restored"] += len((now.keys() - before.keys()) & ever)
        ever |= now.keys()
        before = now
    kinds = ("conflict", "stray", "empty", "half", "overtake", "lose", "vanish", "restored",
             "junk in the writer's copy")  # fmt: skip
    assert all(told[kind] for kind in kinds), told


def arrivals(root: Path, faults: Faults, ticks: int) -> list[dict[str, bytes]]:
    """What a reader has after each tick, of a large and a small file that were written at once."""
    carrier = SimulatedCarrier(root, faults, 1)
    copy, reader = carrier.site("anna", [ANNA]), carrier.site("ben")
    (copy / ANNA).mkdir(parents=True)
    (copy / ANNA / "a-large").write_bytes(b"large" * 20)
    (copy / ANNA / "small").write_bytes(b"small")
    seen = []
    for _ in range(ticks):
        carrier.tick()
        seen.append({place.name: place.read_bytes() for place in sorted(reader.glob(f"{ANNA}/*"))})
    return seen


def test_a_small_file_overtakes_a_large_one(tmp_path: Path) -> None:
    seen = arrivals(tmp_path, Faults(overtake=1), 12)
    assert seen[0].keys() == seen[7].keys() == {"small"}
    assert seen[-1].keys() == {"small", "a-large"}


def test_a_drop_is_made_up_for_much_later(tmp_path: Path) -> None:
    seen = arrivals(tmp_path, Faults(drop=1), 17)
    assert seen[0] == seen[7] == {}
    assert seen[-1].keys() == {"small", "a-large"}


def test_a_file_comes_empty_then_in_part_then_whole(tmp_path: Path) -> None:
    seen = arrivals(tmp_path, Faults(empty=1, half=1), 9)
    states = list(dict.fromkeys(files["a-large"] for files in seen))
    assert states[0] == b"" and 0 < len(states[1]) < 100 and states[2:] == [b"large" * 20]


@pytest.mark.parametrize("probability", [0, 1])
def test_a_duplicate_is_brought_once_more(tmp_path: Path, probability: int) -> None:
    arrivals(tmp_path, Faults(), 0)
    carrier = SimulatedCarrier(tmp_path, Faults(duplicate=probability), 1)
    carrier.site("anna", [ANNA])
    place = carrier.site("ben") / ANNA / "small"
    carrier.tick()
    place.unlink()
    carrier.tick(12)
    assert place.exists() == bool(probability)


def test_each_fault_alone_ends_complete(tmp_path: Path) -> None:
    for kind in FAULTS:
        study = Study(tmp_path / kind, Faults(**{kind: 0.3}), 1)
        study.run(12)
        assert set(+study.carrier.happened) == {kind}
        study.put_back()
        study.carrier.settle()
        assert study.original().items() <= study.lying("ben").items()


def test_it_always_ends_complete(harsh: Study) -> None:
    harsh.run()
    harsh.carrier.settle(between=harsh.put_back)
    for name in SITES:
        lying = harsh.lying(name)
        assert harsh.original().items() <= lying.items()
        assert all(is_passing(Path(junk).name) for junk in lying.keys() - harsh.original().keys())
    after = {name: harsh.lying(name) for name in SITES}
    harsh.carrier.settle(limit=1)
    assert after == {name: harsh.lying(name) for name in SITES}


def test_what_a_writer_does_not_put_back_is_an_error(tmp_path: Path) -> None:
    study = Study(tmp_path, Faults(lose=0.2), 3)
    study.write(0)
    study.carrier.tick(3)
    assert study.carrier.lost
    with pytest.raises(NotSettled, match="has not put it back"):
        study.carrier.settle(limit=20)
    study.put_back()
    assert study.carrier.lost == []
    study.carrier.settle()


def test_what_somebody_spoilt_in_a_readers_copy_is_mended(tmp_path: Path) -> None:
    study = Study(tmp_path, Faults.none(), 1)
    study.run(2)
    (study.copies["ben"] / ANNA / "updates" / "svd-0000.json").write_bytes(b"spoilt")
    assert study.carrier.behind() == [
        f"ben has another {ANNA}/updates/svd-0000.json than its writer"
    ]
    study.carrier.settle()
    assert study.carrier.behind() == [] and study.lying("ben") == study.original()


def test_the_same_seed_does_the_same(tmp_path: Path) -> None:
    first, second = (Study(tmp_path / name, Faults.harsh(), 7) for name in ("one", "two"))
    assert first.run() == second.run()
    first.carrier.settle(between=first.put_back)
    second.carrier.settle(between=second.put_back)
    assert first.lying("ben") == second.lying("ben")
    assert first.carrier.happened == second.carrier.happened


def test_another_seed_does_something_else(tmp_path: Path) -> None:
    first, second = (SimulatedCarrier(tmp_path / name, Faults.harsh(), int(name)) for name in "12")
    runs = []
    for carrier in (first, second):
        copy = carrier.site("anna", [ANNA])
        carrier.site("ben")
        (copy / ANNA).mkdir(parents=True)
        for number in range(20):
            (copy / ANNA / f"{number}.json").write_bytes(b"12345678")
        carrier.tick(5)
        runs.append(sorted(place.name for place in (carrier.root / "ben").rglob("*.json")))
    assert runs[0] != runs[1]
