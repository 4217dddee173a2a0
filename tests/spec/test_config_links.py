"""repo_url, [links] and [[runbook]]: read with every problem on its line."""

from pathlib import Path

import pytest

from bongsu.config import load
from bongsu.errors import ConfigError
from bongsu.messages.style import Links, Runbook


def settings(folder: Path, text: str) -> Links:
    file = folder / "bongsu.toml"
    file.write_text(f'to = "console:"\n{text}', "utf-8")
    return load({"config": str(file)}, {}).links


def test_all_three_are_read_in_their_order(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        """repo_url = "https://github.com/team/app/blob/{commit}/{path}#L{line}"
[links]
logs = "https://logs.example/?q={request_id}"
"on call" = "https://pager.example/{app}"
[[runbook]]
when = { kind = "heartbeat" }
url = "https://wiki.example/jobs/{name}"
[[runbook]]
url = "https://wiki.example/"
""",
    )
    assert found.repo_url == "https://github.com/team/app/blob/{commit}/{path}#L{line}"
    assert list(found.others) == ["logs", "on call"]
    assert found.runbooks == (
        Runbook(when={"kind": ("heartbeat",)}, url="https://wiki.example/jobs/{name}"),
        Runbook(url="https://wiki.example/"),
    )


def test_the_repository_is_a_setting_like_others() -> None:
    address = "https://git.example/{path}"
    assert load({"to": "console:"}, {"BONGSU_REPO_URL": address}).links.repo_url == address
    assert load({"to": "console:", "repo_url": address}, {}).links == Links(repo_url=address)


WRONG = [
    ('repo_url = "https://x.example/{pat}"', "bongsu.toml:2: repo_url: unknown placeholder 'pat'; did you mean path?"),
    ('repo_url = "{app}.example"', "bongsu.toml:2: repo_url: must be an address such as"),
    ('repo_url = "ftp://x.example/{path}"', "bongsu.toml:2: repo_url: must be an address"),
    ('repo_url = "https://{app}.example/"', "its host written out"),
    ('repo_url = "https://user:word@x.example/"', "bongsu.toml:2: repo_url: must be"),
    ('repo_url = "https://x.example/{path"', "bongsu.toml:2: repo_url: must be"),
    ('repo_url = "https://x.example/a b"', "without spaces"),
    ('repo_url = "https://x.example/<a|b>"', "bongsu.toml:2: repo_url: must be"),
    ('repo_url = "https://x.example/가"', "ASCII"),
    ("repo_url = 3", "bongsu.toml:2: repo_url: must be"),
    (f'repo_url = "https://x.example/{"a" * 400}"', "at most 400"),
    ('links = "x"', "bongsu.toml:2: links: must be a table; write [links]"),
    (
        '[links]\nlogs = "https://x.example/{request}"',
        "bongsu.toml:3: links.logs: unknown placeholder 'request'; did you mean request_id?",
    ),
    ('[links]\nlogs = "https://x.example/{line}"', "bongsu.toml:3: links.logs: unknown placeholder 'line'"),
    ('[links]\nrunbook = "https://x.example/"', "bongsu.toml:3: links.runbook: write [[runbook]] instead"),
    ('[links]\n"<!channel>" = "https://x.example/"', "'<!channel>' is no name"),
    ("[links]\n" + "\n".join(f'l{n} = "https://x.example/"' for n in range(6)), "links: more than 5"),
    ('runbook = "x"', "runbook: write tables, such as [[runbook]]"),
    ("[[runbook]]", "bongsu.toml:2: runbook 1: url: must be an address"),
    (
        '[[runbook]]\nurl = "https://x.example/"\n[[runbook]]\nwhen = { levl = "error" }\nurl = "https://x.example/"',
        "bongsu.toml:5: runbook 2: unknown condition 'levl'; did you mean level?",
    ),
    ('[[runbook]]\nurl = "https://x.example/"\nto = "x"', "bongsu.toml:4: runbook 1: unknown key 'to'"),
    ("runbook = [" + '{ url = "https://x.example/" },' * 101 + "]", "runbook: more than 100"),
]


@pytest.mark.parametrize(("text", "problem"), WRONG, ids=[problem[:50] for _, problem in WRONG])
def test_what_is_wrong_is_told_with_its_line_and_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bongsu.toml").write_text(f'to = "console:"\n{text}', "utf-8")
    with pytest.raises(ConfigError) as raised:
        load({}, {})
    assert problem in str(raised.value)
