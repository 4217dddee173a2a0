"""Rows of real exceptions out of the standard library."""

from grouping_bridge import row

ROWS = (
    row(
        "asyncio: a time-out is one problem wherever the time ran out",
        """
import asyncio
async def first(): await asyncio.Event().wait()
async def second(): await asyncio.Event().wait()
async def page(part):
    async with asyncio.timeout(0): await part()
def visit(part): asyncio.run(page(part))
""",
        ["visit(first)", "visit(second)"],
    ),
    row(
        "asyncio: time-outs of two functions are two problems",
        """
import asyncio
async def search(): await asyncio.wait_for(asyncio.Event().wait(), 0.001)
async def login(): await asyncio.wait_for(asyncio.Event().wait(), 0.001)
def visit(page): asyncio.run(page())
""",
        ["visit(search)", "visit(search)"],
        ["visit(login)"],
    ),
    row(
        "asyncio: an awaited task that failed is one problem, gathered or alone",
        """
import asyncio
async def job(n): raise ValueError(n)
async def main(*jobs): await asyncio.gather(*jobs)
def run(count): asyncio.run(main(*(job(n) for n in range(count))))
""",
        ["run(1)", "run(3)"],
    ),
    row(
        "asyncio: a task group is told by what failed in it",
        """
import asyncio
async def charge(): return {}['card']
async def ship(): raise OSError(5, 'printer')
async def idle(): await asyncio.Event().wait()
async def main(*jobs):
    async with asyncio.TaskGroup() as group:
        for job in jobs: group.create_task(job())
def run(*jobs): asyncio.run(main(*jobs))
""",
        ["run(charge)", "run(charge, idle)", "run(idle, idle, charge)"],
        ["run(ship)", "run(idle, ship)"],
        ["run(charge, ship)", "run(ship, charge, charge)"],
    ),
    row(
        "threads: a pool gives the problem of the job",
        """
from concurrent.futures import ThreadPoolExecutor
def charge(n): return {}[n]
def ship(n): return [][n]
def run(job, n):
    with ThreadPoolExecutor(1) as pool: return pool.submit(job, n).result()
""",
        ["run(charge, 1)", "run(charge, 2)"],
        ["run(ship, 1)"],
    ),
    row(
        "json: text that cannot be parsed is one problem",
        """
import json
def parse(text): return json.loads(text)
def dump(value): return json.dumps(value)
""",
        ["parse('{')", "parse('[1, 2')", "parse('nope')", "parse('')"],
        ["dump(object())", "dump({1, 2})"],
        ["parse(None)"],
    ),
    row(
        "text that cannot be decoded is one problem, that cannot be encoded another",
        """
def convert(value): return value.decode('utf-8') if isinstance(value, bytes) else value.encode('ascii')
""",
        ["convert(b'\\xff')", "convert(b'abc\\xfe\\xff')"],
        ["convert('봉수')", "convert('é')"],
    ),
    row(
        "files: a missing one is one problem whatever its path, a directory another",
        """
def read(path):
    with open(path) as file: return file.read()
""",
        ["read('/nonexistent/tmpab12cd34/a.txt')", "read('/nonexistent/b-77.txt')"],
        ["read('/')", "read('/usr')"],
        ["read('/dev/null/x')"],
    ),
    row(
        "files: making and removing one are two problems",
        """
import os, tempfile
def make():
    with tempfile.TemporaryDirectory() as folder: os.mkdir(folder)
def remove():
    with tempfile.TemporaryDirectory() as folder: os.rmdir(os.path.join(folder, 'x'))
""",
        ["make()", "make()"],
        ["remove()", "remove()"],
    ),
    row(
        "subprocess: a command that fails, one that is missing and one too slow are three problems",
        """
import subprocess, sys
def run(*command, timeout=None): subprocess.run(command, check=True, capture_output=True, timeout=timeout)
""",
        ["run('false')", "run('sh', '-c', 'exit 3')"],
        ["run('no-such-command-1')", "run('no-such-command-2')"],
        ["run('sleep', '9', timeout=0.001)"],
    ),
    row(
        "struct and binascii are two problems",
        """
import base64, struct
def unpack(data): return struct.unpack('<I', data)
def decode(text): return base64.b64decode(text, validate=True)
""",
        ["unpack(b'1')", "unpack(b'12345')"],
        ["decode('*')", "decode('a')"],
    ),
    row(
        "sqlite3: a missing table and a broken constraint are two problems",
        """
import sqlite3, contextlib
def run(*statements):
    with contextlib.closing(sqlite3.connect(':memory:')) as database:
        for statement in statements: database.execute(statement)
""",
        ["run('select * from orders_1')", "run('select * from orders_2')"],
        ["run('create table t(a unique)', 'insert into t values (1)', 'insert into t values (1)')"],
    ),
    row(
        "numbers out of range are told apart by type",
        """
import decimal, math
def compute(work): return work()
""",
        ["compute(lambda: decimal.Decimal('x'))"],
        ["compute(lambda: math.exp(1000))"],
        ["compute(lambda: math.sqrt(-1))"],
    ),
    row(
        "dates that cannot be read are one problem",
        """
from datetime import date, datetime
def read(text): return date.fromisoformat(text)
def read_time(text): return datetime.strptime(text, '%H:%M')
""",
        ["read('2024-13-01')", "read('yesterday')"],
        ["read_time('25:00')", "read_time('noon')"],
    ),
    row(
        "enums and dataclasses that refuse a value are the caller's problem",
        """
from dataclasses import dataclass
from enum import Enum
class Colour(Enum):
    RED = 'red'
@dataclass
class Point:
    x: int
def colour(name): return Colour(name)
def point(**values): return Point(**values)
""",
        ["colour('blue')", "colour('green')"],
        ["point()", "point(y=1)"],
    ),
    row(
        "sockets: a refused connection and an impossible port are two problems",
        """
import socket
def closed_port():
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        return server.getsockname()[1]
def connect(port):
    with socket.socket() as client: client.connect(('127.0.0.1', port))
""",
        ["connect(closed_port())", "connect(closed_port())"],
        ["connect(70_000)", "connect(-1)"],
    ),
    row(
        "code with a syntax error is one problem in one file",
        """
def load(source, path): compile(source, path, 'exec')
""",
        ["load('def', 'plugin.py')", "load('x = (', 'plugin.py')"],
        ["load('  x\\n y', 'plugin.py')"],
    ),
    row(
        "a queue or lock that runs out of time is its caller's problem",
        """
import queue, threading
def take(): return queue.Queue().get_nowait()
def put():
    full = queue.Queue(1)
    full.put_nowait(1)
    full.put_nowait(2)
def release(): threading.Lock().release()
""",
        ["take()", "take()"],
        ["put()"],
        ["release()"],
    ),
    row(
        "with library code alone on the stack, the library's own path tells",
        "import json, fractions",
        ["json.loads('{')", "json.loads('[1')", "json.loads('')"],
        ["json.loads(1)"],
        ["fractions.Fraction('x')", "fractions.Fraction('1/y')"],
    ),
    row(
        "without any frame, type and normalised message tell",
        "import math, zlib",
        ["int('12')/0"],
        ["int('x1')", "int('y2')"],
        ["zlib.decompress(b'1')", "zlib.decompress(b'2')"],
        ["math.sqrt(-1)"],
    ),
)
