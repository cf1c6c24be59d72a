"""The server on many machines: Ray Serve starts, scales and replaces replicas of it.

    client -> Ray's gRPC ingress (ingress.py) -> a replica (replica.py) -> the server inside it

A replica is a whole server of its own that listens to its own process alone: checks, tokens,
limits, errors and bytes are those of `skyserver serve`. Ray carries requests and answers as bytes
and knows no message. replicas.py says what may be asked for, router.py which replica a call goes
to, deployment.py makes Ray's application of it, control.py starts, updates and ends that on a
cluster; only the last three import Ray.
"""
