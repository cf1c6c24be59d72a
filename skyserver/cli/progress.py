"""Progress on a terminal, silence anywhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from skyserver.pipeline import Progress


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a bar on stderr while the block runs; it goes when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:9}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda stage, done: bar.update(task, description=stage, completed=done)
