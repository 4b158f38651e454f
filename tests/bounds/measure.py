"""Measures how the processor time of a shape grows: the exponent of its size."""

import gc
import math
import time
from dataclasses import dataclass

from tests.bounds.shape import Shape

_MEASURABLE = 0.01
"""Seconds: shorter runs measure the machine."""


@dataclass(frozen=True)
class Growth:
    exponent: float
    """Of the last step; 1 is linear, 0 where even the largest input takes no time."""
    size: int
    seconds: float
    """At the largest size tried, and how long it took."""


def growth(shape: Shape, *, enough: float = 0.25, step: int = 4) -> Growth:
    """From size to size, `step` times as large each, until one takes `enough` seconds: the last step counts.

    Each is the best of several runs, so that a busy machine does not look like a steep shape.
    """
    size, taken = shape.start, _taken(shape, shape.start)
    while True:
        larger = _taken(shape, size * step)
        if larger >= enough or size * step >= shape.most:
            break
        size, taken = size * step, larger
    if larger >= _MEASURABLE:
        taken, larger = min(taken, _taken(shape, size)), min(larger, _taken(shape, size * step))
    exponent = math.log(larger / taken, step) if larger >= _MEASURABLE else 0.0
    return Growth(exponent, size * step, larger)


def _taken(shape: Shape, size: int) -> float:
    made = shape.make(size)
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        shape.take(made)
        return time.process_time() - begun
    finally:
        gc.enable()
