"""What is asked of an answer, in the learner's process."""

PLACES = [(0, 0), (0, 1), (1, 0), (1, 1)]


def unit_at(answer, weights, bias, inputs):
    """unit({weights}, {bias}, {inputs})"""
    return answer.unit(weights, bias, inputs)


def table_of(answer, name, scale):
    """[unit({name}'s weights and bias, each times {scale}, inputs) for all inputs]"""
    weights, bias = getattr(answer, name)
    scaled = [scale * w for w in weights]
    places = PLACES if len(scaled) == 2 else [(0,), (1,)]
    return [answer.unit(scaled, scale * bias, list(place)) for place in places]


class _Counted:
    """Our own unit, whose answers bear no arithmetic, so that nothing else makes them."""

    def __init__(self, opposite):
        self.opposite = opposite
        self.calls = 0

    def __call__(self, weights, bias, inputs):
        self.calls += 1
        total = sum(
            w * float(x.on if isinstance(x, _Signal) else x) for w, x in zip(weights, inputs)
        )
        return _Signal((total + bias >= 0) != self.opposite)


class _Signal:
    __slots__ = ("on",)

    def __init__(self, on):
        self.on = bool(on)


def _number(signal):
    return int(signal.on) if isinstance(signal, _Signal) else signal


def xor_table(answer):
    """[xor(a, b, unit) for all a, b]"""
    return [_number(answer.xor(a, b, _Counted(False))) for a, b in PLACES]


def xor_with_a_contrary_unit(answer):
    """[xor(a, b, contrary) for all a, b], where contrary gives 0 for 1 and 1 for 0"""
    unit = _Counted(True)
    outputs = [answer.xor(a, b, unit) for a, b in PLACES]
    return {
        "made_by_the_unit": all(isinstance(output, _Signal) for output in outputs),
        "calls": unit.calls,
    }


def tables(answer, listed):
    """[representable(table) for each table of {listed}]"""
    return [answer.representable(list(table)) for table in listed]
