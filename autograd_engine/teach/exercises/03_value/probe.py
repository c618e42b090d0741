"""What is asked of the learner's class."""

import operator

from autograd_engine.teach.programs import run

_BETWEEN = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def attributes(answer, x):
    """v = Value({x}); v.data, list(v.parents), v.op"""
    v = answer.Value(x)
    kind = type(v.data).__name__
    return {"data": v.data, "type of data": kind, "parents": list(v.parents), "op": v.op}


def value(answer, code, program, inputs):
    """{code!s}"""
    values = {name: answer.Value(x) for name, x in inputs.items()}
    return _data(list(run(program, values).values())[-1])


def right_number(answer, x, operation, y):
    """(Value({x}) {operation!s} {y}).data"""
    return _data(_BETWEEN[operation](answer.Value(x), y))


def left_number(answer, y, operation, x):
    """({y} {operation!s} Value({x})).data"""
    return _data(_BETWEEN[operation](y, answer.Value(x)))


def _data(v):
    """The number in a Value; what is no Value as it is."""
    return getattr(v, "data", v)


def record(answer, code, step, inputs):
    """{code!s}"""
    values = {name: answer.Value(x) for name, x in inputs.items()}
    names = {id(v): name for name, v in values.items()}
    before = [(v.data, v.op, tuple(v.parents)) for v in values.values()]
    c = run([step], values)["c"]
    parents = [names.get(id(parent), _data(parent)) for parent in c.parents]
    changed = before != [(v.data, v.op, tuple(v.parents)) for v in values.values()]
    return {"op": c.op, "parents": parents, "a or b changed": changed}


def equality(answer, x):
    """a = Value({x}); b = Value({x}); a == b, a == a, len({a, b})"""
    a, b = answer.Value(x), answer.Value(x)
    return [a == b, a == a, len({a, b})]
