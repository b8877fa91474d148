"""What is compiled once for each test process, not once for each application that a test makes."""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache
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
    """Let Werkzeug read each rule and write the functions that build its address once for the process."""
    compile_one: Callable[[Rule], None] = Rule.compile
    kept: dict[tuple[object, ...], Rule] = {}

    def compiled(rule: Rule) -> None:
        key = (rule.rule, rule.host, rule.subdomain, rule.merge_slashes, repr(rule.defaults))
        known = kept.setdefault(key, rule)
        if known is rule:
            compile_one(rule)
            return
        rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
        rule.arguments |= known.arguments
        # What builds an address takes the rule it is bound to.
        rule._build = known._build.__func__.__get__(rule, None)  # type: ignore[attr-defined]
        rule._build_unknown = known._build_unknown.__func__.__get__(rule, None)  # type: ignore[attr-defined]

    Rule.compile = compiled  # type: ignore[method-assign]


def keep_compiled_statements() -> None:
    """Let every application's engine use the statements that the first one on its kind of database compiled.

    A statement is kept for the very dialect that compiled it, so the engines share that too, once it has
    learnt from its first connection which server it speaks to.
    """
    make_one: Callable[..., Engine] = SQLAlchemy._make_engine
    known: dict[str, Engine] = {}

    def made(self: SQLAlchemy, *args: Any, **settings: Any) -> Engine:
        engine = make_one(self, *args, **settings)
        first = known.setdefault(engine.dialect.name, engine)
        if first is engine:
            engine._compiled_cache = LRUCache(1_000)
        if getattr(first.dialect, "server_version_info", None):
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache
        return engine

    SQLAlchemy._make_engine = made  # type: ignore[method-assign]
