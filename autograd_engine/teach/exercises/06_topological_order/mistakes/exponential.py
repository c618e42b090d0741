"""Topological order: a node may pass gradient on only when it has all of it."""


def topo(root):
    """All nodes that lead to root, each once, after all of its parents; root is the last."""
    order = []

    def visit(node):
        for parent in node.parents:
            visit(parent)
        if node not in order:
            order.append(node)

    visit(root)
    return order
