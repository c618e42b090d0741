"""Training steps of compiled programs, with the update of an optimizer in them."""

from __future__ import annotations

import builtins
import linecache
from functools import partial
from typing import Any

import numpy as np

from autograd_engine.compiler.arrays import zeros
from autograd_engine.compiler.update import Update, branches, settings_of

__all__ = ["TrainStep"]


class TrainStep:
    """A step of training: the loss, its gradient, and what an optimizer does with it, all in place.

    A compiled graph or function makes it: ``step = program.train_step(optimizer)``. Parameters and
    moments are then vectors of the program; `push` gives them to the Values and the optimizer,
    `pull` takes them from there. Settings such as the learning rate are the optimizer's own at any
    time, and so is its number of steps.

    Attributes
    ----------
    program : Program or CompiledFunction
    optimizer : Optimizer
    """

    def __init__(self, program: Any, optimizer: Any) -> None:
        kind = type(optimizer)
        if not hasattr(optimizer, "rule"):
            raise TypeError(f"train_step takes an optimizer such as nn.SGD, got {optimizer!r}")
        if sum("step" in vars(x) for x in (optimizer, *kind.__mro__)) > 1:
            raise ValueError(f"{kind.__name__} has a step of its own, and only a rule is compiled")
        self.program, self.optimizer = program, optimizer
        self._params: Any = None  # of the program when the following was made
        self._names: list[str] = []
        self._settings: list[Any] = []
        self._moments: dict[str, Any] = {}
        self._write()
        if program.parameters:
            self._prepare()

    def __call__(self, *inputs: Any) -> float:
        """Make a step.

        Parameters
        ----------
        *inputs
            As the program takes them.

        Returns
        -------
        float
            The loss before the step.
        """
        value, _ = self.program.value_and_grad(*inputs)
        self.update()
        return float(value)

    def update(self) -> None:
        """Change the parameters of the program by its gradients, as they are now.

        For what is done to gradients between the two, such as `nn.clip_grad_norm` of them::

            value, grads = program.value_and_grad()
            nn.clip_grad_norm(grads, 1.0)
            step.update()
        """
        optimizer = self.optimizer
        settings = [getattr(optimizer, name) for name in self._names]
        if settings != self._settings or self._params is not self.program.params:
            self._prepare()
        optimizer.steps += 1
        if "steps" in self._named:
            self._named["steps"] = optimizer.steps
        if self._elsewhere is not None:
            self._vectors[0][...] = self._params[self._elsewhere]
            self._vectors[1][...] = self.program.grads[self._elsewhere]
        with np.errstate(all="ignore"):  # inf and nan are values here
            self._update(*self._vectors, **self._named)
        if self._elsewhere is not None:
            self._params[self._elsewhere] = self._vectors[0]

    @property
    def source(self) -> str:
        """The NumPy source of the program, and of the update."""
        return f"{self.program.source.rstrip()}\n\n\n{self._written.source}"

    def push(self) -> None:
        """Give the Values and the optimizer the numbers of the program."""
        self.program.push()
        for name, numbers in self._moments.items():
            setattr(self.optimizer, name, numbers.tolist())

    def pull(self) -> None:
        """Take the numbers of the Values and of the optimizer."""
        self.program.pull()
        for name, numbers in self._moments.items():
            numbers[:] = getattr(self.optimizer, name)

    def _prepare(self) -> None:
        """Gather what the update is called with; write it anew if it branches otherwise."""
        if self._branches != branches(self.optimizer):
            self._write()
        written, optimizer, params = self._written, self.optimizer, self.program.params
        places = self._places()
        vector = partial(zeros, len(places), self.program.dtype)
        self._elsewhere = None
        vectors = [params[: len(places)], self.program.grads[: len(places)]]
        if places != list(range(len(places))):
            self._elsewhere, vectors = np.array(places), [vector() for _ in vectors]
        vectors += [self._moments[name] for name in written.vectors[2:]]
        self._vectors = [*vectors, *(vector() for _ in written.scratch)]
        self._named = {name: getattr(optimizer, name) for name in written.settings}
        self._names = settings_of(optimizer)
        self._settings = [getattr(optimizer, name) for name in self._names]
        self._params = params

    def _write(self) -> None:
        """Write the update, for the settings on which it branches."""
        self._branches = branches(self.optimizer)
        self._written = written = Update(self.optimizer)
        name = f"<update {id(self):x}>"
        namespace: dict[str, Any] = {}
        # The source is made of this package's own names, of identifiers, and of numbers.
        exec(builtins.compile(written.source, name, "exec"), namespace)
        linecache.cache[name] = len(written.source), None, written.source.splitlines(True), name
        self._update = namespace["update"]
        for moment in written.vectors[2:]:
            if moment not in self._moments:
                numbers = getattr(self.optimizer, moment)
                self._moments[moment] = zeros(len(numbers), self.program.dtype)
                self._moments[moment][:] = numbers

    def _places(self) -> list[int]:
        """Where the optimizer's parameters are among those of the program."""
        places = {parameter: i for i, parameter in enumerate(self.program.parameters)}
        for i, parameter in enumerate(self.optimizer.parameters):
            if parameter not in places:
                raise ValueError(
                    f"parameter {i} of the optimizer, {parameter!r}, is none of the program: give "
                    "the program all of them, as in compile(loss, optimizer.parameters)"
                )
        return [places[parameter] for parameter in self.optimizer.parameters]
