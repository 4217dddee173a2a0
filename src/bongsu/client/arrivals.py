"""Frameworks that the host imports, before or after `init`: each gets its integration, named here and loaded then.

We import no framework. An integration is a module with `attach() -> undo`.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from itertools import dropwhile, islice
from types import ModuleType
from typing import TYPE_CHECKING, Any

from bongsu.client.guard import guarded
from bongsu.client.telling import tell

if TYPE_CHECKING:
    from importlib.abc import Loader, MetaPathFinder
else:
    Loader = MetaPathFinder = object  # `importlib.abc` loads tempfile and shutil: 1.2 MiB that nobody here needs

INTEGRATIONS: dict[str, str] = {
    "aiohttp.web": "bongsu.integrations.aiohttp",
    "apscheduler.schedulers.base": "bongsu.integrations.apscheduler",
    "asyncio.base_events": "bongsu.integrations.asyncio",
    "celery.signals": "bongsu.integrations.celery",
    "celery.worker.request": "bongsu.integrations.celery_worker",
    "click.core": "bongsu.integrations.click",
    "concurrent.futures._base": "bongsu.integrations.futures",
    "concurrent.futures.thread": "bongsu.integrations.thread_pool",
    "django.core.handlers.asgi": "bongsu.integrations.django_asgi",
    "django.core.handlers.base": "bongsu.integrations.django",
    "django.core.management.base": "bongsu.integrations.django_commands",
    "flask.app": "bongsu.integrations.flask",
    "granian": "bongsu.integrations.granian",
    "gunicorn.config": "bongsu.integrations.gunicorn",
    "multiprocessing.pool": "bongsu.integrations.multiprocessing_pool",
    "multiprocessing.process": "bongsu.integrations.multiprocessing",
    "rest_framework.views": "bongsu.integrations.rest_framework",
    "rq.worker": "bongsu.integrations.rq",
    "starlette.applications": "bongsu.integrations.starlette",
    "typer": "bongsu.integrations.typer",
    "uvicorn.supervisors.multiprocess": "bongsu.integrations.uvicorn_supervisor",
    "uvloop": "bongsu.integrations.uvloop",
}
"""The module whose import turns an integration on → the integration.

At the end of that import all must be there that the integration imports: a package may be half imported until then.
"""

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
        if fullname not in self._waiting:
            return None
        finders = dropwhile(lambda finder: finder is not self, list(sys.meta_path))
        for finder in islice(finders, 1, None):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Announcing(spec.loader, self._arrived)
                return spec
        return None

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

    def __getattr__(self, name: str) -> Any:
        """What else that loader can do: give the source, the code, data files."""
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._arrived(module.__name__)
