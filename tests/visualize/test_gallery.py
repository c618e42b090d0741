"""The gallery: figures, and the page that shows them."""

import builtins
import dis
import inspect
import sys

import pytest

from visualize.__main__ import main
from visualize.gallery import FIGURES, first_lines, write_gallery

NAMED = {figure.name: figure for figure in FIGURES}


def test_every_lecture_has_figures_with_their_code():
    assert len(NAMED) == len(FIGURES)
    lectures = {lecture for figure in FIGURES for lecture in figure.lecture.split(", ")}
    assert lectures == {"S0", "S1", "S2", "S3", "S4"}
    for figure in FIGURES:
        assert "visualize." in figure.code and len(figure.code.splitlines()) <= 8
        assert "def " not in figure.code


def globals_of(code):
    inner = [part for part in code.co_consts if inspect.iscode(part)]
    loads = [x.argval for x in dis.get_instructions(code) if x.opname in GLOBAL]
    return {*loads}.union(*map(globals_of, inner))


GLOBAL = ("LOAD_NAME", "LOAD_GLOBAL")


def test_the_lines_of_a_figure_use_nothing_that_is_not_shown():
    shown = {}
    exec(first_lines(), shown)
    for figure in FIGURES:
        unknown = globals_of(figure.make.__code__) - {*shown, *vars(builtins)}
        assert not unknown, figure.name
    assert shown["quartic"](2.0) == 6.0


def test_a_small_gallery(tmp_path):
    pytest.importorskip("matplotlib")
    names = ["line", "two_parameters_page", "sigmoid_curve", "relu_sum", "xor_plane"]
    index = write_gallery(tmp_path / "new", [NAMED[name] for name in names])
    written = {path.name: path.read_bytes() for path in (tmp_path / "new").iterdir()}
    assert set(written) == {
        *("index.html", "line.svg", "two_parameters_page.html"),
        *("sigmoid_curve.png", "relu_sum.gif", "xor_plane.png"),
    }
    assert written["sigmoid_curve.png"].startswith(b"\x89PNG")
    page = written["index.html"].decode()
    assert index.endswith("index.html")
    assert '<img src="line.svg"' in page and 'href="two_parameters_page.html"' in page
    assert "visualize.draw(w * x + q)" in page and "<script" not in page


def test_the_page_shows_its_pictures(browser, tmp_path):
    pytest.importorskip("matplotlib")
    names = ["line", "tanh_curve", "two_parameters_page"]
    index = write_gallery(tmp_path, [NAMED[name] for name in names])
    tab = browser.new_page()
    troubles = []
    tab.on("console", lambda message: troubles.append(message.text))
    tab.goto(f"file://{index}")
    tab.wait_for_function("[...document.images].every((i) => i.complete && i.naturalWidth > 50)")
    within = tab.frame_locator("iframe")
    within.locator("#last").click()
    assert "Every grad is complete" in within.locator("#event").inner_text()
    tab.set_viewport_size({"width": 360, "height": 640})
    assert tab.evaluate("document.documentElement.scrollWidth") == 360
    assert tab.locator("img").count() == 2 and troubles == []
    tab.close()


def test_without_matplotlib_one_line_says_what_to_install(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["gallery", str(tmp_path / "new")]) == 2
    assert capsys.readouterr().err == (
        "visualize: the gallery needs matplotlib: pip install 'autograd_engine[plot]'\n"
    )
    assert not (tmp_path / "new").exists()
