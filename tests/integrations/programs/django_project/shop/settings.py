"""The smallest settings that serve a page."""

import os

import bongsu

if os.environ["INIT"] == "settings.py":
    bongsu.init()

SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
INSTALLED_APPS = ["shop.apps.Shop"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
USE_TZ = True
print("settings read", flush=True)
