"""`python -m training`: the workshop's command line."""

from training.cli import main

main()
