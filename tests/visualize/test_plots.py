"""Plots: what lines and collections hold, never pixels."""

import math
import subprocess
import sys

import pytest

import nn
import visualize
from autograd_engine import Value
from visualize import plot_decision_boundary, plot_fit, plot_history

try:
    import matplotlib

    matplotlib.use("agg")
except ImportError:
    matplotlib = None

needs_matplotlib = pytest.mark.skipif(matplotlib is None, reason="matplotlib is not installed")


@pytest.fixture
def ax():
    from matplotlib.figure import Figure

    return Figure().subplots()


def history_of(**columns):
    history = nn.History()
    for epoch, numbers in enumerate(zip(*columns.values(), strict=True), 1):
        history.append({"epoch": epoch} | dict(zip(columns, numbers, strict=True)) | {"lr": 0.1})
    return history


def lines_of(ax):
    return {line.get_label(): [*map(float, line.get_ydata())] for line in ax.lines}


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def recording():
    return len((Value(1.0) * 2.0).parents) > 0


def saved(ax, tmp_path):
    """Drawing warns of what only shows there; every warning is an error."""
    ax.figure.savefig(tmp_path / "plot.png")
    return (tmp_path / "plot.png").stat().st_size > 1000


# --- importing -----------------------------------------------------------------------------------


def test_importing_visualize_imports_no_matplotlib_and_no_nn():
    code = (
        "import sys; from visualize import plot_history; import visualize.plots; "
        "print({'matplotlib', 'nn', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    "plot",
    [
        lambda: plot_history(history_of(loss=[1.0])),
        lambda: plot_decision_boundary(sum, [([0.0, 1.0], 0)]),
        lambda: plot_fit({"f": abs}, [(0.0, 1.0)]),
    ],
    ids=["plot_history", "plot_decision_boundary", "plot_fit"],
)
def test_without_matplotlib_one_line_says_what_to_install(monkeypatch, plot):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError) as caught:
        plot()
    assert str(caught.value) == "plots need matplotlib: pip install 'autograd_engine[plot]'"


def test_exports():
    assert {"plot_history", "plot_decision_boundary", "plot_fit"} <= set(visualize.__all__)


# --- history -------------------------------------------------------------------------------------


@needs_matplotlib
def test_history_draws_losses_left_and_metrics_right(ax, tmp_path):
    history = history_of(
        loss=[0.9, 0.5, 0.3],
        accuracy=[0.5, 0.75, 1.0],
        val_loss=[1.0, 0.6, 0.5],
        val_accuracy=[0.5] * 3,
    )
    assert plot_history(history, ax=ax) is ax
    _, right = ax.figure.axes
    assert lines_of(ax) == {"loss": [0.9, 0.5, 0.3], "val_loss": [1.0, 0.6, 0.5]}
    assert lines_of(right) == {"accuracy": [0.5, 0.75, 1.0], "val_accuracy": [0.5] * 3}
    assert [*ax.lines[0].get_xdata()] == [1, 2, 3]
    assert legend_of(right) == ["loss", "val_loss", "accuracy", "val_accuracy"]
    assert (ax.get_xlabel(), ax.get_ylabel(), right.get_ylabel()) == ("epoch", "loss", "accuracy")
    assert [line.get_linestyle() for line in (*ax.lines, *right.lines)] == ["-", "-", "--", "--"]
    colors = [line.get_color() for line in (*ax.lines, *right.lines)]
    assert colors[0] == colors[2] != colors[1] == colors[3]
    assert saved(ax, tmp_path)


@needs_matplotlib
@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        ([1.0, 0.1, 0.01], "log"),
        ([1.0, 0.1, 0.02], "linear"),
        ([1.0, 0.01, 0.0], "linear"),
        ([1.0, 0.01, -1.0], "linear"),
        ([math.inf, 1.0, 0.001], "linear"),
        ([math.nan, 1.0, 0.001], "linear"),
    ],
)
def test_a_loss_that_spans_decades_is_logarithmic(ax, losses, scale):
    assert plot_history(history_of(loss=losses), ax=ax).get_yscale() == scale


@needs_matplotlib
def test_the_validation_loss_counts_for_the_scale(ax):
    plot_history(history_of(loss=[1.0, 0.5], val_loss=[1.0, 0.01]), ax=ax)
    assert ax.get_yscale() == "log"


@needs_matplotlib
def test_a_history_of_one_epoch_can_be_seen(ax, tmp_path):
    plot_history(history_of(loss=[0.5]), ax=ax)
    assert ax.lines[0].get_marker() == "o"
    assert len(ax.figure.axes) == 1
    assert saved(ax, tmp_path)


@needs_matplotlib
def test_a_history_plots_itself(ax):
    model = nn.MLP(2, [2, 1], seed=0)
    history = nn.fit(model, nn.data.boolean("xor"), epochs=3)
    assert history.plot(ax=ax) is ax
    assert lines_of(ax) == {"loss": history["loss"]}


@needs_matplotlib
def test_each_plot_without_axes_has_a_figure_of_its_own():
    from matplotlib import pyplot

    history = history_of(loss=[1.0, 0.5])
    first, second = plot_history(history), plot_history(history)
    assert first.figure is not second.figure
    assert plot_fit({"f": abs}, [(0.0, 1.0)]).figure.axes
    pyplot.close("all")


def test_a_history_without_epochs_is_refused():
    with pytest.raises(ValueError, match="no epochs"):
        plot_history(nn.History())


# --- classes in the plane ------------------------------------------------------------------------


SQUARE = nn.data.boolean("or")


def regions(ax):
    """Of each class, its probability at every place where it is the highest, otherwise None."""
    from matplotlib.collections import QuadMesh

    meshes = [mesh for mesh in ax.collections if isinstance(mesh, QuadMesh)]
    return [[row.tolist() for row in mesh.get_array()] for mesh in meshes]


def boundaries(ax):
    from matplotlib.contour import ContourSet

    lines = [lines for lines in ax.collections if isinstance(lines, ContourSet)]
    return [[*map(tuple, path.vertices.tolist())] for each in lines for path in each.get_paths()]


def points(ax):
    from matplotlib.collections import PathCollection

    return {
        dots.get_label(): dots.get_offsets().tolist()
        for dots in ax.collections
        if isinstance(dots, PathCollection)
    }


@needs_matplotlib
def test_one_output_goes_through_a_sigmoid(ax, tmp_path):
    def model(x):
        return Value(4.0 * x[0] - 2.0)

    assert plot_decision_boundary(model, SQUARE, ax=ax, resolution=3, padding=0.0) is ax
    sure = 1.0 / (1.0 + math.exp(-2.0))
    class0, class1 = regions(ax)
    assert class0 == [[pytest.approx(sure), 0.5, None]] * 3
    assert class1 == [[None, 0.5, pytest.approx(sure)]] * 3
    assert [x for line in boundaries(ax) for x, _ in line] == pytest.approx([0.5] * 3)
    assert points(ax) == {"class 0": [[0.0, 0.0]], "class 1": [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]}
    assert legend_of(ax) == ["class 0", "class 1"]
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.0, 1.0), (0.0, 1.0))
    assert saved(ax, tmp_path)


@needs_matplotlib
def test_several_outputs_go_through_a_softmax(ax, tmp_path):
    data = [([0.0, 0.0], 0), ([2.0, 0.0], 1), ([0.0, 2.0], 2)]

    def model(x):
        return [Value(0.0), Value(x[0] - 1.0), Value(x[1] - 1.0)]

    plot_decision_boundary(model, data, ax=ax, resolution=3, padding=0.0)
    class0, class1, class2 = regions(ax)
    e = math.e
    assert class0[0] == [pytest.approx(1 / (1 + 2 / e)), pytest.approx(1 / (2 + 1 / e)), None]
    assert class1[0] == [None, pytest.approx(1 / (2 + 1 / e)), pytest.approx(e / (e + 1 + 1 / e))]
    assert class2[2][0] == pytest.approx(e / (e + 1 + 1 / e))
    assert class2[0] == [None, None, None]
    assert list(points(ax)) == ["class 0", "class 1", "class 2"]
    assert saved(ax, tmp_path)


@needs_matplotlib
def test_probabilities_are_taken_as_they_are_and_held_within_0_and_1(ax):
    def model(x):
        return Value(2.0 * x[0] - 0.5)  # -0.5, 0.5, 1.5

    plot_decision_boundary(model, SQUARE, ax=ax, resolution=3, padding=0.0, logits=False)
    assert regions(ax) == [[[1.0, 0.5, None]] * 3, [[None, 0.5, 1.0]] * 3]


@needs_matplotlib
def test_an_undecided_model_has_no_boundary_even_where_it_is_rounded(ax, tmp_path):
    def model(x):
        return 1e-16 * (x[0] - 0.5)

    plot_decision_boundary(model, SQUARE, ax=ax)
    assert boundaries(ax) == []
    assert saved(ax, tmp_path)


@needs_matplotlib
def test_the_outputs_of_a_threshold_unit_are_classes(ax):
    unit = nn.ThresholdUnit([1.0, 1.0], -0.5)
    plot_decision_boundary(unit, SQUARE, ax=ax, resolution=3, padding=0.0)
    class0, class1 = regions(ax)
    assert class0[0] == [1.0, None, None]
    assert class1[0] == [None, 1.0, 1.0]
    assert boundaries(ax) != []


@needs_matplotlib
@pytest.mark.parametrize(("output", "probability"), [(0.0, 0.5), (1.0, 1.0)])
def test_outputs_that_are_all_0_are_no_classes(ax, output, probability):
    plot_decision_boundary(lambda x: output, SQUARE, ax=ax, resolution=2)
    assert regions(ax)[1] == [[probability] * 2] * 2
    assert boundaries(ax) == []


@needs_matplotlib
def test_points_and_outputs_may_be_arrays(ax):
    numpy = pytest.importorskip("numpy")
    xs, ys = numpy.array([x for x, _ in SQUARE]), numpy.array([y for _, y in SQUARE])

    def model(x):
        return numpy.array([0.0, x[0] + x[1] - 0.5])

    plot_decision_boundary(model, zip(xs, ys, strict=True), ax=ax, resolution=3)
    assert points(ax) == {"class 0": [[0.0, 0.0]], "class 1": [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]}
    assert boundaries(ax) != []


@needs_matplotlib
def test_a_model_that_knows_one_class_only(ax, tmp_path):
    plot_decision_boundary(nn.ThresholdUnit([0.0, 0.0], 1.0), SQUARE, ax=ax, logits=False)
    assert boundaries(ax) == []
    assert saved(ax, tmp_path)


@needs_matplotlib
def test_labels_of_minus_1_and_1(ax):
    data = [(x, 2 * y - 1) for x, y in SQUARE]
    plot_decision_boundary(lambda x: x[0] + x[1] - 0.5, data, ax=ax, resolution=5)
    assert points(ax)["class -1"] == [[0.0, 0.0]]
    assert legend_of(ax) == ["class -1", "class 1"]


@needs_matplotlib
def test_padding_is_a_part_of_the_range(ax):
    data = [([0.0, 5.0], 0), ([10.0, 5.0], 1)]
    plot_decision_boundary(lambda x: x[0], data, ax=ax, resolution=2, padding=0.1)
    assert ax.get_xlim() == (-1.0, 11.0)
    assert ax.get_ylim() == (4.5, 5.5)  # there is no range


@needs_matplotlib
def test_the_model_is_used_without_a_graph_and_not_as_in_training(ax):
    seen = []

    class Watched(nn.Module):
        def __init__(self):
            self.dropout = nn.Dropout(0.5)

        def forward(self, x):
            seen.append((self.training, self.dropout.training, recording()))
            return x[0]

    model = Watched()
    model.dropout.training = False
    plot_decision_boundary(model, SQUARE, ax=ax, resolution=2)
    assert set(seen) == {(False, False, False)}
    assert (model.training, model.dropout.training, recording()) == (True, False, True)


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ([], {}, "there are no points"),
        ([([0.0], 0)], {}, r"a plane has points of 2 numbers, got \[0.0\] in point 0"),
        ([([0.0, 1.0], 0), (1.0, 0)], {}, "a plane has points of 2 numbers, got 1.0 in point 1"),
        ([([0.0, 1.0], 0.5)], {}, "the target of point 0 is 0.5, not the number of a class"),
        ([([0.0, 1.0], -2)], {}, "the target of point 0 is -2"),
        ([([0.0, 1.0], math.nan)], {}, "the target of point 0 is nan, not the number of a class"),
        ([([0.0, 1.0], math.inf)], {}, "the target of point 0 is inf, not the number of a class"),
        ([([0.0, 1.0], "cat")], {}, "the target of point 0 is 'cat', not the number of a class"),
        ([([0.0, 1.0], "1")], {}, "the target of point 0 is '1', not the number of a class"),
        ([([0.0, 1.0], [0, 1])], {}, r"the target of point 0 is \[0, 1\], not the number of"),
        ([([0.0, 1.0], -1), ([0.0, 1.0], 0)], {}, r"or -1 and 1, got \[-1, 0\]"),
        (SQUARE, {"resolution": 1}, "resolution must be 2, 3, 4, ..., got 1"),
        (SQUARE, {"resolution": 9.0}, "resolution must be"),
        (SQUARE, {"padding": -0.1}, "padding must not be negative, got -0.1"),
        (SQUARE, {"padding": math.nan}, "padding must not be negative"),
    ],
)
def test_what_cannot_be_drawn_is_refused(data, options, message):
    with pytest.raises(ValueError, match=message):
        plot_decision_boundary(lambda x: x[0], data, **options)


@needs_matplotlib
def test_a_class_that_the_model_does_not_have_is_refused(ax):
    with pytest.raises(ValueError, match="class 2, and the model outputs for 2 classes"):
        plot_decision_boundary(lambda x: x[0], [([0.0, 1.0], 2)], ax=ax, resolution=2)


# --- functions of one number ---------------------------------------------------------------------


@needs_matplotlib
def test_fit_draws_curves_over_the_range_of_the_points(ax, tmp_path):
    model = nn.MLP(1, [1], seed=0)
    model.set_parameters([2.0, 1.0])
    data = nn.data.quadratic(5, low=-2.0, high=2.0)
    functions = {"line": model, "square": lambda x: x * x, "value": lambda x: Value(x)}
    assert plot_fit(functions, data, ax=ax) is ax
    for line, function in zip(
        ax.lines, (lambda x: 2 * x + 1, lambda x: x * x, lambda x: x), strict=True
    ):
        xs = line.get_xdata()
        assert (len(xs), xs[0], xs[-1]) == (200, -2.0, 2.0)
        assert [*line.get_ydata()] == pytest.approx([function(x) for x in xs])
    assert ax.collections[0].get_offsets().tolist() == [[x[0], y] for x, y in data]
    assert legend_of(ax) == ["line", "square", "value", "data"]
    assert saved(ax, tmp_path)


@needs_matplotlib
def test_fit_takes_plain_numbers_and_a_single_point(ax):
    plot_fit({"f": abs}, [(3.0, 1.0)], ax=ax)
    assert (ax.lines[0].get_xdata()[0], ax.lines[0].get_xdata()[-1]) == (2.5, 3.5)


@needs_matplotlib
def test_fit_refuses_a_model_of_several_outputs(ax):
    with pytest.raises(ValueError, match="a curve needs one number, got 2 of pair"):
        plot_fit({"pair": nn.MLP(1, [2])}, [(0.0, 1.0)], ax=ax)


def test_fit_refuses_points_that_are_none():
    with pytest.raises(ValueError, match="there are no points"):
        plot_fit({}, [])
    with pytest.raises(ValueError, match="a curve needs one number, got 2 of a point"):
        plot_fit({}, [([0.0, 1.0], 1.0)])


@needs_matplotlib
def test_points_of_a_fit_may_be_arrays(ax):
    numpy = pytest.importorskip("numpy")
    xs = numpy.array([[-1.0], [0.0], [2.0]])
    plot_fit({"square": lambda x: numpy.array([x * x])}, zip(xs, xs[:, 0] ** 2, strict=True), ax=ax)
    assert points(ax) == {"data": [[-1.0, 1.0], [0.0, 0.0], [2.0, 4.0]]}
    assert lines_of(ax)["square"][-1] == 4.0
