from collections import Counter

from autograd_engine.teach.programs import TRAPS, chain, doubling, spelled
from autograd_engine.teach.testing import check, expect, require

LINE = [["b", "*", 5.0, "a"], ["c", "*", 2.0, "b"]]


def code(program):
    return f"{spelled(program)}; topo({program[-1][0]})"


def expect_gradient(run, program, must, mistakes):
    got = run.gradient(code(program), program)
    figure = {"program": program, "got": got}
    expect(got, must, mistakes={**mistakes, "reversed": 0.0}, figure=figure)


def expect_order(names, program):
    """Every node once, its parents before it, root last: there is more than one such order."""
    parents = {"a": []} | {
        name: [x for x in operands if isinstance(x, str)] for name, _, *operands in program
    }
    root = program[-1][0]
    counts = Counter(names)
    for name in [*parents, *(set(counts) - set(parents))]:
        count, must = counts[name], int(name in parents)
        times = "once" if must else "nowhere"
        require(
            count == must,
            f"{name} {times}",
            got=f"a list with {name} {count} times",
            mistake="not_once",
        )
    places = {name: place for place, name in enumerate(names)}
    for name, before in parents.items():
        for parent in before:
            require(
                places[parent] < places[name],
                f"{parent} before {name}",
                got=f"a list with {name} before {parent}",
                mistake="reversed" if names[0] == root else "too_early",
            )


@check("one node after the other")
def a_line(run):
    names = run.order(code(LINE), LINE)
    require(isinstance(names, (list, tuple)), "a list of nodes", got=names)
    expect_gradient(run, LINE, 10.0, {})


@check("nodes that are used more than once")
def used_again(run):
    for trap in TRAPS.values():
        wrong = trap.wrong
        early = {wrong[order] for order in ("preorder", "breadth") if order in wrong}
        expect_gradient(
            run,
            trap.program,
            trap.gradient,
            {
                "once_per_path": wrong["recursion"],
                "too_early": lambda got, early=early: got in early,
            },
        )


@check("the order")
def the_order(run):
    for program in (LINE, *(trap.program for trap in TRAPS.values())):
        expect_order(run.order(code(program), program), program)


@check("the order of random graphs")
def random_orders(run):
    for _ in range(10):
        program = [["b", "+", "a", "a"]]
        for name in "cdefgh":
            used = [program[-1][0], run.draws.choice(["a", *(step[0] for step in program)])]
            program.append([name, "+", *run.draws.shuffled(used)])
        expect_order(run.order(code(program), program), program)


@check(
    "more paths than can be counted",
    raises=dict.fromkeys(("Timeout", "MemoryError"), "exponential"),
)
def many_paths(run):
    program = doubling(60)
    expect_order(run.order("x = a + a, then 59 times x = x + x; topo(x)", program), program)


@check("a long chain", raises={"RecursionError": "recursion"})
def long_chain(run):
    program = chain(5000)
    expect_order(run.order("x = a + a, then 4999 times x = x + a; topo(x)", program), program)
