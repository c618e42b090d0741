"""Every exercise that is shipped is fit to be handed out, and one that is not is found out."""

import json
import shutil

import pytest

from autograd_engine.teach.authoring import new_exercise
from autograd_engine.teach.catalog import BUILT_IN, Catalog, ExerciseError, load_set
from autograd_engine.teach.mutants import mutants
from autograd_engine.teach.packing import PACKED, pack
from autograd_engine.teach.verification import verify

EXERCISES = Catalog().exercises


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.id)
def test_an_exercise_is_fit(exercise):
    # All seeds and all mutants: autograd teach verify.
    found = verify(exercise, seeds=(0, 3), hash_seeds=(1,), max_mutants=12)
    # How long a solution takes depends on what else the machine does: verify alone looks at it.
    assert not [problem for problem in found.problems if "more than a third of" not in problem]
    assert exercise.meta["lecture"]
    assert all(name in [e.id for e in EXERCISES] for name in exercise.meta["needs"])


@pytest.fixture
def folder(tmp_path):
    """A set with one exercise, which is fit."""
    root = tmp_path / "mine"
    new_exercise(root, "warm_up")
    return root / "01_warm_up"


def problems(folder):
    return " ".join(verify(load_set(folder.parent)[0], seeds=(0, 4), hash_seeds=(1,)).problems)


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_template_is_fit(folder):
    assert problems(folder) == ""


def test_packed_answers_are_as_good(folder):
    data = pack(folder)
    assert b"return" not in data
    (folder / "solution.py").unlink()
    shutil.rmtree(folder / "mistakes")
    assert "cannot read solution.py" in problems(folder)
    (folder / PACKED).write_bytes(data)
    assert problems(folder) == ""


def test_a_starter_that_passes_is_found(folder):
    shutil.copy(folder / "solution.py", folder / "starter.py")
    assert "must count as not attempted, and its status is pass" in problems(folder)


def test_a_wrong_solution_is_found(folder):
    change(folder / "solution.py", "2 * x", "3 * x")
    assert "the solution fails with seed 4 and hash seed 1" in problems(folder)


def test_a_mistake_that_passes_is_found(folder):
    change(folder / "mistakes/unchanged.py", "return x", "return x + x")
    assert "mistakes/unchanged.py with seed 0 must end with the message" in problems(folder)


def test_a_mistake_with_another_s_message_is_found(folder):
    change(folder / "mistakes/unchanged.py", "return x", "return x + 1")
    assert "no mistake named" in problems(folder)


def test_a_mistake_that_earns_another_s_message_is_found(folder):
    change(folder / "meta.json", '"unchanged":', '"negative": "N", "unchanged":')
    shutil.copy(folder / "mistakes/unchanged.py", folder / "mistakes/negative.py")
    assert "negative.py with seed 4 must end with the message of negative" in problems(folder)


def test_messages_and_files_of_mistakes_belong_together(folder):
    shutil.copy(folder / "mistakes/unchanged.py", folder / "mistakes/other.py")
    assert "mistakes/other.py has no message" in problems(folder)
    change(folder / "meta.json", '"unchanged":', '"new": "N", "unchanged":')
    assert "new has a message, and no file mistakes/new.py" in problems(folder)


def test_weak_checks_are_found(folder):
    change(folder / "check.py", "expect(run.twice(x), 2 * x,", "expect(run.twice(x) and 1, 1,")
    change(folder / "check.py", 'mistakes={"unchanged": x}', "")
    found = verify(load_set(folder.parent)[0])
    assert any("the checks miss too much" in problem for problem in found.problems)
    assert "line 6: 2 -> 3" in map(str, found.survivors)


def test_a_check_that_cannot_bear_none_is_found(folder):
    change(folder / "check.py", "expect(run.twice(x), 2 * x,", "expect(run.twice(x) + 0.0, 2 * x,")
    assert "breaks a check" in problems(folder)


def test_a_message_that_gives_the_solution_away_is_found(folder):
    change(folder / "meta.json", "The second names the idea.", "Write return 2*x there.")
    assert "hint 2 shows a line of the solution" in problems(folder)


def test_what_the_starter_gives_is_no_secret(folder):
    helper = "def given(x):\n    return x + x\n\n\n"
    for name in ("starter.py", "solution.py", "mistakes/unchanged.py"):
        change(folder / name, "def twice", helper + "def twice")
    assert problems(folder) == ""
    change(folder / "starter.py", "return x + x", "return 2 * x")
    assert "the starter shows a line of the solution: return 2 * x" in problems(folder)


def test_a_slow_solution_is_found(folder):
    change(folder / "meta.json", '"hints"', '"timeout_s": 1, "hints"')
    change(
        folder / "solution.py", "    return", "    import time\n    time.sleep(0.15)\n    return"
    )
    assert "more than a third of timeout_s" in problems(folder)


def test_an_undeclared_mistake_breaks_the_exercise(folder):
    change(folder / "check.py", '"unchanged"', '"unheard"')
    assert "names the mistake 'unheard', and meta.json does not" in problems(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"title": "Twice",', "", "title is missing"),
        ('"title": "Twice",', '"title": "Twice", "note": 1,', "no entry 'note'"),
        ('"title": "Twice",', '"title": 2,', "title is a str, got 2"),
        ('    "The first hint asks a question.",\n', "", "three hints, got 2"),
        ("{", "[", "meta.json"),
    ],
)
def test_bad_meta_data_are_refused(folder, old, new, message):
    path = folder / "meta.json"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(ExerciseError, match=message):
        load_set(folder.parent)


def test_sets_have_a_format_and_a_name(folder):
    path = folder.parent / "set.json"
    path.write_text(json.dumps({"format": 2, "name": "mine"}))
    with pytest.raises(ExerciseError, match="reads format 1: update the package"):
        load_set(folder.parent)
    path.write_text(json.dumps({"format": 1, "name": "My Set"}))
    with pytest.raises(ExerciseError, match="lower-case"):
        load_set(folder.parent)
    path.unlink()
    with pytest.raises(ExerciseError, match=r"has no set\.json"):
        load_set(folder.parent)


def test_two_sets_of_a_name_are_refused(folder, tmp_path):
    shutil.copytree(folder.parent, tmp_path / "copy")
    with pytest.raises(ExerciseError, match="two exercises mine/01_warm_up"):
        Catalog([folder.parent, tmp_path / "copy"])


@pytest.mark.parametrize(
    "name", ["mine/1", "mine/warm_up", "mine/01_warm_up", "x/mine/01_warm_up.py"]
)
def test_an_exercise_is_found_by_many_names(folder, name):
    assert Catalog([folder.parent]).find(name).id == "mine/01_warm_up"


@pytest.mark.parametrize(
    "name",
    ["1", "01", "slope", "slo", "01_slope.py", "student/01_slope.py", r"C:\student\01_slope.py"],
)
def test_an_exercise_of_the_package_is_found(name):
    assert Catalog().find(name).id == "01_slope"


@pytest.mark.parametrize("name", ["", "99", "nothing", "mine/1"])
def test_what_is_no_exercise_is_said(name):
    with pytest.raises(LookupError, match="there is no exercise"):
        Catalog().find(name)


def test_names_for_new_exercises_are_checked(folder):
    with pytest.raises(LookupError, match="lower-case"):
        new_exercise(folder.parent, "Two words")
    with pytest.raises(LookupError, match="there is an exercise"):
        new_exercise(folder.parent, "warm_up")
    assert new_exercise(folder.parent, "second")[0].parent.name == "02_second"


def test_every_kind_of_change_is_made():
    source = '''
def f(x):
    """Not this."""
    y = -x
    y += 1
    while x < 3 and not y == 2:
        if x in y:
            break
        x = g(x) ** 2 % 5
    zip(x, y, strict=False)
    return True
'''
    changes = {str(mutant) for mutant in mutants(source)}
    assert changes >= {
        "line 4: -x -> x",
        "line 4: y = -x -> pass",
        "line 5: y += 1 -> y -= 1",
        "line 5: y += 1 -> y = 1",
        "line 5: 1 -> 2",
        "line 6: x < 3 -> x <= 3",
        "line 6: y == 2 -> y != 2",
        "line 6: x < 3 and (not y == 2) -> x < 3 or not y == 2",
        "line 6: not y == 2 -> y == 2",
        "line 7: x in y -> x not in y",
        "line 8: break -> continue",
        "line 9: g(x) ** 2 -> g(x) * 2",
        "line 11: return True -> return",
        "line 11: True -> False",
    }
    assert "line 10: False -> True" not in changes
    assert not any("Not this" in change for change in changes)
    for mutant in mutants(source):
        compile(mutant.source, "mutant", "exec")
    assert len({mutant.source for mutant in mutants(source)}) == len(mutants(source))


def test_the_exercises_are_a_set_like_any_other():
    assert json.loads((BUILT_IN / "set.json").read_text())["format"] == 1
    assert len({e.number for e in EXERCISES}) == len(EXERCISES)
