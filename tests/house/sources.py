"""What the guards read: every module of the house as a syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Import:
    """One import: of which module, where, and whether only a type checker sees it."""

    module: str
    names: tuple[str, ...]
    line: int
    for_types: bool
    put_together: bool


@dataclass(frozen=True)
class Module:
    """One file of Python."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def imports(self) -> list[Import]:
        return list(_imports(self.tree, self.is_package))

    @property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]


def module(name: str, source: str) -> Module:
    """Make a sample."""
    return Module(name, source)


def house(*tops: str) -> list[Module]:
    """Read every module under these folders and files, the package and what opens it unless told."""
    found = []
    for top in tops or ("booking", "config.py", "wsgi.py"):
        path = ROOT / top
        files = [path] if path.suffix else sorted(path.rglob("*.py"))
        found += [_read(file) for file in files if "__pycache__" not in file.parts]
    return found


def _read(file: Path) -> Module:
    parts = file.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Module(".".join(parts[:-1] if is_package else parts), file.read_text(encoding="utf-8"), is_package)


def _imports(
    tree: ast.AST, is_package: bool, for_types: bool = False, inside: bool = False
) -> Iterator[Import]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, (), node.lineno, for_types, inside and is_package)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield Import(node.module or "", names, node.lineno, for_types, inside and is_package)
        else:
            typing = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            yield from _imports(node, is_package, for_types or typing, inside or isinstance(node, Function))
