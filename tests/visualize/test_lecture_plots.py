"""Curves, descents and networks: what the lines hold, against numbers that are known."""

import math
import sys

import pytest

import nn
import visualize
from autograd_engine import leaky_relu, sigmoid, softmax
from nn.examples.universal import tent_network

pytest.importorskip("matplotlib").use("agg")


@pytest.fixture
def ax():
    from matplotlib.figure import Figure

    return Figure().subplots()


def points(line):
    return dict(zip(map(float, line.get_xdata()), map(float, line.get_ydata()), strict=True))


def at(line, x):
    """What a line is at the drawn place nearest to x."""
    drawn = points(line)
    return drawn[min(drawn, key=lambda place: abs(place - x))]


def labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_without_matplotlib_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.animation", None)
    layer = nn.Layer(2, 3, seed=0)
    for plot in (
        lambda: visualize.plot_activation("tanh"),
        lambda: visualize.plot_loss_curves(),
        lambda: visualize.plot_loss_slopes(),
        lambda: visualize.plot_posterior(0.0, 1.0, 1.0),
        lambda: visualize.plot_relu_sum(math.sin, 4),
        lambda: visualize.plot_bumps(math.sin, 4),
        lambda: visualize.plot_pieces(tent_network(1)),
        lambda: visualize.plot_sweep({1: 0.5}),
        lambda: visualize.plot_loss_1d(abs),
        lambda: visualize.plot_descent(abs, [1.0]),
        lambda: visualize.plot_paths_2d(math.hypot, {"path": [(1.0, 1.0)]}),
        lambda: visualize.plot_gradient_histograms({"layer": [1.0]}),
        lambda: visualize.plot_half_spaces(layer),
        lambda: visualize.plot_probabilities([1.0]),
        lambda: visualize.plot_surface(sum),
        lambda: visualize.plot_training_log({"loss": [1.0]}),
        lambda: visualize.animate(lambda ax, k: None, [1], tmp_path / "a.gif"),
    ):
        with pytest.raises(ImportError, match=r"plots need matplotlib: pip install 'autograd_eng"):
            plot()


# --- curves --------------------------------------------------------------------------------------


def test_an_activation_and_its_derivative(ax):
    assert visualize.plot_activation("sigmoid", ax=ax) is ax
    curve, slope = ax.lines[:2]
    assert at(curve, 1.0) == pytest.approx(0.7310585786300049)
    assert at(slope, 0.0) == 0.25
    assert at(slope, 5.0) == pytest.approx(0.006648056670790155)
    assert labels(ax) == ["sigmoid", "sigmoid'"]
    assert (curve.get_linestyle(), slope.get_linestyle()) == ("-", "--")


def test_several_activations_without_derivatives(ax):
    steep = {f"k = {k}": lambda x, k=k: sigmoid(k * x) for k in (1, 50)}
    visualize.plot_activation(steep, ax=ax, between=(-1.0, 1.0), derivatives=False)
    assert labels(ax) == ["k = 1", "k = 50"]
    assert at(ax.lines[1], 0.5) == pytest.approx(1.0, abs=1e-10)
    visualize.plot_activation(leaky_relu, ax=ax)
    assert "leaky_relu'" in labels(ax)


def test_losses_of_a_probability(ax):
    visualize.plot_loss_curves(ax)
    one, zero = ax.lines
    assert at(one, 0.9) == pytest.approx(0.10536051565782628)
    assert at(zero, 0.9) == pytest.approx(2.302585092994046)


def test_slopes_of_two_losses(ax):
    visualize.plot_loss_slopes(ax, between=(-5.0, 5.0))
    squared, entropy = ax.lines[:2]
    assert at(squared, -5.0) == pytest.approx(2 * -0.993307 * 0.006648056670790155, abs=1e-8)
    assert at(entropy, -5.0) == pytest.approx(-0.993307, abs=1e-6)


def test_the_posterior_is_the_prior_in_the_middle(ax):
    visualize.plot_posterior(-1.0, 1.0, 0.8, 0.3, ax)
    first, second, posterior = ax.lines
    assert at(posterior, 0.0) == pytest.approx(0.3)
    assert at(first, -1.0) == pytest.approx(1 / (0.8 * math.sqrt(math.tau)), rel=1e-3)
    for x in (-0.5, 0.5):  # Bayes' rule
        x = min(points(first), key=lambda place, x=x: abs(place - x))
        ones, zeros = 0.3 * at(second, x), 0.7 * at(first, x)
        assert at(posterior, x) == pytest.approx(ones / (ones + zeros))


def test_a_sum_of_relus_meets_the_function_at_its_kinks(ax):
    visualize.plot_relu_sum(math.sin, 8, ax=ax)
    function, total, *parts = ax.lines
    errors = [abs(at(function, x) - at(total, x)) for x in points(total)]
    assert max(errors) == pytest.approx(0.0704, abs=2e-4)
    assert at(total, math.pi / 2) == pytest.approx(1.0, abs=1e-12)
    assert len(parts) == 8


def test_a_sum_of_relus_that_grows(ax):
    visualize.plot_relu_sum(lambda x: x * x, 4, ax=ax, between=(-2.0, 2.0), shown=2)
    total = ax.lines[1]
    assert [at(total, x) for x in (-2.0, -1.0, 0.0, 1.0)] == pytest.approx([4.0, 1.0, 0.0, -1.0])


def test_a_sum_of_bumps_meets_the_function_in_their_middles(ax):
    visualize.plot_bumps(lambda x: x * x, 4, ax=ax, between=(0.0, 4.0), steepness=50.0)
    function, total, *parts = ax.lines
    for middle in (0.5, 1.5, 2.5, 3.5):
        assert at(total, middle) == pytest.approx(middle**2, rel=1e-6)
        assert at(function, middle) == pytest.approx(middle**2)
    # Where two bumps meet, each has half of its height.
    assert at(total, 2.0) == pytest.approx((1.5**2 + 2.5**2) / 2, rel=1e-6)
    assert len(parts) == 4 and labels(ax) == ["function", "sum of bumps"]


def test_bumps_that_are_added_up(ax):
    visualize.plot_bumps(lambda x: 1.0, 4, ax=ax, between=(0.0, 4.0), shown=2)
    assert [at(ax.lines[1], x) for x in (0.5, 1.5, 3.5)] == pytest.approx([1, 1, 0], abs=1e-4)
    ax.clear()
    visualize.plot_bumps(lambda x: 1.0, 4, ax=ax, shown=0)
    assert set(points(ax.lines[1]).values()) == {0.0}
    with pytest.raises(ValueError, match="n is a whole number of bumps from 1 on, got 0"):
        visualize.plot_bumps(math.sin, 0, ax)


def test_a_sweep_has_the_means_and_the_runs(ax):
    visualize.plot_sweep({2: [0.9, 1.0], 1: [0.5, 0.6, 0.7], 4: 0.25}, ax)
    assert points(ax.lines[0]) == pytest.approx({1.0: 0.6, 2.0: 0.95, 4.0: 0.25})
    runs = sorted(map(tuple, ax.collections[0].get_offsets().tolist()))
    assert runs == [(1.0, 0.5), (1.0, 0.6), (1.0, 0.7), (2.0, 0.9), (2.0, 1.0), (4.0, 0.25)]
    assert ax.get_xlabel() == "hidden layers" and ax.get_ylabel() == "accuracy"
    for nothing in ({}, {1: []}):
        with pytest.raises(ValueError, match="there must be a score of each thing"):
            visualize.plot_sweep(nothing, ax)


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_a_tent_has_twice_the_pieces_for_each_layer(ax, depth):
    visualize.plot_pieces(tent_network(depth), ax)
    *pieces, kinks = ax.lines
    assert len(pieces) == 2**depth and ax.get_title() == f"{2**depth} pieces"
    assert len(kinks.get_xdata()) == 2**depth - 1


# --- descents ------------------------------------------------------------------------------------


def quartic(x):
    return x**4 - 3 * x**2 + x


def test_descents_to_two_minima_and_away():
    assert visualize.descend(quartic, 2.0, 0.05, 200)[-1] == pytest.approx(1.130901122629857)
    assert visualize.descend(quartic, -2.0, 0.05, 200)[-1] == pytest.approx(-1.300839565941573)
    assert visualize.descend(quartic, 2.0, 0.1, 200)[-1] == pytest.approx(-1.300839565941573)
    path = visualize.descend(quartic, 2.0, 0.2, 50)
    assert path[:4] == pytest.approx([2.0, -2.2, 3.4784, -26.2164], abs=1e-4)
    assert len(path) < 51 and all(map(math.isfinite, path))


def test_a_descent_is_drawn_over_the_loss(ax):
    path = visualize.descend(quartic, 2.0, 0.05, 8)
    visualize.plot_descent(quartic, path, ax=ax, between=(-2.0, 2.0), rate=0.05)
    loss, drawn, local, following = ax.lines
    assert [*drawn.get_xdata()] == path
    assert [*drawn.get_ydata()] == [quartic(x) for x in path]
    assert at(loss, 0.0) == 0.0
    # The parabola touches the loss at the last place, and is lowest where a step ends.
    assert at(local, path[-1]) == pytest.approx(quartic(path[-1]), abs=1e-3)
    assert following.get_xdata()[0] == pytest.approx(visualize.descend(quartic, 2.0, 0.05, 9)[-1])
    assert following.get_ydata()[0] <= min(local.get_ydata()) + 1e-12


def test_the_best_of_what_was_tried_is_marked(ax):
    visualize.plot_loss_1d(quartic, ax=ax, tried=[-1.5, 0.0, 1.0])
    assert [*ax.lines[2].get_xdata()] == [-1.5]


def test_paths_over_contours(ax):
    paths = {"batch": [(2.0, 1.0), (1.0, 0.5)], "stochastic": [(2.0, 1.0), (0.0, 0.0)]}
    visualize.plot_paths_2d(lambda a, b: a * a + 5 * b * b, paths, ax=ax)
    assert [points(line) for line in ax.lines] == [dict(path) for path in paths.values()]
    (contours,) = ax.collections
    level, vertices = contours.levels[3], contours.get_paths()[3].vertices
    heights = [a * a + 5 * b * b for a, b in vertices]
    assert heights == pytest.approx([level] * len(heights), rel=0.05)


# --- networks ------------------------------------------------------------------------------------


def test_gradients_of_each_layer_are_shares_of_one(ax):
    model = nn.MLP(2, [8] * 8 + [1], "sigmoid", seed=0)
    data = nn.data.moons(seed=0)
    nn.mse([model(x) for x, _ in data], [y for _, y in data]).backward()
    visualize.plot_gradient_histograms(model, ax=ax)
    assert labels(ax) == [f"layer {i}" for i in range(1, 10)]
    assert [sum(line.get_ydata()) for line in ax.lines] == pytest.approx([1.0] * 9)
    # They vanish on the way down: all of the first layer's are in one part of the range.
    assert max(ax.lines[0].get_ydata()) > 0.9 > max(ax.lines[-1].get_ydata())


def test_half_spaces(ax):
    unit = nn.ThresholdUnit([1.0, 1.0], -0.5)
    visualize.plot_half_spaces(unit, ax=ax, between=((0.0, 1.0), (0.0, 1.0)))
    boundary = ax.collections[1].get_paths()[0].vertices
    assert [x + y for x, y in boundary] == pytest.approx([0.5] * len(boundary))
    with pytest.raises(ValueError, match="of 2 inputs, got one of 3"):
        visualize.plot_half_spaces(nn.Neuron(3, seed=0), ax=ax)


def test_class_probabilities(ax):
    visualize.plot_probabilities(
        dict(zip("abc", softmax([1.0, 2.0, 3.0]), strict=True)), ax, truth="c"
    )
    widths = [bar.get_width() for bar in ax.patches]
    assert widths == pytest.approx([0.09003057, 0.24472847, 0.66524096], abs=1e-8)
    colors = [bar.get_facecolor() for bar in ax.patches]
    assert colors[0] == colors[1] != colors[2]
    assert ax.yaxis_inverted()


def test_a_plane_and_the_points_of_xor():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot(projection="3d")
    plane = nn.MLP(2, [1], seed=0)
    plane.set_parameters([0.0, 0.0, 0.5])
    visualize.plot_surface(plane, nn.data.boolean("xor"), ax)
    assert len(ax.collections) == 3  # the plane and two classes
    flat = visualize.plot_surface(plane, ax=Figure().add_subplot(projection="3d"))
    assert [*flat.zz_dataLim.intervalx] == [0.5, 0.5]
    with pytest.raises(ValueError, match="projection='3d'"):
        visualize.plot_surface(plane, ax=Figure().subplots())
    assert hasattr(visualize.plot_surface(plane), "zaxis")


# --- logs and animations -------------------------------------------------------------------------

KERAS = {
    "loss": [0.5003, 0.3782, 0.3362, 0.3141, 0.2934],
    "accuracy": [0.8238, 0.8643, 0.8784, 0.8844, 0.8922],
}


def test_a_printed_log(ax):
    visualize.plot_training_log(KERAS, ax)
    right = ax.figure.axes[1]
    assert [*ax.lines[0].get_ydata()] == KERAS["loss"]
    assert [*right.lines[0].get_ydata()] == KERAS["accuracy"]
    assert [*ax.lines[0].get_xdata()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("name", "start"), [("sum.gif", b"GIF89a"), ("sum.html", b"\n<link")])
def test_animations(tmp_path, name, start):
    drawn = []

    def draw(ax, frame):
        drawn.append(frame)
        visualize.plot_relu_sum(math.sin, 4, ax, shown=frame)

    visualize.animate(draw, range(3), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)
    assert sorted(set(drawn)) == [0, 1, 2]
    assert [file.name for file in tmp_path.iterdir()] == [name]


# --- wrong arguments -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        (lambda ax: visualize.plot_activation("swoosh", ax), "has no function 'swoosh'"),
        (lambda ax: visualize.plot_activation("tanh", ax, (1.0, 1.0)), "low < high"),
        (lambda ax: visualize.plot_posterior(0.0, 1.0, 0.0, ax=ax), "deviation must be above 0"),
        (lambda ax: visualize.plot_posterior(0.0, 1.0, 1.0, 1.0, ax), "prior must be between"),
        (lambda ax: visualize.plot_loss_1d(abs, ax, (2.0, -2.0)), "low < high"),
        (lambda ax: visualize.plot_descent(abs, [], ax), "no places"),
        (lambda ax: visualize.plot_paths_2d(math.hypot, {}, ax), "no places"),
        (lambda ax: visualize.plot_gradient_histograms({}, ax), "at least one gradient"),
        (lambda ax: visualize.plot_probabilities([0.5, 1.5], ax), "probability of 1 must be"),
        (lambda ax: visualize.plot_probabilities([1.0], ax, truth=3), "truth must be one of 0"),
        (lambda ax: visualize.plot_training_log({"loss": [1.0], "a": []}, ax), "loss has 1, a has"),
        (lambda ax: visualize.animate(lambda ax, k: None, [1], "a.mp4"), r"\.gif or a \.html"),
        (lambda ax: visualize.animate(lambda ax, k: None, [], "a.gif"), "at least one frame"),
    ],
)
def test_wrong_arguments_are_told(ax, plot, message):
    with pytest.raises(ValueError, match=message):
        plot(ax)
