"""The ways to remove a rule from a module: every one makes another program, a mutant."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass

_NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_NEIGHBOUR: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}

_CONDITION = re.compile(r"attribute_(not_)?exists\(|\w (=|<|>|<=|>=) :\w")
_NO_CONDITION = re.compile(r"(SET|ADD|REMOVE|DELETE|pk =|#p =)")
_HELD = re.compile(r"\{\d+\}")
_ALWAYS = "({} OR attribute_exists(pk) OR attribute_not_exists(pk))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A module with one change; `before` and `after` are the place as text, `lines` those of its statement."""

    line: int
    lines: range
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        """Return the change in one line."""
        return f"{self.before} → {self.after}"


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its syntax tree."""
    tree = ast.parse(source)
    spared, lines = _spared(tree), _lines(tree)
    for node in ast.walk(tree):
        if id(node) not in spared:
            for new in _alternatives(node):
                changed = copy.deepcopy(tree, {id(node): ast.copy_location(new, node)})
                before, after = _text(node), "(nothing)" if isinstance(new, ast.Pass) else _text(new)
                line = getattr(node, "lineno", 0)
                ast.fix_missing_locations(changed)
                yield Mutant(line=line, lines=lines[id(node)], before=before, after=after, tree=changed)


def _lines(tree: ast.Module) -> dict[int, range]:
    """The lines of the statement that a node belongs to, without the statements in it."""
    statements = [each for each in ast.walk(tree) if isinstance(each, ast.stmt)]  # the outer ones come first
    inmost = {id(node): statement for statement in statements for node in ast.walk(statement)}
    last: dict[int, int] = {}
    for node in ast.walk(tree):
        if (end := getattr(node, "end_lineno", None)) and not hasattr(node, "body"):
            of = inmost[id(node)].lineno
            last[of] = max(end, last.get(of, of))
    return {node: range(each.lineno, last.get(each.lineno, each.lineno) + 1) for node, each in inmost.items()}


def _spared(tree: ast.Module) -> set[int]:
    """Annotations and decorators decide nothing while the program runs, or everything."""
    found: set[int] = set()
    for node in ast.walk(tree):
        roots = [
            *getattr(node, "decorator_list", []),
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
        ]
        for root in roots:
            if isinstance(root, ast.AST):
                found |= {id(each) for each in ast.walk(root)}
    return found


def _alternatives(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    match node:
        case ast.Compare(ops=[operator]):
            others = [table[type(operator)] for table in (_NEGATED, _NEIGHBOUR) if type(operator) in table]
            yield from (ast.Compare(node.left, [other()], node.comparators) for other in others)
        case ast.BoolOp():
            yield from _connections(node)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return  # never so while the program runs
        case ast.If(body=body, orelse=orelse):
            yield ast.If(ast.Constant(value=False), body, orelse)
        case ast.IfExp(body=yes, orelse=no):
            yield from (yes, no)
        case ast.Raise() | ast.Expr(value=ast.Call()):
            yield ast.Pass()
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            yield from (ast.Constant(value=number + 1), ast.Constant(value=number - 1))
        case ast.Constant(value=str()) | ast.JoinedStr():
            yield from _conditions(node)


def _connections(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for at in range(len(node.values)):
        rest = node.values[:at] + node.values[at + 1 :]
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _conditions(node: ast.Constant | ast.JoinedStr) -> Iterator[ast.expr]:
    """A condition of DynamoDB with one part that always holds; the values that it names stay in use."""
    held: list[ast.expr] = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(
        each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else f"{{{at}}}"
        for at, each in enumerate(held)
    )
    if not _CONDITION.search(text) or _NO_CONDITION.match(text):
        return
    parts = [text] if " OR " in text else text.split(" AND ")
    for at, part in enumerate(parts):
        if not _HELD.fullmatch(part):  # a condition with a name of its own: it is changed where it stands
            changed = " AND ".join([*parts[:at], _ALWAYS.format(part), *parts[at + 1 :]])
            yield ast.JoinedStr(list(_joined(changed, held)))


def _joined(text: str, held: list[ast.expr]) -> Iterator[ast.expr]:
    for part in re.split(r"(\{\d+\})", text):
        yield held[int(part[1:-1])] if _HELD.fullmatch(part) else ast.Constant(value=part)


def _text(node: ast.AST) -> str:
    """The place in a line: of a statement with a body, the head."""
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:89]}…"
