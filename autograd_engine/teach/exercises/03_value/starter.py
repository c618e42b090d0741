"""Value: operators on objects record a graph."""


class Value:
    """A number that remembers what it was computed from."""

    def __init__(self, data, parents=(), op=""):
        raise NotImplementedError

    def __repr__(self):
        return f"Value({self.data})"

    def __add__(self, other):
        raise NotImplementedError

    def __sub__(self, other):
        raise NotImplementedError

    def __mul__(self, other):
        raise NotImplementedError

    def __truediv__(self, other):
        raise NotImplementedError

    def __radd__(self, other):
        raise NotImplementedError

    def __rsub__(self, other):
        raise NotImplementedError

    def __rmul__(self, other):
        raise NotImplementedError

    def __rtruediv__(self, other):
        raise NotImplementedError

    def __neg__(self):
        raise NotImplementedError

    def __pow__(self, k):
        raise NotImplementedError

    def exp(self):
        raise NotImplementedError

    def log(self):
        raise NotImplementedError

    def tanh(self):
        raise NotImplementedError

    def relu(self):
        raise NotImplementedError
