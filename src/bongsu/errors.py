"""The errors a user of Bongsu can meet. All are raised early and say what to write instead."""


class BongsuError(Exception):
    """Base of every error that Bongsu raises on purpose."""


class ConfigError(BongsuError):
    """The configuration has problems; the text lists all of them, each with its remedy."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(f"Bongsu cannot start with this configuration:\n{lines}")


class PayloadError(BongsuError):
    """A raw Slack payload is structurally wrong; raised only with `init(strict=True)`."""
