"""`python -m skyserver` and the command `skyserver`."""

import os

from skyserver.memory import share_one_heap


def main() -> None:
    """Run the command line of this process and exit."""
    # skyserver.cores shares work out. Threads of OpenBLAS, numpy's library of matrix products,
    # would wait for their share in a busy loop: on a machine with other work a sky took twice as
    # long. It reads this once, when numpy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # What gRPC's core says of strangers' failed handshakes is not a line of the log; what matters
    # comes as an error.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    share_one_heap()
    from skyserver import cli

    cli.main()


if __name__ == "__main__":
    main()
