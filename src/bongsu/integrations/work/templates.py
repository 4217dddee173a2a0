"""The route template of a request, from what ASGI frameworks leave in its scope: `/users/{user_id}`.

Starlette, FastAPI and Litestar, in each version by the keys it has; no framework is imported.
"""

from collections.abc import Mapping
from typing import Any


def route_of(scope: Mapping[str, Any], path: str) -> str | None:
    """The template; None where no route was found. `path` is the whole one, as it came in. Some 1 µs."""
    if isinstance(told := scope.get("path_template"), str):  # Litestar
        return told
    route = scope.get("route")
    matched = scope.get("path_params") or {}
    template = getattr(_included(scope, route) or route, "path_format", None)
    if isinstance(template, str):
        inside = "/{path}" if hasattr(route, "routes") else template  # of a mount, the way here says the rest
        return _way_here(scope, matched, inside) + inside
    if hasattr(scope.get("endpoint"), "__qualname__"):  # a function or class; a mounted application has no such name
        made = _templated(path, matched)
        # A parameter that is half a segment, as in /{name}.{ending}, is not found: no template is better than a path.
        is_whole = all(f"{{{name}}}" in made or str(value) not in made for name, value in matched.items())
        return made if is_whole else None
    return None


def _included(scope: Mapping[str, Any], route: object) -> object:
    """FastAPI ≥ 0.130 keeps the router's own route in the scope; the one with its prefixes is here."""
    fastapi = scope.get("fastapi")
    effective = fastapi.get("effective_route_context") if type(fastapi) is dict else None
    return effective if effective is not None and getattr(effective, "original_route", None) is route else None


def _way_here(scope: Mapping[str, Any], matched: Mapping[str, object], inside: str) -> str:
    """The templates of the mounts that were passed."""
    outside = scope.get("app_root_path")  # the root before the first mount, which keeps it here
    if outside is None:
        return ""
    theirs = {name: value for name, value in matched.items() if f"{{{name}}}" not in inside}
    return _templated(scope.get("root_path", "")[len(outside) :], theirs)


def _templated(path: str, matched: Mapping[str, object]) -> str:
    """The path with the names of its matched parts; looked for from the end, where parameters stand most often."""
    end = len(path)
    for name, value in reversed(list(matched.items())):
        found = path.rfind(f"/{value}", 0, end)
        after = found + 1 + len(str(value))
        if found >= 0 and path[after : after + 1] in ("", "/"):
            path, end = f"{path[:found]}/{{{name}}}{path[after:]}", found
    return path
