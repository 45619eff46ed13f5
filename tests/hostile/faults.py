"""A fault at the first file operation of an action, at the second, the third … until it gets through.

What is counted is every call that changes something below a folder: opening to write, writing, flushing,
renaming, making and deleting. A kill strikes for good, and no handler of the program sees it; a write that
is struck is torn. A disk that is full stays full, but lets go of files; one that refuses does so once.
"""

import builtins
import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fedflex_core.errors import FedFlexError

__all__ = ["KILLED", "REFUSALS", "Crash", "Disk", "Fault", "Struck", "at_every_operation", "disk"]

_FREE_ROOM = ("unlink", "remove", "rmdir")
_CHANGE = ("fsync", "replace", "rename", "mkdir", "chmod", *_FREE_ROOM)
_TO_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Crash(BaseException):
    """A kill: no handler of the program may see it."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong.

    Attributes:
        name: In a word.
        error: Makes what is raised.
        lasts: Whether everything after it fails, too.
        lets_go: Whether deleting goes on all the same.
    """

    name: str
    error: Callable[[], BaseException]
    lasts: bool = False
    lets_go: bool = False


KILLED = Fault("killed", Crash, lasts=True)
REFUSALS = (
    Fault("full", lambda: OSError(errno.ENOSPC, "no room"), lasts=True, lets_go=True),
    Fault("read-only", lambda: OSError(errno.EROFS, "read-only")),
    Fault("refused", lambda: PermissionError(errno.EACCES, "refused")),
)


@dataclass
class Disk:
    """Counts, and strikes at one moment.

    Attributes:
        root: Only what happens below it counts.
        moment: Which operation is struck, 1 for the first.
        fault: By what; nothing is struck without one.
        done: Operations so far.
    """

    root: Path
    moment: int
    fault: Fault | None
    done: int = 0
    descriptors: set[int] = field(default_factory=set)

    @property
    def has_struck(self) -> bool:
        """Whether the moment came."""
        return self.done >= self.moment

    def operation(self, name: str, torn: Callable[[], object] = lambda: None) -> None:
        """One operation is about to happen.

        Args:
            name: Which.
            torn: What happens of it all the same, if it is struck.
        """
        self.done += 1
        if self.fault is None or self.done < self.moment:
            return
        spared = self.fault.lets_go and name in _FREE_ROOM
        if self.done == self.moment or (self.fault.lasts and not spared):
            torn()
            raise self.fault.error()

    def holds(self, place: object) -> bool:
        """Whether a path lies below the folder that is watched."""
        if isinstance(place, int):
            return place in self.descriptors
        return os.fspath(place).startswith(f"{self.root}{os.sep}")  # type: ignore[call-overload]


class _Torn:
    """A file opened to write; whatever is struck is written by half."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self._file, self._disk = file, disk

    def write(self, content: Any) -> Any:
        self._disk.operation("write", lambda: self._file.write(content[: len(content) // 2]))
        return self._file.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_Torn":
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()


@contextmanager
def disk(root: Path, moment: int, fault: Fault | None) -> Iterator[Disk]:
    """Watch a folder, and strike at a moment."""
    watched = Disk(root, moment, fault)

    def changing(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def counted(place: Any, *rest: Any, **more: Any) -> Any:
            if name == "fsync" or watched.holds(place):
                watched.operation(name)
            return None if name == "fsync" else real(place, *rest, **more)

        return counted

    def os_open(place: Any, flags: int, *rest: Any, **more: Any) -> int:
        counts = bool(flags & _TO_WRITE) and watched.holds(place)
        if counts:
            watched.operation("open")
        descriptor = real_os_open(place, flags, *rest, **more)
        watched.descriptors.discard(descriptor)  # a number is used again
        if counts:
            watched.descriptors.add(descriptor)
        return descriptor

    def open_file(place: Any, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if not set(mode) & set("wxa+") or not watched.holds(place):
            return real_open(place, mode, *rest, **more)
        if not isinstance(place, int):  # otherwise it is open, and was counted
            watched.operation("open")
        return _Torn(real_open(place, mode, *rest, **more), watched)

    real_os_open, real_open = os.open, builtins.open
    patches = [patch.object(os, name, changing(name)) for name in _CHANGE]
    patches += [patch.object(os, "open", os_open)]
    patches += [patch.object(module, "open", open_file) for module in (builtins, io)]
    for one in patches:
        one.start()
    try:
        yield watched
    finally:
        for one in reversed(patches):
            one.stop()


@dataclass(frozen=True)
class Struck:
    """What an action left behind.

    Attributes:
        place: The folder in which it was done.
        confirmed: What it had confirmed: every call that returned, in order.
        came_through: Whether nothing stopped it.
    """

    place: Path
    confirmed: list[Any]
    came_through: bool


def at_every_operation(
    prepared: Path,
    action: Callable[[Path, list[Any]], None],
    check: Callable[[Struck], None],
    faults: tuple[Fault, ...],
    step: int = 1,
) -> int:
    """Do an action over and over, each time with a fault one operation later, and check what it leaves.

    Args:
        prepared: A folder that is copied for each time.
        action: Does it in the copy, and adds to a list whatever was confirmed.
        check: Starts anew in the copy, as a new process would, and looks whether all is well.
        faults: Taken in turn, one a moment.
        step: How many operations later each time; 1 leaves none out.

    Returns:
        How many operations the action has.
    """
    for moment, fault in zip(count(1, step), cycle(faults), strict=False):
        place = prepared.with_name(f"{prepared.name}-{fault.name}-{moment}")
        shutil.copytree(prepared, place, copy_function=os.link)  # no file is ever changed in place
        confirmed: list[Any] = []
        with disk(place, moment, fault) as watched:
            came_through = _come_through(action, place, confirmed)
        if fault is not KILLED:
            assert not list(place.rglob("*.tmp")), f"{fault.name} at {moment} leaves half a file"
        try:
            check(Struck(place, confirmed, came_through))
        except BaseException as error:
            error.add_note(f"after {fault.name} at operation {moment}, in {place}")
            raise
        shutil.rmtree(place)
        if not watched.has_struck:
            assert came_through
            return watched.done
    raise AssertionError("there is no end to counting")


def _come_through(
    action: Callable[[Path, list[Any]], None], place: Path, confirmed: list[Any]
) -> bool:
    """Whether the action ended well; if not, a sentence was said or the process was killed."""
    try:
        action(place, confirmed)
    except Crash:
        return False
    except FedFlexError as error:
        assert error.found and error.expected and error.way_out
        return False
    return True
