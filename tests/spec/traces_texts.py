"""Output of programs as it was written, for the tests of what is read from it."""

PYTHON = """\
Traceback (most recent call last):
  File "/srv/shop/main.py", line 9, in <module>
    pay(
    ~~~^
        order,
        ^^^^^^
    ...<2 lines>...
    )
    ^
  File "/srv/shop/main.py", line 4, in pay
    raise ValueError("no")
ValueError: no
"""

CHAIN = """\
Traceback (most recent call last):
  File "/srv/shop/db.py", line 3, in read
    return {}["key"]
           ~~^^^^^^^
KeyError: 'key'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 9, in <module>
    read()
sqlalchemy.exc.IntegrityError: duplicate
[SQL: insert into orders]

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 11, in <module>
    tell()
  File "/srv/shop/main.py", line 5, in tell
    raise Lost
Lost
"""

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/shop/main.py", line 9, in <module>
  |     raise group
  | ExceptionGroup: several (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/shop/main.py", line 3, in one
    |     1 / 0
    | ZeroDivisionError: division by zero
    |
    | During handling of the above exception, another exception occurred:
    |
    | Traceback (most recent call last):
    |   File "/srv/shop/main.py", line 5, in one
    |     raise ValueError("a")
    | ValueError: a
second line
    +---------------- 2 ----------------
    | Exception Group Traceback (most recent call last):
    |   File "/srv/shop/main.py", line 7, in two
    |     raise group
    | ExceptionGroup: inner (1 sub-exception)
    +-+---------------- 1 ----------------
      | OSError: gone
      +------------------------------------
"""

SEGFAULT = """\
Fatal Python error: Segmentation fault

Thread 0x00007f1 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 320 in wait

Current thread 0x00007f2 (most recent call first):
  File "/srv/shop/native.py", line 4 in crash
  File "/srv/shop/main.py", line 7 in <module>

Extension modules: numpy.core._multiarray_umath (total: 1)
"""

REMOTE = '''\
concurrent.futures.process._RemoteTraceback: \

"""
Traceback (most recent call last):
  File "/srv/shop/work.py", line 3, in work
    1 / 0
ZeroDivisionError: division by zero
"""

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/main.py", line 9, in <module>
    future.result()
ZeroDivisionError: division by zero
'''

NODE = """\
/srv/shop/app.js:12
    throw new TypeError("no order");
    ^

TypeError: no order
of yesterday
    at new Order (/srv/shop/order.js:4:11)
    at Object.pay [as run] (/srv/shop/app.js:12:11)
    at async Promise.all (index 0)
    at async file:///srv/shop/my%20main.mjs:3:1
    at node:internal/main/run_main_module:28:49 {
  code: 'E_ORDER',
  [cause]: Error [ERR_LOST]: lost
      at find (/srv/shop/node_modules/lib/find.js:7:9)
      ... 2 lines matching cause stack trace ...
      at pay (/srv/shop/app.js:12:11)
}

Node.js v20.20.2
"""

AGGREGATE = """\
node:internal/process/promises:391
    triggerUncaughtException(err, true /* fromPromise */);
    ^

[AggregateError: All promises were rejected] {
  [errors]: [
    Error: first
        at a (/srv/shop/app.js:1:1),
    RangeError: second
        at b (/srv/shop/app.js:2:1) {
      [cause]: Error: third
          at c (/srv/shop/app.js:3:1)
    }
  ]
}

Node.js v20.20.2
"""

THROWN = """\

/srv/shop/app.js:8
throw "closed";
^
closed
(Use `node --trace-uncaught ...` to show where the exception was thrown)

Node.js v20.20.2
"""

REJECTION = """\
node:internal/process/promises:394
      new UnhandledPromiseRejection(reason);
      ^

[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch \
block, or by rejecting a promise which was not handled with .catch(). The promise rejected with the reason "boom".] {
  code: 'ERR_UNHANDLED_REJECTION'
}

Node.js v20.20.2
"""

EVERY = (PYTHON, CHAIN, GROUP, SEGFAULT, REMOTE, NODE, AGGREGATE, THROWN, REJECTION)
