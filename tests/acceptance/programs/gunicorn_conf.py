"""Each worker meets its errors as soon as it runs, and says so."""

import os

bind = "127.0.0.1:0"
workers = 8
accesslog = None


def post_worker_init(worker):
    import gunicorn_app

    gunicorn_app.storm(int(os.environ.get("TIMES", "0")))
    print("served", worker.pid, flush=True)


def when_ready(server):
    print("port", server.LISTENERS[0].sock.getsockname()[1], flush=True)
