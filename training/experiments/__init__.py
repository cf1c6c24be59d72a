"""Questions that are answered by training several models alike but for one thing.

`config` reads what is to be compared, `run` trains it, `report` says what came out. Each experiment
has a folder here with its `config.json` and, once it has run, its results.
"""
