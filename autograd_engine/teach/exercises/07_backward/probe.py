"""What is asked of the learner's class."""

from autograd_engine.teach.programs import run


def gradients(answer, code, program, inputs):
    """{code!s}"""
    nodes = _nodes(answer, program, inputs)
    list(nodes.values())[-1].backward()
    return {name: node.grad for name, node in nodes.items()}


def gradient(answer, code, program, inputs):
    """{code!s}"""
    return gradients(answer, code, program, inputs)["a"]


def data_after(answer, code, program, inputs):
    """{code!s}"""
    nodes = _nodes(answer, program, inputs)
    last = list(nodes.values())[-1]
    last.backward()
    last.zero_grad()
    return {name: node.data for name, node in nodes.items()}


def twice(answer, a, b, d):
    """a, b, d = Value({a}), Value({b}), Value({d}); c = a + b; e = c * d; e.backward(); a.grad;
    e.backward(); a.grad"""
    nodes = _nodes(answer, [["c", "+", "a", "b"], ["e", "*", "c", "d"]], {"a": a, "b": b, "d": d})
    found = []
    for _ in range(2):
        nodes["e"].backward()
        found.append(nodes["a"].grad)
    return found


def two_losses(answer, w, x):
    """w, x = Value({w}), Value({x}); c = w * x; L = c * c; M = c + w; L.backward(); M.backward();
    w.grad"""
    program = [["c", "*", "w", "x"], ["L", "*", "c", "c"], ["M", "+", "c", "w"]]
    nodes = _nodes(answer, program, {"w": w, "x": x})
    nodes["L"].backward()
    nodes["M"].backward()
    return nodes["w"].grad


def cleared(answer, program, w, x, y):
    """w, x, y = Value({w}), Value({x}), Value({y}); L = (w * x - y)**2 + (w * y - x)**2;
    L.backward(); L.zero_grad(); the gradients of all Values; L.backward(); w.grad"""
    nodes = _nodes(answer, program, {"w": w, "x": x, "y": y})
    nodes["L"].backward()
    nodes["L"].zero_grad()
    after = {name: node.grad for name, node in nodes.items()}
    nodes["L"].backward()
    return {"cleared": after, "w.grad again": nodes["w"].grad}


def _nodes(answer, program, inputs):
    return run(program, {name: answer.Value(x) for name, x in inputs.items()})
