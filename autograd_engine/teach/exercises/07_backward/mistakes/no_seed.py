"""backward and zero_grad: reverse mode, assembled."""

import math


def topo(root):
    """All nodes that lead to root, each once, after all of its parents; root is the last."""
    order = []
    visited = set()
    stack = [(root, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in visited:
            visited.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


class Value:
    """A number that remembers what it was computed from, and how fast it changes with that."""

    def __init__(self, data, parents=(), slopes=()):
        self.data = float(data)
        self.grad = 0.0
        self.parents = parents
        self.slopes = slopes

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    def __add__(self, other):
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __sub__(self, other):
        return Value(self.data - other.data, (self, other), (1.0, -1.0))

    def __mul__(self, other):
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __neg__(self):
        return Value(-self.data, (self,), (-1.0,))

    def __pow__(self, k):
        return Value(self.data**k, (self,), (k * self.data ** (k - 1),))

    def log(self):
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def sigmoid(self):
        s = 1 / (1 + math.exp(-self.data))
        return Value(s, (self,), (s * (1 - s),))

    def backward(self):
        """Give every Value of the graph the derivative of this one with respect to it, as grad.

        Over several calls the grad of Values without parents adds up; that of all others is of the
        last call alone.
        """
        order = topo(self)
        for node in order:
            if node.parents:
                node.grad = 0.0
        for node in reversed(order):
            for parent, slope in zip(node.parents, node.slopes):
                parent.grad += slope * node.grad

    def zero_grad(self):
        """Set the grad of every Value of the graph to 0."""
        for node in topo(self):
            node.grad = 0.0
