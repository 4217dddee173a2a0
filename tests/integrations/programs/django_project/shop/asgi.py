"""For ASGI servers."""

import os

from django.core.asgi import get_asgi_application

import bongsu

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
application = get_asgi_application()
if os.environ["INIT"] == "asgi.py, after":
    bongsu.init()
