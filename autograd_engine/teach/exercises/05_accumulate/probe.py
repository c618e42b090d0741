"""What is asked of the learner's class."""

from autograd_engine.teach.programs import run


def after_backward(answer, code, program, inputs, upstream):
    """{code!s}"""
    values = run(program, {name: answer.Value(x) for name, x in inputs.items()})
    list(values.values())[-1].grad = upstream
    for name, *_ in reversed(program):
        values[name]._backward()
    return {name: v.grad for name, v in values.items()}


def data_after_backward(answer, operation, x, y):
    """a = Value({x}); b = Value({y}); c = a {operation!s} b; c.grad = 3.0; c._backward();
    a.data, b.data, c.data"""
    values = run([["c", operation, "a", "b"]], {"a": answer.Value(x), "b": answer.Value(y)})
    values["c"].grad = 3.0
    values["c"]._backward()
    return [v.data for v in values.values()]
