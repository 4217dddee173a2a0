"""A command that ends in every way."""

import sys

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("how")

    def handle(self, how, **options):
        match how:
            case "well":
                return "ordered"
            case "badly":
                raise LookupError("no such supplier")
            case "as-expected":
                raise CommandError("the supplier is closed")
            case "early":
                sys.exit(3)
