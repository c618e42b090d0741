"""Training with a compiled program: the same steps as eager ones, on arrays."""

from __future__ import annotations

import itertools
import math
import random
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

from autograd_engine import Value, gradient, graph, mean
from autograd_engine.compiler import CompiledFunction, CompileWarning, TrainStep
from nn import losses
from nn.module import Module
from nn.optim import Optimizer
from nn.readers import Images

__all__ = ["CompiledSteps"]

_AT_ONCE = 1000  # examples that are evaluated together


class CompiledSteps:
    """Steps of training on arrays.

    Parameters
    ----------
    model : Module
        In training.
    loss_of : callable
        Of lists of predictions and targets, as `fit` has it.
    optimizer : Optimizer
    examples : sequence of (x, y)
    held_out : sequence of (x, y), optional
        What will be evaluated.
    size : int
        Of a batch.
    dtype : {"float64", "float32"}

    Attributes
    ----------
    note : str
        One line that says what was compiled.

    Raises
    ------
    Exception
        Of any kind, if the program would not do the same as eager steps; the model and the random
        numbers are then as before.
    """

    def __init__(
        self,
        model: Module,
        loss_of: Callable[[list[Any], list[Any]], Any],
        optimizer: Optimizer,
        examples: Sequence[tuple[Any, Any]],
        held_out: Sequence[tuple[Any, Any]] | None,
        size: int,
        dtype: str,
    ) -> None:
        self.model, self.loss_of, self.optimizer = model, loss_of, optimizer
        self.size, self.dtype = min(size, len(examples)), dtype
        self.data = _Data(examples, dtype)
        self.held_out = None if held_out is None else _Data(held_out, dtype)
        self.is_ahead = False  # of the numbers in the model
        self._compile()
        self.note = f"compiled: {self.function.source.partition(chr(10))[0].lstrip('# ')}"

    # --- steps -------------------------------------------------------------------------------

    def step(self, chosen: list[int], measured: bool) -> tuple[float, list[Any], list[Any]]:
        """The loss before the step, and predictions and targets if they are measured."""
        value, _ = self.function.value_and_grad(*self.data.batch(chosen))
        if not math.isfinite(value):
            raise FloatingPointError(f"the loss is {value}")
        if not self.function.is_finite:
            raise FloatingPointError("a gradient is nan or inf")
        predictions = _rows(self.function.aux, len(chosen)) if measured else []
        self.is_ahead = True
        if self.train_step is not None:
            self.train_step.update()
        else:
            self.optimizer.zero_grad()
            self.push()
            self.optimizer.step()
            self.pull()
        return value, predictions, [self.data.targets[i] for i in chosen] if measured else []

    def evaluate(
        self, examples: Sequence[tuple[Any, Any]], measured: bool
    ) -> tuple[float, list[Any], list[Any]]:
        """The loss on the examples that are held out, with predictions and targets."""
        data = self.held_out
        assert data is not None and data.examples is examples
        total = 0.0
        predictions: list[Any] = []
        for start in range(0, len(examples), _AT_ONCE):
            xs, ys = data.batch(range(len(examples))[start : start + _AT_ONCE])
            total += self.function(xs, ys) * len(xs)
            predictions += _rows(self.function.aux, len(xs)) if measured else []
        return total / len(examples), predictions, data.targets if measured else []

    def push(self) -> None:
        """Give the model and the optimizer the numbers of the program."""
        if not self.is_ahead:
            return
        self.is_ahead = False
        (self.train_step or self.function).push()

    def pull(self) -> None:
        """Take the numbers of the model and the optimizer, which a callback may have changed."""
        self.function.pull()
        # A step that is more than a rule is made by itself.
        self.train_step: TrainStep | None = None
        replaced = {"step", "rule", "zero_grad"} & set(vars(self.optimizer))
        if not replaced and type(self.optimizer).zero_grad is Optimizer.zero_grad:
            with suppress(TypeError, ValueError, NotImplementedError):
                self.train_step = self.function.train_step(self.optimizer)

    def renew(self) -> None:
        """Take the numbers, and compile again if the model or the loss do something else now."""
        trained = list(map(id, self.optimizer.parameters))
        changed = trained != list(map(id, self.function.parameters))
        with _undisturbed(self.model):
            for mode in (False, True):
                self.model.train(mode)
                changed = changed or self.function.changed() is not None
        if changed:
            self._compile()
        else:
            self.pull()

    # --- compiling ---------------------------------------------------------------------------

    def _compile(self) -> None:
        with _undisturbed(self.model), warnings.catch_warnings():
            warnings.simplefilter("error", CompileWarning)
            self._record()
            outputs = _rows(self.function.aux, self.size)
            rest = len(self.data.targets) % self.size
            if rest:
                self.function(*self.data.batch(range(rest)))
            self._check(outputs, self.data, {self.size, rest} - {0})
            if self.held_out is not None:
                self.model.eval()
                self.evaluate(self.held_out.examples, False)
                self.model.train()
                self._check(outputs, self.held_out, {len(self.held_out.targets)})
        self.pull()

    def _record(self) -> None:
        """Record the loss with integers that choose, or else with integers that are numbers."""

        def loss(x: Any, y: Any) -> Any:
            output = self.model(x)
            return self.loss_of([output], [y]), _opened(output)

        reason = Exception()
        for choosing in itertools.product(*self.data.choosing()):
            self.function = CompiledFunction(
                loss, self.dtype, parameters=self.optimizer.parameters, has_aux=True
            )
            try:
                for data in (self.data, self.held_out):
                    if data is not None:
                        data.take(*choosing)
                self.function(*self.data.batch(range(self.size)))
                return
            except (TypeError, ValueError) as error:
                reason = error
        raise reason

    def _check(self, outputs: list[Any], data: _Data, sizes: set[int]) -> None:
        """Let the loss see every target; it must be the mean over the examples of a batch."""
        some, targets = _as_values(outputs[0]), data.targets
        taken = {repr(y): (y, number) for y, number in zip(targets, data.plain(), strict=True)}
        for target, number in taken.values():
            seen = self.loss_of([some], [target]).data, self.loss_of([some], [number]).data
            if not np.isclose(*seen, rtol=1e-9, atol=1e-12, equal_nan=True):
                raise ValueError(
                    f"the loss is {seen[0]!r} for the target {target!r} and {seen[1]!r} for "
                    f"{number!r}"
                )
        distinct = [target for target, _ in taken.values()]
        if getattr(losses, getattr(self.loss_of, "__name__", ""), None) is self.loss_of:
            return
        rng = random.Random(0)
        for size in sorted(sizes):
            # Half of them different, because a mean with weights is one where all are alike.
            chosen = rng.sample(distinct, min(len(distinct), (size + 1) // 2))
            chosen += [rng.choice(targets) for _ in range(size - len(chosen))]
            given = [
                _as_values(_between(rng.choice(outputs), rng.choice(outputs), rng.random()))
                for _ in range(size)
            ]
            whole = self.loss_of(given, chosen)
            parts = mean([self.loss_of([p], [y]) for p, y in zip(given, chosen, strict=True)])
            leaves = graph.leaves(whole, parts)
            ours = [whole.data, *gradient(whole, leaves)]
            wanted = [parts.data, *gradient(parts, leaves)]
            scale = max(1.0, abs(parts.data))
            if not np.allclose(ours, wanted, rtol=1e-9, atol=1e-12 * scale, equal_nan=True):
                raise ValueError(
                    f"the loss of {size} examples is not the mean of the losses of each of them"
                )


class _Data:
    """Examples as arrays.

    Attributes
    ----------
    examples : sequence of (x, y)
    targets : list
        As they were given.
    """

    def __init__(self, examples: Sequence[tuple[Any, Any]], dtype: str) -> None:
        self.examples, self.dtype = examples, dtype
        if isinstance(examples, Images):
            self.targets = examples.labels.numbers.tolist()
            pixels = np.asarray(examples.pixels.numbers, np.uint8).reshape(len(examples), -1)
            # Bytes would take an eighth of the space, but a division in each step.
            self._given = np.divide(pixels, 255.0, dtype=dtype), np.array(self.targets)
        else:
            self.targets = [y for _, y in examples]
            self._given = _array([x for x, _ in examples], "x"), _array(self.targets, "y")
        self.take(False, False)

    def choosing(self) -> list[list[bool]]:
        """Whether integers may choose, for x and for y."""
        return [[True, False] if given.dtype.kind in "iu" else [False] for given in self._given]

    def take(self, *choosing: bool) -> None:
        """Have x and y as integers that choose, or as numbers."""
        taken = []
        for given, chooses in zip(self._given, choosing, strict=True):
            if chooses and given.dtype.kind not in "iu":
                raise ValueError("some examples have integers where others have numbers")
            taken.append(given if chooses else given.astype(self.dtype, copy=False))
        self.xs, self.ys = taken
        self._chooses = choosing[1]

    def plain(self) -> list[Any]:
        """The targets as the program has them, though not in its precision."""
        given = self._given[1]
        plain: list[Any] = (given if self._chooses else given.astype(float)).tolist()
        return plain

    def batch(self, chosen: Sequence[int]) -> tuple[Any, Any]:
        """Some of the examples."""
        places = np.array(chosen)
        return self.xs.take(places, 0), self.ys.take(places, 0)


def _array(given: list[Any], what: str) -> Any:
    try:
        array = np.array(given)
    except ValueError:
        raise ValueError(f"the {what} of the examples are not all of one shape") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"the {what} of the examples are no numbers, such as {given[0]!r}")
    return array


# --- what a model returns ------------------------------------------------------------------------


def _opened(output: Any) -> Any:
    """An output, its tuples as lists, as metrics are given it."""
    if isinstance(output, (list, tuple)):
        return [_opened(part) for part in output]
    if not isinstance(output, (Value, int, float)):
        raise TypeError(f"the model returns {type(output).__name__}, no Value and no list of them")
    return output


def _rows(columns: Any, count: int) -> list[Any]:
    """For each example what a model returned, from the columns of a batch."""
    if isinstance(columns, list):
        parts = [_rows(part, count) for part in columns]
        return [list(row) for row in zip(*parts, strict=True)] if parts else [[]] * count
    return columns.tolist() if isinstance(columns, np.ndarray) else [columns] * count


def _as_values(output: Any) -> Any:
    """An output of which gradients can be taken."""
    if isinstance(output, list):
        return [_as_values(part) for part in output]
    return Value(output) if isinstance(output, float) else output


def _between(a: Any, b: Any, share: float) -> Any:
    """An output between two others."""
    if isinstance(a, list):
        return [_between(x, y, share) for x, y in zip(a, b, strict=True)]
    return a + share * (b - a) if isinstance(a, float) else a


# --- leaving no trace ----------------------------------------------------------------------------

_GENERATORS = (random.Random, np.random.Generator)
_CONTAINERS = (list, tuple, set, dict)


@contextmanager
def _undisturbed(model: Module) -> Iterator[None]:
    """A block that leaves modules and random numbers as they were; an error if calls change them.

    Recorded once, such a change would happen once, and in eager code at every call.
    """
    before = [(module, dict(vars(module)), _settings(module)) for module in model.modules()]
    shared, numpys = random.getstate(), np.random.get_state()
    changed = ""
    try:
        yield
    finally:
        random.setstate(shared)
        np.random.set_state(numpys)
        for module, attributes, settings in before:
            now, now_settings = dict(vars(module)), _settings(module)
            for name in {**attributes, **now}:
                same = name in now and name in attributes and now[name] is attributes[name]
                if not (same and now_settings.get(name) == settings.get(name)) and (
                    name != "_training" and not isinstance(now.get(name), _GENERATORS)
                ):
                    changed = f"calling the model changes .{name} of a {type(module).__name__}"
            vars(module).clear()
            vars(module).update(attributes)
            for name, setting in settings.items():
                if isinstance(attributes[name], random.Random):
                    attributes[name].setstate(setting)
                elif isinstance(attributes[name], np.random.Generator):
                    attributes[name].bit_generator.state = setting
                elif name != "_training" and setting != attributes[name]:
                    setattr(module, name, setting)
    if changed:
        raise ValueError(changed)


def _settings(module: Module) -> dict[str, Any]:
    """Copies of those attributes that can be changed without being replaced."""
    copies: dict[str, Any] = {}
    for name, thing in vars(module).items():
        if isinstance(thing, random.Random):
            copies[name] = thing.getstate()
        elif isinstance(thing, np.random.Generator):
            copies[name] = thing.bit_generator.state
        elif isinstance(thing, _CONTAINERS):
            copies[name] = _copied(thing)
    return copies


def _copied(thing: Any) -> Any:
    """A container of the same things."""
    if isinstance(thing, dict):
        return {k: _copied(x) if isinstance(x, _CONTAINERS) else x for k, x in thing.items()}
    if type(thing) in (list, tuple):
        return type(thing)([_copied(x) if isinstance(x, _CONTAINERS) else x for x in thing])
    return set(thing) if isinstance(thing, set) else thing
