"""For WSGI servers."""

import os

from django.core.wsgi import get_wsgi_application

import bongsu

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
if os.environ["INIT"] == "wsgi.py, before":
    bongsu.init()
application = get_wsgi_application()
if os.environ["INIT"] == "wsgi.py, after":
    bongsu.init()
