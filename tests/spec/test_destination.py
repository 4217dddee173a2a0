"""One URL says where messages go; a wrong one gets a sentence that says what to write instead, without the secret."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.delivery.destination import SLACK_API, Destination, Scheme, parse
from bongsu.routing import Ability

HOOK = "https://hooks.slack.com/services/T012AB/B034CD/s3cr3ts3cr3ts3cr3t"
TOKEN = "xoxb-123-456-s3cr3t"
KEY = "0123456789abcdef0123456789abcdef"


def parsed(url: str, *, token: str | None = TOKEN, slack_api: str | None = None) -> Destination:
    return parse(url, token=token, slack_api=slack_api, channel="alarm")


GOOD = [
    # url, scheme, what is shown, url to post to, target
    (HOOK, Scheme.WEBHOOK, "https://hooks.slack.com/services/T0…/…", HOOK, ""),
    (HOOK + "/", Scheme.WEBHOOK, "https://hooks.slack.com/services/T0…/…", HOOK + "/", ""),
    (
        "https://hooks.slack-gov.com/services/T0/B0/x",
        Scheme.WEBHOOK,
        "https://hooks.slack-gov.com/services/T0…/…",
        "https://hooks.slack-gov.com/services/T0/B0/x",
        "",
    ),
    ("https://chat.example.com/hooks/s3cr3t", Scheme.WEBHOOK, "https://chat.example.com/…", None, ""),
    ("http://10.0.0.1:8065/hooks/s3cr3t?a=s3cr3t", Scheme.WEBHOOK, "http://10.0.0.1:8065/…", None, ""),
    ("http://[::1]:8065/hooks/s3cr3t", Scheme.WEBHOOK, "http://[::1]:8065/…", None, ""),
    ("https://example.com", Scheme.WEBHOOK, "https://example.com", None, ""),
    ("slack://#000-alarm", Scheme.SLACK, "slack://#000-alarm", SLACK_API, "#000-alarm"),
    ("slack:#000-alarm", Scheme.SLACK, "slack://#000-alarm", SLACK_API, "#000-alarm"),
    ("slack://#장애-알림", Scheme.SLACK, "slack://#장애-알림", SLACK_API, "#장애-알림"),
    ("slack://C0123", Scheme.SLACK, "slack://C0123", SLACK_API, "C0123"),
    ("console:", Scheme.CONSOLE, "console:", "", ""),
    ("file:alerts.jsonl", Scheme.FILE, "file:alerts.jsonl", "", "alerts.jsonl"),
    ("file:./logs/alerts.jsonl", Scheme.FILE, "file:./logs/alerts.jsonl", "", "./logs/alerts.jsonl"),
    ("file:/var/log/a b.jsonl", Scheme.FILE, "file:/var/log/a b.jsonl", "", "/var/log/a b.jsonl"),
    ("file:///var/log/a.jsonl", Scheme.FILE, "file:///var/log/a.jsonl", "", "/var/log/a.jsonl"),
    (
        f"https://{KEY}@hub.example.com/1",
        Scheme.SENTRY,
        "https://…@hub.example.com/1",
        "https://hub.example.com/api/1/envelope/",
        "",
    ),
    (f"http://{KEY}@hub:8000/1", Scheme.SENTRY, "http://…@hub:8000/1", "http://hub:8000/api/1/envelope/", ""),
    (f"https://{KEY}:s3cr3t@hub/a/b/42", Scheme.SENTRY, "https://…@hub/a/b/42", "https://hub/a/b/api/42/envelope/", ""),
    (
        "smtp://kim:s3cr3t@mx.example.com/?from=a@b.c&to=c@d.e",
        Scheme.MAIL,
        "smtp://mx.example.com:587/?to=c@d.e",
        "",
        "",
    ),
    ("smtps://a%40b.c:s3cr3t@mx?to=c@d.e,f%2Bg@h", Scheme.MAIL, "smtps://mx:465/?to=c@d.e,f+g@h", "", ""),
    ("smtp://[::1]:25/?from=a@b&to=c@d&tls=no", Scheme.MAIL, "smtp://[::1]:25/?to=c@d", "", ""),
    (
        "webhook+https://x.example/s3cr3t?a=1",
        Scheme.JSON,
        "webhook+https://x.example/…",
        "https://x.example/s3cr3t?a=1",
        "",
    ),
    ("webhook+http://x:8080/a?secret=s3cr3t&b=2", Scheme.JSON, "webhook+http://x:8080/…", "http://x:8080/a?b=2", ""),
    ("webhook+https://x#s3cr3t", Scheme.JSON, "webhook+https://x", "https://x", ""),
    ("apprise+tgram://s3cr3t/12", Scheme.APPRISE, "apprise+tgram://…", "tgram://s3cr3t/12", ""),
]


def test_a_mailbox_is_taken_apart_at_the_door() -> None:
    box = parsed("smtps://kim%40b.c:p%40ss%3Aw@mx.example.com:2465/?from=a@b.c&to=c%2Bd@e.f,%20g@h").mailbox
    assert box is not None
    assert (box.host, box.port, box.tls) == ("mx.example.com", 2465, "at once")
    assert (box.user, box.password) == ("kim@b.c", "p@ss:w")
    assert (box.sender, box.to) == ("a@b.c", ("c+d@e.f", "g@h"))
    assert "p@ss" not in f"{box!r}"


def test_a_user_that_is_an_address_writes_the_mails() -> None:
    box = parsed("smtp://kim%40b.c:x@mx?to=c@d").mailbox
    assert box is not None
    assert (box.sender, box.tls) == ("kim@b.c", "start")


def test_what_signs_is_not_a_part_of_the_address() -> None:
    for url in ("webhook+https://x/a#s%233cr3t", "webhook+https://x/a?secret=s%233cr3t"):
        assert (parsed(url).url, parsed(url).secret) == ("https://x/a", "s#3cr3t")


@pytest.mark.parametrize(("url", "scheme", "masked", "endpoint", "target"), GOOD, ids=[row[2] for row in GOOD])
def test_a_url_says_where_to_send(url: str, scheme: Scheme, masked: str, endpoint: str | None, target: str) -> None:
    destination = parsed(url)
    assert (destination.scheme, destination.masked, destination.target) == (scheme, masked, target)
    assert destination.url == (url if endpoint is None else endpoint)


ABILITIES = {Scheme.SLACK: Ability.EDITS, Scheme.SENTRY: Ability.FORWARDS}


@pytest.mark.parametrize("url", [row[0] for row in GOOD])
def test_only_a_bot_can_edit_and_only_a_server_wants_the_events(url: str) -> None:
    destination = parsed(url)
    assert destination.ability is ABILITIES.get(destination.scheme, Ability.POSTS)


BAD = [
    # url, a part of the sentence
    ("", "is empty: give an incoming webhook"),
    ("   ", "is empty"),
    (HOOK + "\n", "spaces or line breaks around it: remove them"),
    (" " + HOOK, "spaces or line breaks around it"),
    (HOOK[:40] + " " + HOOK[40:], "percent-encode"),
    (HOOK + "\x00", "percent-encode"),
    ("https://chat.example.com/hooks/비밀", "percent-encode"),
    ("https://hooks.slack.com/services/T…/B…/…", "dots of an example"),
    ("https://hooks.slack.com/services/T.../B.../...", "dots of an example"),
    ("https://hooks.slack.com/services/…", "dots of an example"),
    ("hooks.slack.com/services/T012AB/B034CD/s3cr3t", "put https:// in front"),
    ("HTTPS://hooks.slack.com/services/T012AB/B034CD/s3cr3t", "write https://"),
    ("https:/hooks.slack.com/services/T012AB/B034CD/s3cr3t", "write https://"),
    ("http://hooks.slack.com/services/T012AB/B034CD/s3cr3t", "in clear text: write https://"),
    ("https://hooks.slack.com", "is cut off"),
    ("https://hooks.slack.com/services/", "is cut off"),
    ("https://hooks.slack.com/services/T012AB/B034CD", "is cut off"),
    ("https://hooks.slack.com/workflows/T012AB/s3cr3t", "starts a workflow"),
    ("https://hooks.slack.com/triggers/T012AB/s3cr3t", "starts a workflow"),
    ("https://myteam.slack.com/archives/C0123ABCD", "is a page for people"),
    ("https://slack.com/api/chat.postMessage", "is a page for people"),
    ("https://app.slack.com/client/T012AB/C0123ABCD", "is a page for people"),
    ("https://", "broken host or port"),
    ("https:///services/s3cr3t", "broken host or port"),
    ("https://example.com:99999/s3cr3t", "broken host or port"),
    ("https://example.com:0/s3cr3t", "broken host or port"),
    ("https://example.com:port/s3cr3t", "broken host or port"),
    ("https://[::1/s3cr3t", "broken host or port"),
    ("https://.example.com/s3cr3t", "broken host or port"),
    (f"https://{KEY}@hub/project", "no project number"),
    (f"https://{KEY}@hub", "no project number"),
    (f"https://{KEY}@hub/1?x=s3cr3t", "no project number"),
    ("https://@hub/1", "no usable key"),
    ("https://s3cr3t%20key@hub/1", "no usable key"),
    (TOKEN, "is a token: write slack://#channel here"),
    ("xoxe.xoxb-1-s3cr3t", "is a token"),
    ("xapp-1-s3cr3t", "is a token"),
    (f"slack://{TOKEN}", "token in its URL"),
    ("slack://", "names no Slack channel"),
    ("slack://#", "names no Slack channel"),
    ("slack://#Alarm", "lower case"),
    ("slack://#a b", "no spaces"),
    ("slack://#a/b", "names no Slack channel"),
    ("slack://000-alarm", "without its #: write slack://#000-alarm"),
    ("#000-alarm", "bare channel name: write slack://#channel"),
    ("console", "written console:"),
    ("stderr", "written console:"),
    ("console:red", "written console:"),
    ("CONSOLE:", "written console:"),
    ("alerts.jsonl", "write file:alerts.jsonl"),
    ("/var/log/alerts.log", "write file:alerts.jsonl"),
    ("file:", "names no file"),
    ("file:///", "names no file"),
    ("file:logs/", "names no file"),
    ("file://alerts.jsonl", "write file:alerts.jsonl or file:///"),
    ("ftp://example.com/s3cr3t", "no scheme that is known here"),
    ("mailto:ops@example.com", "no scheme that is known here"),
    ("smtp://kim:s3cr3t@mx.example.com", "says nobody to write to"),
    ("smtp://kim:s3cr3t@mx.example.com?to=a@b", "needs from="),
    ("smtp://kim:s3cr3t@mx.example.com?from=a@b&to=nobody", "that is no mail address"),
    ("smtp://kim:s3cr3t@mx?from=a@b&to=c@d%0d%0aBcc:x@y", "that is no mail address"),
    ("smtp://kim:s3cr3t@mx?from=a@b%0aX:y&to=c@d", "needs from="),
    ("smtp://kim:s3cr3t@mx?from=a@b&to=" + ",".join(["c@d"] * 21), "make a mailing list"),
    ("smtp://kim:s3cr3t@mx?from=a@b&to=c@d&cc=e@f", "takes from=, to=, tls="),
    ("smtp://kim:s3cr3t@mx?from=a@b&to=c@d&to=e@f", "each once"),
    ("smtp://kim:s3cr3t@mx?from=a@b&to=c@d&tls=maybe", "neither yes nor no"),
    ("smtps://kim:s3cr3t@mx?from=a@b&to=c@d&tls=no", "write one of them"),
    ("smtp://kim@mx?from=a@b&to=c@d", "a user without a password"),
    ("smtp://:s3cr3t@mx?from=a@b&to=c@d", "a user without a password"),
    ("smtp://kim:%EB%B9%84s3cr3t@mx?from=a@b&to=c@d", "outside ASCII"),
    ("smtp://kim:s3cr3t/x@mx?from=a@b&to=c@d", "broken host or port"),
    ("smtp://kim:s3cr3t@mx/x?from=a@b&to=c@d", "percent-encode"),
    ("smtp://kim:s3cr3t@mx:0?from=a@b&to=c@d", "broken host or port: write smtp://host"),
    ("smtp://?from=a@b&to=c@d", "broken host or port"),
    ("webhook+ftp://x/s3cr3t", "written webhook+https://host/path#secret"),
    ("webhook+https://", "broken host or port"),
    ("webhook+https://kim:s3cr3t@x/a", "has a user part"),
    (f"webhook+{HOOK}", "write it without webhook+"),
    ("webhook+https://x/a?secret=", "an empty secret or several"),
    ("webhook+https://x/a#", "an empty secret or several"),
    ("webhook+https://x/a?secret=s3cr3t#s3cr3t", "an empty secret or several"),
    ("apprise+", "no URL of Apprise's"),
    ("apprise+s3cr3t", "no URL of Apprise's"),
    ("apprise+tgram://", "no URL of Apprise's"),
    ("apprise+tgram://s3cr3t\x00", "no URL of Apprise's"),
]


@pytest.mark.parametrize(("url", "told"), BAD, ids=[row[0][:40] or "nothing" for row in BAD])
def test_a_wrong_url_is_told_with_its_remedy_and_without_its_secret(url: str, told: str) -> None:
    with pytest.raises(ValueError) as caught:
        parsed(url)
    sentence = str(caught.value)
    assert sentence.startswith("The destination of channel 'alarm' ")
    assert told in sentence
    assert sentence.endswith(".")
    assert "s3cr3t" not in sentence
    assert KEY not in sentence
    assert caught.value.__context__ is None  # a traceback would print it, URL and all


BAD_TOKENS = [
    (None, "give token= or BONGSU_SLACK_TOKEN"),
    ("", "give token= or BONGSU_SLACK_TOKEN"),
    ("xoxb-s3cr3t\n", "space or line break in it"),
    ("xoxb s3cr3t", "space or line break in it"),
    ("xapp-1-s3cr3t", "app-level token"),
]


@pytest.mark.parametrize(("token", "told"), BAD_TOKENS)
def test_a_bot_needs_a_bot_token(token: str | None, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        parsed("slack://#000-alarm", token=token)
    assert "s3cr3t" not in str(caught.value)


def test_only_a_bot_needs_a_token() -> None:
    assert all(parsed(url, token=None).hash == parsed(url).hash for url, scheme, *_ in GOOD if scheme != Scheme.SLACK)


@pytest.mark.parametrize(
    ("slack_api", "base"),
    [
        (None, SLACK_API),
        ("", SLACK_API),
        ("http://127.0.0.1:8000/api", "http://127.0.0.1:8000/api/"),
        ("http://127.0.0.1:8000/api/", "http://127.0.0.1:8000/api/"),
    ],
)
def test_the_api_base_can_be_another(slack_api: str | None, base: str) -> None:
    assert parsed("slack://#a", slack_api=slack_api).url == base


@pytest.mark.parametrize("slack_api", ["127.0.0.1:8000", "https://slack.com/ api/", "slack.com/api/"])
def test_an_api_base_that_is_no_url_is_told(slack_api: str) -> None:
    with pytest.raises(ValueError, match="set BONGSU_SLACK_API"):
        parsed("slack://#a", slack_api=slack_api)


@pytest.mark.parametrize("url", [row[0] for row in GOOD])
def test_nothing_that_is_shown_or_stored_holds_a_secret(url: str) -> None:
    destination = parsed(url)
    shown = f"{destination!r} {destination} {destination.masked} {destination.hash}"
    assert "s3cr3t" not in shown
    assert KEY not in shown
    assert TOKEN not in shown


def test_the_hash_names_a_destination() -> None:
    hashes = [parsed(url).hash for url, *_ in GOOD]
    hashes.append(parsed("slack://#000-alarm", token="xoxb-another").hash)
    assert len(set(hashes)) == len(hashes)
    assert all(len(name) == 12 and int(name, 16) >= 0 for name in hashes)
    assert parsed(HOOK).hash == "49aab4e40017", "a changed hash orphans what waits in every outbox"


def test_a_destination_survives_spawn() -> None:
    assert pickle.loads(pickle.dumps(parsed(HOOK))) == parsed(HOOK)


@given(
    st.text(max_size=60),
    st.sampled_from(
        [
            "",
            "slack://",
            "file:",
            "https://",
            "https://a@",
            "http://h/",
            "slack:#",
            "smtp://",
            "webhook+https://",
            "apprise+",
        ]
    ),
)
def test_any_text_is_a_destination_or_a_sentence(text: str, start: str) -> None:
    told = f"{_told(start + text)}"
    assert told.startswith(("Destination(", "The destination of channel 'alarm' "))


def _told(url: str) -> Destination | ValueError:
    try:
        return parsed(url)
    except ValueError as error:
        return error
