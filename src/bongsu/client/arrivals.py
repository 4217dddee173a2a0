"""Frameworks that the host imports, before or after `init`: each gets its integration, named here and loaded then.

We import no framework. An integration is a module with `attach() -> undo`.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

from bongsu.client.guard import guarded
from bongsu.client.telling import tell

INTEGRATIONS: dict[str, str] = {
    "aiohttp.web_app": "bongsu.integrations.aiohttp",
    "apscheduler.schedulers.base": "bongsu.integrations.apscheduler",
    "asyncio.base_events": "bongsu.integrations.asyncio",
    "celery.signals": "bongsu.integrations.celery",
    "celery.worker.request": "bongsu.integrations.celery_worker",
    "click.core": "bongsu.integrations.click",
    "concurrent.futures._base": "bongsu.integrations.futures",
    "concurrent.futures.thread": "bongsu.integrations.thread_pool",
    "django.core.handlers.base": "bongsu.integrations.django",
    "django.core.management.base": "bongsu.integrations.django_commands",
    "flask.app": "bongsu.integrations.flask",
    "granian.server.mp": "bongsu.integrations.granian",
    "gunicorn.config": "bongsu.integrations.gunicorn",
    "multiprocessing.pool": "bongsu.integrations.multiprocessing_pool",
    "multiprocessing.process": "bongsu.integrations.multiprocessing",
    "rest_framework.views": "bongsu.integrations.rest_framework",
    "rq.worker": "bongsu.integrations.rq",
    "starlette.applications": "bongsu.integrations.starlette",
    "typer.main": "bongsu.integrations.typer",
    "uvicorn.supervisors.multiprocess": "bongsu.integrations.uvicorn_supervisor",
    "uvloop": "bongsu.integrations.uvloop",
}
"""The module whose import turns an integration on → the integration."""

Undo = Callable[[], None]


class Arrivals(MetaPathFinder):
    """Attaches integrations to what is imported already, and to the rest when it comes."""

    def __init__(self) -> None:
        self._waiting = dict(INTEGRATIONS)
        self._undo: list[Undo] = []
        sys.meta_path.insert(0, self)
        for name in INTEGRATIONS:
            if name in sys.modules:
                self._arrived(name)

    def remove(self) -> None:
        """Leave every framework as it was."""
        self._waiting.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        while self._undo:
            self._undo.pop()()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of an awaited module, with a loader that tells us when it is there."""
        integration = self._waiting.pop(fullname, None)  # taken out: the search below asks us again
        if integration is None:
            return None
        spec = find_spec(fullname)
        self._waiting[fullname] = integration
        if spec is not None and spec.loader is not None:
            spec.loader = _Announcing(spec.loader, self._arrived)
        return spec

    def _arrived(self, name: str) -> None:
        integration = self._waiting.pop(name, None)
        if integration is not None:
            self._attach(integration)

    @guarded(None)
    def _attach(self, integration: str) -> None:
        try:
            undo: Undo = import_module(integration).attach()
        except (ImportError, AttributeError) as error:  # a version of the framework that lacks what we need
            tell(f"integration {integration}", f"{integration} is off: {error}")
            return
        self._undo.append(undo)


class _Announcing(Loader):
    """The module's own loader, for the moment in which it is executed."""

    def __init__(self, loader: Loader, arrived: Callable[[str], None]) -> None:
        self._loader = loader
        self._arrived = arrived

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._arrived(module.__name__)
