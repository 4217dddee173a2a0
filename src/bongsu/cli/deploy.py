"""`bongsu deploy`: says that a release went out, and remembers it for what begins after it."""

import sys
from argparse import Namespace

from bongsu.alerting.deploys import Deploy
from bongsu.cli import folders, send
from bongsu.client.books import open_store
from bongsu.client.client import Client
from bongsu.clock import SYSTEM
from bongsu.event import Finding, Level, Problem, finding_to_json
from bongsu.messages import links, sentences
from bongsu.messages.locales import WORDS
from bongsu.routing import DEVOPS
from bongsu.scrubbing import scrub
from bongsu.store import StoreError

WORD_MAX = 80  # characters, as of a release elsewhere
URL_MAX = 300
NO_ADDRESS = (
    f"The card leads nowhere: --url must begin with https:// or http:// and be at most {URL_MAX} ASCII characters"
    " without spaces, quotes and < > |; percent-encode others."
)


def run(arguments: Namespace) -> int:
    """Remember it, then tell; the exit status is that of `bongsu send`."""
    deploy = Deploy(
        release=scrub(arguments.release, limit=WORD_MAX),
        at=SYSTEM.now(),
        by=scrub(arguments.by or "", limit=WORD_MAX),
        url=scrub(arguments.url or "", limit=URL_MAX),
    )
    settings = folders.settings(arguments.app)
    send.must_lead_somewhere(settings)
    if deploy.url and not links.is_address(deploy.url):  # a deploy that is over does not fail for it
        print(NO_ADDRESS, file=sys.stderr)
    try:
        _remember(settings.state_dir, deploy)
    except StoreError as error:
        print(f"It cannot be remembered: {error}. See `bongsu doctor`.", file=sys.stderr)
    return send.through(settings, DEVOPS, lambda client: _noted(client, deploy))


def _remember(state_dir: str, deploy: Deploy) -> None:
    store = open_store(state_dir)
    try:
        with store.transaction() as book:
            book.save_deploy(deploy)
    finally:
        store.close()


def _noted(client: Client, deploy: Deploy) -> str:
    app = client.settings.app
    name = deploy.release if deploy.release.startswith(app) else f"{app} {deploy.release}"
    finding = Finding(problem=Problem.DEPLOYED, name=name)
    return client.recorder.record(
        sentences.found(finding, WORDS["en"], what=deploy.by),
        level=Level.INFO,
        channel=DEVOPS,
        tags={name: value for name, value in (("by", deploy.by), ("url", deploy.url)) if value},
        more={"release": deploy.release, "finding": finding_to_json(finding)},
    )
