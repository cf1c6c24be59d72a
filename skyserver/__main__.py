"""`python -m skyserver` is `skyserver`."""

from skyserver.cli import main

main()
