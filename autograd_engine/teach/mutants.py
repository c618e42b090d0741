"""Wrong versions of a right program, one small change each, to see whether the checks notice."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Mutant", "given_nodes", "mutants"]

_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
}
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Mutant:
    """One wrong version.

    Attributes
    ----------
    line : int
        Where it was changed.
    change : str
        From what to what.
    source : str
    """

    line: int
    change: str
    source: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.change}"


def mutants(source: str, starter: str = "") -> list[Mutant]:
    r"""All versions of a program with one change.

    Operators and comparisons are swapped, constants changed, conditions and signs turned round,
    statements left out, results dropped.

    Parameters
    ----------
    source : str
    starter : str
        What is given: functions that are the same there are left as they are.

    Returns
    -------
    list of Mutant

    Examples
    --------
    >>> for mutant in mutants("def f(x):\n    return 2 * x"):
    ...     print(mutant)
    line 2: return 2 * x -> return
    line 2: 2 * x -> 2 / x
    line 2: 2 -> 3
    """
    tree = ast.parse(source)
    untouched = set(_without_effect(tree)) | given_nodes(tree, ast.parse(starter))
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if node in untouched or not isinstance(node, (ast.stmt, ast.expr)):
            continue
        for changed in _changes(node):
            mutated = _replaced(tree, number, changed)
            before, after = (_one_line(x) for x in (node, changed))
            found.append(Mutant(node.lineno, f"{before} -> {after}", ast.unparse(mutated)))
    return sorted(found, key=lambda mutant: mutant.line)


def given_nodes(solution: ast.Module, starter: ast.Module) -> set[ast.AST]:
    """What a starter gives: the nodes of the solution's functions that are the same there.

    Parameters
    ----------
    solution, starter : ast.Module

    Returns
    -------
    set of ast.AST
    """
    functions = [node for node in ast.walk(starter) if isinstance(node, ast.FunctionDef)]
    given = {ast.dump(node) for node in functions}
    return {
        inner
        for node in ast.walk(solution)
        if isinstance(node, ast.FunctionDef) and ast.dump(node) in given
        for inner in ast.walk(node)
    }


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in _OPERATORS:
        yield _with(node, op=_OPERATORS[type(node.op)]())
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([copy.deepcopy(node.target)], node.value)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
        yield _with(node, ops=[_COMPARISONS[type(node.ops[0])](), *node.ops[1:]])
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield node.operand
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield ast.Constant(not node.value)
        elif isinstance(node.value, (int, float)):
            yield ast.Constant(node.value + 1)
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        yield ast.Pass()
    if isinstance(node, ast.Return) and node.value is not None:
        yield ast.Return()
    if isinstance(node, (ast.Break, ast.Continue)):
        yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _replaced(tree: ast.Module, number: int, changed: ast.AST) -> ast.AST:
    """The tree with another node in the place of that number, in the order of `ast.walk`."""
    mutated = copy.deepcopy(tree)
    target = list(ast.walk(mutated))[number]

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return changed if node is target else self.generic_visit(node)

    return ast.fix_missing_locations(Replace().visit(mutated))


def _without_effect(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, and the strict of zip, which no right program needs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node
            yield node.value
        if isinstance(node, ast.keyword) and node.arg == "strict":
            yield node.value


def _one_line(node: ast.AST) -> str:
    text = ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]
    return text if len(text) <= 60 else text[:57] + "..."
