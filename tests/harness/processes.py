"""What a process and its children use: processor time and memory, as Linux counts them."""

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """`processor` in seconds, children that have ended included; `own` and `children` in megabytes resident."""

    processor: float
    own: float
    children: float


def usage(pid: int) -> Usage:
    below = _below(pid)
    return Usage(
        sum(_processor(each) for each in (pid, *below)), _resident(pid), sum(_resident(each) for each in below)
    )


def _below(pid: int) -> list[int]:
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []
    return [found for child in children for found in (child, *_below(child))]


def _processor(pid: int) -> float:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(ticks) for ticks in after_name[11:15]) / _TICKS


def _resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
