from itertools import product

from autograd_engine.teach.testing import check, expect, like, require

TABLES = {"OR": [0, 1, 1, 1], "AND": [0, 0, 0, 1], "NAND": [1, 1, 1, 0], "NOT": [1, 0]}


@check("the unit, at exactly 0")
def at_zero(run):
    expect(run.unit_at([1.0, -1.0], 0.0, [1.0, 1.0]), 1, mistakes={"strict": 0})
    expect(run.unit_at([0.5], -1.0, [2.0]), 1, mistakes={"strict": 0})


@check("OR, AND, NAND and NOT")
def gates(run):
    for name, table in TABLES.items():
        expect(run.table_of(name, 1.0), table, call=f"the table of {name}")


@check("the gates with all numbers doubled", raises={"KeyError": "hard_coded"})
def doubled(run):
    for name, table in TABLES.items():
        expect(
            run.table_of(name, 2.0),
            table,
            call=f"the table of {name}, its weights and bias doubled",
            mistakes={"hard_coded": lambda got: True},  # it was right before they were
        )


@check("the unit, on random numbers")
def on_random_numbers(run):
    for _ in range(10):
        weights, inputs, bias = run.draws.numbers(3), run.draws.numbers(3), run.draws.number()
        total = sum(w * x for w, x in zip(weights, inputs, strict=True)) + bias
        expect(run.unit_at(weights, bias, inputs), int(total >= 0))


@check("XOR")
def xor(run):
    fires_at_corners = [0, 1, 1, 0]
    expect(
        run.xor_table(),
        fires_at_corners,
        mistakes={"one_unit": lambda got: sorted(got) in ([0, 0, 0, 1], [0, 1, 1, 1])},
        figure={"table": fires_at_corners},
    )


@check("XOR is made of units")
def xor_of_units(run):
    got = run.xor_with_a_contrary_unit()
    like(got, {"made_by_the_unit": True, "calls": 0})
    require(
        got["made_by_the_unit"] and got["calls"] >= 8,
        "made by calls of unit, on two levels",
        got="an answer that no unit gave" if not got["made_by_the_unit"] else "one unit",
        mistake="one_unit" if got["made_by_the_unit"] else "no_units",
    )


@check("14 of the 16 tables")
def fourteen(run):
    listed = [list(table) for table in product((0, 1), repeat=4)]
    must = [table not in ([0, 1, 1, 0], [1, 0, 0, 1]) for table in listed]
    expect(
        run.tables(listed),
        must,
        mistakes={"one_unit": [True] * 16},
        figure={"table": [0, 1, 1, 0]},
    )
