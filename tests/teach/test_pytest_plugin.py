"""The exercises as tests of pytest."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import autograd_engine
from autograd_engine.teach.catalog import BUILT_IN


def pytest(folder, *arguments):
    environment = os.environ | {"PYTHONPATH": str(Path(autograd_engine.__file__).parents[1])}
    command = [sys.executable, "-m", "pytest", "-p", "autograd_engine.teach.pytest_plugin", "-q"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *arguments, "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_each_check_is_a_test(tmp_path):
    shutil.copy(BUILT_IN / "01_slope/solution.py", tmp_path / "01_slope.py")
    shutil.copy(BUILT_IN / "02_chain_rule/mistakes/swapped.py", tmp_path / "02_chain_rule.py")
    (tmp_path / "other.py").write_text("raise SystemExit\n")
    status, text = pytest(tmp_path, "--junitxml", "report.xml", "--strict-markers", "-m", "teach")
    assert status == 1
    assert "2 failed, 6 passed" in text
    assert "Likely cause: d(theta1 theta2)/d theta1 is the other factor." in text
    assert "check.py" not in text
    cases = ElementTree.parse(tmp_path / "report.xml").findall(".//testcase")
    assert len(cases) == 8


def test_tests_are_chosen_by_name(tmp_path):
    shutil.copy(BUILT_IN / "02_chain_rule/mistakes/swapped.py", tmp_path / "02_chain_rule.py")
    status, text = pytest(tmp_path, "-k", "forward", "--teach-seed", "3")
    assert status == 0
    assert "2 passed, 2 deselected" in text


def test_a_file_that_ends_python_is_an_error_and_no_pass(tmp_path):
    (tmp_path / "01_slope.py").write_text("import os\nos._exit(0)\n")
    status, text = pytest(tmp_path)
    assert status == 1
    assert "1 failed, 3 skipped" in text
