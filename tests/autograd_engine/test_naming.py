"""Functions decorated @named: what is remembered of their calls, and what stays as it was."""

import gc
import threading

import pytest

from autograd_engine import Value, named, naming, no_grad


def names(node):
    return [call.name for call in naming.calls_of(node)]


def test_a_named_function_computes_and_records_what_it_did():
    def cube(x, factor=1.0):
        """Three times."""
        return factor * x * x * x

    x = Value(2.0)
    wrapped = named(cube)
    y = wrapped(x, factor=3.0)
    y.backward()
    assert (y.data, x.grad, y.op) == (24.0, 36.0, "*")
    assert (wrapped.__name__, wrapped.__doc__) == ("cube", "Three times.")
    assert wrapped(2.0) == 8.0


def test_results_know_their_calls_from_the_inside():
    @named
    def inner(x):
        return x * x

    @named("outer one")
    def outer(x):
        return inner(x)

    x = Value(2.0)
    y = outer(x)
    assert names(y) == ["inner", "outer one"]
    first, last = naming.calls_of(y)
    assert last.first < first.first < y._index < first.last < last.last
    assert names(x) == names(y + 1.0) == []


def test_results_in_lists_tuples_and_dicts():
    @named
    def parts(x):
        return [x + 1.0, (x + 2.0,), {"three": x + 3.0}], x, 5.0

    x = Value(1.0)
    (one, (two,), three), same, _ = parts(x)
    assert names(one) == names(two) == names(three["three"]) == ["parts"]
    assert names(same) == []


def test_nothing_is_remembered_of_what_is_not_recorded():
    @named
    def double(x):
        return x + x

    with no_grad():
        assert names(double(Value(1.0))) == []


def test_methods():
    class Line:
        @named
        def at(self, x):
            return x * 2.0

    assert names(Line().at(Value(1.0))) == ["at"]


def test_memory_is_bounded_and_no_graph_is_kept(monkeypatch):
    monkeypatch.setattr(naming, "_calls", {})
    monkeypatch.setattr(naming, "_MOST_REMEMBERED", 10)

    @named
    def double(x):
        return x + x

    nodes = [double(Value(float(i))) for i in range(25)]
    assert len(naming._calls) == 10
    assert [bool(names(node)) for node in nodes] == [False] * 15 + [True] * 10
    gc.collect()
    assert not any(isinstance(held, Value) for held in gc.get_referents(naming._calls))


def test_threads_name_their_own_calls():
    found = {}

    def work(name):
        @named(name)
        def double(x):
            return x + x

        found[name] = {tuple(names(double(Value(1.0)))) for _ in range(200)}

    threads = [threading.Thread(target=work, args=(f"t{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {f"t{i}": {(f"t{i}",)} for i in range(4)}


@pytest.mark.parametrize("given", [3, None, Value(1.0)])
def test_what_is_no_function_is_refused(given):
    with pytest.raises(TypeError, match="named decorates a function, got"):
        named(given)


def test_what_does_not_compute_when_called_is_refused():
    def numbers():
        yield 1.0

    async def later():
        return 1.0

    for function in (numbers, later):
        with pytest.raises(TypeError, match=f"{function.__name__} does not compute"):
            named(function)
