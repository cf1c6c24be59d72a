"""The server: a thin face of `skyserver.pipeline`, over gRPC and gRPC-Web.

What it is told: config.py, config_sources.py. Who may call: gate.py (tokens.py, access.py), tls.py,
reloading.py. How a call is answered: guard.py gives it its caller, request id, time limit, status
and log line (log.py); servicer.py answers it with a model of registry.py, which admin.py changes,
in the threads of jobs.py; cache.py makes each sky once, gallery.py thumbnails. How it comes in over
HTTP/1.1: http.py lets it in, grpcweb.py hands it to the gRPC server in the frames of framing.py,
static.py answers with the web page's site, probes.py with metrics.py and whether all is well, and
asgi.py has the words of ASGI. app.py starts all of it, with health.py, on the sockets of
listener.py, and stops it without cutting a call off; processes.py starts several that share them,
each of which is a peers.py.
"""
