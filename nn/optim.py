"""Optimizers: how the gradients change the parameters. Rules, names and defaults are PyTorch's."""

from __future__ import annotations

from collections import deque
from itertools import repeat
from math import hypot, isfinite, sqrt
from typing import TYPE_CHECKING, Any, ClassVar

from autograd_engine import Value, floats
from autograd_engine.convert import as_float

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "clip_grad_norm",
    "clip_grad_value",
]


class _Row:
    """The numbers of a parameter: its data, its gradient, and its moments."""

    __slots__ = ("__dict__", "data", "grad")

    def __init__(self, moments: Iterable[str]) -> None:
        self.data = self.grad = 0.0
        for name in moments:
            setattr(self, name, 0.0)


def _moment(name: str) -> property:
    """An attribute of an optimizer that is a moment of all its parameters."""

    def numbers(optimizer: Optimizer) -> list[float]:
        return [getattr(row, name) for row in optimizer._rows()]

    def put(optimizer: Optimizer, numbers: list[float]) -> None:
        rows = optimizer._rows()
        if len(numbers) != len(rows):
            raise ValueError(f"{name} has {len(numbers)} numbers for {len(rows)} parameters")
        for row, number in zip(rows, numbers, strict=True):
            setattr(row, name, number)

    return property(numbers, put)


class Optimizer:
    """What all optimizers share.

    One of your own defines ``rule(m, parameters)``, and names its settings and what it remembers of
    each parameter in ``settings`` and ``moments``. The rule changes the ``data`` of each parameter
    by its ``grad`` and its moments; `m` is the mathematics of these numbers, as in a primitive.
    With floats it makes a step here; a compiled program reads it once, with all numbers of a kind
    as one vector. So it is written with operators, with functions of `m`, and with
    ``m.where(condition, a, b)`` in place of ``if``, unless the condition is a setting.

    Parameters
    ----------
    params : iterable of Value
        Leaves, each once.
    lr : float
        The learning rate; may be changed at any time, as schedules do.

    Attributes
    ----------
    parameters : list of Value
    lr : float
    steps : int
        How many steps have been made.

    Raises
    ------
    TypeError, ValueError
        If `params` holds anything else, or nothing, or a setting is out of range.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> class SignSGD(Optimizer):
    ...     def rule(self, m, parameters):
    ...         for p in parameters:
    ...             p.data -= self.lr * m.sign(p.grad)
    >>> x = Value(1.0)
    >>> optimizer = SignSGD([x], lr=0.25)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data
    0.75
    """

    # The arguments after `params`, kept as attributes of the same names.
    settings: ClassVar[tuple[str, ...]] = ("lr",)
    # Attributes that hold a list of one number for each parameter, at first 0.
    moments: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name in cls.moments:
            setattr(cls, name, _moment(name))

    def __init__(self, params: Iterable[Value], lr: float = 1e-3) -> None:
        self.parameters = _checked(params)
        self.lr = _not_negative("lr", lr)
        self.steps = 0
        self._state: list[_Row] = []

    def _rows(self) -> list[_Row]:
        """The numbers of the parameters; they start anew if there are other parameters now."""
        if len(self._state) != len(self.parameters):
            self._state = [_Row(self.moments) for _ in self.parameters]
        return self._state

    def rule(self, m: Any, parameters: Iterable[Any]) -> None:
        """Change the data and the moments of each parameter by its gradient."""
        raise NotImplementedError(f"{type(self).__name__} defines no rule(self, m, parameters)")

    def step(self) -> None:
        """Change the parameters by their gradients."""
        self.steps += 1
        rows = self._rows()
        # The slots, because as properties they would cost more than the arithmetic.
        for row, parameter in zip(rows, self.parameters, strict=True):
            row.data = parameter._data
            row.grad = parameter._grad
        self.rule(floats, rows)
        numbers = [row.data for row in rows]
        # All in one call, because Ctrl-C between two of them would leave half a step.
        deque(map(setattr, self.parameters, repeat("_data"), numbers), maxlen=0)

    def zero_grad(self) -> None:
        """Set the gradients to 0."""
        for parameter in self.parameters:
            parameter._grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Settings and moments as plain data for JSON; the parameters are the model's.

        Returns
        -------
        dict
            With which `load_state_dict` makes an optimizer go on as this one would.
        """
        return {
            "optimizer": type(self).__name__,
            "settings": {name: _plain(getattr(self, name)) for name in self.settings},
            "steps": self.steps,
            "moments": {name: getattr(self, name) for name in self.moments},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` has returned, the settings too.

        Parameters
        ----------
        state : mapping

        Raises
        ------
        ValueError
            If it is the state of another kind of optimizer, or of one for another number of
            parameters, or none at all; then nothing is changed.
        """
        kind = type(self).__name__
        try:
            saved, steps = state["optimizer"], int(state["steps"])
            settings = {name: state["settings"][name] for name in self.settings}
            moments = {
                name: [as_float(number, name) for number in state["moments"][name]]
                for name in self.moments
            }
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"this is no state of {kind}: {error!r}") from None
        if saved != kind:
            raise ValueError(f"this is the state of {saved}, not of {kind}")
        for name, numbers in moments.items():
            if len(numbers) != len(self.parameters):
                raise ValueError(
                    f"{name} has {len(numbers)} numbers for {len(self.parameters)} parameters"
                )
        checked = type(self)(self.parameters, **settings)
        for name in self.settings:
            setattr(self, name, getattr(checked, name))
        for name, numbers in moments.items():
            setattr(self, name, numbers)
        self.steps = steps

    def __repr__(self) -> str:
        settings = [f"{name}={getattr(self, name)!r}" for name in self.settings]
        count = len(self.parameters)
        return (
            f"{type(self).__name__}({', '.join(settings)}): "
            f"{count} parameter{'s' if count != 1 else ''}"
        )


class SGD(Optimizer):
    """Gradient descent: ``x - lr * grad``, with momentum if wanted.

    With momentum, ``buffer = momentum * buffer + (1 - dampening) * grad`` takes the place of the
    gradient; the first buffer is the gradient itself. Stochastic is what the gradient is of.

    Parameters
    ----------
    params : iterable of Value
    lr : float
    momentum : float
    dampening : float
        How much of each gradient but the first is kept out of the buffer.
    weight_decay : float
        Adds this times the parameter to the gradient, as half of it times `losses.l2` would.
    nesterov : bool
        Look ahead: use ``grad + momentum * buffer``.

    Raises
    ------
    ValueError
        If a setting is negative, or `nesterov` is without momentum or with dampening.

    References
    ----------
    Robbins and Monro, A stochastic approximation method, 1951. Polyak, Some methods of speeding up
    the convergence of iteration methods, 1964. Sutskever et al., On the importance of
    initialization and momentum in deep learning, 2013.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> x = Value(1.0)
    >>> optimizer = SGD([x], lr=0.1)
    >>> for _ in range(3):
    ...     optimizer.zero_grad()
    ...     (x * x).backward()
    ...     optimizer.step()
    >>> x.data
    0.512
    """

    settings = ("lr", "momentum", "dampening", "weight_decay", "nesterov")
    moments = ("momentum_buffer",)

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = _not_negative("momentum", momentum)
        self.dampening = as_float(dampening, "dampening")
        self.weight_decay = _not_negative("weight_decay", weight_decay)
        self.nesterov = nesterov
        if nesterov and (self.momentum == 0.0 or self.dampening != 0.0):
            raise ValueError(
                f"nesterov needs momentum and no dampening, got momentum {momentum!r} and "
                f"dampening {dampening!r}"
            )

    def rule(self, m: Any, parameters: Iterable[Any]) -> None:
        """One step of gradient descent."""
        lr, momentum, decay, nesterov = self.lr, self.momentum, self.weight_decay, self.nesterov
        share = m.where(self.steps > 1, 1.0 - self.dampening, 1.0) if self.dampening else 1.0
        for p in parameters:
            g = p.grad
            if decay:
                g += decay * p.data
            if momentum:
                p.momentum_buffer = buffer = momentum * p.momentum_buffer + share * g
                g = g + momentum * buffer if nesterov else buffer
            p.data -= lr * g


class Adagrad(Optimizer):
    """Steps that shrink with the sum of the squares of each parameter's gradients.

    Parameters
    ----------
    params : iterable of Value
    lr : float
    lr_decay : float
        In step t, counted from 0, the rate is ``lr/(1 + t * lr_decay)``.
    weight_decay : float
        As for `SGD`.
    initial_accumulator_value : float
        Where the sums start.
    eps : float
        Added to the root of the sum; positive, because a gradient of 0 would be 0/0 without it.

    Raises
    ------
    ValueError
        If a setting is out of range.

    References
    ----------
    Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic
    optimization, 2011.
    """

    settings = ("lr", "lr_decay", "weight_decay", "initial_accumulator_value", "eps")
    moments = ("sum",)

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, lr)
        self.lr_decay = _not_negative("lr_decay", lr_decay)
        self.weight_decay = _not_negative("weight_decay", weight_decay)
        self.initial_accumulator_value = _not_negative(
            "initial_accumulator_value", initial_accumulator_value
        )
        self.eps = _positive("eps", eps)
        self.sum = [self.initial_accumulator_value] * len(self.parameters)

    def rule(self, m: Any, parameters: Iterable[Any]) -> None:
        """One step of Adagrad."""
        lr = self.lr / (1.0 + (self.steps - 1) * self.lr_decay)
        decay, eps, sqrt = self.weight_decay, self.eps, m.sqrt
        for p in parameters:
            if decay:
                p.grad += decay * p.data
            p.sum += p.grad * p.grad
            p.data -= lr * p.grad / (sqrt(p.sum) + eps)


class RMSprop(Optimizer):
    """Steps divided by the root of a running mean of each parameter's squared gradients.

    Parameters
    ----------
    params : iterable of Value
    lr : float
    alpha : float
        How much of the running means is kept in each step.
    eps : float
        Added to the root; positive, because a gradient of 0 would be 0/0 without it.
    weight_decay : float
        As for `SGD`.
    momentum : float
        Of a buffer of the divided gradients.
    centered : bool
        Divide by a running standard deviation: of the squares, less the square of the mean.

    Raises
    ------
    ValueError
        If a setting is out of range.

    Notes
    -----
    Where rounding makes a variance negative it counts as 0, which PyTorch makes nan.

    References
    ----------
    Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012. Graves,
    Generating sequences with recurrent neural networks, 2013, for `centered`.
    """

    settings = ("lr", "alpha", "eps", "weight_decay", "momentum", "centered")
    moments = ("square_avg", "grad_avg", "momentum_buffer")

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.alpha = _not_negative("alpha", alpha)
        self.eps = _positive("eps", eps)
        self.weight_decay = _not_negative("weight_decay", weight_decay)
        self.momentum = _not_negative("momentum", momentum)
        self.centered = centered

    def rule(self, m: Any, parameters: Iterable[Any]) -> None:
        """One step of RMSprop."""
        lr, kept, share, eps = self.lr, self.alpha, 1.0 - self.alpha, self.eps
        decay, momentum, centered, sqrt = self.weight_decay, self.momentum, self.centered, m.sqrt
        for p in parameters:
            g = p.grad
            if decay:
                g += decay * p.data
            p.square_avg = variance = kept * p.square_avg + share * g * g
            if centered:
                p.grad_avg = kept * p.grad_avg + share * g
                variance = m.maximum(variance - p.grad_avg * p.grad_avg, 0.0)
            g = g / (sqrt(variance) + eps)
            if momentum:
                p.momentum_buffer = g = momentum * p.momentum_buffer + g
            p.data -= lr * g


class Adam(Optimizer):
    """Steps along a running mean of the gradients, divided by the root of one of their squares.

    Both means start at 0, which the division by ``1 - beta**steps`` makes up for.

    Parameters
    ----------
    params : iterable of Value
    lr : float
    betas : (float, float)
        How much of the two running means is kept in each step.
    eps : float
        Added to the root; positive, because a gradient of 0 would be 0/0 without it.
    weight_decay : float
        As for `SGD`.
    amsgrad : bool
        Divide by the largest running mean of squares so far.

    Raises
    ------
    ValueError
        If a setting is out of range.

    References
    ----------
    Kingma and Ba, Adam: a method for stochastic optimization, 2014. Reddi, Kale and Kumar, On the
    convergence of Adam and beyond, 2018, for `amsgrad`.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> x = Value(1.0)
    >>> optimizer = Adam([x], lr=0.1)
    >>> (x * x).backward()
    >>> optimizer.step()
    >>> x.data
    0.9000000005
    """

    settings = ("lr", "betas", "eps", "weight_decay", "amsgrad")
    moments = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
    # Whether weight decay shrinks the parameters themselves, and adds nothing to the gradients.
    decoupled: ClassVar[bool] = False

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.betas = _checked_betas(betas)
        self.eps = _positive("eps", eps)
        self.weight_decay = _not_negative("weight_decay", weight_decay)
        self.amsgrad = amsgrad

    def rule(self, m: Any, parameters: Iterable[Any]) -> None:
        """One step of Adam."""
        beta1, beta2 = self.betas
        share1, share2 = 1.0 - beta1, 1.0 - beta2
        # The order of the end of the paper's section 2: two divisions fewer for each parameter.
        scale = m.sqrt(1.0 - beta2**self.steps)
        rate, eps = self.lr * scale / (1.0 - beta1**self.steps), self.eps * scale
        decay, kept = self.weight_decay, 1.0 - self.lr * self.weight_decay
        decoupled, amsgrad, sqrt = self.decoupled, self.amsgrad, m.sqrt
        for p in parameters:
            g = p.grad
            if decay:
                if decoupled:
                    p.data *= kept
                else:
                    g += decay * p.data
            p.exp_avg = mean = beta1 * p.exp_avg + share1 * g
            p.exp_avg_sq = square = beta2 * p.exp_avg_sq + share2 * g * g
            if amsgrad:
                p.max_exp_avg_sq = square = m.maximum(p.max_exp_avg_sq, square)
            p.data -= rate * (mean / (sqrt(square) + eps))


class AdamW(Adam):
    """Adam that shrinks the parameters themselves, by ``1 - lr * weight_decay`` in each step.

    Parameters
    ----------
    params : iterable of Value
    lr, betas, eps, amsgrad
        As for `Adam`.
    weight_decay : float

    Raises
    ------
    ValueError
        If a setting is out of range.

    References
    ----------
    Loshchilov and Hutter, Decoupled weight decay regularization, 2017.
    """

    decoupled = True

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, amsgrad)


# --- clipping ------------------------------------------------------------------------------------


def clip_grad_norm(parameters: Any, max_norm: float) -> float:
    """Scale all gradients by the same factor so that their norm is at most max_norm.

    Parameters
    ----------
    parameters : iterable of Value, or numpy.ndarray
        Or the gradients of a compiled program, which are changed in place.
    max_norm : float

    Returns
    -------
    float
        The norm before. If it is nan or inf nothing is scaled: there is no direction to keep.

    Raises
    ------
    ValueError
        If `max_norm` is negative.

    References
    ----------
    Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, 2013.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> a, b = Value(0.0, grad=3.0), Value(0.0, grad=4.0)
    >>> clip_grad_norm([a, b], 1.0)
    5.0
    >>> round(a.grad, 6), round(b.grad, 6)
    (0.6, 0.8)
    """
    max_norm = _not_negative("max_norm", max_norm)
    given: Any = parameters if _is_array(parameters) else list(parameters)
    norm = _norm(given) if _is_array(given) else hypot(*[parameter.grad for parameter in given])
    scale = max_norm / (norm + 1e-6)  # PyTorch's, which is what makes 0/0 impossible
    if scale < 1.0 and isfinite(norm):
        if _is_array(given):
            given *= scale
        else:
            for parameter in given:
                parameter.grad *= scale
    return norm


def clip_grad_value(parameters: Any, clip_value: float) -> None:
    """Hold every gradient between -clip_value and clip_value.

    Parameters
    ----------
    parameters : iterable of Value, or numpy.ndarray
        Or the gradients of a compiled program, which are changed in place.
    clip_value : float

    Raises
    ------
    ValueError
        If `clip_value` is negative.

    Examples
    --------
    >>> from autograd_engine import Value
    >>> a = Value(0.0, grad=-3.0)
    >>> clip_grad_value([a], 1.0)
    >>> a.grad
    -1.0
    """
    bound = _not_negative("clip_value", clip_value)
    if _is_array(parameters):
        parameters.clip(-bound, bound, out=parameters)
        return
    for parameter in parameters:
        parameter.grad = min(max(parameter.grad, -bound), bound)  # in this order nan stays nan


def _is_array(parameters: Any) -> bool:
    return hasattr(parameters, "dtype")  # NumPy need not be there


def _norm(grads: Any) -> float:
    """The norm of an array, also where the squares leave the range."""
    largest = float(abs(grads).max(initial=0.0))
    if largest == 0.0 or not isfinite(largest):
        return largest
    return largest * sqrt(((grads / largest) ** 2).sum())


# --- checks ---------------------------------------------------------------------------------------


def _plain(setting: Any) -> Any:
    return list(setting) if isinstance(setting, tuple) else setting  # JSON has no tuples


def _checked(parameters: Iterable[Value]) -> list[Value]:
    if isinstance(parameters, Value) or not hasattr(parameters, "__iter__"):
        raise TypeError(
            "an optimizer takes a list of Values, such as model.parameters(), got "
            f"{type(parameters).__name__}"
        )
    checked = list(parameters)
    if not checked:
        raise ValueError("an optimizer takes parameters, got none")
    for i, parameter in enumerate(checked):
        if not isinstance(parameter, Value):
            raise TypeError(f"parameter {i} is no Value: {parameter!r}")
        if not parameter.is_leaf:
            raise ValueError(
                f"parameter {i} is the result of {parameter.op!r}: an optimizer changes leaves, "
                "from which the loss is computed anew in every step"
            )
    if len(set(checked)) != len(checked):
        raise ValueError("a parameter is given twice: it would be changed twice in every step")
    return checked


def _not_negative(name: str, setting: Any) -> float:
    number = as_float(setting, name)
    if not number >= 0.0:  # nan neither
        raise ValueError(f"{name} must not be negative, got {setting!r}")
    return number


def _positive(name: str, setting: Any) -> float:
    number = as_float(setting, name)
    if not number > 0.0:
        raise ValueError(f"{name} must be positive, got {setting!r}")
    return number


def _checked_betas(betas: Any) -> tuple[float, float]:
    try:
        beta1, beta2 = (as_float(beta, "beta") for beta in betas)
    except (TypeError, ValueError):
        raise ValueError(f"betas must be two numbers, got {betas!r}") from None
    if not (0.0 <= beta1 < 1.0 and 0.0 <= beta2 < 1.0):
        raise ValueError(f"betas must be from 0 up to, but not including, 1, got {betas!r}")
    return beta1, beta2
