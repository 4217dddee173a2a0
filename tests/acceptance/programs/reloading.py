"""Does what each line of its stdin says; what it is configured to is asked for here, since Slack cannot say it."""

import logging
import os
import sys

import bongsu
from bongsu.client import active

bongsu.init()
print("ready", flush=True)
for line in sys.stdin:
    match line.split():
        case ["language"]:
            print(active().settings.language, flush=True)
        case ["capture", *words]:
            bongsu.capture_message(" ".join(words), level="error")
            print("captured", flush=True)
        case ["record", *words]:
            bongsu.notify(" ".join(words), channel="alarm")
            print("recorded", flush=True)
        case ["log", *words]:
            logging.getLogger("shop").warning(" ".join(words))
            print("logged", flush=True)
        case ["go", folder]:
            os.chdir(folder)
            print("gone", flush=True)
