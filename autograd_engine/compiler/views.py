"""How a strided view of an array is spelled: as slices, a reshape, a transpose, or windows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from autograd_engine.compiler.ir import reach, row_major

__all__ = [
    "WIDTH",
    "permuted",
    "reshaped",
    "spelled_comment",
    "spelled_shape",
    "spelled_view",
]


def spelled_view(
    name: str, shape: Sequence[int], base: int, strides: Sequence[int], sizes: Sequence[int]
) -> str | None:
    """Source for the elements of an array that loops visit, with an axis for each loop.

    Parameters
    ----------
    name : str
    shape : sequence of int
        Of the array, without axes of one.
    base : int
        The position at the start of all loops, in row-major order.
    strides, sizes : sequence of int
        How far a step of each loop moves, which is not 0, and how many there are.

    Returns
    -------
    str or None
        None if basic indexing cannot say it.

    Examples
    --------
    >>> spelled_view("params", [48], 0, [3, 1], [16, 2])
    'params.reshape(16, 3)[:, :2]'
    >>> spelled_view("image", [10, 10], 0, [10, 1, 10, 1], [8, 8, 3, 3])
    'sliding_window_view(image, (3, 3), (0, 1))'
    """
    if base == 0 and list(sizes) == list(shape) and list(strides) == row_major(shape):
        return name
    base, _ = reach(base, strides, sizes)
    order = sorted(range(len(sizes)), key=lambda i: (-abs(strides[i]), -sizes[i]))
    # A loop that overlaps another one is a window that slides along it.
    positions: list[int] = []
    windows: list[tuple[int, int]] = []  # a loop, and the place in `positions` of what it slides on
    steps: list[tuple[int, int]] = []  # the stride and size of the nest without windows
    jumps: list[int] = []
    for i in order:
        stride, size = abs(strides[i]), sizes[i]
        overlapped = [
            k
            for k, (outer, _) in enumerate(steps)
            if outer % stride == 0 and (size - 1) * stride >= outer
        ]
        if not overlapped:
            positions.append(i)
            steps.append((stride, size))
            jumps.append(1)
            continue
        k = overlapped[-1]
        if any(k == slid for _, slid in windows):
            return None
        windows.append((i, k))
        jumps[k] = steps[k][0] // stride
        steps[k] = (stride, (steps[k][1] - 1) * jumps[k] + size)
    text = _nested(name, shape, base, steps)
    if text is None:
        return None
    if windows:
        lengths = tuple(sizes[i] for i, _ in windows)
        axes = tuple(k for _, k in windows)
        text = f"sliding_window_view({text}, {spelled_shape(lengths)}, {spelled_shape(axes)})"
    loops = [*positions, *(i for i, _ in windows)]
    index = []
    for i, jump in zip(loops, [*jumps, *(1 for _ in windows)], strict=True):
        signed = -jump if strides[i] < 0 else jump
        index.append(":" if signed == 1 else f"::{signed}")
    text += _index(index)
    return permuted(text, [loops.index(i) for i in range(len(sizes))])


def _nested(
    name: str, shape: Sequence[int], base: int, loops: Sequence[tuple[int, int]]
) -> str | None:
    """A view with loops of falling stride that do not overlap."""
    natural = _natural(name, shape, base, loops)
    if natural is not None:
        return natural
    if not loops:
        return None
    total = math.prod(shape)
    flat = name if len(shape) == 1 else f"{name}.reshape(-1)"
    outer, size = loops[0]
    if len(loops) == 1:
        if size == total:
            return flat
        step = f":{outer}" if outer > 1 else ""
        return f"{flat}[{base}:{base + outer * (size - 1) + 1}{step}]"
    radices = []
    for (stride, _), (inner, inner_size) in itertools.pairwise(loops):
        if stride % inner or inner_size > stride // inner:
            return None
        radices.append(stride // inner)
    last = loops[-1][0]
    dims = [size, *radices, *([last] if last > 1 else [])]
    span = size * outer
    for start in (base - base % outer, base, total - span):
        if not 0 <= start <= base or start + span > total:
            continue
        head = name if start == 0 and span == total else f"{flat}[{start}:{start + span}]"
        inside = _natural(reshaped(head, dims), dims, base - start, loops)
        if inside is not None:
            return inside
    return None


def _natural(
    name: str, shape: Sequence[int], base: int, loops: Sequence[tuple[int, int]]
) -> str | None:
    """A slice of each axis, if each loop moves along an axis of its own."""
    digits, rest = [], base
    steps = row_major(shape)
    for step in steps:
        digits.append(rest // step)
        rest %= step
    index = [str(digit) for digit in digits]
    axis = -1
    for stride, size in loops:
        axis += 1
        while axis < len(shape) and steps[axis] > stride:
            axis += 1
        if axis == len(shape):
            return None
        step = steps[axis]
        jump = stride // step
        end = digits[axis] + jump * (size - 1) + 1
        if stride % step or end > shape[axis]:
            return None
        start = str(digits[axis]) if digits[axis] else ""
        if jump > 1:
            index[axis] = (
                f"{start}:{end}:{jump}" if end + jump <= shape[axis] else f"{start}::{jump}"
            )
        else:
            index[axis] = f"{start}:{end}" if end < shape[axis] else f"{start}:"
    return name + _index(index)


def _index(index: list[str]) -> str:
    while index and index[-1] == ":":
        index = index[:-1]
    return f"[{', '.join(index)}]" if index else ""


def permuted(text: str, order: Sequence[int]) -> str:
    """An array with its axes in another order."""
    if list(order) == list(range(len(order))):
        return text
    return f"{text}.T" if len(order) == 2 else f"{text}.transpose({', '.join(map(str, order))})"


def reshaped(text: str, shape: Sequence[int]) -> str:
    """An array in another shape."""
    return f"{text}.reshape({', '.join(map(str, shape)) or '()'})"


def spelled_shape(shape: Sequence[int]) -> str:
    """A shape as source."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


WIDTH = 88  # of a line, without its comment


def spelled_comment(shape: Sequence[int], line: str = "") -> str:
    """A shape as a comment, if it has axes and there is room for it."""
    return f"  # {spelled_shape(shape)}" if shape and len(line) < WIDTH else ""
