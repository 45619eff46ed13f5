"""What the benchmarks measure with: medians of works done by turns, and memory of a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

__all__ = ["apart", "forget_peak", "load", "medians", "peak_mb"]

Given = ParamSpec("Given")
Found = TypeVar("Found")


def medians(works: Mapping[str, Callable[[], object]], repeat: int) -> dict[str, float]:
    """Seconds of each work, the median of ``repeat``: by turns, so that all meet the machine in one state."""
    spent: dict[str, list[float]] = {name: [] for name in works}
    for number in range(repeat):
        order = list(works) if number % 2 == 0 else list(works)[::-1]
        for name in order:
            start = time.perf_counter()
            works[name]()
            spent[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in spent.items()}


def apart(work: Callable[Given, Found], *given: Given.args, **named: Given.kwargs) -> Found:
    """What ``work`` gives back in a fresh process, whose peak of memory is its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(work, *given, **named).result()


def forget_peak() -> float:
    """Begin to measure the peak anew, where the system can do that; the peak from here on, in MB."""
    with contextlib.suppress(OSError):  # not Linux
        Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


def peak_mb() -> float:
    """The most memory that this process has held at one time, in MB of 2**20 bytes."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    status = Path("/proc/self/status")
    if status.exists():  # `getrusage` counts what the parent held there, too
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def load() -> str:
    """How many cores there are, and how many programs wanted one in the last minute."""
    cores = f"{os.cpu_count()} cores"
    return f"{cores}, load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else cores
