"""Files are checked when they are saved, and a check is given up when there is a new version."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import autograd_engine
from autograd_engine.teach.catalog import BUILT_IN, Catalog
from autograd_engine.teach.isolation import Cancelled
from autograd_engine.teach.runner import run_exercise
from autograd_engine.teach.watching import Changes
from autograd_engine.teach.workspace import Workspace

SLOPE = BUILT_IN / "01_slope"


def test_only_another_content_is_a_change(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("x = 1")
    changes = Changes([path])
    assert changes.look() == []
    path.write_text("x = 2")  # of the same size, and perhaps within the same tick of the clock
    assert changes.look() == [path]
    os.utime(path, (1, 1))
    assert changes.look() == []
    path.write_text("")
    assert changes.look() == []  # an editor is about to write it
    path.unlink()
    assert changes.look() == []
    path.write_text("x = 3")
    assert changes.look() == [path]


def test_a_check_can_be_given_up():
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    started = time.monotonic()
    source = "import time\ndef derivative(f, x, h): time.sleep(1000)\n"
    with pytest.raises(Cancelled):
        run_exercise(Catalog().find("1"), source, slow_factor=100, cancelled=cancelled)
    assert time.monotonic() - started < 60


def test_saving_checks_again(tmp_path):
    Workspace.create(tmp_path)
    file = tmp_path / "01_slope.py"
    environment = os.environ | {"PYTHONPATH": str(Path(autograd_engine.__file__).parents[1])}
    command = [sys.executable, "-m", "autograd_engine.teach", "watch", "1"]
    command += ["--slow-factor", "100", "--seed", "3"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(process, "NOT STARTED")
        file.write_text("def derivative(f, x, h):\n    while True: pass\n")
        time.sleep(0.5)  # it may be noticed or not: either way it is given up
        shutil.copy(SLOPE / "mistakes/doubled.py", file)
        wait_for(process, "seed 3")
        wait_for(process, "Exactly twice too large")
        shutil.copy(SLOPE / "solution.py", file)
        wait_for(process, "PASS")
        process.stdin.write("r\n")
        process.stdin.flush()
        wait_for(process, "PASS")
        process.stdin.write("q\n")
        process.stdin.flush()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.communicate()
    assert Workspace(tmp_path).progress["01_slope"].passed


def wait_for(process, text):
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"it ended without {text!r}")
