"""The parts on plain numbers, and the model with given parameters."""

from random import Random

from autograd_engine import Value

_SIZES = {
    "token": (3, 4),
    "position": (6, 4),
    "query": (4, 4),
    "key": (4, 4),
    "value": (4, 4),
    "mix": (4, 4),
    "widen": (16, 4),
    "narrow": (4, 16),
    "output": (3, 4),
}


def _values(rows):
    return [[Value(x) for x in row] for row in rows]


def _plain(result):
    """Lists of Values as lists of numbers."""
    if isinstance(result, (list, tuple)):
        return [_plain(item) for item in result]
    return result.data if isinstance(result, Value) else result


def _model(numbers):
    left = iter(numbers)
    return {
        name: [[Value(next(left)) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in _SIZES.items()
    }


def normed(answer, x):
    """rmsnorm({x})"""
    return _plain(answer.rmsnorm([Value(number) for number in x]))


def weights_of(answer, queries, keys):
    """attention_weights({queries}, {keys})"""
    return _plain(answer.attention_weights(_values(queries), _values(keys)))


def attended(answer, queries, keys, values):
    """attention({queries}, {keys}, {values})"""
    return _plain(answer.attention(_values(queries), _values(keys), _values(values)))


def loss_of(answer, logits, tokens):
    """next_token_loss({logits}, {tokens})"""
    return _plain(answer.next_token_loss(_values(logits), tokens))


def logits_of(answer, numbers, tokens):
    """logits(model, {tokens}), for a model with random parameters"""
    return _plain(answer.logits(_model(numbers), tokens))


def start(answer, rows, columns, seed):
    """matrix({rows}, {columns}, Random({seed}))"""
    return _plain(answer.matrix(rows, columns, Random(seed)))


def kinds(answer, rows, columns):
    """the types in matrix({rows}, {columns}, Random(0))"""
    result = answer.matrix(rows, columns, Random(0))
    return sorted({type(number).__name__ for row in result for number in row})


def first_losses(answer, seed):
    """model = new_model(Random({seed})); [document_loss(model, text) for text in DOCUMENTS]"""
    model = answer.new_model(Random(seed))
    return [_plain(answer.document_loss(model, document)) for document in answer.DOCUMENTS]


def slopes(answer, numbers, places):
    """the gradients of parameters {places} of a random model, by backward and by differences"""

    def loss(numbers):
        model = _model(numbers)
        return model, answer.document_loss(model, "abab")

    def moved(place, h):
        return loss([x + h * (i == place) for i, x in enumerate(numbers)])[1].data

    model, result = loss(numbers)
    result.backward()
    parameters = [w for rows in model.values() for row in rows for w in row]
    h = 1e-6
    differences = [(moved(place, h) - moved(place, -h)) / (2 * h) for place in places]
    return {"backward": [parameters[place].grad for place in places], "differences": differences}


def trained(answer, steps, seed):
    """model, losses = train({steps}, {seed}); the losses on the documents afterwards"""
    model, losses = answer.train(steps, seed)
    after = [_plain(answer.document_loss(model, document)) for document in answer.DOCUMENTS]
    return {"losses": losses, "after": after}
