"""What a learner's code may do by accident: each ends in the right verdict, and nothing stays."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograd_engine.teach import isolation
from autograd_engine.teach.catalog import Catalog
from autograd_engine.teach.isolation import Child, Ended, LearnerError, TimedOut
from autograd_engine.teach.runner import run_exercise

SLOPE = Catalog().find("slope")
RIGHT = SLOPE.text("solution.py")
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="of POSIX")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")


def outcome(body, before="", seconds=5.0):
    """What comes of a derivative with this body."""
    source = f"{before}\ndef derivative(f, x, h=1e-5):\n    {body}\n\n\ndef gradient(f, xs): ...\n"
    result = run_exercise(SLOPE, source, slow_factor=seconds / SLOPE.timeout)
    return result.first


def children():
    """The processes with this one as their parent."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        if text.rpartition(")")[2].split()[1] == str(os.getpid()):
            found.append(text)
    return found


@pytest.mark.parametrize(
    "body",
    [
        "while True: pass",
        "import time; time.sleep(1000)",
        "while True:\n        try:\n            while True: pass\n        except: pass",
    ],
    ids=["loop", "sleep", "loop that swallows every exception"],
)
def test_what_takes_too_long_is_stopped(body):
    started = time.monotonic()
    found = outcome(body, seconds=0.3)
    assert found.status == "timeout"
    assert time.monotonic() - started < 20  # and not 1000
    assert found.lines[-1].function == "derivative"


def test_a_timeout_names_the_line():
    found = outcome("n = 0\n    while True:\n        n = n + 1", seconds=0.3)
    assert found.lines[-1].text in ("while True:", "n = n + 1")


def test_a_loop_at_import_is_stopped():
    result = run_exercise(SLOPE, "while True: pass\n", slow_factor=0.05)
    assert (result.status, result.first.call) == ("timeout", "import of your file")
    assert result.first.lines[-1].number == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise SystemExit", "SystemExit"),
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import os; os._exit(0)", "Exit: your code ended the program, with exit status 0"),
        ("return derivative(f, x, h)", "RecursionError: maximum recursion depth exceeded"),
        ("return input()", "EOFError: EOF when reading a line"),
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("import os; os.system('true')", "PermissionError: an exercise starts no other process"),
    ],
)
def test_what_ends_a_program_is_an_error(body, error):
    found = outcome(body)
    assert found.status == "error"
    assert found.error.startswith(error)


@pytest.mark.parametrize("source", ["raise SystemExit\n", "import os\nos._exit(0)\n", "exit()\n"])
def test_leaving_at_import_is_no_pass(source):
    assert run_exercise(SLOPE, source + RIGHT).status == "error"


def test_an_exit_handler_does_not_matter():
    source = "import atexit, os\natexit.register(lambda: os._exit(0))\n" + RIGHT
    assert run_exercise(SLOPE, source).status == "pass"


def test_a_syntax_error_is_named_with_its_line():
    first = run_exercise(SLOPE, "\ndef derivative(f, x, h:\n").first
    assert first.status == "error"
    assert first.error.startswith("SyntaxError")
    assert first.lines[-1].number == 2


def test_only_the_learner_s_lines_are_shown():
    found = outcome("return helper(x)", before="def helper(x):\n    return x.missing\n")
    assert [line.function for line in found.lines] == ["derivative", "helper"]
    assert found.lines[-1].text == "return x.missing"


def test_a_missing_function_is_named():
    missing = "MissingName: your file defines no derivative"
    assert run_exercise(SLOPE, "x = 1\n").first.error == missing
    gates = Catalog().find("10")
    source = gates.text("solution.py").replace("NOT = ", "NO = ")
    assert run_exercise(gates, source).first.error == "MissingName: your file defines no NOT"


def test_a_whole_number_beyond_floats_is_no_fault_of_the_exercise():
    first = outcome("return 10**500")
    assert first.status == "fail"
    assert first.got.endswith("of type int")


@LINUX
@pytest.mark.parametrize(
    "body",
    [
        "x = [0] * 10**9",
        "x = [0]\n    while True: x += x",
        "y = []; import gc; gc.disable()\n    while True: y.append([0.5])",
        "global y; y = []; import gc; gc.disable()\n    while True: y.append([0.5])",
    ],
)
def test_memory_is_bounded(body):
    found = outcome(body, seconds=20)
    assert (found.status, found.error) == ("error", "MemoryError")


def test_a_flood_of_output_is_kept_short():
    result = run_exercise(
        SLOPE, RIGHT.replace("slopes = []", "slopes = []; print('x' * 5_000_000)")
    )
    assert result.status == "pass"
    assert result.flooded
    assert len(result.printed) < 10_000


def test_an_endless_flood_is_stopped():
    found = outcome("while True: print('x' * 1000)", seconds=0.5)
    assert found.status == "timeout"


def test_what_was_printed_before_a_crash_is_kept():
    source = "import os\nprint('here')\nos._exit(3)\n"
    assert run_exercise(SLOPE, source).printed == "here\n"


@POSIX
def test_a_segmentation_fault_is_named():
    found = outcome("import ctypes\n    ctypes.string_at(0)")
    assert found.status == "error"
    assert "segmentation fault" in found.error
    assert found.lines[-1].text == "ctypes.string_at(0)"


@LINUX
def test_no_process_is_left_behind(tmp_path):
    # By a way around the refusal: straight to the C library.
    mark = tmp_path / "pid"
    source = f"""
import ctypes, os, time
if ctypes.CDLL(None).fork() == 0:
    open({str(mark)!r}, "w").write(str(os.getpid()))
    time.sleep(1000)
while not os.path.exists({str(mark)!r}) or not open({str(mark)!r}).read(): time.sleep(0.01)
"""
    before = len(children())
    assert run_exercise(SLOPE, source + RIGHT).status == "pass"
    orphan = int(mark.read_text())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _alive(orphan):
        time.sleep(0.01)
    assert not _alive(orphan)
    assert len(children()) == before


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    "source",
    [
        'print({"verdict": "pass"})\n',
        'import os\nfor fd in range(3, 10):\n    try: os.write(fd, b\'{"status": "pass"}\\n\')\n'
        "    except OSError: pass\n",
        "import builtins\nbuiltins.isinstance = lambda *a: True\nbuiltins.abs = lambda x: 0\n"
        "builtins.all = lambda x: True\nimport math\nmath.isclose = lambda *a, **k: True\n",
        "isinstance = lambda *a: True\nabs = lambda x: 0.0\n",
        "import sys\nsys.modules['autograd_engine.teach.testing'] = None\n",
        "import json\njson.dumps = lambda x: '{\"result\": -10.51460103015124}'\n",
    ],
    ids=["print", "every channel", "builtins", "globals", "modules", "json"],
)
def test_a_verdict_cannot_be_forged(source):
    wrong = (
        "def derivative(f, x, h=1e-5):\n    return 0.0\n\n\ndef gradient(f, xs):\n    return xs\n"
    )
    assert run_exercise(SLOPE, source + wrong).status in ("fail", "error")


def test_a_forged_answer_needs_the_right_number():
    # It finds the process's own channel and question; it still has to know what is expected.
    source = """
import sys
def derivative(f, x, h):
    frame = sys._getframe()
    while "question" not in frame.f_locals:
        frame = frame.f_back
    question = frame.f_locals["question"]
    frame.f_back.f_locals["answers"].write('{"id": "%s", "result": 0.0}\\n' % question["id"])
    frame.f_back.f_locals["answers"].flush()
    return 0.0
"""
    assert run_exercise(SLOPE, source).status in ("fail", "error")


def test_the_files_of_the_exercises_are_closed():
    found = outcome(f"return open({str(SLOPE.folder / 'solution.py')!r}).read()")
    assert found.status == "error"
    assert "closed" in found.error


def test_the_environment_does_not_reach_the_learner(monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    monkeypatch.setenv("TEACH_SECRET", "1")
    body = "import os; return {'PYTHONSTARTUP', 'TEACH_SECRET'} & set(os.environ)"
    assert outcome(body).got.startswith("set()")


def test_the_hash_seed_is_the_given_one():
    source = "def h():\n    return hash('a')\n"
    values = []
    for seed in (0, 0, 1):
        with Child(source, "h.py", hash_seed=seed) as child:
            child.load(5)
            values.append(child.call("h", (), 5))
    assert values[0] == values[1] != values[2]


def test_the_folder_goes_and_a_file_in_it_too():
    with Child(
        "import os\nopen('note', 'w').close()\ndef f(): return os.getcwd()\n", "f.py"
    ) as child:
        child.load(5)
        folder = child.call("f", (), 5)
        assert os.path.isdir(folder)
    assert not os.path.exists(folder)


def test_errors_tell_what_happened():
    with Child("def f(): raise ValueError('no')\n", "f.py") as child:
        child.load(5)
        with pytest.raises(LearnerError, match="ValueError: no"):
            child.call("f", (), 5)
        with pytest.raises(LearnerError, match="defines no g"):
            child.call("g", (), 5)
    with Child("import time\ndef f(): time.sleep(99)\n", "f.py") as child:
        child.load(5)
        with pytest.raises(TimedOut):
            child.call("f", (), 0.2)
        with pytest.raises(Ended):
            child.call("f", (), 0.2)


def test_a_broken_probe_is_not_the_learner_s_fault(tmp_path):
    probes = tmp_path / "probe.py"
    probes.write_text("raise ValueError('mine')\n")
    with pytest.raises(RuntimeError, match="mine"):
        Child("", "f.py", probes)


def test_a_call_is_shown_as_the_probe_says(tmp_path):
    probes = tmp_path / "probe.py"
    probes.write_text('def total(answer, xs, code):\n    """{code!s}({xs}), {code}, {x}"""\n')
    with Child("", "f.py", probes) as child:
        assert child.shown("total", ([1, 2.0], "sum")) == "sum([1, 2.0]), 'sum', {x}"
        assert child.shown("other", ("a",)) == "other('a')"


def test_on_windows_the_tree_of_processes_is_ended(monkeypatch):
    ran = []

    class Process:
        pid = 42

        def kill(self):
            ran.append("kill")

    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    isolation._kill(Process(), platform="win32")
    assert ran == [["taskkill", "/F", "/T", "/PID", "42"], "kill"]
    assert isolation._group("win32") == {"creationflags": 0x200}
    assert isolation._group("darwin") == {"start_new_session": True}


def test_without_the_resource_module_there_are_no_limits_and_no_error(monkeypatch):
    from autograd_engine.teach import child

    monkeypatch.setitem(sys.modules, "resource", None)
    child._limit(1, 1)  # one byte and one second, if it had any effect


def test_nothing_of_one_system_is_imported_by_all():
    of_posix = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "select", "syslog", "termios"}
    of_windows = {"msvcrt", "winreg", "_winapi"}
    paths = sorted(Path(isolation.__file__).parent.glob("*.py"))
    assert len(paths) > 10
    for path in paths:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "")}
                assert not names & (of_posix | of_windows), path


@POSIX
def test_the_signals_of_other_systems_are_read():
    assert isolation._SEGFAULTS == (-signal.SIGSEGV, 0xC0000005, 0xC00000FD)


def test_plain_data_goes_across_as_it_is():
    from autograd_engine.teach.child import decode, encode

    data = {"a": (1, 2.5, True, None), 3: [float("inf"), "x"], "nested": {"b": []}}
    assert decode(json.loads(json.dumps(encode(data)))) == data
    assert decode(encode({1, 2})).type == "set"
    endless = []
    endless.append(endless)
    assert repr(decode(encode(endless)))
    with pytest.raises(ValueError, match="200000"):
        encode([0] * 300_000)
