"""Learning-rate schedules: how an optimizer's learning rate changes in training. As PyTorch's.

Each is a formula in the number of steps made, so that rounding errors do not add up, and sets the
optimizer's ``lr`` when it is made and in each ``step()``. Call ``step()`` after the optimizer's
steps of an epoch, or after each of them; which of the two, the numbers of steps must mean.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

from autograd_engine.convert import as_float
from nn.optim import Optimizer

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CosineAnnealingLR",
    "ExponentialLR",
    "LinearLR",
    "ReduceLROnPlateau",
    "Schedule",
    "StepLR",
    "WarmupLR",
]


class Schedule:
    """What all schedules share.

    Parameters
    ----------
    optimizer : Optimizer
        Whose learning rate is set; the one it has is where the schedule starts from.

    Attributes
    ----------
    optimizer : Optimizer
    last_epoch : int
        How many steps have been made.
    """

    # The arguments after `optimizer`, and what changes in training, kept as attributes.
    settings: ClassVar[tuple[str, ...]] = ()
    progress: ClassVar[tuple[str, ...]] = ("last_epoch",)

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule takes an optimizer, got {optimizer!r}")
        self.optimizer = optimizer
        self.last_epoch = 0

    def state_dict(self) -> dict[str, Any]:
        """Settings, progress and the learning rate as plain data for JSON."""
        return {
            "schedule": type(self).__name__,
            "settings": {name: getattr(self, name) for name in self.settings},
            "progress": {name: getattr(self, name) for name in self.progress},
            "lr": self.optimizer.lr,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was called; the optimizer's learning rate is set.

        Parameters
        ----------
        state : mapping

        Raises
        ------
        ValueError
            If it is the state of a schedule of another kind or with other settings; then nothing
            is changed.
        """
        self._go_on(self._checked(state))

    def _checked(self, state: Mapping[str, Any]) -> dict[str, Any]:
        kind = type(self).__name__
        try:
            saved, settings = state["schedule"], dict(state["settings"])
            progress = {name: state["progress"][name] for name in self.progress}
            lr = as_float(state["lr"], "lr")
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"this is no state of {kind}: {error!r}") from None
        own = {name: getattr(self, name) for name in self.settings}
        if saved != kind or settings != own:
            raise ValueError(f"this is the state of {saved}({settings}), not of {kind}({own})")
        return progress | {"lr": lr}

    def _go_on(self, progress: dict[str, Any]) -> None:
        self.optimizer.lr = progress.pop("lr")
        for name, value in progress.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.settings)
        return f"{type(self).__name__}({settings}): step {self.last_epoch}, lr {self.optimizer.lr}"


class _Formula(Schedule):
    """A schedule whose learning rate depends on the number of steps alone."""

    progress = ("last_epoch", "base_lr")

    def __init__(self, optimizer: Optimizer) -> None:
        super().__init__(optimizer)
        self.base_lr = optimizer.lr
        optimizer.lr = self.rate(0)

    def rate(self, epoch: int) -> float:
        """The learning rate after this number of steps."""
        raise NotImplementedError(f"{type(self).__name__} defines no rate(self, epoch)")

    def step(self) -> None:
        """Set the optimizer's learning rate for the next step."""
        self.last_epoch += 1
        self.optimizer.lr = self.rate(self.last_epoch)


class StepLR(_Formula):
    """The rate times gamma after every step_size steps.

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
    gamma : float

    Raises
    ------
    ValueError
        If `step_size` is below 1 or `gamma` is negative.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(0.0)], lr=0.8)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> [schedule.rate(epoch) for epoch in range(6)]
    [0.8, 0.8, 0.4, 0.4, 0.2, 0.2]
    """

    settings = ("step_size", "gamma")

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        self.step_size = _count("step_size", step_size)
        self.gamma = _factor("gamma", gamma, math.inf)
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """The learning rate after this number of steps."""
        return _times_power(self.base_lr, self.gamma, epoch // self.step_size)


class ExponentialLR(_Formula):
    """The rate times gamma after every step.

    Parameters
    ----------
    optimizer : Optimizer
    gamma : float

    Raises
    ------
    ValueError
        If `gamma` is negative.
    """

    settings = ("gamma",)

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        self.gamma = _factor("gamma", gamma, math.inf)
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """The learning rate after this number of steps."""
        return _times_power(self.base_lr, self.gamma, epoch)


class LinearLR(_Formula):
    """The rate times a factor that goes in a line from start_factor to end_factor and stays there.

    Parameters
    ----------
    optimizer : Optimizer
    start_factor, end_factor : float
        From 0 to 1.
    total_iters : int
        In how many steps.

    Raises
    ------
    ValueError
        If a setting is out of range.
    """

    settings = ("start_factor", "end_factor", "total_iters")

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1.0 / 3.0,
        end_factor: float = 1.0,
        total_iters: int = 5,
    ) -> None:
        self.start_factor = _factor("start_factor", start_factor, 1.0)
        self.end_factor = _factor("end_factor", end_factor, 1.0)
        self.total_iters = _count("total_iters", total_iters)
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """The learning rate after this number of steps."""
        done = min(epoch, self.total_iters) / self.total_iters
        return self.base_lr * (self.start_factor + (self.end_factor - self.start_factor) * done)


class CosineAnnealingLR(_Formula):
    """The rate along half a cosine down to eta_min in T_max steps, and up again, without restarts.

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
    eta_min : float

    Raises
    ------
    ValueError
        If `T_max` is below 1 or `eta_min` is negative.

    References
    ----------
    Loshchilov and Hutter, SGDR: stochastic gradient descent with warm restarts, 2016, equation 5.
    """

    settings = ("T_max", "eta_min")

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:
        self.T_max = _count("T_max", T_max)
        self.eta_min = _factor("eta_min", eta_min, math.inf)
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """The learning rate after this number of steps."""
        height = 0.5 * (1.0 + math.cos(math.pi * epoch / self.T_max))
        return self.eta_min + (self.base_lr - self.eta_min) * height


class WarmupLR(_Formula):
    """The rate in a line from start_factor times itself up to itself, then another schedule.

    Parameters
    ----------
    optimizer : Optimizer
    total_iters : int
        In how many steps.
    start_factor : float
        From 0 to 1.
    then : Schedule, optional
        Of the same optimizer; it begins when the warm-up is over. Without it the rate is constant.

    Raises
    ------
    TypeError
        If `then` is no schedule, or one that waits for a metric.
    ValueError
        If a setting is out of range, or `then` is a schedule of another optimizer.

    References
    ----------
    Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017, section 2.2.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(0.0)], lr=0.8)
    >>> schedule = WarmupLR(optimizer, 2, start_factor=0.5, then=ExponentialLR(optimizer, 0.5))
    >>> [schedule.rate(epoch) for epoch in range(5)]
    [0.4, 0.6, 0.8, 0.4, 0.2]
    """

    settings = ("total_iters", "start_factor")

    def __init__(
        self,
        optimizer: Optimizer,
        total_iters: int = 5,
        start_factor: float = 1.0 / 3.0,
        then: Schedule | None = None,
    ) -> None:
        self.total_iters = _count("total_iters", total_iters)
        self.start_factor = _factor("start_factor", start_factor, 1.0)
        if then is not None and not isinstance(then, _Formula):
            raise TypeError(f"after a warm-up comes a schedule without a metric, got {then!r}")
        if then is not None and then.optimizer is not optimizer:
            raise ValueError("the schedule after a warm-up must be of the same optimizer")
        self.then = then
        super().__init__(optimizer)

    def rate(self, epoch: int) -> float:
        """The learning rate after this number of steps."""
        if epoch < self.total_iters:
            done = epoch / self.total_iters
            return self.base_lr * (self.start_factor + (1.0 - self.start_factor) * done)
        return self.base_lr if self.then is None else self.then.rate(epoch - self.total_iters)

    def state_dict(self) -> dict[str, Any]:
        """Settings, progress and the learning rate as plain data for JSON."""
        return super().state_dict() | {"then": self.then and self.then.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where `state_dict` was called; as for every `Schedule`."""
        progress, saved = self._checked(state), state.get("then")
        if self.then is not None:
            self.then.load_state_dict(saved or {})
        elif saved is not None:
            raise ValueError(
                f"the saved warm-up is followed by {saved['schedule']}, this one is not"
            )
        self._go_on(progress)


class ReduceLROnPlateau(Schedule):
    """The rate times factor when a metric has not improved for more than patience steps.

    Parameters
    ----------
    optimizer : Optimizer
    mode : {"min", "max"}
        Which way the metric improves; "max" is for an accuracy, and in `nn.fit` needs a monitor.
    factor : float
        From 0 up to, but not including, 1.
    patience : int
        How many steps without improvement are endured.
    threshold : float
        By which share of the best so far the metric must improve on it.
    cooldown : int
        For how many steps after a reduction nothing counts against the metric.
    min_lr : float
        Below which the rate does not go.
    monitor : str, optional
        The column of the history, such as "val_accuracy", that `nn.fit` gives to `step`; if not
        given, the validation loss, or else the loss, which improve downwards.

    Raises
    ------
    TypeError
        If `monitor` is no text.
    ValueError
        If a setting is out of range.

    Notes
    -----
    The share is one of the best's absolute value. PyTorch takes it of the best itself, so that of
    a negative metric every repetition is an improvement there.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> from nn.optim import SGD
    >>> optimizer = SGD([Value(0.0)], lr=0.8)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (1.0, 0.9, 0.9, 0.9, 0.9):
    ...     schedule.step(loss)
    >>> optimizer.lr
    0.4
    """

    settings = ("mode", "factor", "patience", "threshold", "cooldown", "min_lr", "monitor")
    progress = ("last_epoch", "best", "num_bad_epochs", "cooldown_counter")

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
        *,
        monitor: str | None = None,
    ) -> None:
        super().__init__(optimizer)
        if mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        self.mode = mode
        self.factor = _factor("factor", factor, 1.0)
        if self.factor == 1.0:
            raise ValueError("factor must be below 1, got 1.0: it would reduce nothing")
        self.patience = _count("patience", patience, least=0)
        self.threshold = _factor("threshold", threshold, math.inf)
        self.cooldown = _count("cooldown", cooldown, least=0)
        self.min_lr = _factor("min_lr", min_lr, math.inf)
        if monitor is not None and not isinstance(monitor, str):
            raise TypeError(f"monitor must be the name of a column, got {monitor!r}")
        self.monitor = monitor
        self.best: float | None = None
        self.num_bad_epochs = 0
        self.cooldown_counter = 0

    def step(self, metric: float) -> None:
        """Look at the metric; reduce the rate if it has stopped improving.

        Parameters
        ----------
        metric : float
            A nan is no improvement.
        """
        number = as_float(metric, "metric")
        self.last_epoch += 1
        if self._improves(number):
            self.best = number
            self.num_bad_epochs = 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self.optimizer.lr = max(self.optimizer.lr * self.factor, self.min_lr)
            self.cooldown_counter = self.cooldown
            self.num_bad_epochs = 0

    def _improves(self, metric: float) -> bool:
        if self.best is None:
            return math.isfinite(metric)
        needed = self.threshold * math.fabs(self.best)
        return metric < self.best - needed if self.mode == "min" else metric > self.best + needed


def _times_power(lr: float, gamma: float, n: int) -> float:
    """lr * gamma**n, and inf where Python would raise an OverflowError."""
    try:
        return lr * gamma**n
    except OverflowError:
        return math.inf if lr else 0.0


def _count(name: str, given: Any, least: int = 1) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < least:
        raise ValueError(f"{name} must be an integer from {least} on, got {given!r}")
    return given


def _factor(name: str, given: Any, most: float) -> float:
    number = as_float(given, name)
    if not 0.0 <= number <= most:
        raise ValueError(f"{name} must be from 0 to {most:.6g}, got {given!r}")
    return number
