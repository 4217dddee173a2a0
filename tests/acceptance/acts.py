"""What can happen in a score: to the program, by a person, to Slack, to the machine."""

from functools import cache

from score import Act, seconds
from stage import Stage

from bongsu.alerting.deploys import Deploy
from bongsu.event import Ending, ProcessState
from bongsu.event import Process as WatchedProcess
from bongsu.outcomes.heartbeats import Beat, Heartbeat
from bongsu.routing.silences import Silence
from bongsu.watchers.report import Report, Turn


@cache
def kind_of(name: str, module: str) -> type[Exception]:
    return type(name, (Exception,), {"__module__": module})


def fails(
    name: str,
    times: int = 1,
    *,
    on: str = "web",
    level: str | None = None,
    module: str = "shop.errors",
    **tags: object,
) -> Act:
    """An exception of that type is captured."""

    def act(stage: Stage) -> None:
        for _ in range(times):
            try:
                raise kind_of(name, module)("it is broken")
            except Exception as error:
                stage.process(on).capture_exception(error, level, tags)

    return act


def says(text: str, level: str = "warning", *, on: str = "web") -> Act:
    """A message is captured."""
    return lambda stage: stage.process(on).capture_message(text, level, None, {}) and None


def notifies(text: str, channel: str = "devops", *, on: str = "web") -> Act:
    return lambda stage: stage.process(on).notify(text, channel, None) and None


def answers(status: int, route: str = "/login", *, on: str = "web") -> Act:
    """A request was answered so, without an exception."""
    return lambda stage: stage.process(on).answered("GET", route, status, told=False)


# -- signs of life, and programs that somebody watches


def expects_heartbeat(name: str, *, every: str, grace: str) -> Act:
    def act(stage: Stage) -> None:
        wanted = Heartbeat(name=name, every_s=seconds(every), grace_s=seconds(grace), declared_at=0.0, since=0.0)
        stage.process().outcomes.declare(wanted)

    return act


def hears_heartbeat(name: str) -> Act:
    return lambda stage: stage.process().outcomes.ended(name, Beat.OK, None)


def program_starts(name: str) -> Act:
    return _reports(Turn.STARTED, name)


def program_ends(name: str, code: int) -> Act:
    return _reports(Turn.ENDED, name, Ending(code=code))


def program_gave_up(name: str) -> Act:
    return _reports(Turn.GAVE_UP, name, Ending(code=3))


def _reports(turn: Turn, name: str, ending: Ending | None = None) -> Act:
    """What a watcher has seen."""
    state = ProcessState.EXITED if ending else ProcessState.RUNNING
    process = WatchedProcess(name=name, watcher="run", state=state, pid=4711, ending=ending)
    return lambda stage: stage.process().processes.report(Report(turn=turn, at=stage.clock.now(), process=process))


# -- people


def silences(
    until: str, *, exception: str = "", group: str = "", count: int | None = None, release: str = "", name: str = "s1"
) -> Act:
    """`bongsu silence add`; `group` is the problem's type, of which the fingerprint is taken."""

    def act(stage: Stage) -> None:
        now = stage.clock.now()
        silence = Silence(
            id=name,
            at=now,
            until=now + seconds(until),
            why="the database moves",
            group=fingerprint(stage, group) if group else "",
            when={"exception": (exception,)} if exception else {},
            until_count=count,
            until_release=release,
        )
        with stage.store.transaction() as book:
            assert book.save_silence(silence)
            book.wake_groups()

    return act


def ends_silence(name: str = "s1") -> Act:
    """`bongsu silence remove`."""

    def act(stage: Stage) -> None:
        with stage.store.transaction() as book:
            assert book.remove_silence(name)
            book.wake_groups()

    return act


def acknowledges(name: str, *, on: str = "web") -> Act:
    """`bongsu problems ack`."""

    def act(stage: Stage) -> None:
        assert stage.process(on).worker.acknowledge(fingerprint(stage, name)) == 1

    return act


def deploys(release: str, *, by: str = "minji") -> Act:
    """`bongsu deploy`."""

    def act(stage: Stage) -> None:
        with stage.store.transaction() as book:
            book.save_deploy(Deploy(release=release, at=stage.clock.now(), by=by))
        stage.process().notify(f"Deployed checkin {release} by {by}", "devops", "info")

    return act


def fingerprint(stage: Stage, name: str) -> str:
    """Of the one problem with that exception."""
    with stage.store.reading() as book:
        [found] = [each.fingerprint for each in book.all_groups() if name in each.sample.title]
    return found


# -- the machine and its processes


def clock_turns(by: str) -> Act:
    """Somebody sets the clock: `1h` forward, `-1h` back."""

    def act(stage: Stage) -> None:
        stage.clock.jump(-seconds(by[1:]) if by.startswith("-") else seconds(by))

    act.turns_clock = True  # type: ignore[attr-defined]
    return act


def begins(name: str, **settings: str) -> Act:
    return lambda stage: stage.begin(name, **settings)


def is_killed(name: str) -> Act:
    return lambda stage: stage.kill(name)


def restarts(name: str = "web", **settings: str) -> Act:
    """Killed, and begun again."""

    def act(stage: Stage) -> None:
        stage.kill(name)
        stage.begin(name, **settings)

    return act


def dies_at_next_send(name: str) -> Act:
    """Slack has the message, the process is gone before it knows."""

    def act(stage: Stage) -> None:
        stage.dies_while_sending = stage.process(name)

    return act


# -- Slack


def slack_is_down(stage: Stage) -> None:
    """It refuses connections."""
    stage.slack.down()


def slack_is_up(stage: Stage) -> None:
    stage.slack.up()


def slack_recovers(stage: Stage) -> None:
    stage.slack.recover()


def slack_refuses(word: str, *, times: int | None = None, retry_after: str = "") -> Act:
    headers = {"Retry-After": retry_after} if retry_after else {}
    return lambda stage: stage.slack.script(word=word, headers=headers, times=times)


def slack_loses_an_answer(stage: Stage) -> None:
    stage.slack.script(lose=True)
