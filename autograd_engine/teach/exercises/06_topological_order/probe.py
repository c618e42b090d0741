"""What is asked of the learner's function."""

from autograd_engine.teach.programs import run


class _Node:
    """A node of a graph: what learners are told of, and what a backward pass needs."""

    def __init__(self, parents=(), slopes=()):
        self.parents, self.slopes = parents, slopes
        self.grad = 0.0

    def __add__(self, other):
        return _Node((self, other), (1.0, 1.0))

    def __mul__(self, number):
        return _Node((self,), (number,))

    __rmul__ = __mul__


def gradient(answer, code, program):
    """{code!s}, and in this order, last first, each node passes its gradient on; a.grad"""
    nodes, order = _ordered(answer, program)
    list(nodes.values())[-1].grad = 1.0
    for node in reversed(order):
        for parent, slope in zip(node.parents, node.slopes, strict=True):
            parent.grad += slope * node.grad
    return nodes["a"].grad


def order(answer, code, program):
    """{code!s}"""
    nodes, order = _ordered(answer, program)
    if not isinstance(order, (list, tuple)):
        return order  # and the check says what is wrong with it
    names = {id(node): name for name, node in nodes.items()}
    return [names.get(id(node), "something else") for node in order]


def _ordered(answer, program):
    """All nodes by their names, and what topo gives for the last one."""
    nodes = run(program, {"a": _Node()})
    return nodes, answer.topo(list(nodes.values())[-1])
