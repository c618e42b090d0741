"""Whether operations are recorded, and who watches them: per thread and per asyncio task."""

from __future__ import annotations

from _thread import allocate_lock
from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any, Protocol, Self, TypeVar

    from autograd_engine.value import Value

    F = TypeVar("F", bound=Callable[..., Any])

    class Watcher(Protocol):
        """Sees every operation as it happens."""

        def recorded(self, node: Value) -> None:
            """An operation has made this node."""

        def propagated(self, node: Value, gradient: float) -> None:
            """A backward pass multiplies this gradient of a node by its partials."""


__all__ = ["Mode", "mode_block", "no_grad"]


class Mode:
    """What an operation does besides computing.

    Attributes
    ----------
    recording : bool
        Whether results keep their parents and partials.
    watcher : Watcher or None
        Who is shown each operation.
    outer : Mode or None
        That of the block around.
    """

    __slots__ = ("outer", "recording", "watcher")

    def __init__(
        self,
        recording: bool = True,
        watcher: Watcher | None = None,
        outer: Mode | None = None,
    ) -> None:
        self.recording = recording
        self.watcher = watcher
        self.outer = outer

    def changed(self, **changes: Any) -> Mode:
        """The mode of a block within this one."""
        kept = {"recording": self.recording, "watcher": self.watcher}
        return Mode(**(kept | changes), outer=self)


ORDINARY = Mode()
current: ContextVar[Mode] = ContextVar("autograd_engine.mode", default=ORDINARY)

# How many blocks are open anywhere. While there are none, operations need not look at `current`,
# which costs as much as the arithmetic does.
open_blocks = 0
_lock = allocate_lock()


def _count(change: int) -> None:
    global open_blocks
    with _lock:
        open_blocks += change


class mode_block:
    """A block, or a function, in which the mode is changed."""

    def __init__(self, **changes: Any) -> None:
        self._changes = changes

    def __enter__(self) -> Self:
        _count(+1)
        current.set(current.get().changed(**self._changes))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The mode itself knows what was before: the same block may be open in several threads.
        current.set(current.get().outer or ORDINARY)
        _count(-1)

    def _fresh(self) -> mode_block:
        # A decorated function may run in several threads at once: each call has its own block.
        return mode_block(**self._changes)

    def __call__(self, function: F) -> F:
        """Decorate a function, a coroutine function or a generator function."""
        import functools
        import inspect

        wrapper: Any
        if inspect.iscoroutinefunction(function):

            async def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self._fresh():
                    return await function(*args, **kwargs)
        elif inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"{function.__name__} is a generator function: its body runs between the caller's "
                "own operations; write 'with no_grad():' inside it, around what is not recorded"
            )
        else:

            def wrapper(*args: Any, **kwargs: Any) -> Any:
                with self._fresh():
                    return function(*args, **kwargs)

        return functools.wraps(function)(wrapper)  # type: ignore[return-value]


class no_grad(mode_block):
    """A block, or a decorated function, in which nothing is recorded.

    Results are plain leaves: they have a value and no parents. Blocks may be nested; an exception
    ends them; other threads and asyncio tasks go on recording.

    Examples
    --------
    >>> from autograd_engine import Value, no_grad
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.parents
    ()
    >>> @no_grad()
    ... def predict(x):
    ...     return x * x
    >>> predict(x)
    Value(data=9.0)
    """

    def __init__(self, function: None = None) -> None:
        if function is not None:
            raise TypeError(f"write '@no_grad()', with parentheses; got no_grad({function!r})")
        super().__init__(recording=False)
