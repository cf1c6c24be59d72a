"""A served model in fewer bytes: quantized weights, or weights and activations.

`weights.py` rounds one weight, `graph.py` writes rounded weights into a model file.
"""
