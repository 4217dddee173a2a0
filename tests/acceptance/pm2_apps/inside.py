"""Tells of its exceptions itself."""

import threading

import bongsu

bongsu.init()
threading.Event().wait(0.5)
raise LookupError("no such flight")
