"""A script beside a package: what fails here is of `__main__`, what fails there is not."""

import asyncio
import sys
import threading

import shop.failures


class Refused(Exception):
    """Of the main module."""

    class Twice(Exception):
        """Inside another class."""


class Till:
    def pay(self, amount):
        return self._checked(amount)

    @staticmethod
    def _checked(amount):
        return (lambda value: [1 / (value - each) for each in range(value + 1)])(amount)


def refuse():
    raise Refused("no")


def refuse_twice():
    try:
        refuse()
    except Refused as error:
        raise Refused.Twice("no, and no") from error


def locally():
    class Local(Exception):
        pass

    def raising():
        raise Local("local")

    raising()


async def tick():
    await asyncio.sleep(0)
    raise Refused("tick")


async def together():
    async with asyncio.TaskGroup() as group:
        group.create_task(tick())
        group.create_task(tick())


def in_thread():
    thread = threading.Thread(target=Till().pay, args=(3,))
    thread.start()
    thread.join()


def by_exec():
    exec("def made():\n    refuse()\nmade()", globals())


def elsewhere():
    shop.failures.FAILURES["method"]()


def not_installed():
    import no_such_module  # noqa: F401


def broken():
    exec(compile("def f(:", "/srv/made.py", "exec"))


def failing_import():
    import plugins.failing  # noqa: F401


OWN = {
    "a class method, a lambda, a comprehension": lambda: Till().pay(3),
    "an exception of the main module": refuse,
    "a class in a class, with a cause": refuse_twice,
    "a local class": locally,
    "a task": lambda: asyncio.run(tick()),
    "a task group": lambda: asyncio.run(together()),
    "a thread": in_thread,
    "exec": by_exec,
    "a package": elsewhere,
    "a module that is missing": not_installed,
    "a syntax error": broken,
    "a module that fails when imported": failing_import,
}
OWN[sys.argv[1]]()
