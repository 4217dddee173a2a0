"""Rows of real exceptions: which place a call path leads to."""

from grouping_bridge import row

ROWS = (
    row(
        "bare asserts in two functions are two problems",
        """
def pay(amount):
    assert amount > 0
def ship(weight):
    assert weight > 0
""",
        ["pay(0)", "pay(-1)", "pay(-2)"],
        ["ship(0)", "ship(-1)"],
    ),
    row(
        "two raises of one type in one function are one problem",
        """
def check(order):
    assert order > 0
    assert order < 10
""",
        ["check(0)", "check(11)"],
    ),
    row(
        "a missing key is one problem whichever key it is",
        """
USERS = {}
def find(user):
    return USERS[user]
""",
        ["find('user-123')", "find('user-456')", "find(789)", "find(None)"],
    ),
    row(
        "a shared helper that fails for two features is two problems",
        """
def read(settings, key):
    return settings[key]
def login(settings):
    return read(settings, 'client_id')
def report(settings):
    return read(settings, 'bucket')
""",
        ["login({})", "login({'bucket': 1})"],
        ["report({})", "report({'client_id': 1})"],
    ),
    row(
        "one feature that fails in two helpers is two problems",
        """
def first(items):
    return items[0]
def last(items):
    return items[-1]
def show(pick, items):
    return pick(items)
""",
        ["show(first, [])", "show(first, ())"],
        ["show(last, [])"],
    ),
    row(
        "two types raised in one function are two problems",
        """
def parse(value):
    return int(value)
""",
        ["parse('12a')", "parse('abc')", "parse('')"],
        ["parse(None)", "parse([])"],
        ["parse(float('inf'))"],
    ),
    row(
        "an unquoted varying word in the message does not matter",
        """
def find(name):
    raise LookupError(f"no such user {name}")
""",
        ["find('alice')", "find('bob')", "find('carol')"],
    ),
    row(
        "an attribute of None and an attribute of a number in one function are one problem",
        """
def name_of(user):
    return user.name
""",
        ["name_of(None)", "name_of(3)"],
    ),
    row(
        "the repr of an object in the message does not matter",
        """
class Order: pass
def total(order):
    return sum(order)
def fail(order):
    raise TypeError(f"cannot bill {order!r}")
""",
        ["fail(Order())", "fail(Order())"],
        ["total(Order())"],
    ),
    row(
        "methods of one name in two classes are two problems",
        """
class Card:
    def charge(self): return 1 / 0
class Transfer:
    def charge(self): return 1 / 0
""",
        ["Card().charge()"],
        ["Transfer().charge()"],
    ),
    row(
        "an inherited method is one problem for all its classes",
        """
class Payment:
    def charge(self): return 1 / 0
class Card(Payment): pass
class Transfer(Payment): pass
""",
        ["Card().charge()", "Transfer().charge()"],
    ),
    row(
        "exception classes of one module are told apart",
        """
class Declined(Exception): pass
class Expired(Declined): pass
def charge(kind):
    raise kind("card")
""",
        ["charge(Declined)"],
        ["charge(Expired)"],
    ),
    row(
        "a subclass made at run time is told by its qualified name",
        """
def error_for(model):
    class DoesNotExist(Exception): pass
    DoesNotExist.__qualname__ = f"{model}.DoesNotExist"
    return DoesNotExist
def get(model):
    raise error_for(model)
""",
        ["get('User')"],
        ["get('Order')"],
    ),
    row(
        "functions called by way of two lambdas of one function are one problem",
        """
def fail(): raise OSError(5, "gone")
def choose(first):
    pick = (lambda: fail()) if first else (lambda: fail())
    return pick()
""",
        ["choose(True)", "choose(False)"],
    ),
    row(
        "lambdas of two functions are two problems",
        """
def shortest(items): return min(items, key=lambda item: len(item))
def longest(items): return max(items, key=lambda item: len(item))
""",
        ["shortest([1, 2])", "shortest([None])"],
        ["longest([1, 2])"],
    ),
    row(
        "a list comprehension is the function around it",
        """
def double(items):
    return [int(item) * 2 for item in items]
def halve(items):
    return [int(item) / 2 for item in items]
""",
        ["double(['x'])", "double(['1', 'y'])"],
        ["halve(['x'])"],
    ),
    row(
        "set and dict comprehensions are the function around them",
        """
def one(kind, items):
    if kind == 'set': return {int(item) for item in items}
    if kind == 'dict': return {item: int(item) for item in items}
    return int(items[0])
""",
        ["one('set', ['x'])", "one('dict', ['x'])", "one('plain', ['x'])"],
    ),
    row(
        "generators of two functions are two problems",
        """
def prices(rows):
    for item in rows: yield item['price']
def names(rows):
    for item in rows: yield item['name']
def export(column, rows):
    return list(column(rows))
""",
        ["export(prices, [{}])", "export(prices, [{'price': 1}, {}])"],
        ["export(names, [{}])"],
    ),
    row(
        "a generator expression is its function's own",
        """
def total(items): return sum(int(item) for item in items)
def check(items): return all(int(item) for item in items)
""",
        ["total('x')", "total('1y')"],
        ["check('x')"],
    ),
    row(
        "one decorator around two functions makes two problems",
        """
import functools
def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper
@traced
def fetch(key): return {}[key]
@traced
def checkin(key): return fetch(key)
@traced
def checkout(key): return fetch(key)
""",
        ["checkin('a')", "checkin('b')"],
        ["checkout('a')"],
    ),
    row(
        "endless recursion is one problem at every depth",
        """
import sys, inspect
def walk(node):
    return check(node) and walk(node)
def check(node):
    return node is not None
def deep(limit):
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + limit)
    try: walk(1)
    finally: sys.setrecursionlimit(before)
""",
        ["deep(150)", "deep(151)", "deep(900)", "deep(1000)"],
    ),
    row(
        "endless mutual recursion is one problem wherever the limit strikes",
        """
import sys, inspect
def ping(n): return pong(n)
def pong(n): return pang(n)
def pang(n): return ping(n)
def deep(limit):
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + limit)
    try: ping(1)
    finally: sys.setrecursionlimit(before)
""",
        ["deep(200)", "deep(201)", "deep(202)", "deep(203)"],
    ),
    row(
        "endless recursions of two functions are two problems",
        """
def up(n): return up(n + 1)
def down(n): return down(n - 1)
""",
        ["up(0)", "up(5)"],
        ["down(0)"],
    ),
    row(
        "data nested too deep for a library is one problem",
        """
import json
def nested(depth):
    value = []
    for _ in range(depth): value = [value]
    return value
def save(depth): return json.dumps(nested(depth))
""",
        ["save(100_000)", "save(150_000)"],
    ),
    row(
        "an error at the bottom of a recursion is one problem at every depth",
        """
def visit(node):
    if isinstance(node, list): return [visit(child) for child in node]
    return leaf(node)
def leaf(node): return node['id']
""",
        ["visit({})", "visit([{}])", "visit([[[{}]]])"],
    ),
    row(
        "an error in the outer function is told from one in the inner of a recursion",
        """
def outer(n, fail):
    if n == 0: raise ValueError(n) if fail == 'outer' else OSError(n)
    return inner(n, fail)
def inner(n, fail):
    if fail == 'inner': raise ValueError(n)
    return outer(n - 1, fail)
""",
        ["outer(1, 'outer')", "outer(2, 'outer')"],
        ["outer(1, 'inner')"],
    ),
    row(
        "generated function names do not matter, written ones do",
        """
def make(name):
    def call(): return 1 / 0
    code = call.__code__.replace(co_name=name, co_qualname=name)
    return type(call)(code, globals())
def run(name): return make(name)()
""",
        ["run('handler_140234567890123')", "run('handler_139999999999999')", "run('handler_0x7f3a9c1d')"],
        ["run('step_1')"],
        ["run('step_2')"],
    ),
    row(
        "a context manager that fails is told from its body",
        """
import contextlib
@contextlib.contextmanager
def session(ok):
    yield
    if not ok: raise RuntimeError("commit")
def use(ok):
    with session(ok):
        if ok: raise RuntimeError("body")
""",
        ["use(True)"],
        ["use(False)"],
    ),
    row(
        "StopIteration inside a generator is its generator's problem",
        """
def first(items): yield next(iter(items))
def second(items): yield next(iter(items))
def take(kind): return list(kind([]))
""",
        ["take(first)", "take(first)"],
        ["take(second)"],
    ),
    row(
        "properties and class methods are their own places",
        """
class Account:
    @property
    def balance(self): return 1 / 0
    @classmethod
    def load(cls): return 1 / 0
    def __len__(self): return 1 / 0
""",
        ["Account().balance"],
        ["Account.load()"],
        ["len(Account())"],
    ),
    row(
        "wrong arguments for two callees in one function are one problem",
        """
def callee(a): return a
def call(*args): return callee(*args)
""",
        ["call()", "call(1, 2)"],
    ),
    row(
        "an import that fails is one problem whichever module it is",
        """
import importlib
def plugin(name): return importlib.import_module(name)
""",
        ["plugin('no_such_plugin_a')", "plugin('no_such_plugin_b')"],
        ["plugin('')"],
    ),
)
