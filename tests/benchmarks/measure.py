"""Interleaved repetitions and their medians."""

import gc
import statistics
import sys
import threading
import time
from collections.abc import Callable


def interleaved(works: dict[str, Callable[[], object]], repetitions: int) -> dict[str, float]:
    """Median seconds of each piece of work, in turns, the collector on and its debt paid."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repetitions):
        for name, work in works.items():
            gc.collect()
            start = time.perf_counter()
            result = work()
            seconds[name].append(time.perf_counter() - start)
            del result
    return {name: statistics.median(times) for name, times in seconds.items()}


def report(what: str, seconds: dict[str, float], ours: str, peer: str, wanted: str) -> None:
    """One line: the times and their ratio."""
    ratio = seconds[peer] / seconds[ours]
    times = ", ".join(f"{name} {1e3 * time:.4g} ms" for name, time in seconds.items())
    print(f"{what}: {times}: {ratio:.1f} times faster than {peer} (wanted: {wanted})", flush=True)


def with_deep_recursion(main: Callable[[], None]) -> None:
    """Run where peers that recurse over a graph can do so."""
    sys.setrecursionlimit(1_000_000)
    threading.stack_size(512 * 1024 * 1024)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
