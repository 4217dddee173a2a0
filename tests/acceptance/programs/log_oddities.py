"""Logs something odd: `log_oddities.py WHAT`."""

import logging
import sys

import bongsu

shop = logging.getLogger("shop")


class Talkative(Exception):
    """Logs, and tells Bongsu, whenever somebody asks for its text."""

    def __str__(self):
        shop.exception("asked for its text")
        bongsu.capture_exception(self)
        return "talkative"


class Unprintable:
    def __str__(self):
        raise RuntimeError("no text")


def talk():
    try:
        raise Talkative
    except Talkative:
        shop.exception("it talks")


def own_loggers():
    for name in ("bongsu", "bongsu.delivery", "slack_sdk", "slack_sdk.web.client", "slack_bolt.App"):
        logging.getLogger(name).error("cannot reach Slack")
    shop.error("only this one counts")


def silenced():
    quiet = logging.getLogger("quiet")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    quiet.error("nobody wants to know")
    shop.error("only this one counts")


WHAT = {
    "an exception that talks": talk,
    "arguments that do not fit": lambda: shop.error("%d pieces", "three"),
    "arguments without text": lambda: shop.error("%s pieces", Unprintable()),
    "a message without text": lambda: shop.error(Unprintable()),
    "exc_info that is no exception": lambda: shop.error("nothing is wrong", exc_info=True),
    "a record without a name": lambda: shop.handle(logging.makeLogRecord({"msg": "from afar", "levelno": 40})),
    "loggers of our own": own_loggers,
    "a silenced logger": silenced,
}
logging.basicConfig(level=logging.DEBUG)
bongsu.init()
with bongsu.context(request_id="r1"):
    WHAT[sys.argv[1]]()
