"""Holding back the garbage collector: what is alive then is old, and the user's state stays."""

import gc

import pytest

from autograd_engine import Value
from autograd_engine.compiler.collector import held_back


def is_among(thing, things):
    return any(other is thing for other in things)


def test_what_is_alive_at_the_end_is_not_young():
    with held_back():
        assert not gc.isenabled()
        node = Value(2.0) * 3.0
    gc.disable()
    try:
        assert not is_among(node, gc.get_objects(generation=0))
    finally:
        gc.enable()


def test_a_collector_that_is_off_stays_off():
    gc.disable()
    try:
        with held_back():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_the_user_has_frozen_stays_frozen():
    gc.freeze()
    frozen = gc.get_freeze_count()
    try:
        with held_back():
            pass
        assert gc.get_freeze_count() == frozen
    finally:
        gc.unfreeze()


def test_it_is_on_again_after_an_error():
    with pytest.raises(ZeroDivisionError), held_back():
        1 / 0  # noqa: B018
    assert gc.isenabled()
