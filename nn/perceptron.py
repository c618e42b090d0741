"""Threshold units: the gates they make, and the perceptron, which learns its weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_engine import Value
from nn.layers import Neuron

__all__ = ["AND", "NOT", "OR", "XOR", "Perceptron", "PerceptronFit", "ThresholdUnit"]


class ThresholdUnit(Neuron):
    """1 if ``dot(w, x) + b`` is 0 or above, otherwise 0.

    Its gradient is 0 everywhere, so that gradient descent cannot train it.

    Parameters
    ----------
    w : list of numbers
        The weights, one for each input.
    b : number
        The bias.

    References
    ----------
    McCulloch and Pitts, A logical calculus of the ideas immanent in nervous activity, 1943.

    Examples
    --------
    >>> unit = ThresholdUnit([1.0, 1.0], -2.0)
    >>> unit([1.0, 1.0]), unit([1.0, 0.5])
    (Value(data=1.0), Value(data=0.0))
    """

    def __init__(self, w: Sequence[float], b: float) -> None:
        super().__init__(len(w), "step", initialiser="zeros")
        self.set_parameters([*w, b])

    def arguments(self) -> dict[str, Any]:
        """What builds such a unit, for `nn.save`."""
        return {"w": [weight.data for weight in self.w], "b": self.b.data}

    def _name(self) -> str:
        return f"{type(self).__name__}({[weight.data for weight in self.w]}, {self.b.data})"


# --- gates ---------------------------------------------------------------------------------------

OR = ThresholdUnit([1.0, 1.0], -0.5)
AND = ThresholdUnit([1.0, 1.0], -1.5)
NOT = ThresholdUnit([-1.0], 0.5)


def XOR(x: Sequence[Any]) -> Value:
    """One of two, but not both: no unit computes it alone, AND, OR and NOT do together.

    Parameters
    ----------
    x : two Values or numbers

    Returns
    -------
    Value

    References
    ----------
    Minsky and Papert, Perceptrons, 1969.

    Examples
    --------
    >>> [XOR([a, b]).data for a in (0, 1) for b in (0, 1)]
    [0.0, 1.0, 1.0, 0.0]
    """
    result: Value = AND([OR(x), NOT([AND(x)])])
    return result


# --- learning ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PerceptronFit:
    """How the perceptron's learning went.

    Attributes
    ----------
    converged : bool
        Whether the last epoch was without an error.
    epochs : int
        How often it went through the data, with that epoch.
    updates : int
        How many errors it corrected.
    """

    converged: bool
    epochs: int
    updates: int


class Perceptron(ThresholdUnit):
    """A threshold unit that learns; its weights and bias start at 0.

    Parameters
    ----------
    nin : int
        How many inputs it has.

    References
    ----------
    Rosenblatt, The perceptron: a probabilistic model for information storage and organization in
    the brain, 1958.

    Examples
    --------
    >>> from nn.data import boolean
    >>> perceptron = Perceptron(2)
    >>> perceptron.fit(boolean("or"))
    PerceptronFit(converged=True, epochs=4, updates=5)
    >>> [weight.data for weight in perceptron.w], perceptron.b.data
    ([1.0, 1.0], -1.0)
    """

    def __init__(self, nin: int) -> None:
        Neuron.__init__(self, nin, "step", initialiser="zeros")

    def fit(
        self, data: Iterable[tuple[Sequence[float], float]], lr: float = 1.0, max_epochs: int = 100
    ) -> PerceptronFit:
        """Correct the weights by every example that is wrong, in the order of the data.

        An output of 0 in place of 1 adds ``lr * x`` to the weights and ``lr`` to the bias; an
        output of 1 in place of 0 subtracts them. This ends if a line, or a plane, separates the
        classes.

        Parameters
        ----------
        data : iterable of (x, y)
            y is 0 or 1.
        lr : float
            The learning rate. From weights of 0 it scales them and changes nothing else.
        max_epochs : int
            When to give up.

        Returns
        -------
        PerceptronFit

        Raises
        ------
        ValueError
            If there is no data, a target is not 0 or 1, or an option is out of range.

        References
        ----------
        Novikoff, On convergence proofs on perceptrons, 1962.
        """
        if not lr > 0.0:
            raise ValueError(f"lr must be above 0, got {lr!r}")
        if isinstance(max_epochs, bool) or not isinstance(max_epochs, int) or max_epochs < 1:
            raise ValueError(f"max_epochs must be 1, 2, 3, ..., got {max_epochs!r}")
        examples = list(data)  # an iterator would be used up by the checks
        if not examples:
            raise ValueError("there are no examples to learn from")
        for i, (_, y) in enumerate(examples):
            if y not in (0, 1):
                raise ValueError(f"a perceptron's targets are 0 and 1, got {y!r} in example {i}")
        updates = 0
        for epoch in range(1, max_epochs + 1):
            before = updates
            for x, y in examples:
                error = y - self(x).data
                if error:
                    for weight, number in zip(self.w, x, strict=True):
                        weight.data += lr * error * number
                    self.b.data += lr * error
                    updates += 1
            if updates == before:
                return PerceptronFit(True, epoch, updates)
        return PerceptronFit(False, max_epochs, updates)

    def arguments(self) -> dict[str, Any]:
        """What makes another perceptron like this one, apart from its parameters."""
        return {"nin": len(self.w)}

    def _name(self) -> str:
        return f"Perceptron({len(self.w)})"
