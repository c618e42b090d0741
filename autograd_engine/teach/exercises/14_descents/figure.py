"""The function, and the descents on it: three of the lecture, or the learner's."""

from autograd_engine import Value
from autograd_engine.teach.pictures import curves

FUNCTIONS = {"quartic": lambda x: x**4 - 3 * x**2 + x, "square": lambda x: x**2}


def figure(details):
    name = details["function"] if details else "quartic"
    f = FUNCTIONS[name]
    if details:
        paths = {"yours": numbers(details["got"])}
    else:
        paths = {"from 2": descent(f, 2.0, 0.05), "from -2": descent(f, -2.0, 0.05)}
        paths["from 2, rate 0.2"] = descent(f, 2.0, 0.2, 2)
    seen = [x for path in paths.values() for x in path] + [-2.0, 2.0]
    left, right = max(min(seen), -2.3), min(max(seen), 2.3)
    places = [left + (right - left) * k / 200 for k in range(201)]
    return curves(
        {"f": [(x, f(x)) for x in places]},
        points={
            name: [(x, f(x)) for x in path if left <= x <= right] for name, path in paths.items()
        },
        x_label="x",
        y_label="f(x)",
    )


def numbers(got):
    path = got.get("path") if isinstance(got, dict) else None
    return [x for x in path or [] if isinstance(x, (int, float))]


def descent(f, x0, lr, steps=40):
    x = Value(x0)
    path = [x0]
    for _ in range(steps):
        x.grad = 0.0
        f(x).backward()
        x.data -= lr * x.grad
        path.append(x.data)
    return path
