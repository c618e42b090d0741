"""Training, epoch by epoch, as a page that needs nothing but a browser."""

from __future__ import annotations

import base64
import html
import math
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_engine import sigmoid, softmax
from autograd_engine.modes import mode_block
from visualize.document import Document, controls, document
from visualize.network import neurons_of, stages
from visualize.plots.shared import as_numbers, evenly, in_use

if TYPE_CHECKING:
    from nn import Module
    from nn.history import History

__all__ = ["training_page"]

_MOST_FRAMES = 60
_MOST_UNITS = 10
_SIDE = 40  # cells along each axis of the plane
_PLACES = 121  # of a curve


def training_page(
    history: History,
    path: str | os.PathLike[str] | None = None,
    *,
    title: str = "Training",
) -> Document:
    """A page on which the course of a training is seen: losses, weights, and what is computed.

    A model of two inputs is shown as the class that it chooses everywhere in the plane, one of
    one input as a curve. A single output is a logit; or, if the model was trained by `nn.mse`,
    `nn.mae`, `nn.huber` or `nn.binary_cross_entropy`, what the targets are themselves, of which
    the smallest are class 0 and the largest class 1. The width of a line between units is the size
    of a weight, its colour the sign. One slider moves all. Keys: the arrows, Home, End, and space
    to play.

    Parameters
    ----------
    history : History
        Of ``nn.fit(..., record=True)``.
    path : path, optional
        Where to write it, ending in .html.
    title : str

    Returns
    -------
    Document
        Shown by notebooks; ``html`` is its text.

    Raises
    ------
    TypeError
        If `history` is no History.
    ValueError
        If the history has no record of the parameters, or the path does not end in .html.

    Examples
    --------
    >>> import nn
    >>> model = nn.MLP(2, [8, 1], "tanh", seed=0)
    >>> history = nn.fit(model, nn.data.moons(seed=0), epochs=5, record=True)
    >>> shown = training_page(history)
    >>> shown.write("training.html")  # doctest: +SKIP
    """
    from nn import History

    if not isinstance(history, History):
        raise TypeError(f"training_page takes what nn.fit returned, got {history!r}")
    record = history.record
    if record is None or not len(history):
        raise ValueError(
            "the history has no record of the parameters: train with nn.fit(..., record=True)"
        )
    last = len(record.parameters) - 1
    count = min(_MOST_FRAMES, last + 1)
    chosen = [round(last * i / max(count - 1, 1)) for i in range(count)]
    points = [(as_numbers(x), as_numbers(y)) for x, y in record.data]
    inputs = {len(x) for x, _ in points}
    data: dict[str, Any] = {
        "rows": [
            {name: row.get(name) for name in ("epoch", "loss", "val_loss") if _is_finite(row, name)}
            for row in history
        ],
        "frames": [{"epoch": i, "text": _text(history, i)} for i in chosen],
    }
    figures = [_FIGURE.format(id="losses", caption="loss by epoch; broken: validation")]
    network = _Network(record.model)
    draws = len(inputs) == 1 and max(inputs) in (1, 2)
    places = _places(points) if draws else []
    outputs = _Outputs(record.model)
    weights, surfaces = [], []
    for i in chosen:
        weights.append(network.weights(record.parameters[i]))
        surfaces.append(outputs(record.parameters[i], places) if draws else [])
    if draws:
        name, view = _view(points, surfaces, record.loss)
        data[name] = view
        figures.insert(0, _PLANE if name == "plane" else _CURVE)
    if network.columns:
        largest = max((abs(w) for frame in weights for w in frame), default=1.0) or 1.0
        data["network"] = {
            "columns": network.columns,
            "weights": network.places,
            "frames": weights,
            "largest": largest,
        }
        figures.append(
            _FIGURE.format(id="network", caption="weights: width by size, blue positive")
        )
    body = _BODY.format(
        title=html.escape(title), controls=controls("epoch"), figures="\n".join(figures)
    )
    shown = document(title, "training", body, data, height=620)
    if path is not None:
        shown.write(path)
    return shown


def _is_finite(row: dict[str, float], name: str) -> bool:
    return name in row and math.isfinite(row[name])


def _text(history: History, frame: int) -> str:
    if frame == 0:
        return "before training"
    row = history[frame - 1]
    numbers = [f"{name} {x:.4g}" for name, x in row.items() if name not in ("epoch", "lr")]
    return f"epoch {row['epoch']}: {', '.join(numbers)}"


# --- what the model computes ---------------------------------------------------------------------


class _Outputs:
    """What a model computes at many places at once, with any parameters."""

    def __init__(self, model: Module) -> None:
        from autograd_engine.compiler import CompiledFunction

        def outputs(x: list[Any]) -> Any:
            returned = model(x)
            returned = returned if isinstance(returned, (list, tuple)) else [returned]
            return returned[0], list(returned)

        self.model = model
        self.function = CompiledFunction(outputs, parameters=model.parameters(), has_aux=True)

    def __call__(self, parameters: Sequence[float], places: list[list[float]]) -> list[list[float]]:
        with in_use(self.model), mode_block(recording=True):
            self.function.params[:] = parameters
            self.function(places)
        return [list(map(float, row)) for row in zip(*self.function.aux, strict=True)]


def _places(points: list[tuple[list[float], list[float]]]) -> list[list[float]]:
    """Where the model is called: along a line, or in a plane from the top left."""
    if len(points[0][0]) == 1:
        return [[x] for x in evenly([x[0] for x, _ in points], _PLACES, 0.05)]
    xs, ys = (evenly([x[axis] for x, _ in points], _SIDE, 0.15) for axis in (0, 1))
    return [[x, y] for y in reversed(ys) for x in xs]


def _view(
    points: list[tuple[list[float], list[float]]], surfaces: list[Any], loss: Any
) -> tuple[str, dict[str, Any]]:
    if len(points[0][0]) == 1:
        heights = [y[0] for _, y in points]
        xs = evenly([x[0] for x, _ in points], 2, 0.05)
        return "curve", {
            "x": xs,
            "y": evenly(heights, 2, 0.3),
            "points": [[x[0], y[0]] for x, y in points],
            "frames": [[_rounded(h) for (h, *_) in surface] for surface in surfaces],
        }
    ends = [evenly([x[axis] for x, _ in points], 2, 0.15) for axis in (0, 1)]
    probabilities, class_of = _classes([y for _, y in points], surfaces[0][0], loss)
    return "plane", {
        "x": ends[0],
        "y": ends[1],
        "side": _SIDE,
        "points": [[*x, class_of(y)] for x, y in points],
        "frames": [
            base64.b64encode(bytes(_cell(probabilities(o)) for o in surface)).decode()
            for surface in surfaces
        ],
    }


def _classes(
    targets: list[list[float]], outputs: list[float], loss: Any
) -> tuple[Callable[[list[float]], list[float]], Callable[[list[float]], int]]:
    """How probable outputs make each class, and which class a target is."""
    import nn

    if len(outputs) > 1:
        return softmax, lambda y: y.index(max(y)) if len(y) > 1 else max(int(y[0]), 0)
    low, high = min(y[0] for y in targets), max(y[0] for y in targets)
    if low == high:
        low, high = min(low, 0.0), max(high, 1.0)

    def probabilities(output: list[float]) -> list[float]:
        if loss in (nn.mse, nn.mae, nn.huber, nn.binary_cross_entropy):
            p = min(max((output[0] - low) / (high - low), 0.0), 1.0)
        else:
            p = sigmoid(output[0])
        return [1.0 - p, p]

    return probabilities, lambda y: int(y[0] > (low + high) / 2)


def _cell(probabilities: list[float]) -> int:
    """The most probable class, in three bits, and how sure it is, in five."""
    best = max(range(len(probabilities)), key=probabilities.__getitem__)
    if not math.isfinite(probabilities[best]):
        return 0
    least = 1.0 / len(probabilities)
    return (best % 8) * 32 + round(31 * (probabilities[best] - least) / (1.0 - least))


def _rounded(x: float) -> float:
    return float(f"{max(-1e9, min(x, 1e9)):.4g}") if math.isfinite(x) else 0.0


# --- the weights ---------------------------------------------------------------------------------


class _Network:
    """The weights of a model that has layers of neurons; of wide layers, the first units."""

    def __init__(self, model: Module) -> None:
        import nn

        self.parameters = model.parameters()
        # What is between layers, such as a function, has no weights to be drawn.
        layers = [stage for _, stage in stages(model) if isinstance(stage, (nn.Layer, nn.Neuron))]
        self.layers = [neurons_of(layer) for layer in layers]
        sizes = [len(layer) for layer in self.layers]
        if sizes:
            sizes.insert(0, len(self.layers[0][0].w))
        self.columns = [{"size": size, "shown": min(size, _MOST_UNITS)} for size in sizes]
        self.places = [
            [i, to, origin]
            for i in range(len(self.layers))
            for to in range(self.columns[i + 1]["shown"])
            for origin in range(self.columns[i]["shown"])
        ]

    def weights(self, parameters: Sequence[float]) -> list[float]:
        """Those that are drawn, when the parameters are these."""
        number = dict(zip(self.parameters, parameters, strict=True))
        return [_rounded(number[self.layers[i][to].w[origin]]) for i, to, origin in self.places]


_FIGURE = (
    "<figure><figcaption>{caption}</figcaption>"
    '<svg id="{id}" role="img" aria-label="{caption}"></svg></figure>'
)
_CURVE = _FIGURE.format(id="curve", caption="data, and what the model returns")
_PLANE = (
    "<figure><figcaption>which class is chosen where; paler: less sure</figcaption>"
    '<div><canvas id="canvas"></canvas>'
    '<svg id="plane" role="img" aria-label="the plane of the inputs, with the data"></svg></div>'
    "</figure>"
)
_BODY = """<h1>{title}</h1>
{controls}
<p id="now" class="number" aria-live="polite"></p>
<div class="panels">
{figures}
</div>"""
