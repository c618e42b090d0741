"""Holding back the garbage collector while millions of scalars are made and none is garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["held_back"]

_full_collections = -1  # how many there had been when all was last counted as old


@contextmanager
def held_back() -> Iterator[None]:
    """A block in which the collector does not look at everything again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            _count_as_old()
            gc.enable()


def _count_as_old() -> None:
    """Spare the collector what it would look at next: all that was made in the block.

    Garbage among it is left to the next full collection. So there must have been one since the
    last time: else, where blocks follow one another, there might never be one again.
    """
    global _full_collections
    full_collections = gc.get_stats()[-1]["collections"]
    is_due = gc.get_count()[0] > gc.get_threshold()[0]
    if is_due and full_collections != _full_collections:
        _full_collections = full_collections
        # Python itself may have frozen a few; what the user has frozen must not thaw.
        if gc.get_freeze_count() < 1000:
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
