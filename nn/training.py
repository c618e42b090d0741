"""fit: training a model on data, with a record of how it went."""

from __future__ import annotations

import inspect
import math
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd_engine import AnomalyError, Value, detect_anomaly, no_grad
from nn import losses, optim
from nn import metrics as nn_metrics
from nn.data import batches
from nn.history import History, Record
from nn.init import generator
from nn.module import Module
from nn.optim import Adam, Optimizer
from nn.readers import Images

if TYPE_CHECKING:
    from nn.compiled import CompiledSteps

__all__ = ["DivergenceError", "EarlyStopping", "fit"]

Pair: TypeAlias = tuple[Any, Any]
Loss: TypeAlias = Callable[[list[Any], list[Any]], Value]
Metric: TypeAlias = Callable[[list[Any], list[Any]], float]
Callback: TypeAlias = Callable[[History, Module], Any]


class DivergenceError(FloatingPointError):
    """The loss became nan or inf.

    Attributes
    ----------
    history : History
        The epochs before.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


class EarlyStopping:
    """A callback that ends training when a column of the history no longer improves.

    Parameters
    ----------
    monitor : str
        The column, such as "val_loss"; lower is better, or higher with ``mode="max"``.
    patience : int
        How many epochs without improvement are endured.
    min_delta : float
        What counts as an improvement.
    mode : {"min", "max"}
    restore_best : bool
        Whether the model ends with the parameters of its best epoch.

    References
    ----------
    Prechelt, Early stopping - but when?, 1998.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        patience: int = 10,
        *,
        min_delta: float = 0.0,
        mode: str = "min",
        restore_best: bool = True,
    ) -> None:
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 1:
            raise ValueError(f"patience must be 1, 2, 3, ..., got {patience!r}")
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        self.monitor, self.patience, self.min_delta = monitor, patience, min_delta
        self.restore_best = restore_best
        self._sign = 1.0 if mode == "min" else -1.0
        self._best = math.inf
        self._best_epoch = 0
        self._state: dict[str, float] = {}

    def finished(self, model: Module) -> None:
        """Give the model the parameters of its best epoch, however training has ended."""
        if self.restore_best and self._state:
            model.load_state_dict(self._state)

    def __call__(self, history: History, model: Module) -> str | None:
        """Look at the last epoch; the reason to stop, if there is one."""
        if self.monitor not in history.columns:
            raise ValueError(
                f"EarlyStopping monitors {self.monitor!r}, and the history has "
                f"{', '.join(history.columns)}"
            )
        score = self._sign * history[-1][self.monitor]
        if len(history) == 1:  # of another run than before
            self._best, self._best_epoch, self._state = math.inf, 0, {}
        if score < self._best - self.min_delta:
            self._best, self._best_epoch = score, len(history)
            self._state = model.state_dict()
        if len(history) - self._best_epoch < self.patience:
            return None
        return (
            f"stopped after epoch {len(history)}: {self.monitor} was best in epoch "
            f"{self._best_epoch}"
        )


def fit(
    model: Module,
    data: Iterable[Pair],
    *,
    loss: str | Loss = "mse",
    optimizer: str | Optimizer | Callable[[list[Value]], Optimizer] = Adam,
    epochs: int = 100,
    batch_size: int | None = None,
    validation: Iterable[Pair] | None = None,
    metrics: str | Mapping[str, Metric] | Sequence[str | Metric] = (),
    schedule: Any = None,
    seed: int | None = None,
    progress: bool | None = None,
    callbacks: Sequence[Callback] = (),
    record: bool = False,
    compiled: bool | str | None = None,
) -> History:
    """Train a model.

    Parameters
    ----------
    model : Module
        Called with one x at a time.
    data : iterable of (x, y)
        The examples.
    loss : str or callable
        A loss of `nn.losses` by name, or ``loss(predictions, targets)`` on the lists of a batch.
    optimizer : Optimizer, str or callable
        An optimizer of the model's parameters, or what makes one of them, such as ``nn.Adam`` or
        its name.
    epochs : int
        How often to go through the data.
    batch_size : int, optional
        Examples per step: all of them (batch gradient descent) if not given, 1 for stochastic
        gradient descent.
    validation : iterable of (x, y), optional
        Examples on which loss and metrics are computed after each epoch, as ``val_...``.
    metrics : sequence or mapping of callables
        ``metric(predictions, targets)`` is a float; recorded under its name. Those of `nn.metrics`
        may be given by name.
    schedule : optional
        A learning-rate schedule of `nn.schedules`, stepped after each epoch; one that takes a
        metric is given the validation loss, or else the loss.
    seed : int, optional
        For the order of the examples, which is shuffled unless a batch is all of them.
    progress : bool, optional
        Whether to show a bar; if not given, where standard error is a terminal.
    callbacks : sequence of callable
        Called as ``callback(history, model)`` after each epoch; a true result ends training, and
        text is the reason.
    record : bool
        Whether the history keeps the parameters as they were before training and after each
        epoch, for `visualize.training_page`.
    compiled : bool or {"float64", "float32"}, optional
        Whether to train a compiled program, and in which precision; if not given, where there is
        so much to compute that it gains, in double precision. The history is the same up to
        rounding; its note says what was compiled, or why not: a model that branches on what it
        computes, or remembers its calls, and a loss that is not the mean of the losses of its
        examples are trained eagerly. The data is read once.

    Returns
    -------
    History
        The loss is the mean over the steps of an epoch, weighted by their examples. Ctrl-C ends
        training and keeps history and model.

    Raises
    ------
    DivergenceError
        If the loss becomes nan or inf: it names epoch, step and the first bad operation. The
        parameters are those before that step.
    ValueError
        If the data is empty, or an option is out of range.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [8, 1], "tanh", seed=0)
    >>> history = nn.fit(
    ...     model,
    ...     nn.data.boolean("xor"),
    ...     loss="binary_cross_entropy_with_logits",
    ...     optimizer=nn.Adam(model.parameters(), lr=0.1),
    ...     epochs=150,
    ...     metrics=[nn.metrics.accuracy],
    ... )
    >>> history["loss"][-1] < 0.05, history["accuracy"][-1]
    (True, 1.0)
    """
    examples, held_out = _examples(data, "data"), None
    if validation is not None:
        held_out = _examples(validation, "validation")
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs must be 1, 2, 3, ..., got {epochs!r}")
    if batch_size is not None and (not isinstance(batch_size, int) or batch_size < 1):
        raise ValueError(f"batch_size must be 1, 2, 3, ..., got {batch_size!r}")
    loss_of: Loss = losses.get(loss)
    optimizer = _optimizer(optimizer, model)
    measures = _measures(metrics)
    rng = generator(seed)
    history = History()
    if record:
        history.record = Record(model, examples, loss_of)
    size = len(examples) if batch_size is None else batch_size
    if compiled not in (None, True, False, "float64", "float32"):
        raise ValueError(
            f"compiled must be None, True, False, 'float64' or 'float32', got {compiled!r}"
        )
    watchers = [*callbacks, *([] if schedule is None else [schedule])]
    may_change = any(not type(watcher).__module__.startswith("nn.") for watcher in watchers)
    model.train()
    eager = _Steps(model, loss_of, optimizer, examples)
    steps: _Steps | CompiledSteps = eager
    count = epochs * math.ceil(len(examples) / size)
    if compiled is None and not _pays(len(optimizer.parameters), epochs * len(examples), count):
        compiled = False
    bar = _bar(count, progress)
    order = list(range(len(examples)))
    try:
        if compiled is not False:
            steps, history.note = _compiled(eager, held_out, size, compiled)
            bar.write(history.note, file=sys.stderr)
        for epoch in range(1, epochs + 1):
            model.train()
            total = 0.0
            predictions: list[Any] = []
            targets: list[Any] = []
            shuffled = batches(order, size, seed=None if batch_size is None else rng)
            for step, chosen in enumerate(shuffled, 1):
                try:
                    value, outputs, wanted = steps.step(chosen, bool(measures))
                except FloatingPointError as error:
                    steps.push()
                    batch = [examples[i] for i in chosen]
                    raise DivergenceError(
                        f"{error} in epoch {epoch}, step {step}: "
                        f"{_first_bad_operation(model, loss_of, batch)}",
                        history,
                    ) from None
                total += value * len(chosen)
                predictions += outputs
                targets += wanted
                bar.update(1)
            if watchers or measures or record:
                steps.push()
            row = {"epoch": epoch, "loss": total / len(examples)}
            row |= {name: metric(predictions, targets) for name, metric in measures.items()}
            if held_out is not None:
                model.eval()
                row["val_loss"], outputs, wanted = steps.evaluate(held_out, bool(measures))
                row |= {f"val_{name}": metric(outputs, wanted) for name, metric in measures.items()}
            row["lr"] = optimizer.lr
            history.append(row)
            if history.record is not None:
                history.record.add()
            bar.set_postfix({name: x for name, x in row.items() if name != "epoch"})
            if schedule is not None:
                _step_schedule(schedule, row)
            reasons = [reason for callback in callbacks if (reason := callback(history, model))]
            if may_change and not isinstance(steps, _Steps):
                steps, history.note = _renewed(steps, eager)
            elif watchers:
                steps.pull()
            if reasons:
                history.stopped = (
                    reasons[0] if isinstance(reasons[0], str) else f"stopped after epoch {epoch}"
                )
                break
    except KeyboardInterrupt:
        history.stopped = f"interrupted after {len(history)} epochs"
    finally:
        steps.push()
        bar.close()
        model.eval()
        for callback in callbacks:
            if isinstance(callback, EarlyStopping):
                callback.finished(model)
    return history


def _examples(data: Iterable[Pair], what: str) -> Sequence[Pair]:
    if isinstance(data, Images):
        return data  # which makes its pairs when they are asked for
    examples = list(data)
    if not examples:
        raise ValueError(f"{what} has no examples")
    for i, example in enumerate(examples):
        if not isinstance(example, (tuple, list)) or len(example) != 2:
            raise TypeError(f"{what} must be pairs (x, y); number {i} is {example!r}")
    return examples


def _optimizer(
    given: str | Optimizer | Callable[[list[Value]], Optimizer], model: Module
) -> Optimizer:
    if isinstance(given, str):
        known = {name.lower(): name for name in ("SGD", "Adagrad", "RMSprop", "Adam", "AdamW")}
        if given.lower() not in known:
            raise ValueError(
                f"there is no optimizer {given!r}; there are {', '.join(known.values())}"
            )
        kind: Callable[[list[Value]], Optimizer] = getattr(optim, known[given.lower()])
        return kind(model.parameters())
    optimizer = given if isinstance(given, Optimizer) else given(model.parameters())
    if not set(optimizer.parameters) & set(model.parameters()):
        raise ValueError("the optimizer has none of the model's parameters")
    return optimizer


def _measures(metrics: str | Mapping[str, Metric] | Sequence[str | Metric]) -> dict[str, Metric]:
    if isinstance(metrics, str):
        metrics = [metrics]
    named: dict[str, Metric] = {}
    function: Any
    for metric in metrics:
        if isinstance(metrics, Mapping):
            name, function = str(metric), metrics[metric]  # type: ignore[index]
        elif isinstance(metric, str):
            name, function = metric, getattr(nn_metrics, metric, None)
        else:
            name, function = getattr(metric, "__name__", repr(metric)), metric
        if not callable(function):
            raise ValueError(f"there is no metric {metric!r}; see nn.metrics")
        if name in named or name in ("epoch", "loss", "lr"):
            raise ValueError(f"the metric's name {name!r} is taken: give metrics as a dict by name")
        named[name] = function
    return named


def _numbers(data: Any) -> Iterable[float]:
    if isinstance(data, (int, float)):
        yield data
    elif isinstance(data, (list, tuple)):
        for part in data:
            yield from _numbers(part)


def _plain(output: Any) -> Any:
    """The numbers of an output, without its graph."""
    if isinstance(output, Value):
        return output.data
    return [_plain(x) for x in output] if isinstance(output, (list, tuple)) else output


def _step_schedule(schedule: Any, row: dict[str, float]) -> None:
    if inspect.signature(schedule.step).parameters:
        column = getattr(schedule, "monitor", None) or ("val_loss" if "val_loss" in row else "loss")
        if column not in row:
            raise ValueError(f"the schedule monitors {column!r}, and there are {', '.join(row)}")
        schedule.step(row[column])
    else:
        schedule.step()


class _Steps:
    """Steps of training, one node at a time."""

    def __init__(
        self, model: Module, loss_of: Loss, optimizer: Optimizer, examples: Sequence[Pair]
    ) -> None:
        self.model, self.loss_of, self.optimizer = model, loss_of, optimizer
        self.examples = examples

    def step(self, chosen: list[int], measured: bool) -> tuple[float, list[Any], list[Any]]:
        """The loss before the step, and predictions and targets if they are measured."""
        batch = [self.examples[i] for i in chosen]
        outputs = [self.model(x) for x, _ in batch]
        targets = [y for _, y in batch]
        value = self.loss_of(outputs, targets)
        if not math.isfinite(value.data):
            raise FloatingPointError(f"the loss is {value.data}")
        self.optimizer.zero_grad()
        value.backward()
        if not all(math.isfinite(p.grad) for p in self.optimizer.parameters):
            raise FloatingPointError("a gradient is nan or inf")
        self.optimizer.step()
        if not measured:
            return value.data, [], []
        return value.data, [_plain(output) for output in outputs], targets

    def evaluate(
        self, examples: Sequence[Pair], measured: bool
    ) -> tuple[float, list[Any], list[Any]]:
        """The loss on other examples, with predictions and targets."""
        with no_grad():
            outputs = [self.model(x) for x, _ in examples]
            targets = [y for _, y in examples]
            loss = self.loss_of(outputs, targets).data
        return loss, [_plain(output) for output in outputs], targets

    def push(self) -> None:
        """The numbers are where they belong."""

    def pull(self) -> None:
        """The numbers are where they belong."""


def _pays(parameters: int, examples: int, steps: int) -> bool:
    """Whether compiling gains so much that it pays even where this estimate is off by half.

    Microseconds, as measured for perceptrons of 2 to 33,000 parameters: an example is 20 and half
    a one for each parameter; compiling 100,000 with the import of NumPy, and 25 for each parameter;
    a compiled step 100.
    """
    eager = examples * (20.0 + 0.5 * parameters)
    compiled = 100_000.0 + 25.0 * parameters + 100.0 * steps
    return eager > 2.0 * compiled and find_spec("numpy") is not None


def _compiled(
    eager: _Steps, held_out: Sequence[Pair] | None, size: int, compiled: bool | str | None
) -> tuple[_Steps | CompiledSteps, str]:
    """The steps of a compiled program, or eager ones if it would not do the same; and a note."""
    from autograd_engine.compiler import CompileWarning
    from nn.compiled import CompiledSteps

    dtype = compiled if isinstance(compiled, str) else "float64"
    try:
        steps = CompiledSteps(
            eager.model,
            eager.loss_of,
            eager.optimizer,
            eager.examples,
            held_out,
            size,
            dtype,
        )
    except Exception as error:  # of the model or the loss, which met what they do not expect
        note = f"not compiled: {error}"
        if compiled is not None:
            warnings.warn(f"this training is {note}", CompileWarning, stacklevel=3)
        return eager, note
    return steps, steps.note


def _renewed(steps: CompiledSteps, eager: _Steps) -> tuple[_Steps | CompiledSteps, str]:
    """The steps after a callback, which may have changed what they do."""
    try:
        steps.renew()
    except Exception as error:
        return eager, f"{steps.note}; later not compiled: {error}"
    return steps, steps.note


def _first_bad_operation(model: Module, loss_of: Loss, batch: list[Pair]) -> str:
    """What made the first nan or inf, found by computing the step again."""
    xs, ys = [x for x, _ in batch], [y for _, y in batch]
    for name, parameter in model.named_parameters():
        if not math.isfinite(parameter.data):
            return f"parameter {name} is {parameter.data}; a smaller learning rate may help"
    if not all(math.isfinite(number) for number in _numbers([xs, ys])):
        return "the data holds a nan or an inf"
    try:
        with detect_anomaly():
            loss_of([model(x) for x in xs], ys).backward()
    except AnomalyError as error:
        return str(error)
    return "computed again, it is not; something in the model is random, such as Dropout"


class _NoBar:
    """In place of a progress bar where none is wanted."""

    def update(self, steps: int) -> None: ...

    def set_postfix(self, values: dict[str, float]) -> None: ...

    def write(self, line: str, file: Any) -> None: ...

    def close(self) -> None: ...


def _bar(steps: int, progress: bool | None) -> Any:
    if progress is False or (progress is None and not sys.stderr.isatty()):
        return _NoBar()
    from tqdm import tqdm

    return tqdm(total=steps, unit="step", leave=False)
