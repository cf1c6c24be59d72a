"""The workshop: what makes a model that skyserver serves.

Needs the `training` extra.
"""

import skyserver  # noqa: F401  # before ONNX Runtime, which then sends nothing
