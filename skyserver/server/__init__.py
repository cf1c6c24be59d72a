"""The server: a thin face of `skyserver.pipeline`, over gRPC and gRPC-Web.

config.py says what is allowed, jobs.py runs work off the event loop, servicer.py answers the calls,
gallery.py keeps thumbnails, guard.py gives every call its request id, time limit, status and log
line (log.py). grpcweb.py hands calls that come over HTTP/1.1 to the gRPC server, in the frames of
framing.py; static.py answers with the web page's site; http.py lets both in, and asgi.py has the
words of ASGI. app.py starts all of it, with health.py, on the sockets of listener.py and stops it
without cutting a call off.
"""
