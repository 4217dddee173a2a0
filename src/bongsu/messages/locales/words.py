"""What each language has words for."""

from dataclasses import dataclass

from bongsu.alerting.causes import CauseKind
from bongsu.event import Problem, Why
from bongsu.messages.message import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. Templates are filled with `str.format`; a pair is (one, many).

    A name, and an ending, takes the particle that a Korean template asks for: `{name:이}`.
    """

    group_separator: str
    days: str
    hours: str
    minutes: str
    seconds: str
    unit_separator: str
    span: str
    within_a_second: str
    ago: str

    times: str  # ×12
    times_and_total: str
    people: str

    app: str
    environment: str
    source: str
    status: str
    route: str
    request_id: str
    release: str
    host: str
    tags: str
    links: dict[str, str]  # by the usual names; any other is shown as it is
    ending: str
    uptime: str
    memory: str
    command: str
    count: str
    users: str
    first_seen: str
    last_seen: str

    reason_first_seen: str
    reason_came_back: str
    reason_worsened: str
    reason_growing: str
    reason_reminder: str
    reason_quiet: str
    reason_quiet_once: str
    reason_resolved: str
    reason_updated: str
    reason_updated_once: str
    reason_escalated: str
    reason_silence_ended: str
    reason_record: str
    reason_digest: str
    storm: tuple[str, str]
    storm_over: tuple[str, str]
    storm_top: str
    backlog: tuple[str, str]
    more: str
    resolved: str  # a title that says what was wrong
    acknowledged: str
    silenced: str
    repeat: str
    newest: str
    trail: str
    deploy: str
    deployed: str
    roll_back: str

    library_frames: tuple[str, str]
    frames_left_out: tuple[str, str]
    repeated: tuple[str, str]
    cause: str
    context: str
    member: str
    more_exceptions: tuple[str, str]

    exit_code: str
    killed: str
    crashed: str  # by a signal that only a defect sends
    ended: str  # nobody knows how
    because: str
    whys: dict[Why, str]
    output: str
    gave_up_at_once: str
    deployed_by: str
    by: str

    findings: dict[Problem, str]  # the title of what a watch has found
    over: dict[Problem, str]  # why it is resolved; of those that last

    troubles: dict[Trouble, str]

    config_broken: str  # an edit of bongsu.toml; its problems follow
    config_mended: str
    config_in_force: str
    config_held: str

    summary: str  # the title; `told` are the amounts below
    summary_alive: str
    summary_checks: tuple[str, str]  # behind it
    summary_name: str
    summary_begun: tuple[str, str]
    summary_over: tuple[str, str]
    summary_firing: tuple[str, str]
    summary_noisiest: str
    summary_endings: tuple[str, str]
    summary_ways: tuple[str, str]
    summary_is_over: str
    summary_since: str
    summary_until: str
    summary_held: str
    summary_dead: str
    summary_down: str
    summary_waiting: tuple[str, str]
    summary_rejected: tuple[str, str]

    shared: dict[CauseKind, tuple[str, str]]  # of a digest: its problems have something in common
    shared_by_some: dict[CauseKind, str]
