"""One line of JSON on stderr for each request, and for whatever else there is to say."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

logger: Final = logging.getLogger("skyserver.server")

_facts: ContextVar[dict[str, Any]] = ContextVar("facts")


def start_line(**facts: Any) -> dict[str, Any]:
    """Begin the line of the call that runs in this context; `note` adds to what is returned."""
    _facts.set(facts)
    return facts


def note(**facts: Any) -> None:
    """Add facts to the line of the call that runs in this context."""
    _facts.get({}).update(facts)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time (UTC), level, message, then `extra={"facts": {...}}`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. JSON escapes line breaks, so that nobody can forge a second one."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_to_stderr() -> None:
    """Send what the server says to stderr, one line of JSON each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
