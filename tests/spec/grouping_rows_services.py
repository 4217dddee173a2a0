"""Rows of real exceptions out of the libraries that services are made of."""

from grouping_bridge import row

DATABASE = """
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select, text
from sqlalchemy.pool import StaticPool
metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String, nullable=False))
def connected(work, tables=True):
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            if tables: metadata.create_all(connection)
            return work(connection)
    finally:
        engine.dispose()
"""

HTTP = """
import requests, socket
def closed_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]
def get(url, timeout=5):
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=timeout)
def answer(status, url):
    response = requests.Response()
    response.status_code, response.url = status, url
    return response
"""

DJANGO = """
import django
from django.conf import settings
if not settings.configured:
    settings.configure(
        USE_I18N=False,
        INSTALLED_APPS=["django.contrib.contenttypes"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        ROOT_URLCONF=(),
    )
    django.setup()
from django.contrib.contenttypes.models import ContentType
from django.db import connections
connections.databases["rows"] = connections.databases["default"]  # another memory than that of other tests
connection, rows = connections["rows"], ContentType.objects.db_manager("rows")
from django.template import Context, Engine
def connected(work):
    try:
        with connection.schema_editor() as editor: editor.create_model(ContentType)
        return work()
    finally:
        disconnect()
def disconnect():  # close() keeps a database in memory
    connection.connection.close()
    connection.connection = None
def render(source): return Engine().from_string(source).render(Context())
"""

ROWS = (
    row(
        "SQLAlchemy: a broken constraint is one problem whatever the values",
        DATABASE
        + """
def add(connection, **values): connection.execute(insert(users).values(**values))
def sign_up(number, name): connected(lambda connection: add(connection, id=number, name=name))
""",
        ["sign_up(1, None)", "sign_up(22, None)"],
    ),
    row(
        "SQLAlchemy: one error type from two features is two problems",
        DATABASE
        + """
def rows(connection, table): return connection.execute(text(f"select * from {table}")).all()
def report(table): return connected(lambda connection: rows(connection, table))
def export(table): return connected(lambda connection: rows(connection, table))
""",
        ["report('orders_1')", "report('orders_2')"],
        ["export('orders_1')"],
    ),
    row(
        "SQLAlchemy: integrity, operational and statement errors in one function are three problems",
        DATABASE
        + """
def add(tables, **values): connected(lambda connection: connection.execute(insert(users), values), tables)
""",
        ["add(True, id=1, name=None)", "add(True, id=2, name=None)"],
        ["add(False, id=1, name='alice')"],
        ["add(True, id='x', name=object())"],
    ),
    row(
        "SQLAlchemy: no row and several rows are two problems",
        DATABASE
        + """
def only(*names):
    def work(connection):
        for name in names: connection.execute(insert(users).values(name=name))
        return connection.execute(select(users)).one()
    return connected(work)
""",
        ["only()"],
        ["only('alice', 'bob')", "only('alice', 'bob', 'carol')"],
    ),
    row(
        "SQLAlchemy: a wrapper of our own is one problem for one cause",
        DATABASE
        + """
class StoreError(Exception): pass
def save(number):
    try: connected(lambda connection: connection.execute(insert(users).values(id=number, name=None)))
    except Exception as error: raise StoreError(f"user {number}") from error
""",
        ["save(1)", "save(2)"],
        ["save([])"],
    ),
    row(
        "requests: a refused connection is one problem whatever the port",
        HTTP
        + """
def profile(user): return get(f"http://127.0.0.1:{closed_port()}/users/{user}")
def avatar(user): return get(f"http://127.0.0.1:{closed_port()}/users/{user}")
""",
        ["profile('alice')", "profile('bob')"],
        ["avatar('alice')"],
    ),
    row(
        "requests: a refused connection and a time-out are two problems",
        HTTP
        + """
def silent(timeout):
    with socket.create_server(("127.0.0.1", 0)) as server:
        return call(server.getsockname()[1], timeout)
def call(port, timeout): return get(f"http://127.0.0.1:{port}/", timeout)
def refused(): return call(closed_port(), 1)
""",
        ["silent(0.01)", "silent(0.02)"],
        ["refused()", "refused()"],
    ),
    row(
        "requests: an error status is one problem whatever the address",
        HTTP
        + """
def check(status, url): answer(status, url).raise_for_status()
""",
        ["check(404, 'https://a/users/1')", "check(404, 'https://a/users/2?token=x')", "check(500, 'https://b/')"],
    ),
    row(
        "requests: malformed addresses are told apart by type",
        HTTP
        + """
def fetch(url): return get(url)
""",
        ["fetch('http://')", "fetch('http://#x')"],
        ["fetch('users/1')", "fetch('users/2')"],
        ["fetch('ftp://host/1')", "fetch('gopher://host/2')"],
    ),
    row(
        "requests: an answer that is not JSON is one problem",
        HTTP
        + """
def decode(body):
    response = answer(200, 'https://a/')
    response._content = body
    return response.json()
""",
        ["decode(b'<html>1</html>')", "decode(b'')", "decode(b'{\"a\": }')"],
    ),
    row(
        "Django: a missing object is one problem whatever its key",
        DJANGO
        + """
def find(**query): return connected(lambda: rows.get(**query))
def first(**query): return connected(lambda: rows.get(**query))
""",
        ["find(pk=1)", "find(pk=2)", "find(model='user')"],
        ["first(pk=1)"],
    ),
    row(
        "Django: database errors are told apart by type",
        DJANGO
        + """
def add(**values): return connected(lambda: rows.create(**values))
def without_tables():
    try: return rows.count()
    finally: disconnect()
""",
        ["add(app_label=None, model='a')", "add(app_label='a', model=None)"],
        ["without_tables()"],
        ["add(app_label='a', colour='red')"],
    ),
    row(
        "Django: a template that cannot be parsed and one that is missing are two problems",
        DJANGO
        + """
def page(source): return render(source)
""",
        ["page('{% if %}')", "page('{% no_such_tag %}')"],
        ["page('{% include \"cards/7.html\" %}')", "page('{% include \"cards/8.html\" %}')"],
    ),
    row(
        "Django: a missing form value and a wrong setting are two problems",
        DJANGO
        + """
from django.conf import LazySettings
from django.utils.datastructures import MultiValueDict
def read(key): return MultiValueDict()[key] if key != 'secret' else LazySettings().SECRET_KEY
""",
        ["read('name')", "read('e-mail')"],
        ["read('secret')"],
    ),
    row(
        "Django: an unknown URL name is one problem",
        DJANGO
        + """
from django.urls import reverse
from types import ModuleType
urls = ModuleType('urls')
urls.urlpatterns = []
def link(name, **values): return reverse(name, urlconf=urls, kwargs=values)
""",
        ["link('order', pk=1)", "link('order', pk=2)", "link('invoice')"],
    ),
    row(
        "Django: validation errors of two validators in one function are one problem",
        DJANGO
        + """
from django.core.validators import validate_email, validate_ipv4_address
def clean(validate, value): validate(value)
""",
        ["clean(validate_email, 'x')", "clean(validate_email, 'y@')", "clean(validate_ipv4_address, '1')"],
    ),
)
