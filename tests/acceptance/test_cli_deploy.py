"""`bongsu deploy`, and the links of a configuration, from the command to what Slack receives."""

import json
from pathlib import Path

import pytest
from shell import Shell

from bongsu.messages.judge import judge
from bongsu.testing import ScriptedSlack


def fields(slack: ScriptedSlack) -> list[str]:
    [message] = slack.posts
    assert judge(message.payload) == []
    return [one["text"] for one in message.payload["attachments"][0]["blocks"][0]["fields"]]


def test_a_deploy_is_a_card_that_says_what_by_whom_and_leads_to_more(bongsu: Shell, slack: ScriptedSlack) -> None:
    url = "https://ci.example/runs/812?a=1&b=2"
    done = bongsu("deploy", "--release", "v1.4.2", "--by", "Mina", "--url", url, BONGSU_TO=slack.webhook_url("devops"))
    assert (done.returncode, done.stderr) == (0, "")
    told = fields(slack)
    app = told[0].removeprefix("*APP*\n").strip("`")
    assert slack.posts[0].payload["text"] == f"🔵 [production] {app} v1.4.2 deployed by Mina"
    assert "*RELEASE*\n<https://ci.example/runs/812?a=1&amp;b=2|v1.4.2>" in told
    assert "*BY*\nMina" in told


def test_in_korean_it_is_a_sentence(bongsu: Shell, slack: ScriptedSlack) -> None:
    to = {"BONGSU_TO": slack.webhook_url("devops"), "BONGSU_LANGUAGE": "ko", "BONGSU_APP": "결제"}
    assert bongsu("deploy", "--app", "결제", "--release", "1.4.2", "--by", "민아", **to).returncode == 0
    assert slack.posts[0].payload["text"] == "🔵 [production] 민아가 결제 1.4.2를 배포했습니다"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://x.example/<!channel>", "see the wiki", "https://x.example/" + "a" * 300]
)
def test_what_is_no_address_is_no_link_and_that_is_said(bongsu: Shell, slack: ScriptedSlack, url: str) -> None:
    done = bongsu("deploy", "--release", "1.4", "--url", url, BONGSU_TO=slack.webhook_url("devops"))
    assert (done.returncode, "--url must begin with https://" in done.stderr) == (0, True)
    assert "*RELEASE*\n`1.4`" in fields(slack)
    assert "<!channel>" not in json.dumps(slack.posts[0].payload)


def test_without_a_destination_nothing_is_done(bongsu: Shell) -> None:
    done = bongsu("deploy", "--release", "1.4")
    assert done.returncode == 2
    assert "BONGSU_TO" in done.stderr


PROGRAM = """
import bongsu
bongsu.init()
with bongsu.context(request_id="4f2c9a7be1d04c5f"):
    try:
        {}["seat"]
    except KeyError as error:
        bongsu.capture_exception(error)
bongsu.close()
"""


def test_a_card_of_a_program_leads_where_its_configuration_says(
    bongsu: Shell, slack: ScriptedSlack, tmp_path: Path
) -> None:
    (bongsu.folder / "seats.py").write_text(PROGRAM, "utf-8")
    config = tmp_path / "links.toml"
    config.write_text(
        f"""to = "{slack.webhook_url("alarm")}"
release = "seats@4f2c9a7"
repo_url = "https://git.example/seats/blob/{{commit}}/{{path}}#L{{line}}"
[links]
logs = "https://logs.example/?q={{request_id}}"
[[runbook]]
when = {{ exception = "KeyError" }}
url = "https://wiki.example/{{exception}}"
""",
        "utf-8",
    )
    assert bongsu.python("seats.py", BONGSU_CONFIG=str(config)).returncode == 0
    slack.wait_for(1)
    assert "*SOURCE*\n<https://git.example/seats/blob/4f2c9a7/seats.py#L6|seats.py:6>" in fields(slack)
    links = slack.posts[0].payload["blocks"][-1]["elements"][-1]["elements"]
    assert [one["url"] for one in links if one["type"] == "link"] == [
        "https://wiki.example/KeyError",
        "https://logs.example/?q=4f2c9a7be1d04c5f",
    ]
