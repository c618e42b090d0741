"""Recording: switched off per block, per thread and per task."""

import asyncio
import threading

import pytest

from autograd_engine import Value, grad, modes, no_grad, tanh


def recorded():
    return bool((Value(1.0) + 1.0).parents)


def test_nothing_is_recorded_in_a_block():
    x = Value(3.0)
    with no_grad():
        y = tanh(x * x) + sum([x, x]) + 1.0
        assert y.parents == () and y.op == "" and y.data == pytest.approx(8.0, abs=1e-6)
        with no_grad():
            assert not recorded()
        assert not recorded()
    assert recorded()


def test_as_a_decorator_also_of_coroutines():
    @no_grad()
    def plain(x):
        """Documented."""
        return x * x

    @no_grad()
    async def coroutine(x):
        await asyncio.sleep(0)
        return x * x

    assert plain(Value(3.0)).parents == () and plain.__doc__ == "Documented."
    assert asyncio.run(coroutine(Value(3.0))).parents == ()
    with pytest.raises(TypeError, match=r"with parentheses"):
        no_grad(lambda x: x)
    with pytest.raises(TypeError, match="generator function"):

        @no_grad()
        def generator():
            yield 1


def test_derivatives_record_all_the_same():
    with no_grad():
        assert grad(lambda x: x**3)(2.0) == 12.0


def test_threads_do_not_disturb_each_other():
    inside, done = threading.Event(), threading.Event()
    seen = []

    def other():
        inside.wait()
        seen.append(recorded())
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        done.wait()
        assert not recorded()
    thread.join()
    assert seen == [True]


def test_threads_build_separate_graphs():
    results = {}

    def work(n):
        total = 0.0
        for _ in range(200):
            x = Value(float(n))
            y = x
            for _ in range(20):
                y = y * 1.0 + x
            y.backward()
            total += x.grad
        results[n] = total

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == dict.fromkeys(range(8), 200 * 21.0)


def test_tasks_do_not_disturb_each_other():
    async def quiet():
        with no_grad():
            await asyncio.sleep(0.01)
            return recorded()

    async def loud():
        await asyncio.sleep(0.005)
        return recorded()

    async def both():
        return await asyncio.gather(quiet(), loud())

    assert asyncio.run(both()) == [False, True]


def test_one_block_object_in_several_threads():
    block, barrier = no_grad(), threading.Barrier(4)
    failures = []

    def work():
        try:
            with block:
                barrier.wait()
                if recorded():
                    failures.append("recorded")
            barrier.wait()
            if not recorded():
                failures.append("not recorded")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == [] and modes.open_blocks == 0
