"""Where every command prints what it did."""

from rich.console import Console

console = Console()
