"""The application, as Django knows it."""

import os

from django.apps import AppConfig

import bongsu


class Shop(AppConfig):
    name = "shop"

    def ready(self):
        if os.environ["INIT"] == "AppConfig.ready":
            bongsu.init()
