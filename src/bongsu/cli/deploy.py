"""`bongsu deploy`: says that a release went out, and remembers it for what begins after it."""

import sys
from argparse import Namespace

from bongsu.alerting.deploys import Deploy
from bongsu.cli import folders, send
from bongsu.client.books import open_store
from bongsu.clock import SYSTEM
from bongsu.scrubbing import scrub
from bongsu.store import StoreError

WORD_MAX = 80  # characters, as of a release elsewhere
URL_MAX = 300


def run(arguments: Namespace) -> int:
    """Remember it, then tell; the exit status is that of `bongsu send`."""
    deploy = Deploy(
        release=scrub(arguments.release, limit=WORD_MAX),
        at=SYSTEM.now(),
        by=scrub(arguments.by or "", limit=WORD_MAX),
        url=scrub(arguments.url or "", limit=URL_MAX),
    )
    settings = folders.settings(arguments.app)
    try:
        _remember(settings.state_dir, deploy)
    except StoreError as error:
        print(f"It cannot be remembered: {error}. See `bongsu doctor`.", file=sys.stderr)
    return send.run(Namespace(text=_told(deploy, settings.app), channel="devops", level="info", app=arguments.app))


def _remember(state_dir: str, deploy: Deploy) -> None:
    store = open_store(state_dir)
    try:
        with store.transaction() as book:
            book.save_deploy(deploy)
    finally:
        store.close()


def _told(deploy: Deploy, app: str) -> str:
    by = f" by {deploy.by}" if deploy.by else ""
    return f"Deployed {app} {deploy.release}{by}{f' {deploy.url}' if deploy.url else ''}"
