"""A carrier that does to files what real ones were seen to do, in an order that follows from a seed.

Every computer, a *site*, has its own copy of the study folder and writes into its own owners' folders.
A tick compares what the writers have with what was brought to the other sites, and brings or takes away
the rest, with faults. It works on names and bytes and knows of no format.
"""

import contextlib
import os
import random
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path, PurePosixPath
from typing import NamedTuple, TypeVar

__all__ = ["FAULTS", "Faults", "NotSettled", "SimulatedCarrier"]

FAULTS = (
    "delay", "overtake", "duplicate", "conflict", "half", "empty", "drop", "vanish", "lose", "stray",
)  # fmt: skip
"""Every kind of fault; how often each happened is counted under these names."""

_CONFLICT_NAMES = (
    "{stem}.conflict{suffix}",
    "{stem}.conflict.20240101120000{suffix}",
    "{stem}.rejected{suffix}",
    "{stem}.syftrejected{suffix}",
    "{stem} (conflicted copy){suffix}",
    "{stem} (conflicted copy 2024-01-01 120000){suffix}",
    "{stem} (Anna's conflicted copy 2024-01-01){suffix}",
    "{stem}.sync-conflict-20240101-120000-ABCDEFG{suffix}",
)
_STRAY_NAMES = ("~{name}", "{name}.tmp", "{name}.part", ".{name}.tmp", ".syncthing.{name}.tmp")


T = TypeVar("T")


class NotSettled(AssertionError):
    """The copies did not become alike; the message names some of the files that differ."""


@dataclass(frozen=True)
class Faults:
    """How probable each fault is, from 0 to 1.

    Attributes:
        delay: A hop (writer to carrier, carrier to reader) takes longer than it must.
        overtake: A file waits so long that smaller ones that are new with it come first.
        duplicate: A delivered file is brought once more later, in place.
        conflict: A delivered file, or half of it, comes later under a conflict copy's name, at the
            reader's site or at the writer's.
        half: A file is written in place: a part of it first, the rest later.
        empty: An empty file comes under the right name before its content.
        drop: A delivery is lost, and made up for much later.
        vanish: In a tick, a delivered file goes away at a reader's site; it comes back later.
        lose: In a tick, a file goes away in its writer's own copy. Only the writer can put it back;
            what is not put back by the next tick goes away at the readers' sites as well.
        stray: In a tick, a temporary file is left lying at a site.
        longest: Ticks that a single wait may take, at least 1.
    """

    delay: float = 0.0
    overtake: float = 0.0
    duplicate: float = 0.0
    conflict: float = 0.0
    half: float = 0.0
    empty: float = 0.0
    drop: float = 0.0
    vanish: float = 0.0
    lose: float = 0.0
    stray: float = 0.0
    longest: int = 4

    @classmethod
    def none(cls) -> "Faults":
        """Every file is at every site after one tick."""
        return cls()

    @classmethod
    def harsh(cls) -> "Faults":
        """Worse than any carrier that people would put up with."""
        return cls(
            delay=0.5, overtake=0.4, duplicate=0.2, conflict=0.15, half=0.3, empty=0.15, drop=0.1,
            vanish=0.02, lose=0.01, stray=0.05,
        )  # fmt: skip


class _Copy(NamedTuple):
    """A file at one site, by its path below the study folder."""

    site: str
    name: str


class _Step(NamedTuple):
    """Something that the carrier will do; without content, it takes the file away."""

    due: int
    order: int
    copy: _Copy
    content: bytes | None


class SimulatedCarrier:
    """Replicates the folders of a study between sites, tick by tick.

    Args:
        root: A folder; each site's copy of the study folder is made in it.
        faults: What goes wrong, and how often.
        seed: The same seed does the same to the same files.
        may_read: Whether files of a folder, given by its place in its writer's copy, are brought to a site;
            if not given, everything is brought everywhere.

    Attributes:
        happened: How often each kind of fault happened.
    """

    def __init__(
        self,
        root: Path,
        faults: Faults,
        seed: int,
        may_read: Callable[[Path, str], bool] = lambda _folder, _site: True,
    ) -> None:
        self.root = root
        self.faults = faults
        self.happened: Counter[str] = Counter()
        self._may_read = may_read
        self._random = random.Random(seed)
        self._now = 0
        self._order = count()
        self._writers: dict[str, str] = {}  # site by owner
        self._sites: set[str] = set()
        self._steps: list[_Step] = []
        self._meant: dict[_Copy, bytes] = {}  # what was last sent on its way; anything else is new
        self._brought: dict[_Copy, bytes] = {}  # what lies at the readers' sites
        self._junk: set[_Copy] = set()  # never carried on
        self._copies: dict[str, dict[str, _Copy]] = {}  # at each site, by name; made once
        self._known: dict[str, tuple[tuple[int, ...], bytes]] = {}  # what was read last, by place
        self._lost: dict[str, str] = {}  # taken from their writers, and not put back

    def site(self, name: str, owns: Sequence[str] = ()) -> Path:
        """A computer's copy of the study folder; the first call makes it.

        Args:
            name: A plain name for the computer.
            owns: Folders that it writes, such as ``aggregator`` or ``participants/<id>``.
        """
        self._sites.add(name)
        (self.root / name).mkdir(parents=True, exist_ok=True)
        for owner in owns:
            self.owns(name, owner)
        return self.root / name

    def owns(self, name: str, owner: str) -> None:
        """Tell that a site writes an owner's folder; no other site may."""
        if name not in self._sites:
            raise ValueError(f"there is no site {name}")
        if self._writers.setdefault(owner, name) != name:
            raise ValueError(f"{owner} is written by {self._writers[owner]}")

    @property
    def lost(self) -> list[str]:
        """Files that were taken from their writers' own copies and are not put back yet."""
        return sorted(name for name, place in self._lost.items() if not os.path.exists(place))

    def tick(self, n: int = 1, faults: Faults | None = None) -> None:
        """Let some time pass; the programs of the sites run between two ticks.

        Args:
            n: How many ticks.
            faults: What goes wrong meanwhile, if it is not what usually does.
        """
        for _ in range(n):
            self._tick(self.faults if faults is None else faults)

    def settle(self, limit: int = 100, between: Callable[[], object] = lambda: None) -> None:
        """Tick without new faults until all copies are complete and nothing is under way.

        A site's copy is complete if it has, byte for byte, what every owner's writer has, and nothing
        that its writer has removed. Conflict copies and temporary files may stay.

        Args:
            limit: Ticks after which it is an error.
            between: Called before each tick, for writers that put back what was lost.

        Raises:
            NotSettled: Copies still differ, or a writer has not put back a file that was lost.
        """
        self._look_again()
        for _ in range(limit):
            between()
            self._tick(Faults.none())
            if not self._steps and not self.behind():
                return
        raise NotSettled("; ".join(self.behind()[:5]) or "something is still under way")

    def behind(self) -> list[str]:
        """What is missing or differs, a sentence each; read from the disk."""
        found = [f"{name} was lost, and its writer has not put it back" for name in self.lost]
        wanted = self._wanted(self._written())
        differs = [
            copy
            for copy in wanted.keys() | self._meant.keys()
            if _read(self._place(copy)) != wanted.get(copy)
        ]
        return found + [
            f"{copy.site} has another {copy.name} than its writer" for copy in sorted(differs)
        ]

    def _tick(self, faults: Faults) -> None:
        self._now += 1
        self._lost = {
            name: place for name, place in self._lost.items() if not os.path.exists(place)
        }
        written = self._written()
        self._send(self._wanted(written), faults)
        self._do_what_is_due()
        self._take_away(written, faults)
        self._leave_lying(written, faults)

    # --- what the writers have, and what the readers should have

    def _written(self) -> dict[_Copy, bytes]:
        """Every file in its writer's own copy."""
        found = {}
        for owner, site in sorted(self._writers.items()):
            base = os.path.join(self.root, site, "")
            for folder, _, names in os.walk(base + owner):
                for name in names:
                    place = os.path.join(folder, name)
                    copy = _Copy(site, place.removeprefix(base).replace(os.sep, "/"))
                    content = None if copy in self._junk else self._content(place)
                    if content is not None:
                        found[copy] = content
        return dict(sorted(found.items()))

    def _content(self, place: str) -> bytes | None:
        """What lies there; a file that did not change is not read again."""
        try:
            now = os.lstat(place)
        except FileNotFoundError:
            return None
        stamp = (now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)
        known, content = self._known.get(place, (None, None))
        if known != stamp and (content := _read(place)) is not None:
            self._known[place] = stamp, content
        return content

    def _wanted(self, written: dict[_Copy, bytes]) -> dict[_Copy, bytes]:
        asked: dict[str, list[str]] = {}
        found = {}
        for copy, content in written.items():
            folder, _, _ = copy.name.rpartition("/")
            if folder not in asked:
                others, place = sorted(self._sites - {copy.site}), self.root / copy.site / folder
                asked[folder] = [site for site in others if self._may_read(place, site)]
            copies = self._copies.setdefault(copy.name, {})
            for site in asked[folder]:
                if site not in copies:
                    copies[site] = _Copy(site, copy.name)
                found[copies[site]] = content
        return found

    def _look_again(self) -> None:
        """Believe what lies at the readers' sites, not what was brought there."""
        lying = {copy: _read(self._place(copy)) for copy in self._meant}
        self._brought = {copy: content for copy, content in lying.items() if content is not None}

    # --- bringing it there

    def _send(self, wanted: dict[_Copy, bytes], faults: Faults) -> None:
        """Send on its way whatever a reader lacks and is not on its way yet."""
        under_way = {step.copy for step in self._steps}
        differs = sorted(
            copy
            for copy in wanted.keys() | self._meant.keys()
            if wanted.get(copy) != self._brought.get(copy) and copy not in under_way
        )
        new = {
            copy.name: len(content)
            for copy in differs
            if (content := wanted.get(copy)) is not None and content != self._meant.get(copy)
        }
        # The first hop is one for all readers, the second each reader's own.
        first_hop = {
            name: self._wait("delay", faults.delay) + self._held_up(name, new, faults)
            for name in sorted({copy.name for copy in differs})
        }
        for copy in differs:
            due = self._now + first_hop[copy.name] + self._wait("delay", faults.delay)
            if copy in wanted:
                self._meant[copy] = wanted[copy]
                self._deliver(copy, wanted[copy], due, faults)
            else:
                self._add(due, copy, None)

    def _held_up(self, name: str, new: dict[str, int], faults: Faults) -> int:
        """For how long smaller new files of the same writer go first."""
        size, site = new.get(name, 0), self._writer_of(name)
        others = (new[other] for other in new if self._writer_of(other) == site)
        if size > min(others, default=size) and self._happens("overtake", faults.overtake):
            return self._random.randint(2 * faults.longest + 1, 3 * faults.longest)
        return 0

    def _deliver(self, copy: _Copy, content: bytes, due: int, faults: Faults) -> None:
        """Bring a file: late, in pieces, twice and once more under another name if it comes to that."""
        if self._happens("drop", faults.drop):
            due += self._random.randint(2, 4) * faults.longest
        if self._happens("empty", faults.empty):
            self._add(due, copy, b"")
            due += self._random.randint(1, faults.longest)
        if len(content) > 1 and self._happens("half", faults.half):
            self._add(due, copy, content[: self._random.randrange(1, len(content))])
            due += self._random.randint(1, faults.longest)
        self._add(due, copy, content)
        if self._happens("duplicate", faults.duplicate):
            self._add(due + self._random.randint(1, 3 * faults.longest), copy, content)
        if self._happens("conflict", faults.conflict):
            site = self._random.choice((copy.site, self._writer_of(copy.name)))
            part = content[: self._random.choice((len(content), len(content) // 2))]
            later = due + self._random.randint(0, 3 * faults.longest)
            self._add_junk(later, _Copy(site, copy.name), _CONFLICT_NAMES, part)

    def _do_what_is_due(self) -> None:
        due = sorted(step for step in self._steps if step.due <= self._now)
        self._steps = [step for step in self._steps if step.due > self._now]
        for step in due:
            place = self._place(step.copy)
            if step.content is None:
                _remove(place)
                self._brought.pop(step.copy, None)
                continue
            _write(place, step.content)
            if step.copy not in self._junk:
                self._brought[step.copy] = step.content

    # --- what goes wrong by itself

    def _take_away(self, written: dict[_Copy, bytes], faults: Faults) -> None:
        under_way = {step.copy for step in self._steps}
        for copy in self._chosen(self._brought, "vanish", faults.vanish):
            if copy not in under_way:
                back = self._now + self._random.randint(1, 2 * faults.longest)
                self._add(back, copy, self._brought.pop(copy))
                _remove(self._place(copy))
        for copy in self._chosen(written, "lose", faults.lose):
            self._lost[copy.name] = self._place(copy)
            _remove(self._place(copy))

    def _leave_lying(self, written: dict[_Copy, bytes], faults: Faults) -> None:
        for site in self._chosen(sorted(self._sites), "stray", faults.stray):
            here = sorted({one for one in (*written, *self._brought) if one.site == site})
            if here:
                self._add_junk(self._now + 1, self._random.choice(here), _STRAY_NAMES, b"?")

    # --- odds and ends

    def _chosen(self, among: Iterable[T], kind: str, probability: float) -> list[T]:
        """Those that it happens to; told apart by their order, which follows from the seed."""
        if probability <= 0:
            return []
        chance = self._random.random
        chosen = [one for one in among if chance() < probability]
        self.happened[kind] += len(chosen)
        return chosen

    def _happens(self, kind: str, probability: float) -> bool:
        happens = probability > 0 and self._random.random() < probability
        self.happened[kind] += happens
        return happens

    def _wait(self, kind: str, probability: float) -> int:
        return (
            self._random.randint(1, self.faults.longest) if self._happens(kind, probability) else 0
        )

    def _add(self, due: int, copy: _Copy, content: bytes | None) -> None:
        self._steps.append(_Step(due, next(self._order), copy, content))

    def _add_junk(self, due: int, beside: _Copy, names: Sequence[str], content: bytes) -> None:
        path = PurePosixPath(beside.name)
        name = self._random.choice(names).format(name=path.name, stem=path.stem, suffix=path.suffix)
        copy = _Copy(beside.site, path.with_name(name).as_posix())
        self._junk.add(copy)
        self._add(due, copy, content)

    def _place(self, copy: _Copy) -> str:
        return os.path.join(self.root, copy.site, copy.name)

    def _writer_of(self, name: str) -> str:
        return next(site for owner, site in self._writers.items() if name.startswith(f"{owner}/"))


def _read(place: str) -> bytes | None:
    """What lies there, or None: a program may rename a file just now."""
    try:
        if not stat.S_ISREG(os.lstat(place).st_mode):
            return None
        with open(place, "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _write(place: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "wb") as file:
        file.write(content)


def _remove(place: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(place)
