"""The losses on Values."""

from autograd_engine import Value


def gradient(answer, loss, predictions, targets, reduction):
    """ps = Values of {predictions}; loss = {loss!s}(ps, {targets}, {reduction}); loss.backward();
    loss.data, the gradients"""
    inputs = [Value(p) for p in predictions]
    return _differentiated(getattr(answer, loss)(inputs, targets, reduction), inputs)


def gradient_of_ce(answer, logits, labels, reduction):
    """zs = Values of {logits}; loss = ce(zs, {labels}, {reduction}); loss.backward(); ..."""
    rows = [[Value(z) for z in row] for row in logits]
    return _differentiated(answer.ce(rows, labels, reduction), [z for row in rows for z in row])


def gradient_of_l2(answer, parameters, strength):
    """ps = Values of {parameters}; loss = l2(ps, {strength}); loss.backward(); ..."""
    inputs = [Value(p) for p in parameters]
    return _differentiated(answer.l2(inputs, strength), inputs)


def _differentiated(loss, inputs):
    if not isinstance(loss, Value):
        return loss
    loss.backward()
    return {"data": loss.data, "gradient": [x.grad for x in inputs]}
