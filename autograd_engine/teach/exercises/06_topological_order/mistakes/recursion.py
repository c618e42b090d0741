"""Topological order: a node may pass gradient on only when it has all of it."""


def topo(root):
    """All nodes that lead to root, each once, after all of its parents; root is the last."""
    order = []
    visited = set()

    def visit(node):
        if node not in visited:
            visited.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order
