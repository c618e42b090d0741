"""Holding back the garbage collector: it is spared work, and the user's garbage is still found."""

import gc
import weakref

import pytest

from autograd_engine import Value
from autograd_engine.compiler.collector import held_back


class Cycle:
    """What only the collector frees."""

    def __init__(self, size=0):
        self.itself = self
        self.nodes = [Value(1.0) for _ in range(size)]


@pytest.fixture(autouse=True)
def threshold():
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # which is another in every Python
    yield
    gc.set_threshold(*before)


def is_among(thing, things):
    return any(other is thing for other in things)


def test_what_was_recorded_is_not_young():
    gc.collect()
    with held_back():
        nodes = [Value(2.0) * 3.0 for _ in range(1000)]
    gc.disable()
    try:
        assert not is_among(nodes[0], gc.get_objects(generation=0))
    finally:
        gc.enable()


@pytest.mark.parametrize("size", [0, 1000])
def test_garbage_of_block_after_block_is_found(size):
    gc.collect()
    alive = weakref.WeakSet()
    most = 0
    for _ in range(1000):
        with held_back():
            alive.add(Cycle(size))
        most = max(most, len(alive))
    assert most < 500


def test_a_collector_that_is_off_stays_off():
    gc.disable()
    try:
        with held_back():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_the_user_has_frozen_stays_frozen():
    gc.collect()
    gc.freeze()
    frozen = gc.get_freeze_count()
    try:
        with held_back():
            nodes = [Value(2.0) for _ in range(1000)]
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()
    del nodes


def test_it_is_on_again_after_an_error():
    with pytest.raises(ZeroDivisionError), held_back():
        1 / 0  # noqa: B018
    assert gc.isenabled()
