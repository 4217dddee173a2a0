"""In a folder without __init__.py."""


class Settings:
    value = {}["missing"]
