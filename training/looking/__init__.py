"""Pictures that show what a checkpoint has learned.

`sampler` draws from a checkpoint as its exported model would; `grid`, `mix`, `walk` and `project`
each make one kind of picture of that; `sheet` and `video` write them.
"""
