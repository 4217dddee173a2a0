"""What pm2 says, read with a white list: the words that matter, and nothing of the environment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bongsu.watchers.pm2.hearing import App, Exited, Killed, OverMemory, Staged, Stopping, Threw, Wrote, heard, listed

ENVIRONMENT = {"SECRET_KEY": "hunter2", "PATH": "/bin", "env": {"SECRET_KEY": "hunter2"}}
PROCESS = {
    "name": "web",
    "pm_id": 3,
    "status": "stopped",
    "exit_code": 1,
    "pm_uptime": 1_795_866_225_642,
    "exec_interpreter": "node",
    "pm_exec_path": "/srv/web.js",
    "pm_cwd": "/srv",
    "autorestart": True,
    **ENVIRONMENT,
}
OVER = "--max-memory-restart value (current_memory=1007026176 max_memory_limit=104857600 [octets])\n"
APP = App(
    name="web",
    id="3",
    status="stopped",
    started_at=1_795_866_225.642,
    exit_code=1,
    command="node /srv/web.js",
    cwd="/srv",
)


def test_a_stage_keeps_the_fields_that_are_named() -> None:
    what = heard(("process:event", {"event": "exit", "at": 1_795_866_227_357, "process": PROCESS}))
    assert what == Staged(stage="exit", app=APP, at=1_795_866_227.357)
    assert "hunter2" not in repr(what)


def test_a_list_keeps_the_fields_that_are_named() -> None:
    entry = {"name": "web", "pm_id": 3, "pid": 77, "pm2_env": PROCESS, "monit": {"memory": 1}}
    [app] = listed(({"args": [[entry, "garbage", {"name": 1}]]}, "id")) or ()
    assert (app.name, app.id, app.pid, app.command) == ("web", "3", 77, "node /srv/web.js")
    assert "hunter2" not in repr(app)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("App [web:3] exited with code [1] via signal [SIGINT]\n", Exited(id="3", code=1, signal="SIGINT")),
        ("App [web:_old_3] exited with code [0] via signal [SIGKILL]", Exited(id="_old_3", code=0, signal="SIGKILL")),
        (
            "App [a:1] exited with code [9] via signal [SIGKILL]:2] exited with code [0] via signal [SIGSEGV]",
            Exited(id="2", code=0, signal="SIGSEGV"),
        ),
        ("App [two\nlines:4] exited with code [-1] via signal [SIGTERM]", Exited(id="4", code=-1, signal="SIGTERM")),
        ("Stopping app:web id:3", Stopping(id="3")),
        ("Stopping app:an id:5 of its own id:3\n", Stopping(id="3")),
        (
            f"[PM2][WORKER] Process 11 restarted because it exceeds {OVER}",
            OverMemory(id="11", used_bytes=1_007_026_176, limit_bytes=104_857_600),
        ),
        ("App [web:3] online\n", None),
        ("pid=5568 msg=process tree killed (1 pids)\n", None),
        ("App [web:3] exited with code [x] via signal [SIGINT]", None),
        ("", None),
    ],
)
def test_the_words_of_the_daemon_are_read_from_the_right(text: str, what: object) -> None:
    assert heard(("log:PM2", {"data": text, "process": {"pm_id": "PM2"}})) == what


@pytest.mark.parametrize(
    ("message", "what"),
    [
        (
            ("log:err", {"process": {"pm_id": 3, "name": "web"}, "data": "no"}),
            Wrote(app=App(name="web", id="3"), text="no", is_error=True),
        ),
        (
            ("log:out", {"process": {"pm_id": 3, "name": "web"}, "data": "yes"}),
            Wrote(app=App(name="web", id="3"), text="yes", is_error=False),
        ),
        (
            ("process:exception", {"process": {"pm_id": 3, "name": "web"}, "data": {"message": "x", "stack": "E: x"}}),
            Threw(app=App(name="web", id="3"), type="", message="x", stack="E: x"),
        ),
        (("pm2:kill", {"status": "killed"}), Killed()),
        (("application:dependencies", {}), None),
        (("process:event", {"event": "exit"}), None),
        (("process:event", {"event": "exit", "process": {"name": "web", "pm_id": True}}), None),
        (("process:event", {"event": "exit", "process": {"name": None, "pm_id": 1}}), None),
        (("log:err", {"process": {"pm_id": 3, "name": "web"}, "data": None}), None),
        ((), None),
        ((b"raw", 1), None),
    ],
)
def test_other_words(message: tuple[object, ...], what: object) -> None:
    assert heard(message) == what


@pytest.mark.parametrize(
    ("fields", "command", "is_restarted"),
    [
        ({"exec_interpreter": "none"}, "/srv/web.js", True),
        ({"exec_interpreter": None}, "/srv/web.js", True),
        ({"exec_interpreter": "python3"}, "python3 /srv/web.js", True),
        ({"autorestart": False}, "node /srv/web.js", False),
        ({"cron_restart": "0 3 * * *"}, "node /srv/web.js", False),
        ({"stop_exit_codes": [0, "143"], "exit_code": 143}, "node /srv/web.js", False),
        ({"stop_exit_codes": 0, "exit_code": 0}, "node /srv/web.js", False),
        ({"stop_exit_codes": [0], "exit_code": 1}, "node /srv/web.js", True),
    ],
)
def test_how_an_app_is_run(fields: dict[str, object], command: str, is_restarted: bool) -> None:
    what = heard(("process:event", {"event": "online", "process": PROCESS | fields}))
    assert isinstance(what, Staged)
    assert (what.app.command, what.app.is_restarted) == (command, is_restarted)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["process", "data", "event", "name", "pm_id", "at", "args"]), inner, max_size=5
        )
    ),
    max_leaves=10,
)


@given(st.sampled_from(["process:event", "log:err", "log:PM2", "process:exception", "x"]), _JSON)
def test_nothing_that_comes_raises(name: str, data: object) -> None:
    heard((name, data))
    listed((data, name))
