"""Topological order: a node may pass gradient on only when it has all of it."""


def topo(root):
    """All nodes that lead to root, each once, after all of its parents; root is the last."""
    order = []
    visited = set()
    stack = [(root, False)]
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            if node.parents:
                order.append(node)
        elif node not in visited:
            visited.add(node)
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order
