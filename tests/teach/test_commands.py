"""The command line, as learners and teachers use it."""

import csv
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

import autograd_engine
from autograd_engine.__main__ import main as autograd
from autograd_engine.teach.__main__ import main
from autograd_engine.teach.catalog import BUILT_IN, Catalog
from autograd_engine.teach.report import emit
from autograd_engine.teach.runner import run_exercise
from autograd_engine.teach.workspace import VARIABLE, Workspace

SLOPE = BUILT_IN / "01_slope"
CHAIN = BUILT_IN / "02_chain_rule"


@pytest.fixture
def work(tmp_path, monkeypatch, capsys):
    """A learner's folder, and one in it."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "work"]) == 0
    monkeypatch.chdir(tmp_path / "work")
    capsys.readouterr()
    return tmp_path / "work"


@pytest.fixture
def teach(capsys):
    """Run a command: its status, and what it prints."""

    def run(*arguments):
        status = main(arguments)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_a_learner_s_way(work, teach):
    status, text = teach("next")
    assert status == 0
    assert "# Slope" in text
    assert "01_slope.py" in text

    status, text = teach("check")
    assert status == 2
    assert "derivative (line 6) still has to be written" in text

    shutil.copy(SLOPE / "mistakes/doubled.py", work / "01_slope.py")
    status, text = teach("check")
    assert status == 1
    assert "derivative(f, 1.3, 1e-05) for f(x) = e^x sin 3x" in text
    assert "gave      -21.02920" in text
    assert "must be   -10.51460103015124" in text
    assert "Likely cause: Exactly twice too large" in text
    assert "autograd teach hint 1" in text

    hints = Catalog().find("1").hints
    assert hints[0] in teach("hint")[1]
    assert hints[1] in teach("hint", "1")[1]
    assert teach("hint", "1")[1].endswith("(that was the last one)\n")

    assert teach("solution", "1") == (
        4,
        "autograd teach: 01_slope has not passed yet: autograd teach hint 1 helps\n",
    )

    shutil.copy(SLOPE / "solution.py", work / "01_slope.py")
    status, text = teach("check", "slope")
    assert status == 0
    assert "PASS: all 4 checks" in text
    assert "(f(x + h) - f(x - h))" in teach("solution", "1")[1]
    assert "picture: " in teach("show", "1")[1]
    assert "<svg" in (work / ".teach/pictures/01_slope.svg").read_text()
    assert "# Chain rule" in teach("next")[1]
    status, text = teach("status")
    assert text.startswith("1 of ")
    assert "01_slope: pass, 4 of 4 checks, attempts: 2, hints: 3" in text
    assert "[x] 01_slope" in teach("list")[1]


def test_a_pass_stays_a_pass(work, teach):
    shutil.copy(SLOPE / "solution.py", work / "01_slope.py")
    assert teach("check", "1")[0] == 0
    shutil.copy(SLOPE / "mistakes/doubled.py", work / "01_slope.py")
    assert teach("check", "1")[0] == 1
    assert "[x] 01_slope" in teach("list")[1]


def test_a_crash_is_three_and_does_not_stop_the_others(work, teach):
    (work / "01_slope.py").write_text("import os\nos._exit(0)\n")
    shutil.copy(CHAIN / "solution.py", work / "02_chain_rule.py")
    status, text = teach("check", "--all")
    assert status == 3
    assert "01_slope  ERROR" in text
    assert "02_chain_rule  PASS" in text


def test_after_a_crash_the_other_checks_run_in_a_new_process(work, teach):
    crash = "def derivative(f, x, h=1e-5):\n    if x == 1.3: import os; os._exit(0)\n"
    right = (SLOPE / "solution.py").read_text()
    (work / "01_slope.py").write_text(right.replace("def derivative(f, x, h=1e-5):\n", crash))
    assert "3 of 4 checks pass" in teach("check", "1", "--all")[1]
    [found] = json.loads(teach("check", "1", "--json")[1])
    statuses = [outcome["status"] for outcome in found["outcomes"]]
    assert statuses == ["error", "skipped", "skipped", "skipped"]


def test_a_time_limit_is_kept_and_named(work, teach):
    (work / "01_slope.py").write_text("def derivative(f, x, h):\n    while True: x = x + 1\n")
    status, text = teach("check", "1", "--slow-factor", "0.1")
    assert status == 3
    assert "01_slope  TIMEOUT" in text
    assert "Timeout: stopped after 0.5 s" in text
    assert "line 2, in derivative:  while True: x = x + 1" in text


def test_all_shows_every_failed_check(work, teach):
    shutil.copy(SLOPE / "mistakes/doubled.py", work / "01_slope.py")
    assert teach("check", "1")[1].count("must be") == 1
    assert teach("check", "1", "--all")[1].count("must be") == 4


def test_another_seed_asks_for_other_numbers(work, teach):
    shutil.copy(CHAIN / "solution.py", work / "02_chain_rule.py")
    hard_coded = "def forward(*_):\n    return {'a': -6, 'b': -24, 'c': -29, 'L': 841}\n"
    (work / "01_slope.py").write_text(hard_coded)
    shutil.move(work / "01_slope.py", work / "02_chain_rule.py")
    calls = [teach("check", "2", "--seed", seed)[1].splitlines()[2] for seed in "345"]
    assert len(set(calls)) == 3
    assert "seed 3" in teach("check", "2", "--seed", "3")[1]


def test_a_file_is_checked_wherever_it_lies(tmp_path, teach):
    path = shutil.copy(SLOPE / "solution.py", tmp_path / "01_slope.py")
    assert teach("check", str(path))[0] == 0


def test_what_was_printed_is_shown_in_short(work, teach):
    source = (SLOPE / "mistakes/doubled.py").read_text()
    (work / "01_slope.py").write_text("for i in range(100): print('line', i)\n" + source)
    text = teach("check", "1")[1]
    assert "line 0" in text
    assert "line 50" not in text


def test_json_is_whole(work, teach):
    shutil.copy(SLOPE / "mistakes/doubled.py", work / "01_slope.py")
    [found] = json.loads(teach("check", "1", "--json")[1])
    assert found["status"] == "fail"
    assert found["outcomes"][0]["mistake"] == "doubled"
    listed = json.loads(teach("list", "--json")[1])[0]
    assert listed["id"] == "01_slope"
    assert "hints" not in listed  # which are counted when they are asked for
    assert json.loads(teach("status", "--json")[1])["01_slope"]["attempts"] == 1
    assert len(json.loads(teach("hint", "1", "--json")[1])["hints"]) == 1
    assert json.loads(teach("next", "--json")[1])["exercise"] == "01_slope"


def test_reset_keeps_what_was_written(work, teach):
    for text in ("first", "second"):
        (work / "01_slope.py").write_text(f"# {text}\n")
        assert teach("reset", "1")[0] == 0
    assert (work / "01_slope.py").read_text() == (SLOPE / "starter.py").read_text()
    kept = sorted((work / ".teach/backups").iterdir())
    assert [path.read_text() for path in kept] == ["# first\n", "# second\n"]


def test_init_changes_no_file_that_is_there(work, teach):
    (work / "01_slope.py").write_text("# mine\n")
    (work / "02_chain_rule.py").unlink()
    assert "1 exercises written" in teach("init", ".")[1]
    assert (work / "01_slope.py").read_text() == "# mine\n"


@pytest.mark.parametrize("spoilt", ["", "{", "[]", '{"format": 99, "exercises": {}}', "\0\0"])
def test_spoilt_progress_is_kept_and_restored(work, teach, spoilt):
    shutil.copy(SLOPE / "solution.py", work / "01_slope.py")
    teach("check", "1")
    teach("hint", "2")  # so that the version before has the pass
    (work / ".teach/progress.json").write_text(spoilt)
    text = teach("status")[1]
    assert "could not be read" in text
    assert "1 of " in text
    assert "1 of " in teach("status")[1]  # again, now from the file
    assert (work / ".teach/progress.bak1").read_text() == spoilt


def test_two_commands_at_a_time_keep_what_the_other_wrote(work, teach):
    watching = Workspace(work)
    teach("hint", "1")
    slope = watching.catalog.find("1")
    watching.progress.record(run_exercise(slope, slope.text("solution.py")))
    text = teach("status")[1]
    assert "01_slope: pass, 4 of 4 checks, attempts: 1, hints: 1" in text


def test_entries_of_other_kinds_do_no_harm(work, teach):
    entries = {
        "01_slope": {"attempts": "many", "hints": 2, "new": 1},
        "gone": {},
        "02_chain_rule": 5,
    }
    data = {"format": 1, "exercises": entries}
    (work / ".teach/progress.json").write_text(json.dumps(data))
    status, text = teach("status", "--json")
    assert status == 0
    assert json.loads(text)["01_slope"]["hints"] == 2
    assert json.loads(text)["01_slope"]["attempts"] == 0


def test_a_command_that_is_wrong_is_four(work, teach, monkeypatch, tmp_path):
    assert teach("chek")[0] == 4
    assert "for learners:" in teach()[1]
    assert teach("check", "99")[0] == 4
    assert teach("check", "--slow-factor", "0")[0] == 4
    assert teach("--help")[0] == 0
    monkeypatch.chdir(tmp_path)
    status, text = teach("check")
    assert status == 4
    assert "autograd teach init DIR" in text


def test_a_set_of_one_s_own(work, teach, tmp_path):
    assert teach("new", "warm_up", "--set", str(tmp_path / "mine"))[0] == 0
    assert teach("verify", "--exercises", str(tmp_path / "mine"))[0] == 0
    assert teach("init", ".", "--exercises", str(tmp_path / "mine"))[0] == 0
    assert teach("check", "mine/1")[0] == 2  # remembered
    (work / "mine/01_warm_up.py").write_text("def twice(x):\n    return x + x\n")
    assert teach("check", "mine/1")[0] == 0
    assert teach("check", "mine/01_warm_up.py")[0] == 0
    (tmp_path / "mine/01_warm_up/check.py").write_text(
        "from autograd_engine.teach.testing import check\n\n@check('x')\ndef x(run):\n    1 / 0\n"
    )
    status, text = teach("check", "mine/1")
    assert status == 5
    assert "a fault of the exercise, not yours" in text


def test_sets_are_found_by_the_environment(work, teach, tmp_path, monkeypatch):
    teach("new", "warm_up", "--set", str(tmp_path / "mine"))
    monkeypatch.setenv(VARIABLE, os.pathsep.join([str(tmp_path / "mine")]))
    assert "mine/01_warm_up" in teach("list")[1]


# --- grading -------------------------------------------------------------------------------------


@pytest.fixture
def submissions(tmp_path):
    root = tmp_path / "submissions"
    answers = {
        "s1": {"01_slope": SLOPE / "solution.py", "02_chain_rule": CHAIN / "mistakes/swapped.py"},
        "s2": {
            "01_slope": SLOPE / "mistakes/doubled.py",
            "02_chain_rule": CHAIN / "mistakes/swapped.py",
        },
        "s3": {},
    }
    for student, files in answers.items():
        (root / student).mkdir(parents=True)
        for name, path in files.items():
            shutil.copyfile(path, root / student / f"{name}.py")
    (root / "s3" / "01_slope.py").write_text("import os\nos._exit(0)\n")
    return root


def test_a_folder_of_submissions_is_graded(submissions, teach, tmp_path):
    late = submissions / "s2" / "01_slope.py"
    os.utime(late, (time.time() + 10_000,) * 2)
    names = tmp_path / "names.csv"
    names.write_text("s2,second\n")
    deadline = time.strftime("%Y-%m-%dT%H:%M", time.localtime(time.time() + 5_000))
    status, text = teach("grade", str(submissions), "--names", str(names), "--deadline", deadline)
    assert status == 0
    assert "s1      1.5 of 2 points, 1 of 2 exercises" in text
    assert "second  0.5 of 2 points, 0 of 2 exercises   late: 01_slope" in text
    assert "s3      0 of 2 points" in text
    assert "2 x  02_chain_rule  swapped: d(theta1 theta2)" in text
    assert "1 x  01_slope  doubled" in text

    grades = str(submissions / "grades.json")
    rows = list(csv.DictReader(io.StringIO(teach("export", "csv", "--grades", grades)[1])))
    assert [row["student"] for row in rows] == ["s1", "s1", "second", "second", "s3", "s3"]
    assert rows[3]["mistake_ids"] == "swapped"
    assert rows[2]["late"] == "True"
    assert rows[4]["status"] == "error"
    assert rows[5]["status"] == "not_attempted"
    assert rows[0]["score"] == rows[0]["max_score"] == "1.0"
    assert rows[0]["seed"] == "1"
    assert rows[0]["python"].startswith("3.")

    root = ElementTree.fromstring(teach("export", "junit", "--grades", grades)[1])
    assert len(root.findall("testsuite")) == 6
    assert len(root.findall(".//testcase")) == 24
    assert len(root.findall(".//error")) == 1
    assert "other factor" in root.find(".//failure").get("message")

    assert teach("export", "gradescope", "--grades", grades)[0] == 4
    one = json.loads(teach("export", "gradescope", "--grades", grades, "--student", "s1")[1])
    assert one["score"] == 1.5
    assert [test["status"] for test in one["tests"]] == ["passed", "failed"]

    data = json.loads(teach("export", "json", "--grades", grades)[1])
    assert data["records"][1]["exercism"]["status"] == "fail"
    assert data["records"][1]["exercism"]["version"] == 3


def test_a_grade_ignores_what_a_learner_s_folder_says(submissions, teach):
    (submissions / "s2/.teach").mkdir()
    (submissions / "s2/.teach/progress.json").write_text(
        '{"format": 1, "exercises": {"01_slope": {"status": "pass", "first_pass_utc": "2026"}}}'
    )
    text = teach("grade", str(submissions), "--only", "1", "--json")[1]
    assert [r["status"] for r in json.loads(text)["records"]] == ["pass", "fail", "error"]


def test_each_student_may_have_other_inputs(submissions, teach):
    def seeds(*options):
        text = teach("grade", str(submissions), "--only", "1", "--json", *options)[1]
        return [record["seed"] for record in json.loads(text)["records"]]

    assert seeds() == [1, 1, 1]
    assert len(set(seeds("--variants"))) == 3
    assert seeds("--variants") == seeds("--variants") != seeds("--variants", "--seed", "2")


def test_a_folder_may_have_inputs_of_its_own(tmp_path, monkeypatch, teach):
    teach("init", str(tmp_path / "own"), "--seed", "7")
    monkeypatch.chdir(tmp_path / "own")
    shutil.copy(CHAIN / "mistakes/swapped.py", "02_chain_rule.py")

    def seed(*options):
        return json.loads(teach("check", "2", "--json", *options)[1])[0]["seed"]

    assert seed() == 7
    assert seed("--seed", "3") == 3
    assert ", seed 7" in teach("check", "2")[1]
    teach("init", ".")
    assert seed() == 7
    Path(".teach/seed.json").write_text("seven")
    assert "must hold a whole number" in teach("check", "2")[1]


def test_grading_needs_submissions(tmp_path, teach):
    (tmp_path / "empty").mkdir()
    assert "no folders" in teach("grade", str(tmp_path / "empty"))[1]
    (tmp_path / "empty/s1").mkdir()
    assert "named as an exercise" in teach("grade", str(tmp_path / "empty"))[1]
    assert teach("grade", str(tmp_path / "nothing"))[0] == 4


def test_hidden_checks_count_in_grades_alone(tmp_path, teach):
    teach("new", "warm_up", "--set", str(tmp_path / "mine"))
    check = tmp_path / "mine/01_warm_up/check.py"
    more = '\n\n@check("large", hidden=True)\ndef large(run):\n    expect(run.twice(1e9), 2e9)\n'
    check.write_text(check.read_text() + more)
    student = tmp_path / "class/s1"
    student.mkdir(parents=True)
    path = student / "01_warm_up.py"
    path.write_text("def twice(x):\n    return 2 * x if x < 10 else x\n")
    # By its file's name alone it belongs to no set, so the folder's name says which.
    (student / "mine").mkdir()
    moved = shutil.move(path, student / "mine")
    status, text = teach("check", str(moved), "--exercises", str(tmp_path / "mine"))
    assert status == 0
    assert "its public check" in text
    text = teach("grade", str(tmp_path / "class"), "--exercises", str(tmp_path / "mine"))[1]
    assert "0.5 of 1 points" in text


def test_a_cell_is_no_formula():
    from autograd_engine.teach.exports import Record, export

    [row] = csv.DictReader(
        io.StringIO(export([Record("=1+1", "01_slope", "pass", 1, 1, 4, 4)], "csv"))
    )
    assert row["student"] == "'=1+1"


# --- how it is started ---------------------------------------------------------------------------


def test_the_main_command_knows_it(work, capsys):
    assert autograd(["teach", "list"]) == 0
    assert "01_slope" in capsys.readouterr().out
    assert autograd(["teach", "chek"]) == 4


def test_it_works_without_a_network_and_with_old_consoles(work):
    shutil.copy(SLOPE / "solution.py", work / "01_slope.py")
    # No socket can be made, and the console knows ASCII alone.
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise OSError('no network')\n"
        "socket.socket = socket.create_connection = refuse\n"
        "from autograd_engine.teach.__main__ import main\n"
        "sys.exit(main(['check', '1']) or main(['show', '1']))\n"
    )
    root = str(Path(autograd_engine.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, cwd=work
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "picture: " in done.stdout


def test_the_plain_command_does_not_load_the_exercises():
    code = (
        "import sys\nfrom autograd_engine.__main__ import main\nmain(['x**2', 'x=3'])\n"
        "assert not [m for m in sys.modules if m.startswith('autograd_engine.teach')]\n"
        "assert 'argparse' not in sys.modules\n"
    )
    root = str(Path(autograd_engine.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": root}
    subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, stdout=subprocess.DEVNULL
    )


def test_letters_that_a_console_lacks_are_spelt():
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="ascii")
    emit("x² − θ → ½ ☃", stream)
    assert buffer.getvalue().decode().strip() == "x^2 - theta -> 1/2 \\u2603"


def test_a_terminal_obeys_no_learner():
    stream = io.StringIO()
    emit("raised \x1b[2J\r\n", stream)
    assert stream.getvalue() == "raised \N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}\n\n"


def test_colours_are_for_terminals(monkeypatch):
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self):
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    emit("01_slope  FAIL", stream)
    assert stream.getvalue() == "01_slope  \x1b[31mFAIL\x1b[0m\n"
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    emit("01_slope  FAIL", stream)
    assert stream.getvalue() == "01_slope  FAIL\n"


def test_without_a_way_to_draw_the_task_is_shown_all_the_same(work, teach, monkeypatch):
    import visualize

    shutil.copy(CHAIN / "solution.py", work / "02_chain_rule.py")
    assert teach("check", "2")[0] == 0
    monkeypatch.setattr(visualize, "draw", lambda *_, **__: 1 / 0)
    assert teach("show", "2")[0] == 5  # of any other error, the exercise is guilty

    def missing(*_, **__):
        raise visualize.RendererNotFound("no Graphviz")

    monkeypatch.setattr(visualize, "draw", missing)
    status, text = teach("show", "2")
    assert status == 0
    assert "no picture of 02_chain_rule: no Graphviz" in text


def test_wrong_gradients_are_red(work, teach):
    shutil.copy(CHAIN / "mistakes/sign_of_y.py", work / "02_chain_rule.py")
    assert teach("check", "2")[0] == 1
    assert "picture: autograd teach show 2" in teach("check", "2")[1]
    assert teach("show", "2")[0] == 0
    svg = html.unescape((work / ".teach/pictures/02_chain_rule.svg").read_text())
    assert svg.count(">yours ") == 1  # the others are right
    assert ">yours -58<" in svg
    assert ">must be 58<" in svg
    assert 'stroke="#dc2626"' in svg


@pytest.mark.parametrize(
    ("name", "mistake", "wrong"),
    [
        ("05_accumulate", "overwrites", [("1", "2")]),
        ("06_topological_order", "too_early", [("5", "35")]),
        ("07_backward", "no_seed", [("0", "3"), ("0", "1"), ("0", "2"), ("0", "1"), ("0", "1")]),
    ],
)
def test_graphs_of_programs_show_what_is_wrong(work, teach, name, mistake, wrong):
    shutil.copy(BUILT_IN / name / f"mistakes/{mistake}.py", work / f"{name}.py")
    assert teach("check", name)[0] == 1
    assert teach("show", name)[0] == 0
    svg = html.unescape((work / f".teach/pictures/{name}.svg").read_text())
    found = re.findall(r">yours ([^<]*)<.*?>must be ([^<]*)<", svg, re.DOTALL)
    assert sorted(found) == sorted(wrong)


def test_what_cannot_be_kept_is_kept_as_text(work, teach):
    body = "return {'c': object(), ('d',): {1}, 'L': float('nan')}"
    right = (CHAIN / "solution.py").read_text().partition("def backward")[0]
    (work / "02_chain_rule.py").write_text(f"{right}def backward(*_):\n    {body}\n")
    assert teach("check", "2")[0] == 1
    assert teach("show", "2")[0] == 0
    [found] = json.loads(teach("check", "2", "--json")[1], parse_constant=pytest.fail)
    assert found["status"] == "fail"
    assert found["outcomes"][2]["figure"]["got"]["L"] == "NaN"
    assert teach("status")[0] == 0


def test_what_goes_wrong_with_a_result_is_told_so(work, teach, tmp_path):
    teach("new", "warm_up", "--set", str(tmp_path / "mine"))
    folder = tmp_path / "mine/01_warm_up"
    (folder / "probe.py").write_text("def four(answer):\n    return answer.twice(2).real.real.x\n")
    check = folder / "check.py"
    check.write_text(check.read_text().replace("run.twice(x)", "run.four()"))
    teach("init", ".", "--exercises", str(tmp_path / "mine"))
    (work / "mine/01_warm_up.py").write_text("def twice(x):\n    return 2 * x\n")
    status, text = teach("check", "mine/1")
    assert status == 3
    assert "raised    AttributeError" in text
    assert "outside your code, when the check used what it returned" in text
