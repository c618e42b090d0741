"""Training with a compiled program: the same steps as eager ones, on arrays."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_engine.compiler import CompiledFunction, CompileWarning
from nn.layers import Dropout
from nn.module import Module
from nn.optim import SGD, Adam, AdamW, Optimizer
from nn.readers import Images

__all__ = ["CompiledSteps"]

_AT_ONCE = 1000  # examples that are evaluated together


class CompiledSteps:
    """Steps of training on arrays.

    Parameters
    ----------
    model : Module
    loss_of : callable
        Of lists of predictions and targets, as `fit` has it; its mean over a batch must be the
        mean of what it gives for each example.
    chooses : bool
        Whether the targets choose a class, and are no numbers.
    optimizer : Optimizer
    examples : list of (x, y)
    size : int
        Of a batch.
    dtype : {"float64", "float32"}

    Attributes
    ----------
    note : str
        One line that says what was compiled.

    Raises
    ------
    CompileWarning, TypeError, ValueError
        If the program would not do the same as eager steps.
    """

    def __init__(
        self,
        model: Module,
        loss_of: Callable[[list[Any], list[Any]], Any],
        chooses: bool,
        optimizer: Optimizer,
        examples: Sequence[tuple[Any, Any]],
        size: int,
        dtype: str = "float64",
    ) -> None:
        if type(optimizer).step is not Optimizer.step:
            raise ValueError(f"{type(optimizer).__name__} has a step of its own")
        if any(isinstance(module, Dropout) and module.p > 0.0 for module in model.modules()):
            raise ValueError("Dropout draws anew in every step")

        def loss(x: Any, y: Any) -> Any:
            output = model(x)
            return loss_of([output], [y]), output if isinstance(output, list) else [output]

        if dtype not in ("float64", "float32"):
            raise ValueError(f"compiled must be True, False, 'float64' or 'float32', got {dtype!r}")
        self.chooses, self.dtype = chooses, dtype
        self.xs, self.ys = self._arrays(examples)
        self.optimizer = optimizer
        known = len(optimizer.parameters)
        self.function = CompiledFunction(loss, dtype, parameters=optimizer.parameters, has_aux=True)
        self.moments: dict[str, Any] = {
            name: np.array(getattr(optimizer, name), dtype) for name in optimizer.moments
        }
        with warnings.catch_warnings():
            warnings.simplefilter("error", CompileWarning)
            value = self.function(self.xs[:size], self.ys[:size])
        if len(self.function.parameters) > known:
            raise ValueError("the loss has parameters that the optimizer does not know")
        few = [examples[i] for i in range(min(size, 3))]
        eager = loss_of([model(x) for x, _ in few], [y for _, y in few]).data
        if len(few) < min(size, len(examples)):
            value = self.function(self.xs[: len(few)], self.ys[: len(few)])
        tolerance = 1e-9 if dtype == "float64" else 1e-4
        if not math.isclose(value, eager, rel_tol=tolerance, abs_tol=tolerance):
            raise ValueError("the loss of a batch is not the mean of the losses of its examples")
        self.note = f"compiled: {self.function.source.partition(chr(10))[0].lstrip('# ')}"

    def _arrays(self, examples: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
        if isinstance(examples, Images):
            pixels = np.asarray(examples.pixels.numbers, np.uint8).reshape(len(examples), -1)
            return (pixels / 255.0).astype(self.dtype), np.asarray(examples.labels.numbers, int)
        xs, ys = (np.array(part) for part in zip(*examples, strict=True))
        xs = xs.astype(self.dtype) if xs.dtype.kind == "f" else xs
        return xs, ys if self.chooses else ys.astype(self.dtype)

    def step(self, chosen: list[int], measured: bool) -> tuple[float, list[Any], list[Any]]:
        """The loss before the step, and predictions and targets if they are measured."""
        xs, ys = self.xs[chosen], self.ys[chosen]
        value, grads = self.function.value_and_grad(xs, ys)
        if not math.isfinite(value):
            raise FloatingPointError(f"the loss is {value}")
        if not np.isfinite(grads).all():
            raise FloatingPointError("a gradient is nan or inf")
        predictions = self.predictions() if measured else []
        _update(self.optimizer, self.function.params, grads, self.moments)
        return value, predictions, ys.tolist() if measured else []

    def evaluate(
        self, examples: Sequence[tuple[Any, Any]], measured: bool
    ) -> tuple[float, list[Any], list[Any]]:
        """The loss on other examples, with predictions and targets."""
        xs, ys = self._arrays(examples)
        total = 0.0
        predictions: list[Any] = []
        for start in range(0, len(xs), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            total += self.function(xs[part], ys[part]) * len(xs[part])
            predictions += self.predictions() if measured else []
        return total / len(xs), predictions, ys.tolist()

    def predictions(self) -> list[Any]:
        """What the model gave for each example of the last batch."""
        columns = [column.tolist() for column in self.function.aux]
        if len(columns) == 1:
            return list(columns[0])
        return [list(row) for row in zip(*columns, strict=True)]

    def push(self) -> None:
        """Give the model and the optimizer the numbers of the program."""
        self.function.push()
        for name, numbers in self.moments.items():
            setattr(self.optimizer, name, numbers.tolist())

    def pull(self) -> None:
        """Take the numbers of the model, which a callback may have changed."""
        self.function.pull()


def _update(optimizer: Optimizer, params: Any, grads: Any, moments: dict[str, Any]) -> None:
    """What ``optimizer.step`` does, on arrays and in place."""
    optimizer.steps += 1
    if type(optimizer) is SGD:
        _sgd(optimizer, params, grads, moments["momentum_buffer"])
    elif type(optimizer) in (Adam, AdamW):
        _adam(optimizer, params, grads, moments)  # type: ignore[arg-type]
    else:
        for name, numbers in moments.items():
            setattr(optimizer, name, numbers.tolist())
        params[:] = optimizer.update(params.tolist(), grads.tolist())
        for name, numbers in moments.items():
            numbers[:] = getattr(optimizer, name)


def _sgd(optimizer: SGD, params: Any, grads: Any, buffer: Any) -> None:
    if optimizer.weight_decay:
        grads = grads + optimizer.weight_decay * params
    if optimizer.momentum:
        share = 1.0 - optimizer.dampening if optimizer.steps > 1 else 1.0
        buffer *= optimizer.momentum
        buffer += share * grads
        grads = grads + optimizer.momentum * buffer if optimizer.nesterov else buffer
    params -= optimizer.lr * grads


def _adam(optimizer: Adam, params: Any, grads: Any, moments: dict[str, Any]) -> None:
    if type(optimizer) is AdamW:
        params *= 1.0 - optimizer.lr * optimizer.weight_decay
    elif optimizer.weight_decay:
        grads = grads + optimizer.weight_decay * params
    beta1, beta2 = optimizer.betas
    mean, square, largest = (moments[name] for name in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"))
    mean *= beta1
    mean += (1.0 - beta1) * grads
    square *= beta2
    square += (1.0 - beta2) * grads * grads
    if optimizer.amsgrad:
        np.maximum(largest, square, out=largest)
        square = largest
    below = np.sqrt(square)
    below /= math.sqrt(1.0 - beta2**optimizer.steps)
    below += optimizer.eps
    params -= (optimizer.lr / (1.0 - beta1**optimizer.steps)) * mean / below
