"""Logs in one of many ways, with Bongsu or without it: `logs.py WAY with|without`."""

import logging
import logging.config
import sys
import warnings

import bongsu

PLAIN = {"plain": {"class": "logging.StreamHandler", "formatter": "plain"}}
CONFIG = {"version": 1, "formatters": {"plain": {"format": "%(name)s: %(message)s"}}, "handlers": PLAIN}
shop, library = logging.getLogger("shop.cart"), logging.getLogger("library")


def fail(logger=logging):
    try:
        {}["price"]
    except KeyError:
        logger.exception("no price for %s", "tea")


def configured(configure, *arguments, **options):
    configure(*arguments, **options)
    fail(shop)
    fail()


def own_handler(propagate):
    shop.addHandler(logging.StreamHandler())
    shop.propagate = propagate
    fail(shop)


def silenced_library():
    library.addHandler(logging.NullHandler())
    fail(library)


def without_last_resort():
    logging.lastResort = None
    fail(shop)


def captured_warnings():
    logging.captureWarnings(True)
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    fail(shop)


WAYS = {
    "a function of logging": fail,
    "a logger": lambda: fail(shop),
    "the root logger": lambda: fail(logging.getLogger()),
    "the root logger, then a function": lambda: (fail(logging.getLogger()), fail()),
    "an info that nobody sees, then a logger": lambda: (logging.info("starting"), fail(shop)),
    "a warning, then a logger": lambda: (logging.warning("hot"), fail(shop)),
    "broken arguments, silently": lambda: setattr(logging, "raiseExceptions", False) or shop.error("%d", "three"),
    "basicConfig": lambda: configured(logging.basicConfig, format="%(levelname)s %(message)s"),
    "basicConfig twice": lambda: (logging.basicConfig(), configured(logging.basicConfig, format="no %(message)s")),
    "basicConfig by force": lambda: (fail(), configured(logging.basicConfig, force=True, format="%(message)s")),
    "dictConfig with root": lambda: configured(logging.config.dictConfig, {**CONFIG, "root": {"handlers": ["plain"]}}),
    "dictConfig without root": lambda: configured(
        logging.config.dictConfig,
        {**CONFIG, "disable_existing_loggers": False, "loggers": {"shop": {"handlers": ["plain"]}}},
    ),
    "a handler of its own": lambda: own_handler(propagate=True),
    "a handler of its own, not propagating": lambda: own_handler(propagate=False),
    "a library with a NullHandler": silenced_library,
    "without a last resort": without_last_resort,
    "captured warnings": captured_warnings,
    "the list of handlers": lambda: print(logging.root.handlers, shop.hasHandlers(), file=sys.stderr),
}
if sys.argv[2] == "with":
    bongsu.init()
WAYS[sys.argv[1]]()
