"""What a look at the source shows: who reads the clock, who opens a transaction, how long things are."""

import ast
import re
from collections.abc import Iterator, Sequence

from tests.house.sources import Function, Module

LONGEST_FUNCTION, USUAL_FUNCTION, USUAL_SHARE, LONGEST_FILE = 50, 35, 0.95, 400
# Sweeps of the worker go batch after batch, each whole by itself, so that nobody waits long for the database.
SWEEPS = {"booking.services.messages:lay_out_reminders"}
# These dress answers and count presses; they act on nothing.
_ALL_METHODS = {"booking.web.headers", "booking.web.logs"}
_CLOCKS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "func.now",
    "func.current_timestamp",
    "func.current_date",
    "func.localtimestamp",
    "func.clock_timestamp",
}
_SQL_CLOCK = re.compile(
    r"\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\bNOW\(\)|(?:datetime|date|strftime|julianday)\([^)]*'now'",
    re.IGNORECASE,
)


_ASKS_FOR_GET = re.compile(r"""request\.method\s*(==|in|!=)\s*.*["'](GET|HEAD)["']""")


def method_problems(modules: Sequence[Module]) -> list[str]:
    """Name every page that tells GET apart: a HEAD would act there, and no token guards it."""
    return [
        f"{module.name}:{number} asks whether it was opened, not whether a form was sent"
        for module in modules
        if module.name.startswith("booking.web.") and module.name not in _ALL_METHODS
        for number, line in enumerate(module.source.splitlines(), start=1)
        if _ASKS_FOR_GET.search(line)
    ]


def clock_problems(modules: Sequence[Module]) -> list[str]:
    """Name every reading of a clock outside clock.py, in Python and in SQL."""
    return [
        f"{module.name}:{line} reads a clock: {words}"
        for module in modules
        if module.name != "booking.clock"
        for line, words in _clocks(module)
    ]


def _clocks(module: Module) -> Iterator[tuple[int, str]]:
    spoken = _docstrings(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            said = ".".join(ast.unparse(node).split(".")[-2:])
            if said in _CLOCKS:
                yield node.lineno, said
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken:
            match = _SQL_CLOCK.search(node.value)
            if match:
                yield node.lineno, match[0]
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for alias in node.names:
                if f"time.{alias.name}" in _CLOCKS:
                    yield node.lineno, f"time.{alias.name}"


def _docstrings(tree: ast.Module) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def transaction_problems(modules: Sequence[Module]) -> list[str]:
    """Name every transaction that is opened elsewhere than once, in a public function of a service."""
    return [sentence for module in modules if module.name != "booking.db" for sentence in _openings(module)]


def _openings(module: Module) -> Iterator[str]:
    for line, ended in _endings(module):
        yield f"{module.name}:{line} calls {ended}: only transaction() does"
    opened = _calls(module.tree, {"transaction"})
    changing = module.name.startswith(("booking.services.", "booking.demo.")) and ".steps" not in module.name
    if opened and not changing:
        yield f"{module.name}:{opened[0].lineno} opens a transaction: only services do"
        return
    openers = _openers(module.functions)
    for function in module.functions:
        opened = _calls(function, openers)
        if len(opened) > 1:
            yield f"{module.name}:{function.name} opens {len(opened)} transactions: one call is one"
        swept = f"{module.name}:{function.name}" in SWEEPS
        if not swept and any(call in opened for loop in _loops(function) for call in _calls(loop, openers)):
            yield f"{module.name}:{function.name} opens transactions in a loop: one call is one"


def _openers(functions: Sequence[Function]) -> set[str]:
    """Name what opens a transaction in this module, by itself or by calling what does."""
    openers = {"transaction"}
    while True:
        more = {function.name for function in functions if _calls(function, openers)} - openers
        if not more:
            return openers
        openers |= more


def _calls(tree: ast.AST, names: set[str]) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).removeprefix("db.") in names
    ]


def _loops(function: Function) -> list[ast.AST]:
    return [node for node in ast.walk(function) if isinstance(node, ast.For | ast.While)]


def _endings(module: Module) -> Iterator[tuple[int, str]]:
    """Find commits, and rollbacks where something may have been written; ending a reading is no change."""
    changing = module.name.startswith(("booking.services", "booking.web"))
    ended = {"db.session.commit"} | ({"db.session.rollback"} if changing else set())
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ended:
            yield node.lineno, ast.unparse(node.func)


def size_problems(modules: Sequence[Module]) -> list[str]:
    """Name what does not fit in the head: long functions, too many of them, long files."""
    found, lengths = [], []
    for module in modules:
        count = len(module.source.splitlines())
        if count > LONGEST_FILE:
            found.append(f"{module.name} has {count} lines")
        for function in module.functions:
            lengths.append(_length(function))
            if lengths[-1] > LONGEST_FUNCTION:
                found.append(f"{module.name}:{function.name} has {lengths[-1]} lines")
    short = sum(length <= USUAL_FUNCTION for length in lengths)
    if lengths and short / len(lengths) < USUAL_SHARE:
        found.append(f"only {short} of {len(lengths)} functions have {USUAL_FUNCTION} lines or fewer")
    return found


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1
