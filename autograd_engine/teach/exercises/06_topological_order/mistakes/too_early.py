"""Topological order: a node may pass gradient on only when it has all of it."""


def topo(root):
    """All nodes that lead to root, each once, after all of its parents; root is the last."""
    order = [root]
    for node in order:
        order.extend(parent for parent in node.parents if parent not in order)
    return order[::-1]
