"""A server's tokens: of one who may do much, and of one who may not."""

from __future__ import annotations

from pathlib import Path

FREE = "token-without-limits"
ONE_A_MINUTE = "token-for-one-call-a-minute"
ONE_AT_ONCE = "token-for-one-call-at-once"
UNKNOWN = "token-of-another-server"

_CONTENT = f"""
[[token]]
name = "anna"
token = "{FREE}"

[[token]]
name = "ben"
token = "{ONE_A_MINUTE}"
requests_per_minute = 1

[[token]]
name = "cleo"
token = "{ONE_AT_ONCE}"
concurrency = 1
"""


def write_tokens(folder: Path) -> Path:
    file = folder / "tokens.toml"
    file.write_text(_CONTENT)
    return file
