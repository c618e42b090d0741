"""Local derivatives: each operation knows only its own slope."""


def d_add(a, b):
    """The slopes of a + b along a and along b."""
    raise NotImplementedError


def d_sub(a, b):
    """The slopes of a - b along a and along b."""
    raise NotImplementedError


def d_mul(a, b):
    """The slopes of a * b along a and along b."""
    raise NotImplementedError


def d_div(a, b):
    """The slopes of a / b along a and along b."""
    raise NotImplementedError


def d_neg(x):
    """The slope of -x."""
    raise NotImplementedError


def d_pow(x, k):
    """The slope of x ** k along x."""
    raise NotImplementedError


def d_exp(x):
    """The slope of e^x."""
    raise NotImplementedError


def d_log(x):
    """The slope of the natural logarithm."""
    raise NotImplementedError


def d_tanh(x):
    """The slope of the hyperbolic tangent."""
    raise NotImplementedError


def d_sigmoid(x):
    """The slope of 1 / (1 + e^-x)."""
    raise NotImplementedError


def d_softplus(x):
    """The slope of log(1 + e^x)."""
    raise NotImplementedError


def d_relu(x):
    """The slope of max(0, x)."""
    raise NotImplementedError


def d_leaky(x):
    """The slope of x where x is positive, and of 0.1 x elsewhere."""
    raise NotImplementedError


def d_abs(x):
    """The slope of the absolute value."""
    raise NotImplementedError
