"""The prompt: everything at hand, Values named by their variables, and input from a pipe."""

import importlib.util
import os
import pathlib
import select
import subprocess
import sys
import textwrap
import time

import pytest

import autograd_engine
from autograd_engine import Value, repl

ROOT = pathlib.Path(__file__).parents[2]


def piped(source):
    done = subprocess.run(
        [sys.executable, "-m", "autograd_engine"],
        cwd=ROOT,
        input=textwrap.dedent(source),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    return done.stdout, done.stderr, done.returncode


# --- names ---------------------------------------------------------------------------------------


def test_everything_is_at_hand():
    variables = repl.namespace()
    for name in autograd_engine.__all__:
        assert variables[name] is getattr(autograd_engine, name)
    assert "sum" not in variables  # Python's own works on Values, and on all else
    assert variables["draw"](Value(1.0)).source.startswith("digraph")


def test_a_value_is_given_its_variables_name():
    variables = repl.namespace()
    exec("a = Value(2.0); b = c = a*3; d = a; x, (y, *_) = a + 1, [a + 2, a + 3]", variables)
    labels = {name: variables[name].label for name in "abcdxy"}
    assert labels == {"a": "a", "b": "b", "c": "b", "d": "a", "x": "x", "y": "y"}


def test_labels_are_there_within_the_same_line():
    variables = repl.namespace()
    exec("a = Value(2.0); b = a*3; text = str(explain(b, a))", variables)
    assert variables["text"].startswith("db/da = 3")


def test_labels_that_are_given_and_names_that_are_not():
    variables = repl.Namespace()
    variables["a"] = Value(1.0, label="mine")
    variables["_b"] = Value(1.0)
    variables["c"] = 1.0
    assert (variables["a"].label, variables["_b"].label, variables["c"]) == ("mine", "", 1.0)


# --- a pipe --------------------------------------------------------------------------------------


def test_results_are_printed_without_prompts():
    out, err, status = piped(
        """
        a = Value(2.0); b = Value(-3.0)
        c = a*b; c
        d = c
        d
        c.backward()
        a.grad
        """
    )
    assert out == "Value(data=-6.0, label='c')\nValue(data=-6.0, label='c')\n-3.0\n"
    assert (err, status) == ("", 0)


def test_blocks_end_where_the_next_statement_begins():
    out, err, _ = piped(
        '''
        def f(x):
            # a comment, and an empty line

            return x*x
        f(3.0)
        for i in range(2):
            w = Value(i)
            w
        else:
            "else"
        if False:
            1
        elif True:
            2
        try:
            1/0
        except ZeroDivisionError:
            "caught"
        finally:
            "finally"
        """a

        b"""
        [1,

         2]
        @no_grad()
        def g(x):
            return x*x
        g(Value(3.0)).parents
        class A:
            x = 7
        A.x
        while True: break
        "last"
        '''
    )
    assert err == ""
    assert out.splitlines() == [
        "9.0",
        "Value(data=0.0, label='w')",
        "Value(data=1.0, label='w')",
        "'else'",
        "2",
        "'caught'",
        "'finally'",
        r"'a\n\nb'",
        "[1, 2]",
        "()",
        "7",
        "'last'",
    ]


def test_errors_are_printed_and_the_rest_goes_on():
    out, err, status = piped("1/0\nx = = 2\n'still here'\nundefined\n1 + 1\n")
    assert out == "'still here'\n2\n"
    for name in ("ZeroDivisionError", "SyntaxError", "NameError"):
        assert name in err
    assert status == 1


def test_the_end_of_the_input():
    assert piped("") == ("", "", 0)
    assert piped("1 + 1")[0] == "2\n"
    assert piped("for i in range(2):\n    i")[0] == "0\n1\n"
    assert piped("(1 +\n")[1] == "SyntaxError: the input ends within a statement\n"
    assert piped("exit(3)\n1\n") == ("", "", 3)


def test_statements_run_as_their_lines_arrive():
    with subprocess.Popen(
        [sys.executable, "-m", "autograd_engine"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write("a = Value(2.0); a\n")
        process.stdin.flush()
        assert process.stdout.readline() == "Value(data=2.0, label='a')\n"
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise on Windows")
def test_a_reader_that_has_read_enough_ends_the_session():
    with subprocess.Popen(
        [sys.executable, "-m", "autograd_engine"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        process.stdin.write("'nobody reads this'\n")
        process.stdin.flush()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


# --- a terminal ----------------------------------------------------------------------------------


def terminal(code, lines, home):
    """What a program prints on a terminal where these lines are typed, and its exit status."""
    pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")
    ours, theirs = pty.openpty()
    environment = {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    printed = b""
    try:
        for line, answer in lines:
            os.write(ours, line.encode())
            deadline = time.monotonic() + 60
            while answer.encode() not in printed and time.monotonic() < deadline:
                if select.select([ours], [], [], 1.0)[0]:
                    try:
                        printed += os.read(ours, 65536)
                    except OSError:  # on Linux, that the other end is closed
                        break
            assert answer in printed.decode(errors="replace")
        status = process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    return printed.decode(errors="replace"), status


def test_pythons_own_prompt(tmp_path):
    code = (
        "import sys; from autograd_engine import repl; "
        "repl.find_spec = lambda name: None; sys.exit(repl.run())"
    )
    printed, status = terminal(
        code,
        [
            ("", ">>> "),
            ("a = Value(2); b = a*3; print('label', b.label)\n", "label b"),
            ("1/0\n", "ZeroDivisionError"),
            ("print(6*7)\n", "42"),
            ("exit()\n", ""),
        ],
        tmp_path,
    )
    assert printed.startswith("autograd_engine: Value, tanh")
    assert status == 0
    if importlib.util.find_spec("readline"):
        assert "a = Value(2)" in (tmp_path / ".autograd_history").read_text()


def test_ipython_if_it_is_installed(tmp_path):
    pytest.importorskip("IPython", reason="IPython is not installed")
    code = "import sys; from autograd_engine.__main__ import main; sys.exit(main([]))"
    printed, status = terminal(
        code,
        [
            ("", "In [1]: "),
            ("a = Value(2); b = a*3; print('label', b.label)\n", "label b"),
            ("explain(b, a)\n", "db/da = 3"),
            ("exit\n", ""),
        ],
        tmp_path,
    )
    assert "autograd_engine: Value, tanh" in printed
    assert status == 0
