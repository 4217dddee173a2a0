"""Bongsu and its peers behind one small interface. Each is imported only by the child process that measures it."""

import logging
from io import StringIO
from typing import Protocol


class Adapter(Protocol):
    """One library, as a program uses it: started once, sending to a destination (the peers to nowhere)."""

    def start(self, to: str, /) -> None: ...
    def capture(self, error: BaseException) -> object: ...
    def finish(self) -> None: ...


class Bongsu:
    """Ours, with its defaults: spool, store, worker and delivery all run."""

    def start(self, to: str) -> None:
        import bongsu

        bongsu.init(to, app="bench", environment="production")
        self.capture = bongsu.capture_exception

    def finish(self) -> None:
        import bongsu

        bongsu.flush(timeout_s=10)
        bongsu.close()


class Sentry:
    """sentry-sdk with locals and source lines off, the closest to what Bongsu does by default."""

    details = False

    def start(self, _to: str) -> None:
        import sentry_sdk
        from sentry_sdk.transport import Transport

        class NoNetwork(Transport):
            """The finished event is dropped at the outermost seam."""

            def capture_envelope(self, envelope: object) -> None: ...

        sentry_sdk.init(
            dsn="https://key@localhost/1",
            transport=NoNetwork,
            auto_enabling_integrations=False,  # else its init imports every framework of this environment
            include_local_variables=self.details,
            include_source_context=self.details,
        )
        self.capture = sentry_sdk.capture_exception

    def finish(self) -> None:
        import sentry_sdk

        sentry_sdk.flush(10)


class SentryDefaults(Sentry):
    """sentry-sdk as it comes: with locals and source lines."""

    details = True


class Logging:
    """The standard library alone: the formatted traceback into a StringIO."""

    def start(self, _to: str) -> None:
        self.stream = StringIO()
        self.logger = logging.getLogger("bench")
        self.logger.propagate = False
        self.logger.addHandler(logging.StreamHandler(self.stream))

    def capture(self, error: BaseException) -> object:
        self.logger.error("failed", exc_info=error)
        self.stream.seek(0)
        self.stream.truncate()
        return None

    def finish(self) -> None:
        logging.shutdown()


ADAPTERS: dict[str, type[Adapter]] = {
    "bongsu": Bongsu,
    "sentry-sdk": Sentry,
    "sentry-sdk defaults": SentryDefaults,
    "logging": Logging,
}
MODULES = {"bongsu": "bongsu", "sentry-sdk": "sentry_sdk", "logging": "logging"}
