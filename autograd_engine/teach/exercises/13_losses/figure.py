"""What a probability costs, by the label that came."""

import math

from autograd_engine.teach.pictures import curves


def figure(details):
    probabilities = [k / 200 for k in range(2, 199)]
    return curves(
        {
            "label 1": [(p, -math.log(p)) for p in probabilities],
            "label 0": [(p, -math.log(1 - p)) for p in probabilities],
        },
        x_label="probability of label 1",
        y_label="binary cross-entropy",
    )
