"""The workshop: what makes a model that skyserver serves.

Needs the `training` extra.
"""
