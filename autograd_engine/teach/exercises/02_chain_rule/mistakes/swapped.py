"""Chain rule by hand: one local derivative per node, multiplied backwards."""


def forward(theta1, theta2, x, y):
    """The values of a, b, c and L, in a dict."""
    a = theta1 * theta2
    b = a * x
    c = b - y
    return {"a": a, "b": b, "c": c, "L": c**2}


def backward(theta1, theta2, x, y):
    """The derivatives of L with respect to c, b, y, a, x, theta1 and theta2, in a dict."""
    values = forward(theta1, theta2, x, y)
    dc = 2 * values["c"]
    db = dc
    dy = -dc
    da = db * x
    dx = db * values["a"]
    return {
        "c": dc,
        "b": db,
        "y": dy,
        "a": da,
        "x": dx,
        "theta1": da * theta1,
        "theta2": da * theta2,
    }
