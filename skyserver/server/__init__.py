"""The gRPC server: a thin face of `skyserver.pipeline`.

config.py says what is allowed, jobs.py runs work off the event loop, servicer.py answers the calls,
guard.py gives every call its request id, time limit, status and log line (log.py), app.py starts
all of it and stops it without cutting a call off.
"""
