"""How long reading a million rows takes, and how much memory, beside pandas on the same files.

    python benchmarks/reading.py --rows 1000000 --repeat 3

Each reading has a process of its own. pandas parses the same CSV and the same dates and stops there: it
knows neither the order of day and month, nor episodes, nor what is no viewing; FedFlex does.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

# What a child runs; it prints seconds, the peak of its memory in MB, and the rows that it read.
_MEASURE = """
import json, sys, time
from pathlib import Path
{setup}
start = time.perf_counter()
rows = {read}
seconds = time.perf_counter() - start
try:
    lines = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
except OSError:  # not Linux
    import psutil
    peak = getattr(psutil.Process().memory_info(), "peak_wset", float("nan")) / 2**20
print(json.dumps([seconds, peak, rows]))
"""
_FEDFLEX = (
    "from fedflex_core.viewing.history import read_history",
    "read_history(sys.argv[1]).report.rows",
)
_PANDAS = (
    "import pandas as pd",
    "len(pd.read_csv(sys.argv[1]).assign(day=lambda t: pd.to_datetime(t[sys.argv[2]])))",
)


def titles(rng: random.Random) -> list[str]:
    """Made-up titles, some twenty thousand; four rows in five get an episode."""
    words = ("Red", "Winter", "Harbour", "Silent", "Garden", "Paper", "North", "Glass", "River")
    names = [f"The {a} {b} {n}" for a in words for b in words for n in range(6)]
    films = [f"{name}: {rng.choice(words)}" for name in names] * 10
    episodes = [
        f"{name}: Season {season}: Episode title {number}"
        for name in names
        for season in range(1, 5)
        for number in range(1, 11)
    ]
    return films + episodes


def plain_lines(rows: int, rng: random.Random) -> Iterator[str]:
    """The viewing-activity download, newest first."""
    known, newest = titles(rng), date(2024, 5, 1)
    yield "Title,Date\n"
    for row in range(rows):
        day = newest - timedelta(days=row // 150)
        yield f'"{rng.choice(known)}","{day.month}/{day.day}/{day:%y}"\n'


def full_lines(rows: int, rng: random.Random) -> Iterator[str]:
    """The full data request of two people, in which hardly any two times are the same."""
    known, newest = titles(rng), datetime(2024, 5, 1, 23, 59, 59)
    yield (
        "Profile Name,Start Time,Duration,Attributes,Title,Supplemental Video Type,"
        "Device Type,Bookmark,Latest Bookmark,Country\n"
    )
    for row in range(rows):
        time = newest - timedelta(seconds=row * 200 + rng.randrange(200))
        watched = f"00:{row % 60:02}:10"
        yield (
            f'{rng.choice(("Ada", "Ben"))},{time},{watched},,"{rng.choice(known)}",,'
            f"A television of 2020,{watched},{watched},DE (Germany)\n"
        )


def measure(how: tuple[str, str], path: Path, column: str) -> tuple[float, float, int]:
    """Seconds, peak memory in MB, and rows of one reading in a fresh process."""
    setup, read = how
    code = _MEASURE.format(setup=setup, read=read)
    words = [sys.executable, "-c", code, str(path), column]
    root = Path(__file__).resolve().parents[1]
    run = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    seconds, peak, rows = json.loads(run.stdout)
    return seconds, peak, rows


def main() -> None:
    """Make both files, read each with both, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of each file")
    parser.add_argument(
        "--repeat", type=int, default=3, help="readings, of which the median counts"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the made-up viewings")
    said = parser.parse_args()
    print(f"{'kind':<6} {'MB':>5} {'reader':<8} {'seconds':>8} {'peak MB':>8} {'x pandas':>9}")
    kinds = {"plain": (plain_lines, "Date"), "full": (full_lines, "Start Time")}
    with tempfile.TemporaryDirectory() as folder:
        for kind, (lines, column) in kinds.items():
            path = Path(folder) / f"{kind}.csv"
            with path.open("w", encoding="utf-8") as file:
                file.writelines(lines(said.rows, random.Random(said.seed)))
            runs: dict[str, list[tuple[float, float, int]]] = {"pandas": [], "FedFlex": []}
            for _ in range(said.repeat):  # by turns, so that both meet the machine in one state
                runs["pandas"].append(measure(_PANDAS, path, column))
                runs["FedFlex"].append(measure(_FEDFLEX, path, column))
            peer = statistics.median(seconds for seconds, *_ in runs["pandas"])
            for reader, measured in runs.items():
                assert {rows for *_, rows in measured} == {said.rows}, "rows were lost"
                seconds = statistics.median(seconds for seconds, *_ in measured)
                peak = max(peak for _, peak, _ in measured)
                print(
                    f"{kind:<6} {path.stat().st_size / 2**20:>5.0f} {reader:<8} {seconds:>8.2f} "
                    f"{peak:>8.0f} {seconds / peer:>9.1f}"
                )


if __name__ == "__main__":
    main()
