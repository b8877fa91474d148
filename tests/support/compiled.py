"""What is compiled once for each test process, not once for each application that a test makes."""

from collections.abc import Callable
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Keeps the code of each template by its name and its text, so that an edited one is compiled again."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


def keep_compiled_rules() -> None:
    """Let Werkzeug write the function that builds an address once for each rule: it takes `self` anew."""
    compile_one: Callable[..., Any] = Rule._compile_builder
    kept: dict[tuple[object, ...], Any] = {}

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        key = (
            rule.rule,
            repr(rule._trace),
            repr(rule.defaults),
            tuple(sorted(rule.arguments)),
            append_unknown,
        )
        if key not in kept:
            kept[key] = compile_one(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compiled  # type: ignore[method-assign]
