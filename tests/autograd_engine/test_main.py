"""The command line: what it prints, what it writes, and what it refuses."""

import json
import math
import os
import pathlib
import stat
import subprocess
import sys

import pytest

from autograd_engine import Value
from autograd_engine.__main__ import main
from autograd_engine.files import write_atomically

ROOT = pathlib.Path(__file__).parents[2]
NEURON = ["tanh(a*b + c)", "a=2", "b=-3", "c=10"]
SLOPE = 1 - math.tanh(4) ** 2


def command(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "autograd_engine", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        **options,
    )


def answer(capsys, *arguments):
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def refusal(capsys, *arguments):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("autograd: ")
    return captured.err.removeprefix("autograd: ").removesuffix("\n")


def rows(text, heading):
    """The table whose heading begins with these words, as words."""
    for table in text.split("\n\n"):
        words = [line.split() for line in table.splitlines()]
        if " ".join(words[0]).startswith(heading):
            return words
    raise AssertionError(f"no table {heading!r} in {text!r}")


# --- text ----------------------------------------------------------------------------------------


def test_value_and_derivatives(capsys):
    text = answer(capsys, *NEURON)
    assert text == (
        "tanh(a*b + c) = 0.9993292997\n"
        "\n"
        "variable  value       derivative       difference\n"
        "a             2  -0.004022852049  -0.004022852049\n"
        "b            -3   0.002681901366   0.002681901366\n"
        "c            10   0.001340950683   0.001340950683\n"
    )
    derivatives = [float(row[2]) for row in rows(text, "variable")[1:]]
    assert derivatives == pytest.approx([-3 * SLOPE, 2 * SLOPE, SLOPE], rel=1e-9)


def test_an_expression_without_variables(capsys):
    assert answer(capsys, "2 + 3") == "2 + 3 = 5\n"
    assert answer(capsys, "9**9**9") == "9**9**9 = inf\n"
    assert answer(capsys, "2 +\n 3", "--order", "3") == "2 + 3 = 5\n"


def test_a_variable_alone(capsys):
    assert rows(answer(capsys, "x", "x=3"), "variable")[1] == ["x", "3", "1", "1"]


def test_numbers_are_printed_without_noise(capsys):
    assert rows(answer(capsys, "-x", "x=0"), "variable")[1] == ["x", "0", "-1", "-1"]
    assert answer(capsys, "-x", "x=0").startswith("-x = 0\n")
    assert answer(capsys, "x/3", "x=1").startswith("x/3 = 0.3333333333\n")
    # of the difference, only the digits that its error leaves
    assert rows(answer(capsys, "0*x + 1e6", "x=1"), "variable")[1] == ["x", "1", "0", "0"]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("-3", "-3"),
        ("1e-3", "0.001"),
        (".5", "0.5"),
        ("pi/2", "1.570796327"),
        ("-e", "-2.718281828"),
        ("sqrt(2)/2", "0.7071067812"),
        ("inf", "inf"),
        ("-inf", "-inf"),
        ("nan", "nan"),
        (" 2 ", "2"),
        ("2**0.5", "1.414213562"),
    ],
)
def test_values_are_numbers_or_constant_expressions(capsys, given, value):
    assert rows(answer(capsys, "x", f"x={given}"), "variable")[1][:2] == ["x", value]


def test_edges_are_answered_without_a_traceback(capsys):
    text = answer(capsys, "log(x)", "x=0", "--order", "3")
    assert text.startswith("log(x) = -inf\n")
    assert rows(text, "variable")[1][:3] == ["x", "0", "inf"]


def test_expressions_that_begin_with_a_minus_sign(capsys):
    assert answer(capsys, "-x**2", "x=-3").startswith("-x**2 = -9\n")
    assert answer(capsys, "--order", "2", "-x", "x=1").startswith("-x = -1\n")
    assert answer(capsys, "--order=2", "--", "-x", "x=1").startswith("-x = -1\n")
    assert answer(capsys, "--x", "x=1").startswith("--x = 1\n")
    assert answer(capsys, "--", "-h", "h=2").startswith("-h = -2\n")


def test_the_order_of_the_arguments_is_free(capsys):
    assert answer(capsys, "b=1", "--format", "text", "a-b", "a=3").startswith("a-b = 2\n")


def test_names_are_normalised_as_in_expressions(capsys):
    assert answer(capsys, "µ*ｘ", "µ=2", "ｘ=3", "--explain", "µ").startswith("µ*ｘ = 6\n")


def test_higher_derivatives_and_the_hessian(capsys):
    text = answer(capsys, "x**3*y", "x=2", "y=5", "--order", "3")
    assert rows(text, "variable order")[1:] == [["x", "60", "30"], ["y", "0", "0"]]
    assert rows(text, "Hessian") == [["Hessian", "x", "y"], ["x", "60", "12"], ["y", "12", "0"]]


def test_of_one_variable_there_is_no_hessian(capsys):
    assert "Hessian" not in answer(capsys, "x**3", "x=2", "--order", "2")


def test_the_highest_order(capsys):
    last = answer(capsys, "exp(2*x)", "x=0", "--order", "10").split()[-1]
    assert last == "1024"


def test_what_takes_too_many_operations_is_refused(capsys, monkeypatch):
    monkeypatch.setattr("autograd_engine.__main__._MAX_NODES", 100)
    message = refusal(capsys, "tanh(sin(x)/x)", "x=1", "--order", "9")
    assert "takes millions of operations; write --order" in message


def test_an_explanation(capsys):
    text = answer(capsys, *NEURON, "--explain", "a")
    assert "along 1 path" in text
    assert "1 - tanh(v2)**2" in text


# --- JSON and LaTeX ------------------------------------------------------------------------------


def test_json(capsys):
    text = answer(capsys, *NEURON, "--format", "json", "--order", "2", "--explain", "a")
    data = json.loads(text)
    assert list(data) == sorted(data)
    assert data["expression"] == "tanh(a*b + c)"
    assert data["value"] == math.tanh(4)
    assert data["variables"]["a"]["value"] == 2.0
    assert data["variables"]["a"]["derivative"] == pytest.approx(-3 * SLOPE, rel=1e-13)
    assert data["variables"]["a"]["difference"] == pytest.approx(-3 * SLOPE, rel=1e-8)
    second = -2 * math.tanh(4) * SLOPE
    assert data["derivatives"]["b"] == pytest.approx([2 * SLOPE, 4 * second], rel=1e-12)
    assert data["hessian"]["b"]["c"] == pytest.approx(2 * second, rel=1e-12)
    assert data["hessian"]["b"]["c"] == data["hessian"]["c"]["b"]
    assert data["explanation"]["total"] == data["variables"]["a"]["derivative"]
    assert data["graph"] is None


def test_json_has_the_same_keys_whatever_was_asked_for(capsys):
    short = json.loads(answer(capsys, "2", "--format", "json"))
    long = json.loads(answer(capsys, "x", "x=1", "--format", "json", "--order", "2"))
    assert short.keys() == long.keys()
    assert short["variables"] == {}


def test_json_writes_inf_and_nan_as_strings(capsys):
    data = json.loads(answer(capsys, "log(x)", "x=0", "--format", "json"))
    assert (data["value"], data["variables"]["x"]["derivative"]) == ("-inf", "inf")
    assert json.loads(answer(capsys, "0/0", "--format", "json"))["value"] == "nan"


def test_latex(capsys):
    text = answer(capsys, "x**2/y_1", "x=3", "y_1=1e9", "--format", "latex", "--order", "2")
    lines = text.splitlines()
    assert lines[0] == r"\begin{align*}"
    assert lines[1] == r"f &= \frac{{x}^{2}}{y_{1}} = 9 \cdot 10^{-9} \\"
    assert lines[2] == r"\frac{\partial f}{\partial x} &= 6 \cdot 10^{-9} \\"
    assert lines[3].startswith(r"\frac{\partial^{2} f}{\partial x^{2}} &= 2 \cdot 10^{-9}")
    assert r"\nabla^2 f &= \begin{pmatrix} 2 \cdot 10^{-9} & " in text
    assert lines[-1] == r"\end{align*}"


def test_latex_of_a_constant_and_of_an_explanation(capsys):
    assert "f &= 5\n" in answer(capsys, "2+3", "--format", "latex")
    assert r"f &= \infty" in answer(capsys, "1/0", "--format", "latex")
    text = answer(capsys, *NEURON, "--format", "latex", "--explain", "a")
    assert text.count(r"\begin{aligned}") == 1


# --- diagrams ------------------------------------------------------------------------------------


class Picture:
    """Stands for a diagram, where no renderer need be installed."""

    def __init__(self, root, **options):
        self.root, self.options = root, options

    def write(self, path):
        pathlib.Path(path).write_text(f"picture of {self.root.data:.6g}", encoding="utf-8")

    def pipe(self, format, encoding):
        return f"<{format}/>"


@pytest.fixture
def picture(monkeypatch):
    drawn = []

    def draw(root, **options):
        drawn.append(Picture(root, **options))
        return drawn[-1]

    monkeypatch.setattr("visualize.draw", draw)
    return drawn


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "dot", "SVG"])
def test_the_diagram_is_written(capsys, picture, tmp_path, ending):
    path = tmp_path / f"graph.{ending}"
    text = answer(capsys, *NEURON, "--graph", str(path))
    assert text.endswith(f"\n\nwrote {path}\n")
    assert path.read_text(encoding="utf-8") == "picture of 0.999329"
    assert picture[0].options == {"local_derivatives": True}


def test_the_diagram_knows_labels_and_gradients(capsys, picture, tmp_path):
    answer(capsys, "a*a", "a=3", "--graph", str(tmp_path / "graph.svg"))
    (a, _) = picture[0].root.parents
    assert (a.label, a.grad) == ("a", 6.0)


def test_the_diagram_on_standard_output(capsys, picture):
    assert main([*NEURON, "--graph", "-"]) == 0
    captured = capsys.readouterr()
    assert captured.out == "<svg/>\n"
    assert captured.err.startswith("tanh(a*b + c) = ")


def test_json_names_the_diagram(capsys, picture, tmp_path):
    path = str(tmp_path / "graph.svg")
    assert (
        json.loads(answer(capsys, "x", "x=1", "--format=json", f"--graph={path}"))["graph"] == path
    )


def test_the_real_diagram_as_text(capsys, tmp_path):
    path = tmp_path / "graph.dot"
    answer(capsys, *NEURON, "--graph", str(path))
    assert "digraph" in path.read_text(encoding="utf-8")


def test_the_real_diagram_as_svg(capsys, tmp_path):
    from visualize import RendererNotFound, draw

    try:
        draw(Value(1.0)).pipe(format="svg")
    except RendererNotFound:
        pytest.skip("no renderer is installed")
    path = tmp_path / "graph.svg"
    answer(capsys, *NEURON, "--graph", str(path))
    assert "</svg>" in path.read_text(encoding="utf-8")


def test_without_a_renderer_the_numbers_are_printed(capsys, monkeypatch, tmp_path):
    from visualize import RendererNotFound

    def draw(root, **options):
        raise RendererNotFound("cannot draw 'svg'. Install one:\n  pip install ...")

    monkeypatch.setattr("visualize.draw", draw)
    for graph in (str(tmp_path / "graph.svg"), "-"):
        assert main([*NEURON, "--graph", graph]) == 2
        captured = capsys.readouterr()
        numbers, error = (captured.out, captured.err) if graph != "-" else ("", captured.err)
        assert "-0.004022852049" in numbers + error
        assert "wrote" not in numbers + error
        assert error.endswith("autograd: cannot draw 'svg'. Install one: pip install ...\n")


def test_a_file_that_cannot_be_written(capsys, tmp_path):
    path = str(tmp_path / "missing" / "graph.dot")
    assert main([*NEURON, "--graph", path]) == 2
    captured = capsys.readouterr()
    assert captured.out.startswith("tanh(a*b + c) = ")
    assert captured.err == f"autograd: cannot write {path}: No such file or directory\n"


def test_a_graph_too_large_to_draw(capsys, tmp_path):
    path = tmp_path / "graph.dot"
    assert main(["+".join(["sin(x)"] * 1000), "x=1", "--graph", str(path)]) == 2
    assert "max_nodes" in capsys.readouterr().err
    assert not path.exists()


def test_an_expression_without_variables_has_no_graph(capsys, tmp_path):
    assert main(["2+3", "--graph", str(tmp_path / "graph.svg")]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (
        "2+3 = 5\n",
        "autograd: an expression without variables has no graph to draw\n",
    )


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["2x", "x=1"], "a sign is missing: write 2*x\n  2x\n   ^"),
        (["x.real", "x=1"], "an expression has no attributes such as .real\n  x.real\n   ^"),
        (["tahn(x)", "x=1"], "there is no function tahn; did you mean tan or tanh or atan?\n"),
        (["a*b + c", "b=1"], "a and c have no values; add a=... c=..."),
        (["a", "--order", "2"], "a has no value; add a=..."),
        (["a", "a=1", "b=2"], "b is not in the expression; its variable is a"),
        (["2", "b=2"], "b is not in the expression; it has no variables"),
        (["a*b", "a=1", "b=1", "a=1"], "a is given twice"),
        (["a", "a=foo"], "the value of a is no number: 'foo'"),
        (["a", "a=2x"], "the value of a is no number: a sign is missing: write 2*x\n  2x\n   ^"),
        (["a", "a=1,5"], "the value of a is no number: an expression has no tuples"),
        (["a", "a=True"], "the value of a is no number: True is no number"),
        (["a", "a='1'"], "the value of a is no number: an expression has no strings"),
        (["a", "a="], "a= lacks its value; write it without spaces, as in a=2"),
        (["a", "a", "=", "2"], "'a' is not of the form name=value; write the expression in quotes"),
        (["a", "*", "b"], "'*' is not of the form name=value"),
        (["a", "2x=3"], "'2x=3' is not of the form name=value"),
        (["x + e", "x=1", "e=3"], "e is the number 2.718281828 and takes no value"),
        (["x", "x=1", "tanh=3"], "tanh is a function and takes no value; choose another name"),
        (["a=1"], "there is no expression; write it first"),
        (["--order", "2"], "there is no expression"),
        (["a", "a=1", "--order", "0"], "--order is a whole number from 1 to 10, got '0'"),
        (["a", "a=1", "--order", "-1"], "--order is a whole number from 1 to 10, got '-1'"),
        (["a", "a=1", "--order", "11"], "--order is a whole number from 1 to 10, got '11'"),
        (["a", "a=1", "--order", "two"], "--order is a whole number from 1 to 10, got 'two'"),
        (["a", "a=1", "--order"], "--order needs a value"),
        (["a", "a=1", "--format", "xml"], "--format is text, json or latex, got 'xml'"),
        (["a", "a=1", "--format=json", "--format=text"], "--format is given twice"),
        (["a", "a=1", "--explain", "b"], "--explain b: not a variable of the expression; its"),
        (["a", "a=1", "--graph"], "--graph needs a value"),
        (["a", "a=1", "--graph="], "--graph needs a value"),
        (["a", "a=1", "--graph", "g.gif"], "--graph writes .svg, .png, .pdf or .dot, got 'g.gif'"),
        (["a", "a=1", "--graph", "svg"], "--graph writes .svg, .png, .pdf or .dot, got 'svg'"),
        (["a", "a=1", "--grpah", "g.svg"], "there is no option --grpah; did you mean --graph?"),
        (["a", "a=1", "--oder=2"], "there is no option --oder; did you mean --order?"),
        (["a", "a=1", "-v"], "'-v' is not of the form name=value"),
        ([""], "the expression is empty"),
        (["(" * 10_000 + "x" + ")" * 10_000, "x=1"], "the expression is nested too deeply"),
        (["x+" * 500_000 + "x", "x=1"], "an expression has at most 100,000 characters"),
        (["x\udcff", "x=1"], "the character U+DCFF cannot stand in an expression"),
    ],
)
def test_anything_wrong_is_one_clear_line(capsys, arguments, message):
    text = refusal(capsys, *arguments)
    assert text.startswith(message)
    lines = text.splitlines()
    assert len(lines) == 1 or (len(lines) == 3 and lines[2].strip() == "^")


def test_the_ending_is_checked_before_anything_is_computed(capsys):
    assert "--graph writes" in refusal(capsys, "nonsense(", "--graph", "graph.gif")


# --- help, version, process ----------------------------------------------------------------------


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(capsys, option):
    text = answer(capsys, option)
    for word in ("usage: autograd", "--graph", "--explain", "--order", "--format", "tanh"):
        assert word in text
    assert max(map(len, text.splitlines())) <= 100


def test_version(capsys):
    assert answer(capsys, "--version").startswith("autograd")


def test_as_a_module():
    done = command(*NEURON)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("tanh(a*b + c) = 0.9993292997\n")


def test_the_exit_status_of_a_mistake():
    done = command("2x", "x=1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "autograd: a sign is missing: write 2*x\n  2x\n   ^\n"


def test_an_output_without_greek_letters():
    done = command("δ*2", "δ=3", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("\\u03b4*2 = 6\n")


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise on Windows")
def test_a_reader_that_has_read_enough_is_no_error():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "autograd_engine", *NEURON],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_is_said():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "autograd_engine", *NEURON],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 2
    assert done.stderr == b"autograd: cannot write: No space left on device\n"


def test_an_interruption(monkeypatch):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("autograd_engine.__main__._answer", interrupted)
    assert main(["x", "x=1"]) == 130


def test_the_arguments_of_the_process(capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["autograd", "1 + 1"])
    assert main() == 0
    assert capsys.readouterr().out == "1 + 1 = 2\n"


def test_the_plain_case_loads_neither_graphviz_nor_numpy():
    code = (
        "import sys; from autograd_engine.__main__ import main; main(['x**2', 'x=3']); "
        "sys.exit(bool({'graphviz', 'numpy', 'IPython', 'visualize'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


# --- files ---------------------------------------------------------------------------------------


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "note.txt"
    write_atomically(path, "∂\n")
    assert path.read_bytes() == "∂\n".encode()
    write_atomically(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["note.txt"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
def test_permissions(tmp_path):
    path = tmp_path / "note.txt"
    before = os.umask(0o027)
    try:
        write_atomically(path, "")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write_atomically(path, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_symbolic_link_goes_on_pointing_to_the_file(tmp_path):
    path, link = tmp_path / "note.txt", tmp_path / "link.txt"
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("symbolic links are not allowed here")
    write_atomically(link, "through the link")
    assert link.is_symlink()
    assert path.read_text() == "through the link"


@pytest.mark.skipif(os.name == "nt", reason="/dev/null is Unix's")
def test_a_device_is_not_replaced():
    write_atomically(os.devnull, "gone")
    assert not os.path.isfile(os.devnull)


def test_errors_name_the_path_and_leave_nothing_behind(tmp_path, monkeypatch):
    missing = tmp_path / "missing" / "note.txt"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(missing, "")
    assert caught.value.filename == str(missing)
    with pytest.raises(IsADirectoryError if os.name != "nt" else OSError):
        write_atomically(tmp_path, "")
    path = tmp_path / "note.txt"
    path.write_text("old")

    def failing(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(path, "new")
    assert caught.value.filename == str(path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["note.txt"]
