"""The project's own source as trees, for the tests that read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def modules(*places: str) -> list[Path]:
    """Every module of these folders and files, but not the revisions of the database."""
    found: list[Path] = []
    for place in places:
        path = ROOT / place
        found += [path] if path.suffix else sorted(path.rglob("*.py"))
    return [path for path in found if "versions" not in path.parts]


@cache
def tree(path: Path) -> ast.Module:
    """The module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in the module."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    """The last word of what is called: `open_page` of `ui.open_page(…)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def where(path: Path, node: ast.expr | ast.stmt) -> str:
    """`pages/sales.py:12`, for a failing test's reader."""
    return f"{path.relative_to(ROOT)}:{node.lineno}"
