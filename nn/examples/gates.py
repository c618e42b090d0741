"""Boolean functions of two inputs: which of the 16 one threshold unit computes.

It computes 14. XOR and its opposite need several units, and AND, OR and NOT are enough for them.

References
----------
McCulloch and Pitts, A logical calculus of the ideas immanent in nervous activity, 1943.
Minsky and Papert, Perceptrons, 1969.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from autograd_engine import dot
from nn.data import BOOLEAN_FUNCTIONS, boolean
from nn.examples.pictures import save_picture
from nn.perceptron import AND, NOT, OR, XOR, ThresholdUnit

__all__ = ["outputs", "run", "steep", "unit_for"]

# What separates the corners of a square can be turned and moved until its numbers are these.
_WEIGHTS = (0.0, 1.0, -1.0)
_BIASES = (-0.5, 0.5, -1.5, 1.5)


def outputs(unit: Callable[[Sequence[float]], Any]) -> tuple[int, ...]:
    """What a unit says to 00, 01, 10 and 11.

    Parameters
    ----------
    unit : callable

    Examples
    --------
    >>> outputs(OR)
    (0, 1, 1, 1)
    """
    return tuple(int(unit([a, b]).data) for a in (0.0, 1.0) for b in (0.0, 1.0))


def unit_for(name: str) -> ThresholdUnit | None:
    """A threshold unit that computes this function, or None if there is none.

    Parameters
    ----------
    name : str
        One of `nn.data.BOOLEAN_FUNCTIONS`.

    Examples
    --------
    >>> unit_for("nand")
    ThresholdUnit([-1.0, -1.0], 1.5): 3 parameters
    >>> unit_for("xor") is None
    True
    """
    for w1, w2, b in itertools.product(_WEIGHTS, _WEIGHTS, _BIASES):
        unit = ThresholdUnit([w1, w2], b)
        if outputs(unit) == BOOLEAN_FUNCTIONS[name]:
            return unit
    return None


def steep(unit: ThresholdUnit) -> Callable[[Sequence[float]], Any]:
    """The weighted sum of a unit, times 20.

    Its sigmoid is nearly the unit's step, and where it is 1/2 can be drawn without stairs.

    Parameters
    ----------
    unit : ThresholdUnit

    Examples
    --------
    >>> steep(AND)([1.0, 1.0]).data
    10.0
    """
    return lambda x: 20.0 * (dot(unit.w, x) + unit.b)


def run(picture: str = "gates.png", seed: int = 0) -> None:
    """Look for a unit for each of the 16 functions, and make XOR of three gates.

    Parameters
    ----------
    picture : str
        Where to save it.
    seed : int
        Of no use here: nothing is drawn at random.
    """
    # Shows itself on a terminal only.
    from tqdm import tqdm

    bar = tqdm(BOOLEAN_FUNCTIONS, unit="function", leave=False, disable=None)
    units = {name: unit_for(name) for name in bar}
    print("function     00 01 10 11    w1    w2     b")
    for name, unit in units.items():
        table = "  ".join(map(str, BOOLEAN_FUNCTIONS[name]))
        numbers = (
            "no unit computes it"
            if unit is None
            else "  ".join(f"{parameter.data:4.1f}" for parameter in unit.parameters())
        )
        print(f"{name:<11}   {table}   {numbers}")
    computed = sum(unit is not None for unit in units.values())
    print()
    print(f"one threshold unit computes {computed} of {len(units)}")
    print("for XOR it would need w1 + b >= 0 and w2 + b >= 0, together w1 + w2 + 2b >= 0,")
    print("and also b < 0 and w1 + w2 + b < 0, together w1 + w2 + 2b < 0")
    print()
    print(" a  b  OR  NOT AND  XOR = AND(OR, NOT AND)")
    for (a, b), _ in boolean("xor"):
        x = [a, b]
        gates = (OR(x).data, NOT([AND(x)]).data, XOR(x).data)
        print(f"{a:2.0f} {b:2.0f}  {gates[0]:2.0f}  {gates[1]:7.0f}  {gates[2]:3.0f}")

    def draw(figure: Any) -> None:
        from visualize import plot_decision_boundary

        figure.set_size_inches(9, 9)
        figure.suptitle("14 of 16: a straight line parts blue (0) from orange (1)")
        for ax, (name, unit) in zip(figure.subplots(4, 4).flat, units.items(), strict=True):
            # Where there is no unit, one that is undecided stands in for it.
            model = (lambda x: 0.0) if unit is None else steep(unit)
            plot_decision_boundary(model, boolean(name), ax=ax, resolution=30, padding=0.4)
            ax.get_legend().remove()
            ax.set_title(f"{name}: no line" if unit is None else name, fontsize=10)
            ax.set(xticks=(0, 1), yticks=(0, 1), xlabel="$a$", ylabel="$b$", aspect="equal")
            ax.label_outer()

    save_picture(picture, draw)
