"""A served model in fewer bytes: quantized weights, or weights and activations.

    source.read                      the model file, checked
    latents.feeds                    pictures to calibrate on and to measure with
    methods.METHODS                  every way, by name
    writing.write                    measures, describes and writes the file, or refuses to

What they are made of: `weights` rounds one weight and `compensate` lets rounding errors make up for
each other (`grams` is what it knows of activations); `trellis` codes a weight with its neighbours;
`targets` finds the weights of a graph, `packing` puts codes into bytes, `graph` puts them in place
of float32; `energies` leaves out what follows from the weights; `sensitivity` chooses bits for
each; `static` and `polyphase` go on to integer arithmetic; `compressor` runs another library's
methods. `inventory` says what the bytes of a file are; `distil` and `lsq` train weights for few
bits.
"""
