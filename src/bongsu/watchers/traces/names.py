"""The name of an exception as tracebacks print it → its module and its own name."""

import builtins
import sys

_LEVELS = frozenset({"DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "TRACE"})


def is_type(name: str) -> bool:
    """Whether it may name an exception: a level of logging does not."""
    is_level = name.upper() in _LEVELS and (name.isupper() or name.islower())
    return not is_level and all(part.isidentifier() or part == "<locals>" for part in name.split("."))


def module_and_type(printed: str) -> tuple[str, str]:
    """The two parts that capture knows apart. The text does not say where the module ends, so classes tell:
    they are written with a capital. Modules of the standard library may be, too; it has no nested exceptions.
    """
    if "." not in printed:
        return ("builtins" if _is_builtin(printed) else "__main__"), printed
    parts = printed.split(".")
    start = len(parts) - 1
    while start > 1 and parts[0] not in sys.stdlib_module_names and _is_inside(parts, start):
        start -= 1
    if parts[:2][1:] == ["<locals>"]:  # a function of the main module
        return "__main__", printed
    return ".".join(parts[:start]), ".".join(parts[start:])


def _is_inside(parts: list[str], index: int) -> bool:
    """Whether the part before is a class or a function, and no module."""
    before = parts[index - 1]
    return before == "<locals>" or parts[index] == "<locals>" or before[:1].isupper()


def _is_builtin(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)
