"""Value: operators on objects record a graph."""

import math


class Value:
    """A number that remembers what it was computed from."""

    def __init__(self, data, parents=(), op=""):
        self.data = float(data)
        self.parents = tuple(parents)
        self.op = op

    def __repr__(self):
        return f"Value({self.data})"

    def __add__(self, other):
        other = as_value(other)
        return Value(self.data + other.data, (self, other), "+")

    def __sub__(self, other):
        other = as_value(other)
        return Value(self.data - other.data, (self, other), "-")

    def __mul__(self, other):
        other = as_value(other)
        return Value(self.data * other.data, (self, other), "*")

    def __truediv__(self, other):
        other = as_value(other)
        return Value(self.data / other.data, (self, other), "/")

    def __radd__(self, other):
        return as_value(other) + self

    def __rsub__(self, other):
        return self - other

    def __rmul__(self, other):
        return as_value(other) * self

    def __rtruediv__(self, other):
        return self / other

    def __neg__(self):
        return Value(-self.data, (self,), "neg")

    def __pow__(self, k):
        return Value(self.data**k, (self,), "**")

    def exp(self):
        return Value(math.exp(self.data), (self,), "exp")

    def log(self):
        return Value(math.log(self.data), (self,), "log")

    def tanh(self):
        return Value(math.tanh(self.data), (self,), "tanh")

    def relu(self):
        return Value(max(0.0, self.data), (self,), "relu")


def as_value(x):
    """A Value as it is, and a plain number as a Value."""
    return x if isinstance(x, Value) else Value(x)
