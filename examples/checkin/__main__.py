"""`python -m examples.checkin`: the service on one port, the intranet on the next, until Ctrl-C."""

import tempfile
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

import bongsu

from . import app, intranet

PORT = 8042


def main() -> None:
    """Serve until interrupted; errors go where BONGSU_TO says, or to the console."""
    bongsu.init(app="checkin", environment="production")
    outside = make_server("127.0.0.1", PORT + 1, intranet.create_app(), threaded=True)
    Thread(target=outside.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        service = app.create_app(str(Path(folder, "checkin.db")), f"http://127.0.0.1:{PORT + 1}")
        print(f"Log in at http://127.0.0.1:{PORT}/login")
        make_server("127.0.0.1", PORT, service, threaded=True).serve_forever()


if __name__ == "__main__":
    main()
