"""The one part that reads files: it gives the frames of a Python traceback the names they have inside the process."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bongsu.watchers.report import Trace, TraceError, TraceFrame
from bongsu.watchers.traces.modules import is_installed, module_of
from bongsu.watchers.traces.scopes import Scopes, defines, qualified, scopes_of

FILES_MAX = 40  # read for one trace
MAIN = "__main__"
_RUNPY = "<frozen runpy>"  # of `python -m`
_CODE = ("<string>", "<stdin>")  # of `python -c`, and of what comes by a pipe


def located(trace: Trace, cwd: str) -> Trace:
    """The trace with modules and qualified names, as far as the files of the program tell them.

    Only Python's exceptions have a module, and only they are looked up.
    """
    program = _Program(trace, cwd)
    return Trace(errors=tuple(program.located(error) if error.module else error for error in trace.errors))


class _Program:
    """What a trace tells of the program, and the files read for it."""

    def __init__(self, trace: Trace, cwd: str) -> None:
        self._cwd = cwd
        self._scopes: dict[str, Scopes] = {}
        self._modules: dict[str, str] = {}
        self._main = _main(trace.errors[0].frames)
        self._roots = [cwd, os.path.join(cwd, "src")]
        if self._main and trace.errors[0].frames[0].path == self._main:  # a script: its folder comes first
            self._roots.append(os.path.dirname(self._absolute(self._main)))

    def located(self, error: TraceError) -> TraceError:
        is_own = [not is_installed(frame.path) for frame in error.frames]
        frames = [
            replace(frame, module=module, function=self._function(frame) if own or not any(is_own) else frame.function)
            for frame, module, own in zip(error.frames, self._modules_of(error.frames), is_own, strict=True)
        ]
        return replace(self._typed(error), frames=tuple(frames))

    def _typed(self, error: TraceError) -> TraceError:
        """With the main module's classes as its own: `Order.Lost` could be a class of a module `Order`."""
        printed = f"{error.module}.{error.type}"
        if self._main and "." in printed and defines(self._scopes_of(self._main), printed):
            return replace(error, module=MAIN, type=printed)
        return error

    def _modules_of(self, frames: Sequence[TraceFrame]) -> Iterator[str]:
        """Code without a file (`exec`) runs in the module that calls it."""
        module = ""
        for frame in frames:
            module = self._module(frame.path) or ("" if frame.function == "<syntax>" else module)
            yield "" if frame.function == "<syntax>" else module

    def _module(self, path: str) -> str:
        if path == self._main:
            return MAIN
        if path not in self._modules:
            self._modules[path] = module_of(self._absolute(path), self._roots)
        return self._modules[path]

    def _function(self, frame: TraceFrame) -> str:
        if frame.path == "<string>" and frame.function.startswith("__"):
            return f"__create_fn__.<locals>.{frame.function}"  # the methods that dataclasses make
        return qualified(self._scopes_of(frame.path), frame.function, frame.line)

    def _scopes_of(self, path: str) -> Scopes:
        if path not in self._scopes:
            may_read = len(self._scopes) < FILES_MAX and not path.startswith("<")
            self._scopes[path] = scopes_of(self._absolute(path)) if may_read else {}
        return self._scopes[path]

    def _absolute(self, path: str) -> str:
        return path if path.startswith("<") else os.path.join(self._cwd, path)


def _main(frames: Sequence[TraceFrame]) -> str:
    """The file that the program began in, if the stack goes back so far."""
    for frame in frames:
        if frame.path != _RUNPY:
            is_file = not frame.path.startswith("<") or frame.path in _CODE
            return frame.path if frame.function == "<module>" and is_file else ""
    return ""
