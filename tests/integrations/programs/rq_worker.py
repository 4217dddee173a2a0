"""Works off the queue named `work`, in burst mode, with the worker class that its argument names."""

import os
import sys

import bongsu

bongsu.init()

import rq  # noqa: E402  # after init, as a program may
from redis import Redis  # noqa: E402

worker = getattr(rq, sys.argv[1])(["work"], connection=Redis.from_url(os.environ["REDIS"]))
worker.work(burst=True)
