"""Says the port, and when a worker serves."""

bind = "127.0.0.1:0"
workers = 2


def post_worker_init(worker):
    print("served", worker.pid, flush=True)


def when_ready(server):
    print("port", server.LISTENERS[0].sock.getsockname()[1], flush=True)
