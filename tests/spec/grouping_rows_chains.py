"""Rows of real exceptions: causes, contexts, further attempts and groups."""

from grouping_bridge import row

ROWS = (
    row(
        "a second attempt that fails like the first is the same problem",
        """
def call(tries):
    tries.append(1)
    raise TimeoutError(f"attempt {len(tries)}")
def retry(times):
    tries = []
    while True:
        try:
            return call(tries)
        except TimeoutError:
            if len(tries) >= times: raise
""",
        ["retry(1)", "retry(2)", "retry(5)"],
    ),
    row(
        "an attempt nested in the handler of an earlier one is the same problem",
        """
def call(): raise TimeoutError("slow")
def retry(left):
    try:
        return call()
    except TimeoutError:
        if not left: raise
        return retry(left - 1)
""",
        ["retry(0)", "retry(1)", "retry(4)"],
    ),
    row(
        "a wrapper raised from two causes is two problems",
        """
class ServiceError(Exception): pass
def fetch(kind):
    raise kind("down")
def service(kind):
    try: return fetch(kind)
    except (KeyError, TimeoutError) as error: raise ServiceError("failed") from error
""",
        ["service(KeyError)"],
        ["service(TimeoutError)"],
    ),
    row(
        "a wrapper raised from one type of cause in two places is two problems",
        """
class ServiceError(Exception): pass
def users(): return {}['alice']
def orders(): return {}[42]
def service(work):
    try: return work()
    except KeyError as error: raise ServiceError("failed") from error
""",
        ["service(users)"],
        ["service(orders)"],
    ),
    row(
        "an error in a handler is one problem for all the places of the error being handled",
        """
def users(): return {}['alice']
def orders(): return {}[42]
def handler(work):
    try: return work()
    except KeyError: return None.report()
""",
        ["handler(users)", "handler(orders)"],
    ),
    row(
        "an implicit context tells by its type",
        """
class NotFound(Exception): pass
def find(kind):
    try: raise kind(7)
    except (KeyError, IndexError): raise NotFound(7)
""",
        ["find(KeyError)"],
        ["find(IndexError)"],
    ),
    row(
        "a suppressed context does not matter",
        """
class NotFound(Exception): pass
def find(kind):
    try: raise kind(7)
    except (KeyError, IndexError): raise NotFound(7) from None
""",
        ["find(KeyError)", "find(IndexError)"],
    ),
    row(
        "a cause that was never raised tells by its type",
        """
class ServiceError(Exception): pass
def service(cause): raise ServiceError("failed") from cause
""",
        ["service(KeyError('a'))", "service(KeyError('b'))"],
        ["service(OSError(2, 'gone'))"],
    ),
    row(
        "a cause behind a cause tells",
        """
class RepositoryError(Exception): pass
class ServiceError(Exception): pass
def repository(kind):
    try: raise kind(1)
    except Exception as error: raise RepositoryError from error
def service(kind):
    try: repository(kind)
    except RepositoryError as error: raise ServiceError from error
""",
        ["service(KeyError)"],
        ["service(ValueError)"],
    ),
    row(
        "an exception group is one problem whatever the order and number of its members",
        """
def a(): return {}['a']
def b(): return [][1]
def gather(*works):
    errors = []
    for work in works:
        try: work()
        except LookupError as error: errors.append(error)
    raise ExceptionGroup(f"{len(errors)} failed", errors)
""",
        ["gather(a, b)", "gather(b, a)", "gather(a, b, a, b, b)"],
        ["gather(a)", "gather(a, a, a)"],
        ["gather(b)"],
    ),
    row(
        "what except* leaves is one problem, whatever was handled",
        """
def work(*errors):
    try: raise ExceptionGroup("many", errors)
    except* KeyError: pass
""",
        ["work(ValueError(1), KeyError(1))", "work(KeyError(2), KeyError(3), ValueError(2))"],
        ["work(OSError(1, 'a'), KeyError(1))"],
    ),
    row(
        "members of one type from two places are two problems",
        """
def a(): return {}['a']
def b(): return {}['b']
def gather(work):
    try: work()
    except KeyError as error: raise ExceptionGroup("failed", [error])
""",
        ["gather(a)"],
        ["gather(b)"],
    ),
    row(
        "the members of nested groups tell",
        """
def gather(error):
    raise ExceptionGroup("outer", [ExceptionGroup("inner", [error])])
""",
        ["gather(KeyError(1))", "gather(KeyError('b'))"],
        ["gather(ValueError(1))"],
    ),
    row(
        "a finally block that fails after two errors tells them apart by type",
        """
def close(): raise OSError(9, "bad file descriptor")
def work(kind):
    try: raise kind(1)
    finally: close()
""",
        ["work(KeyError)"],
        ["work(ValueError)"],
    ),
)
