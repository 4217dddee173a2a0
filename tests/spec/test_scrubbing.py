"""Secrets and personal data leave every text; what helps the reader stays."""

import json
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bongsu.scrubbing import (
    EMAIL,
    ITEMS_LIMIT,
    KEY_LIMIT,
    MARK,
    MESSAGE_LIMIT,
    VALUE_LIMIT,
    names_secret,
    scrub,
    scrub_mapping,
    scrub_user,
    scrub_value,
)

# Written in two parts, so that no secret scanner takes them for real
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiI0MiJ9.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJVadQssw5c"
PEM_BODY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\nq83vASNFZ4k=\n-----END RSA PRIVATE KEY-----"
AWS_ID = "AKIA" + "IOSFODNN7EXAMPLE"
AWS_KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY"
SLACK_BOT = "xoxb-" + "17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy"
SLACK_APP = "xapp-" + "1-A0123456789-1234567890123-0123456789abcdef"
SLACK_REFRESH = "xoxe.xoxp-" + "1-Mi0yLTEyMzQ1Njc4OTA"
GITHUB = "ghp_" + "16C7e42F292c6912E7710c838347Ae178B4a"
GITHUB_FINE = "github_pat_" + "11ABCDEFG0abcdefghijkl_MNOPQRSTUVWXYZ0123456789"
GITLAB = "glpat-" + "XsaT3dDmRk1Ew8DqR9zT"
GOOGLE = "AIza" + "SyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe"
STRIPE = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
STRIPE_RESTRICTED = "rk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
NPM = "npm_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
PYPI = "pypi-" + "AgEIcHlwaS5vcmcCJGFhYWFhYWFhLWJiYmI"
OPENAI = "sk-proj-" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY"
SENDGRID = "SG." + "ngeVfQFYQlKU0ufo8x5d1A.TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc"
TELEGRAM = "110201543" + ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx"
HUGGING_FACE = "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"
BCRYPT = "$2b$12$" + "EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"
SLACK_HOOK = "T024BE7LD/B024BE7LD/" + "aBcDeFgHiJkLmNoPqRsTuVwX"

# name, text, what must not be left of it, what must be left of it
SECRETS = [
    ("key=value", "connect failed: password=hunter2 host=db", "hunter2", "password=[scrubbed] host=db"),
    ("key = value", "pwd = hunter2", "hunter2", "pwd = [scrubbed]"),
    ("key: value", "passwd: hunter2", "hunter2", "passwd: [scrubbed]"),
    ("key => value", ":secret => hunter2", "hunter2", "secret => [scrubbed]"),
    ("key in capitals", "DB_PASSWORD=hunter2", "hunter2", "DB_PASSWORD=[scrubbed]"),
    ("key with prefix", "user_password=hunter2", "hunter2", "user_password=[scrubbed]"),
    ("key in camel case", "sessionToken=hunter2", "hunter2", "sessionToken=[scrubbed]"),
    ("key written together", "dbpassword=hunter2", "hunter2", "dbpassword=[scrubbed]"),
    ("key of two words", "API key: hunter2", "hunter2", "API key: [scrubbed]"),
    ("key after another sign", "Invalid token: token: hunter2", "hunter2", "Invalid token"),
    ("quoted value", "login(user, password='hun ter2')", "hun", "login(user, password='[scrubbed]')"),
    ("value with an escaped quote", r"password='hun\'ter2', user='kim'", "ter2", "user='kim'"),
    ("value without an end", "password='hunter2 and so on", "hunter2", "password='[scrubbed]"),
    ("value with a comma", "password=hun,ter2 next", "ter2", "password=[scrubbed] next"),
    ("value with a bracket", "password=hun(ter2", "ter2", "password=[scrubbed]"),
    ("value in three quotes", 'token = """hunter2"""', "hunter2", 'token = """[scrubbed]"""'),
    ("value behind an annotation", 'password: str | None = "hunter2"', "hunter2", 'str | None = "[scrubbed]"'),
    ("compared value", 'if password == "hunter2":', "hunter2", 'if password == "[scrubbed]":'),
    ("subscript", 'os.environ["API_KEY"] = "hunter2"', "hunter2", 'os.environ["API_KEY"] = "[scrubbed]"'),
    ("call as a value", "token=fetch('hunter2', 3), user='kim'", "hunter2", "token=[scrubbed], user='kim'"),
    ("JSON", '{"api_key": "hunter2", "user": 7}', "hunter2", '{"api_key": "[scrubbed]", "user": 7}'),
    ("JSON, a number", '{"pin": 4711, "user": 7}', "4711", '"user": 7}'),
    ("dict", "{'secret': 'hunter2', 'user': 7}", "hunter2", "{'secret': '[scrubbed]', 'user': 7}"),
    ("dict of bytes", "{b'token': b'hunter2'}", "hunter2", "{b'token': b'[scrubbed]'}"),
    ("nested dict", "{'user': {'password': 'hunter2'}}", "hunter2", "{'user': {'password': '[scrubbed]'}}"),
    ("dict as a value", "{'credentials': {'name': 'kim', 'x': 'hunter2'}, 'n': 1}", "hunter2", "'n': 1}"),
    ("list as a value", "{'tokens': ['hunter2', 'b'], 'n': 1}", "hunter2", "{'tokens': [scrubbed], 'n': 1}"),
    ("tuple as a value", "get(url, auth=('kim', 'hunter2'), timeout=3)", "hunter2", "auth=[scrubbed], timeout=3)"),
    ("dataclass", "Config(host='db', password='hunter2', n=3)", "hunter2", "host='db', password='[scrubbed]', n=3)"),
    ("repr without quotes", "<Config password=hunter2>", "hunter2", "<Config password=[scrubbed]>"),
    ("pair in a tuple", "[(b'authorization', b'hunter2')]", "hunter2", "[(b'authorization', b'[scrubbed]')]"),
    ("default of a look-up", 'env.get("SECRET_KEY", "hunter2")', "hunter2", 'env.get("SECRET_KEY", "[scrubbed]")'),
    ("command line", "mysql --password hunter2 --host db", "hunter2", "--password [scrubbed] --host db"),
    ("command line with =", "mysql --password=hunter2 --host db", "hunter2", "--password=[scrubbed] --host db"),
    ("argument list", "['mysql', '--password', 'hunter2']", "hunter2", "['mysql', '--password', '[scrubbed]']"),
    ("PostgreSQL's detail", "Key (session_token)=(hunter2) exists.", "hunter2", "(session_token)=[scrubbed] exists."),
    ("pydantic's input", "1 error\npassword\n  short [type=x, input_value='hunter2', y]", "hunter2", "[scrubbed]', y]"),
    ("JSON, percent-encoded", "%7B%22password%22%3A%22hunter2%22%7D", "hunter2", "password%22%3A[scrubbed]"),
    ("XML with attributes", '<a:token type="b">hunter2</a:token>', "hunter2", '<a:token type="b">[scrubbed]</a:token>'),
    ("XML", "<user><password>hunter2</password></user>", "hunter2", "<password>[scrubbed]</password>"),
    ("query string", "GET /cb?code=7&access_token=hunter2&user=3", "hunter2", "access_token=[scrubbed]&user=3"),
    ("form of Rails and PHP", "user[password]=hunter2&a=1", "hunter2", "user[password]=[scrubbed]&a=1"),
    ("form, percent-encoded", "user%5Bpassword%5D=hunter2&a=1", "hunter2", "=[scrubbed]&a=1"),
    ("connection string", "Server=db;Password=hunter2;Database=x", "hunter2", "Password=[scrubbed];Database=x"),
    ("Azure", "AccountName=a;AccountKey=aHVudGVyMg==;End=x", "aHVudGVyMg", "AccountName=a;AccountKey=[scrubbed];End=x"),
    ("Authorization: Bearer", "Authorization: Bearer hunter2.a-b", "hunter2", "Authorization: Bearer [scrubbed]"),
    ("Authorization: Basic", "authorization: Basic a2ltOmh1bnRlcjI=", "a2ltOmh1", "authorization: Basic [scrubbed]"),
    ("Authorization: Digest", 'Authorization: Digest username="k", response="hunter2"', "hunter2", "Authorization: "),
    ("Authorization in a dict", "{'Authorization': 'Bearer hunter2'}", "hunter2", "'Bearer [scrubbed]'}"),
    ("Bearer without its header", "refused: Bearer hunter2hunter2", "hunter2", "refused: Bearer [scrubbed]"),
    ("Cookie", "Cookie: theme=dark; sessionid=hunter2; x=1\nHost: a", "hunter2", "Cookie: [scrubbed]\nHost: a"),
    ("Set-Cookie", "Set-Cookie: sid=hunter2; HttpOnly", "hunter2", "Set-Cookie: [scrubbed]"),
    ("header of curl", "curl -H 'Cookie: a=hunter2; b=c' https://x.kr", "hunter2", "' https://x.kr"),
    ("X-Api-Key", "X-Api-Key: hunter2", "hunter2", "X-Api-Key: [scrubbed]"),
    ("X-CSRFToken", "X-CSRFToken: hunter2", "hunter2", "X-CSRFToken: [scrubbed]"),
    ("session of PHP", "PHPSESSID=hunter2", "hunter2", "PHPSESSID=[scrubbed]"),
    ("Korean password", "비밀번호: hunter2", "hunter2", "비밀번호: [scrubbed]"),
    ("Korean resident number by name", "주민등록번호=비공개값", "비공개값", "주민등록번호=[scrubbed]"),
    ("password in a URL", "postgres://app:hunter2@db/prod", "hunter2", "postgres://app:[scrubbed]@db/prod"),
    ("password with @ and /", "mysql+pymysql://app:hun@t/er2@db:3306/x", "er2", "://app:[scrubbed]@db:3306/x"),
    ("password without a user", "redis://:hunter2@cache:6379/0", "hunter2", "redis://:[scrubbed]@cache:6379/0"),
    ("DSN", "https://hunter2@sentry.example.kr/1", "hunter2", "https://[scrubbed]@sentry.example.kr/1"),
    ("Slack webhook", f"hooks.slack.com/services/{SLACK_HOOK} 500", SLACK_HOOK[-24:], "/services/[scrubbed] 500"),
    ("Slack workflow", "POST https://hooks.slack.com/triggers/T0/hunter2", "hunter2", "slack.com/triggers/[scrubbed]"),
    ("Discord webhook", "https://discord.com/api/webhooks/123/hunter2", "hunter2", "discord.com/api/webhooks/"),
    ("Teams webhook", "https://x.webhook.office.com/webhookb2/hunter2/In", "hunter2", "webhook.office.com/webhookb2/"),
    ("Mattermost webhook", "https://mm.example.kr/hooks/hunter2hunter2hunter2", "hunter2", "https://mm.example.kr/hooks/"),
    ("Slack bot token", f"invalid {SLACK_BOT} given", SLACK_BOT, "invalid [scrubbed] given"),
    ("Slack app token", f"invalid {SLACK_APP} given", SLACK_APP, "invalid [scrubbed] given"),
    ("Slack refresh token", f"invalid {SLACK_REFRESH} given", SLACK_REFRESH[10:], "invalid [scrubbed] given"),
    ("AWS key id", f"invalid {AWS_ID} given", AWS_ID, "invalid [scrubbed] given"),
    ("AWS secret key", f"aws_secret_access_key = {AWS_KEY}", AWS_KEY[:12], "aws_secret_access_key = [scrubbed]"),
    ("GitHub token", f"invalid {GITHUB} given", GITHUB, "invalid [scrubbed] given"),
    ("GitHub fine-grained token", f"invalid {GITHUB_FINE} given", GITHUB_FINE[-20:], "invalid [scrubbed] given"),
    ("GitLab token", f"invalid {GITLAB} given", GITLAB, "invalid [scrubbed] given"),
    ("Google key", f"invalid {GOOGLE} given", GOOGLE, "invalid [scrubbed] given"),
    ("Stripe key", f"invalid {STRIPE} given", STRIPE, "invalid [scrubbed] given"),
    ("Stripe restricted key", f"invalid {STRIPE_RESTRICTED} given", STRIPE_RESTRICTED, "invalid [scrubbed] given"),
    ("npm token", f"invalid {NPM} given", NPM, "invalid [scrubbed] given"),
    ("PyPI token", f"invalid {PYPI} given", PYPI, "invalid [scrubbed] given"),
    ("OpenAI key", f"invalid {OPENAI} given", OPENAI, "invalid [scrubbed] given"),
    ("SendGrid key", f"invalid {SENDGRID} given", SENDGRID[-20:], "invalid [scrubbed] given"),
    ("Telegram token", f"invalid {TELEGRAM} given", TELEGRAM[-20:], "invalid [scrubbed] given"),
    ("Hugging Face token", f"invalid {HUGGING_FACE} given", HUGGING_FACE, "invalid [scrubbed] given"),
    ("password hash", f"Failing row contains (1, {BCRYPT}, null).", BCRYPT[-20:], "(1, [scrubbed], null)."),
    ("JWT", f"invalid {JWT} given", "SflKxwRJSM", "invalid [scrubbed] given"),
    ("half a JWT", f"invalid {JWT[:30]}", JWT[:30], "invalid [scrubbed]"),
    ("PEM", f"cannot load {PEM} here", PEM_BODY, "cannot load [scrubbed] here"),
    ("PEM without an end", f"cannot load {PEM[:50]}", PEM[40:50], "cannot load [scrubbed]"),
    ("card", "card 4111111111111111 refused", "411111111111", "card [scrubbed] refused"),
    ("card with spaces", "card 4111 1111 1111 1111 refused", "4111", "card [scrubbed] refused"),
    ("card with dashes", "card 5500-0055-5555-5559 refused", "5500", "card [scrubbed] refused"),
    ("card after another number", "row 1234 4111 1111 1111 1111", "4111", "row 1234 [scrubbed]"),
    ("American Express", "card 3782 822463 10005", "822463", "card [scrubbed]"),
    ("Korean card", "결제 9410-1234-5678-9010 실패", "5678", "결제 [scrubbed] 실패"),
    ("resident number", "주민 900101-1234568 조회", "1234568", "주민 [scrubbed] 조회"),
    ("resident number without a dash", "id 9001011234568", "9001011234568", "id [scrubbed]"),
    ("resident number with spaces", "주민 900101 - 1234568", "1234568", "주민 [scrubbed]"),
    ("resident number of a foreigner", "외국인 900101-5234567", "5234567", "[scrubbed]"),
    ("e-mail address", "no such user kim.minsu@checkin.co.kr", "minsu", "no such user [email]"),
    ("e-mail address in Korean text", "사용자 kim@checkin.kr님이 없습니다", "kim@", "사용자 [email]님이 없습니다"),
    ("e-mail address of a statement", "[parameters: ('kim@x.kr', 7)]", "kim", "[parameters: ('[email]', 7)]"),
]  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


SURROUNDINGS: dict[str, Callable[[str], str]] = {
    "alone": str,
    "on a line of its own": lambda text: f"request failed\n{text}\nsee the log",
    "in JSON": lambda text: _json({"message": text}),
    "in JSON in JSON": lambda text: _json({"body": _json({"message": text})}),
    "in a repr": lambda text: repr([text]),
    "twice": lambda text: f"{text}\n{text}",
    "in a long text": lambda text: f"{'lorem ipsum ' * 500}\n{text}",
}  # fmt: skip


@pytest.mark.parametrize(("text", "secret", "kept"), [pytest.param(*row[1:], id=row[0]) for row in SECRETS])
class TestSecrets:
    @pytest.mark.parametrize("surround", [pytest.param(value, id=name) for name, value in SURROUNDINGS.items()])
    def test_a_secret_leaves_wherever_it_stands(
        self, text: str, secret: str, kept: str, surround: Callable[[str], str]
    ) -> None:
        assert secret in text
        assert secret not in scrub(surround(text))

    def test_what_helps_the_reader_stays(self, text: str, secret: str, kept: str) -> None:
        assert kept in scrub(text)

    def test_no_first_half_is_left_by_the_cut(self, text: str, secret: str, kept: str) -> None:
        """The text that is looked at ends anywhere in the secret; masks before it let that end come into sight."""
        limit = 600
        mask = "password=" + "x" * 2_400
        for offset in range(len(text) + 1):
            lead = f"{mask}\n{'-' * (4 * limit + 512 - len(mask) - 1 - offset - 1)}\n"
            assert secret not in scrub(lead + text + " and more" * 200, limit=limit)


HARMLESS = [
    "",
    "division by zero",
    "name 'pw' is not defined",
    "could not connect to server: Connection refused (port 5432)",
    "token expired",
    "CSRF verification failed. Request aborted.",
    "session is closed",
    "password must be at least 8 characters",
    "KeyError: 'password'",
    "Unexpected token: '}'",
    "Unexpected token } in JSON at position 4",
    "author: Kim Minsu",
    "authority=seoul",
    "passenger=17",
    "secretary: Lee",
    "tokenizer=bert",
    "max_tokens=4096",
    "token_type=bearer",
    "session_count=12",
    "cookie_banner_shown=yes",
    "password_changed_at=2021-09-07",
    "boarding_pass=AB123",
    "keyboard=ko",
    "monkey: 3",
    "primary key: 5",
    'duplicate key value violates unique constraint "user_pkey"',
    "login(password=None)",
    "{'token': '', 'session': None}",
    "has_password=1, is_secret=2",
    "Access denied for user 'app' (using password: YES)",
    "session=<sqlalchemy.orm.session.Session object at 0x7f3c1c0d2e50>",
    "암호화: AES",
    "UPDATE user SET password=%s WHERE id=%s",
    "VALUES (?, ?) -- password=?",
    "def login(user: str, password: str) -> bool:",
    "Auth::user() is null",
    "timestamp 1631025963512",
    "ns 1631025963512345678",
    "order 4111111111111112 not found",
    "order 1234-5678-9012-3456",
    "0.4111111111111111",
    "id deadbeef4111111111111111",
    "550e8400-e29b-41d4-a716-446655440000",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "object at 0x7f3c4111111111111111",
    "900101-9234567",
    "901301-1234567",
    "901332-1234567 is no date",
    "call 010-1234-5678",
    "2021-09-07 14:26:00.123456",
    "GET https://api.example.kr:8080/v1/users?page=2 500",
    "postgres://app@db.example.kr/prod",
    "ssh://deploy@build.example.kr:22",
    "git@github.com:bongsu/bongsu.git",
    "logo@2x.png",
    "left-pad@1.3.0",
    "@app.route('/login')",
    "https://hooks.slack.com/",
    "xoxo, the team",
    "eyJ is how they begin",
    "task-skipped, risk-free-and-very-long-dashed-word",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "Basic authentication required",
    "line one\n\tline two",
    "로그인에 실패했습니다 🔥",
    "<!channel> `code` & <b>",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert scrub(text) == text


def test_both_tables_are_long_enough() -> None:
    assert len(SECRETS) >= 60
    assert len(HARMLESS) >= 30


SECRET_KEYS = """
    password passwd pwd secret token api_key apikey apiKey authorization auth cookie session session_id sessionid
    sessionToken credential credentials private_key access_key csrf csrfmiddlewaretoken pin cvc cvv cvv2 jumin rrn
    ssn otp jwt DB_PASSWORD user_password password2 passwordHash stripe_secret_key X-Api-Key x-csrf-token Set-Cookie
    Proxy-Authorization AWS_SECRET_ACCESS_KEY refresh_token id_token client_secret SECRET_KEY signing_key smtp_pass
    userPwd PHPSESSID connect.sid card_number 비밀번호 주민등록번호 주민번호 새_비밀번호 카드번호 인증번호
""".split()  # noqa: SIM905 - a list of words reads better so
OTHER_KEYS = """
    user author authority authors authenticated passenger passport compass bypass secretary tokenizer tokenize
    max_tokens token_type token_count session_count session_class session_timeout cookie_banner_shown cookie_domain
    password_changed_at password_min_length auth_backend auth_user secret_name keyboard monkey key primary_key
    foreign_key public_key pinned shipping mapping spinner ssnake inside side has_password is_secret boarding_pass
    route status tenant 암호화 사용자 번호
""".split()  # noqa: SIM905 - a list of words reads better so


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_a_key_that_names_a_secret_hides_its_whole_value(key: str) -> None:
    assert names_secret(key)
    assert scrub_value(key, "hunter2 and more") == MARK
    assert "hunter2" not in scrub(f"{key}=hunter2")  # the cheap search knows the key too


@pytest.mark.parametrize("key", OTHER_KEYS)
def test_a_key_that_only_looks_like_one_does_not(key: str) -> None:
    assert not names_secret(key)
    assert scrub_value(key, "hunter2 and more") == "hunter2 and more"


@pytest.mark.parametrize("value", ["None", "", "True", "false", "null", "<app.Session object at 0x7f3c>"])
def test_a_missing_password_is_told(value: str) -> None:
    assert scrub_value("password", value) == value


def test_a_value_of_another_key_is_scrubbed_as_text() -> None:
    assert scrub_value("url", "redis://:hunter2@cache/0") == "redis://:[scrubbed]@cache/0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pass\x1b[31mword=hunter2", "password=[scrubbed]"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]8;;https://x.kr\x07link\x1b]8;;\x07", "link"),
        ("nul\x00", "nul\ufffd"),
        ("\x07bell\x7f\x9b", "\ufffdbell\ufffd\ufffd"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_only_text_is_left(text: str, expected: str) -> None:
    assert scrub(text) == expected


@pytest.mark.parametrize("length", [MESSAGE_LIMIT + 1, 100_000, 10_000_000])
def test_a_long_text_is_cut_and_tells_how_much_was_left_out(length: int) -> None:
    cut = scrub("가" * length)
    shown = cut.index("…")
    assert cut == "가" * shown + f"…[+{length - shown}]"
    assert MESSAGE_LIMIT - 16 <= len(cut) <= MESSAGE_LIMIT


def test_a_text_at_the_limit_is_not_cut() -> None:
    assert scrub("a" * MESSAGE_LIMIT) == "a" * MESSAGE_LIMIT


def test_a_mark_is_never_cut_in_two() -> None:
    text = "password=hunter2 " * 40
    for limit in range(64, 128):
        cut = scrub(text, limit=limit)
        assert cut.replace(MARK, "").partition("…")[0].strip("pasword= ") == ""


@pytest.mark.parametrize("user", ["kim@checkin.kr", "kim@localhost", "김@한국.kr", "<kim@x>", "kim@x@y"])
def test_a_users_address_is_masked_in_any_form(user: str) -> None:
    assert scrub_user(f"id 7 {user}").strip("<>").replace("<", "") == f"id 7 {EMAIL}"


def test_a_users_id_is_kept() -> None:
    assert scrub_user("42") == "42"


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError


def test_a_mapping_becomes_bounded_texts() -> None:
    scrubbed = scrub_mapping(
        {"route": "/login", "status": 500, "api_key": "hunter2", "row": Unprintable(), "k" * 500: "v" * 5_000}
    )
    *items, (long_key, long_value) = scrubbed.items()
    assert dict(items) == {
        "route": "/login",
        "status": "500",
        "api_key": MARK,
        "row": "<unprintable Unprintable>",
    }
    assert len(long_key) <= KEY_LIMIT
    assert len(long_value) <= VALUE_LIMIT


def test_a_long_key_still_names_its_secret() -> None:
    assert list(scrub_mapping({"k" * 500 + "_password": "hunter2"}).values()) == [MARK]


def test_a_mapping_has_a_bounded_number_of_items() -> None:
    assert len(scrub_mapping({str(number): number for number in range(1_000)})) == ITEMS_LIMIT


any_text = st.text(st.characters(exclude_categories=()), max_size=200)
fragments = st.lists(
    st.one_of(
        st.sampled_from([row[1] for row in SECRETS]),
        st.sampled_from(SECRET_KEYS + OTHER_KEYS),
        st.sampled_from(["://", "--", "Bearer ", MARK, EMAIL, "…[+12]", *"=:'\"\\()[]{}<>,;&/@.-_ \n0123456789…+%"]),
        any_text,
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(any_text | fragments, st.integers(32, 400))
@example("…[+007]", 32)
def test_scrubbing_is_total_bounded_and_idempotent(text: str, limit: int) -> None:
    once = scrub(text, limit=limit)
    assert len(once) <= limit
    assert scrub(once, limit=limit) == once
    once.encode()  # no lone surrogate is left


@given(any_text | fragments)
def test_scrubbing_a_user_is_total_bounded_and_idempotent(text: str) -> None:
    once = scrub_user(text, limit=100)
    assert len(once) <= 100
    assert scrub_user(once, limit=100) == once


@given(st.sampled_from(SECRETS), fragments)
def test_a_secret_on_its_own_line_leaves_whatever_follows(row: tuple[str, str, str, str], after: str) -> None:
    _, text, secret, _ = row
    assert secret not in scrub(f"{text}\n{after.replace(secret, '')}")


HOSTILE = [
    "a=", "1 ", "1", "a", " ", "-", "_", "a-", "a--", "--a", "@", "a@", "a.", "a@a.", "://", "://a:", "http://", "'",
    "[", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----", "password=", "password='", "password=(", "password=()", "token:",
    'password="\\', "token: ", "token=token=", "<pwd>", "--token ", "('token',", "Authorization: ", "Cookie:'", "eyJ",
    "Bearer ", "Bearer a", "eyJaaaaaaaaaa.", "\x1b]", "\x1b[", "\ud800", "4111 ", "4111-1111-", "pbkdf2_a$1$", '\\"',
    "/hooks/", "xoxb-", "주민", MARK, "…[+1]",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_makes_the_search_explode(piece: str) -> None:
    text = (piece * (200_000 // len(piece)))[:200_000]
    assert len(scrub(text, limit=200_000)) <= 200_000
    assert len(scrub(text)) <= MESSAGE_LIMIT
