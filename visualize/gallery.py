"""Every figure of the five lectures, with the lines that make it.

    python -m visualize gallery DIR

A figure is a function of this file; what the index page prints beside it is the function's text.
"""

from __future__ import annotations

import html
import inspect
import itertools
import math
import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nn
import visualize
from autograd_engine import Value, functions, label, relu, sigmoid, softmax
from autograd_engine.files import write_atomically
from nn.examples import lda, regression, universal, vanishing
from visualize.diagram import Diagram
from visualize.document import Document, document

__all__ = ["FIGURES", "Figure", "write_gallery"]


@dataclass(frozen=True)
class Figure:
    """A figure of a lecture.

    Attributes
    ----------
    name : str
        Of its file, without the ending.
    title : str
    lecture : str
        Which one shows it.
    make : callable
        Returns what is drawn; given a path, it has written an animation there.
    """

    name: str
    title: str
    lecture: str
    make: Callable[..., Any]

    @property
    def code(self) -> str:
        """The lines that make it."""
        lines = inspect.getsource(self.make).splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith("def ")) + 1
        return textwrap.dedent("\n".join(lines[first:])).replace("return ", "")

    def write(self, directory: Path) -> str:
        """Save it.

        Parameters
        ----------
        directory : path

        Returns
        -------
        str
            The name of the file.
        """
        if inspect.signature(self.make).parameters:
            self.make(directory / f"{self.name}.gif")
            return f"{self.name}.gif"
        made = self.make()
        if isinstance(made, Document):
            made.write(directory / f"{self.name}.html")
            return f"{self.name}.html"
        if isinstance(made, Diagram):
            made.write(directory / f"{self.name}.svg")
            return f"{self.name}.svg"
        from io import BytesIO

        from matplotlib import pyplot

        picture = BytesIO()
        made.figure.savefig(picture, format="png", dpi=110)
        pyplot.close(made.figure)
        write_atomically(directory / f"{self.name}.png", picture.getvalue())
        return f"{self.name}.png"


FIGURES: list[Figure] = []


def _figure(title: str, lecture: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(make: Callable[..., Any]) -> Callable[..., Any]:
        FIGURES.append(Figure(make.__name__, title, lecture, make))
        return make

    return register


def write_gallery(directory: str | os.PathLike[str], figures: list[Figure] | None = None) -> str:
    """Write every figure, and a page that shows each beside the lines that made it.

    Parameters
    ----------
    directory : path
        Made if it does not exist.
    figures : list of Figure, optional
        All of `FIGURES` if not given.

    Returns
    -------
    str
        The path of the page.

    Raises
    ------
    ImportError
        If matplotlib is missing.
    OSError
        If a file cannot be written.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise ImportError(
            "the gallery needs matplotlib: pip install 'autograd_engine[plot]'", name="matplotlib"
        ) from error
    from tqdm import tqdm

    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    shown = []
    with matplotlib.rc_context({"figure.figsize": (6.0, 4.2), "backend": "agg"}):
        for figure in tqdm(FIGURES if figures is None else figures, unit="figure", disable=None):
            shown.append((figure, figure.write(folder)))
    figures_shown = "\n".join(_shown(figure, name) for figure, name in shown)
    first = f'<pre tabindex="0"><code>{html.escape(first_lines())}</code></pre>'
    body = (
        "<h1>Every figure of the five lectures</h1>\n<p>Each beside the lines that make it, after "
        f"these:</p>\n{first}\n{figures_shown}"
    )
    return document("Gallery", "gallery", body).write(folder / "index.html")


def first_lines() -> str:
    """What the lines of the figures use."""
    return _IMPORTS + inspect.getsource(quartic)


_IMPORTS = """\
import itertools
import math

import nn
import visualize
from autograd_engine import Value, functions, label, relu, sigmoid, softmax
from nn.examples import lda, regression, universal, vanishing


"""


def _shown(figure: Figure, name: str) -> str:
    title = html.escape(f"{figure.title} ({figure.lecture})")
    picture = f'<a href="{name}"><img src="{name}" alt="{title}" loading="lazy"></a>'
    if name.endswith(".html"):
        picture = (
            f'<div><iframe src="{name}" title="{title}" loading="lazy"></iframe>'
            f'<a href="{name}">Open the page</a></div>'
        )
    kind = Path(name).suffix[1:]
    return (
        f'<figure id="{figure.name}" class="{kind}"><figcaption>{title}</figcaption><div>{picture}'
        f'<pre tabindex="0"><code>{html.escape(figure.code)}</code></pre></div></figure>'
    )


# --- computational graphs ------------------------------------------------------------------------


@_figure("The graph of y = wx + q", "S1")
def line() -> Any:
    w, x, q = Value(2.0, label="w"), Value(3.0, label="x"), Value(1.0, label="q")
    return visualize.draw(w * x + q)


@_figure("The loss of a model of two parameters, with its gradients", "S1")
def two_parameters() -> Any:
    t1, t2, x, y = (Value(n) for n in (2.0, -3.0, 4.0, 5.0))
    label(t1=t1, t2=t2, x=x, y=y)
    loss = (t1 * t2 * x - y) ** 2
    loss.backward()
    return visualize.draw(loss, local_derivatives=True, gradient_flow=True)


@_figure("Its backward pass, one addition at a time", "S1")
def two_parameters_page() -> Any:
    t1, t2, x, y = (Value(n) for n in (2.0, -3.0, 4.0, 5.0))
    label(t1=t1, t2=t2, x=x, y=y)
    return visualize.page((t1 * t2 * x - y) ** 2)


@_figure("A perceptron in the lecture's colours", "S3")
def perceptron() -> Any:
    w, x, b = [Value(0.5), Value(-1.0)], [Value(2.0), Value(3.0)], Value(0.1)
    label(w1=w[0], w2=w[1], x1=x[0], x2=x[1], b=b)
    z = w[0] * x[0] + w[1] * x[1] + b
    return visualize.draw(functions.step(z), parameters=[*w, b], style="lecture")


@_figure("A loss with two paths into the same weight", "S3")
def regularised() -> Any:
    w1, w2, x = Value(0.5), Value(-1.0), Value(2.0)
    label(w1=w1, w2=w2, x=x)
    error, penalty = (sigmoid(w2 * sigmoid(w1 * x)) - 1) ** 2, 0.1 * (w1**2 + w2**2)
    loss = error + penalty
    loss.backward()
    return visualize.draw(loss, gradient_flow=True, digits=3)


@_figure("An MLP 2-16-16-1, folded", "S3")
def folded() -> Any:
    model = nn.MLP(2, [16, 16, 1], "tanh", seed=0)
    return visualize.draw(model([1.0, -0.5]), parameters=model)


# --- networks ------------------------------------------------------------------------------------


@_figure("The anatomy of a network", "S0")
def anatomy() -> Any:
    return visualize.draw_network(nn.MLP(3, [2, 1], "tanh", seed=0))


@_figure("A deep network and what its units say", "S2")
def deep() -> Any:
    return visualize.draw_network(nn.MLP(3, [4, 4, 2], "relu", seed=1), [1.0, 0.5, -1.0])


@_figure("The network that solves XOR", "S4")
def xor_network() -> Any:
    model = nn.MLP(2, [2, 1], "relu")
    model.set_parameters([1.0, 1.0, 0.0, 1.0, 1.0, -1.0, 1.0, -2.0, 0.0])
    return visualize.draw_network(model, [1.0, 0.0])


# --- activations and losses ----------------------------------------------------------------------


@_figure("The sigmoid and its derivative", "S0, S2, S3, S4")
def sigmoid_curve() -> Any:
    return visualize.plot_activation("sigmoid")


@_figure("tanh and its derivative", "S0, S2, S4")
def tanh_curve() -> Any:
    return visualize.plot_activation("tanh")


@_figure("The ReLU and the leaky ReLU", "S0, S2, S3, S4")
def relu_curve() -> Any:
    leaky = functions.leaky_relu
    return visualize.plot_activation({"relu": relu, "leaky": lambda x: leaky(x, 0.1)})


@_figure("Softplus and hard tanh", "S4")
def softplus_curve() -> Any:
    return visualize.plot_activation(
        {"softplus": functions.softplus, "hardtanh": functions.hardtanh}
    )


@_figure("GELU, smooth", "S1")
def gelu_curve() -> Any:
    return visualize.plot_activation("gelu")


@_figure("A step, made soft: σ(kx)", "S3")
def soft_step() -> Any:
    steep = {f"k = {k}": lambda x, k=k: sigmoid(k * x) for k in (1, 5, 50)}
    return visualize.plot_activation(steep, derivatives=False)


@_figure("What cross-entropy costs", "S1")
def cross_entropy() -> Any:
    return visualize.plot_loss_curves()


@_figure("Why the squared error learns slowly behind a sigmoid", "S2")
def loss_slopes() -> Any:
    return visualize.plot_loss_slopes()


@_figure("Two normal classes and the posterior", "S3")
def two_gaussians() -> Any:
    return visualize.plot_posterior(-1.0, 1.0, 0.8)


@_figure("Class probabilities of a softmax", "S2")
def probabilities() -> Any:
    shares = softmax([1.0, 2.0, 3.0, 0.0])
    names = ("dog", "cat", "bird", "turtle")
    return visualize.plot_probabilities(dict(zip(names, shares, strict=True)), truth="bird")


# --- descent -------------------------------------------------------------------------------------


def quartic(x: Value) -> Value:
    """Two minima: 1.1309 and, lower, -1.3008."""
    return x**4 - 3 * x**2 + x


@_figure("A quartic loss, x⁴ - 3x² + x, and some parameters that were tried", "S1")
def tried() -> Any:
    return visualize.plot_loss_1d(quartic, tried=[-1.5, -0.5, 0.0, 1.0, 1.7])


@_figure("What a step of rate γ minimises: the tangent, and a parabola", "S3")
def local_model() -> Any:
    path = visualize.descend(quartic, 2.0, 0.03, 1)
    return visualize.plot_descent(quartic, path, between=(-2.2, 2.2), rate=0.03)


@_figure("Descent on the quartic to a local minimum", "S3")
def local_minimum(path: Path) -> None:
    steps = visualize.descend(quartic, 2.0, 0.05, 8)
    visualize.animate(
        lambda ax, k: visualize.plot_descent(quartic, steps[:k], ax, (-2.2, 2.2)),
        range(1, 9),
        path,
    )


@_figure("From the other side, to the global minimum", "S3")
def global_minimum(path: Path) -> None:
    steps = visualize.descend(quartic, -2.0, 0.05, 8)
    visualize.animate(
        lambda ax, k: visualize.plot_descent(quartic, steps[:k], ax, (-2.2, 2.2)),
        range(1, 9),
        path,
    )


@_figure("Divergence: the rate is too large", "S3")
def divergence(path: Path) -> None:
    steps = visualize.descend(quartic, 2.0, 0.2, 5)
    visualize.animate(
        lambda ax, k: visualize.plot_descent(quartic, steps[:k], ax, (-4.0, 4.0)),
        range(1, 7),
        path,
    )


@_figure("Batch and stochastic descent", "S3")
def paths() -> Any:
    found = {
        name: [(place.slope, place.intercept) for place in regression.descend(size, 60)[1]]
        for name, size in (("batch", 5), ("stochastic", 1))
    }
    return visualize.plot_paths_2d(regression.loss_at, found)


# --- depth ---------------------------------------------------------------------------------------


@_figure("Gradients vanish on the way down: sigmoid", "S3")
def vanishing_gradients() -> Any:
    model, data = vanishing.deep_network("sigmoid", "uniform(-1.0, 1.0)"), nn.data.moons(seed=0)
    nn.mse([model(x) for x, _ in data], [y for _, y in data]).backward()
    return visualize.plot_gradient_histograms(model)


@_figure("They keep their size: tanh from Xavier's start", "S3")
def kept_gradients() -> Any:
    model, data = vanishing.deep_network("tanh", "xavier_uniform"), nn.data.moons(seed=0)
    nn.mse([model(x) for x, _ in data], [y for _, y in data]).backward()
    return visualize.plot_gradient_histograms(model)


@_figure("A sum of ReLUs that grows", "S3")
def relu_sum(path: Path) -> None:
    visualize.animate(
        lambda ax, k: visualize.plot_relu_sum(math.sin, 8, ax, shown=k), range(9), path
    )


@_figure("A sum of bumps", "S2")
def bumps() -> Any:
    return visualize.plot_bumps(math.sin, 12)


@_figure("Accuracy by depth: spirals, layers of four units", "S2")
def depth() -> Any:
    data, accuracies = nn.data.spirals(60, seed=0), {n: list[float]() for n in range(1, 5)}
    for n, seed in itertools.product(accuracies, range(4)):
        model = nn.MLP(2, [4] * n + [1], "tanh", seed=seed)
        adam, loss = nn.Adam(model.parameters(), 0.03), "binary_cross_entropy_with_logits"
        log = nn.fit(model, data, loss=loss, optimizer=adam, epochs=400, metrics=["accuracy"])
        accuracies[n].append(log["accuracy"][-1])
    return visualize.plot_sweep(accuracies)


@_figure("Depth doubles the pieces", "S2")
def pieces() -> Any:
    return visualize.plot_pieces(universal.tent_network(4))


@_figure("Half-spaces of three units", "S2")
def half_spaces() -> Any:
    layer = nn.Layer(2, 3, "relu", seed=4)
    return visualize.plot_half_spaces(layer)


# --- what was trained ----------------------------------------------------------------------------


@_figure("Points, and the boundary of linear discriminant analysis", "S3")
def boundary() -> Any:
    data = nn.data.gaussians(200, (lda.MEAN0, lda.MEAN1), lda.COVARIANCE, lda.PRIOR, seed=0)
    neuron = lda.lda_neuron(lda.MEAN0, lda.MEAN1, lda.COVARIANCE, lda.PRIOR)
    return visualize.plot_decision_boundary(neuron, data, logits=False)


@_figure("The plane that a linear model fits to XOR", "S4")
def xor_plane() -> Any:
    model = nn.MLP(2, [1], initialiser="zeros")
    nn.fit(model, nn.data.boolean("xor"), optimizer=nn.SGD(model.parameters(), 0.5), epochs=50)
    return visualize.plot_surface(model, nn.data.boolean("xor"))


@_figure("XOR, solved", "S4")
def xor_boundary() -> Any:
    model, data = nn.MLP(2, [8, 1], "tanh", seed=0), nn.data.boolean("xor")
    adam = nn.Adam(model.parameters(), 0.1)
    nn.fit(model, data, loss="binary_cross_entropy_with_logits", optimizer=adam, epochs=150)
    return visualize.plot_decision_boundary(model, data)


@_figure("A quadratic, and the network that learned it", "S0")
def quadratic() -> Any:
    model = nn.MLP(1, [10, 10, 1], "tanh", seed=0)
    nn.fit(model, nn.data.quadratic(), optimizer=nn.Adam(model.parameters(), 0.02), epochs=120)
    return visualize.plot_fit({"$x^2$": lambda x: x * x, "network": model}, nn.data.quadratic())


@_figure("Too many units for noisy points", "S0, S4")
def overfit() -> Any:
    model, data = nn.MLP(1, [30, 30, 1], "tanh", seed=0), nn.data.quadratic(noise=0.15, seed=1)
    nn.fit(model, data, optimizer=nn.Adam(model.parameters(), 0.02), epochs=400)
    return visualize.plot_fit({"$x^2$": lambda x: x * x, "network": model}, data)


@_figure("Two moons: boundary, loss and weights, epoch by epoch", "S4")
def moons_page() -> Any:
    model, data = nn.MLP(2, [8, 8, 1], "tanh", seed=0), nn.data.moons(seed=0)
    adam = nn.Adam(model.parameters(), 0.05)
    loss = "binary_cross_entropy_with_logits"
    history = nn.fit(model, data, loss=loss, optimizer=adam, epochs=30, record=True)
    return visualize.training_page(history)


@_figure("The log of Fashion-MNIST in Keras", "S4")
def keras_log() -> Any:
    return visualize.plot_training_log(
        {
            "loss": [0.5003, 0.3782, 0.3362, 0.3141, 0.2934],
            "accuracy": [0.8238, 0.8643, 0.8784, 0.8844, 0.8922],
        }
    )
