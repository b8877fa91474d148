"""What is written down about requests and faults: ids and patterns, never names, addresses or tokens."""

import logging
import sys
import time
import traceback
import uuid
from types import TracebackType
from typing import Any

import structlog
from flask import Flask, Response, g, has_request_context, request
from structlog.typing import EventDict, Processor, WrappedLogger

from booking import clock
from config import Settings

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
log = structlog.get_logger("booking.web")


def configure(settings: Settings) -> None:
    """Write lines to stderr for every program of the house: JSON in production, plain in development."""
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(settings.production),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(settings.production),
            ],
        )
    )
    root = logging.getLogger()
    for old in [known for known in root.handlers if isinstance(known, _Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.getLogger("booking").setLevel(settings.log_level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(settings.production),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def register(app: Flask, settings: Settings) -> None:
    """Write one line for each request and one for each fault."""
    app.before_request(_start)
    app.after_request(_note_request)
    # Flask documents replacing this method; its types call that an assignment.
    app.log_exception = _note_fault  # type: ignore[method-assign]


def note_absent_database(error: BaseException) -> None:
    """Write one line; a database that is away fails every request, and needs no trace each time."""
    log.error("database not available", fault=_name(error), **_of_request())


class _Handler(logging.StreamHandler[Any]):
    """Our own handler, known by its class, so that an application made twice writes each line once."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write to what stderr is now: whoever turns it elsewhere later is followed."""
        self.stream = sys.stderr
        super().emit(record)


def _shared(production: bool) -> list[Processor]:
    return [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        _say_when,
        _trace_without_words if production else structlog.processors.format_exc_info,
    ]


def _renderer(production: bool) -> Processor:
    if production:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)


def _say_when(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["at"] = clock.now().isoformat(timespec="milliseconds")
    return event


def _trace_without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep where a fault happened and of what kind; its words may hold somebody's name."""
    exc_info = event.pop("exc_info", None)
    if exc_info is True:
        exc_info = sys.exc_info()
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    if isinstance(exc_info, tuple) and exc_info[1] is not None:
        event["fault"] = [_name(fault) for fault in _chain(exc_info[1])]
        event["trace"] = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(exc_info[2])
        ]
    return event


def _chain(fault: BaseException) -> list[BaseException]:
    faults: list[BaseException] = []
    following: BaseException | None = fault
    while following is not None and following not in faults:
        faults.append(following)
        following = following.__cause__ or following.__context__
    return faults


def _name(error: BaseException) -> str:
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    return f"{type(error).__qualname__} {code}" if code else type(error).__qualname__


def _start() -> None:
    g.started_ticks = time.perf_counter()
    g.request_id = uuid.uuid4().hex[:16]


def _of_request() -> dict[str, Any]:
    if not has_request_context():
        return {}
    return {
        "method": request.method,
        # The pattern, never the filled path: that may hold a token.
        "route": request.url_rule.rule if request.url_rule else "(no such page)",
        "request_id": g.get("request_id"),
        **_who(),
    }


def _who() -> dict[str, Any]:
    """Name who asked by her id, if it is known already: a line of the log asks the database nothing."""
    person_id = getattr(g.get("_login_user"), "person_id", None)
    return {} if person_id is None else {"person_id": person_id}


def _note_request(response: Response) -> Response:
    ms = round((time.perf_counter() - g.get("started_ticks", time.perf_counter())) * 1000)
    log.info("request", **_of_request(), status=response.status_code, ms=ms)
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def _note_fault(exc_info: Any) -> None:
    log.error("fault", **_of_request(), exc_info=exc_info)
