"""Any card that a user can build, for property tests: hostile texts, huge ones, secrets, and too much of everything."""

from collections.abc import Callable

from hypothesis import strategies as st
from strategies import texts

from bongsu.slack import Card, Markup

Step = Callable[[Card], Card]

URLS = st.sampled_from(
    ["https://wiki.example/runbook", "http://localhost:8080/a?b=1&c=2", "https://x.example/" + "p" * 2_900]
)
SECRETS = st.sampled_from(["password=hunter2 " * 400, "mina@example.com", "xoxb-1234567890-abcdef", "token: s3cr3t"])
STYLES = st.sampled_from(["", "primary", "danger"])
long_texts = st.text(max_size=20).map(lambda text: text * 500)
inert_values = st.one_of(texts, SECRETS, st.integers(), st.none(), long_texts)
values = st.one_of(inert_values, texts.map(Markup), long_texts.map(Markup))
names = texts.filter(lambda text: any(one.isalnum() and one.isascii() for one in text))
rows = st.lists(st.lists(st.one_of(texts, st.none(), st.integers(), st.floats()), max_size=25), max_size=8)


def _field(name: str, value: object, short: bool) -> Step:
    return lambda card: card.field(name, value, short=short)


def _code(text: object, language: str) -> Step:
    return lambda card: card.code(text, language=language)


def _button(label: str, url: str, style: str) -> Step:
    return lambda card: card.button(label, url=url, style=style)


def _image(url: str, alt: str, title: str) -> Step:
    return lambda card: card.image(url, alt=alt, title=title)


def _steps(given: st.SearchStrategy[object]) -> st.SearchStrategy[Step]:
    return st.one_of(
        st.builds(_field, names, given, st.booleans()),
        st.builds(_code, given, texts),
        st.builds(_button, names, URLS, STYLES),
        st.builds(_image, URLS, names, texts),
        given.map(lambda text: lambda card: card.section(text)),
        st.lists(given, max_size=12).map(lambda some: lambda card: card.context(*some)),
        rows.map(lambda some: lambda card: card.table(some * 20)),
        st.just(lambda card: card.divider()),
    )


@st.composite
def cards(draw: st.DrawFn, given: st.SearchStrategy[object] = values) -> Card:
    """A few steps, perhaps many times over."""
    card = Card(draw(given), colour=draw(st.sampled_from(["", "danger", "firing", "neutral", "#A30200"])))  # type: ignore[arg-type]
    for step in draw(st.lists(_steps(given), max_size=5)) * draw(st.sampled_from([1, 1, 1, 30])):
        card = step(card)
    return card
