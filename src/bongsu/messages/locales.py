"""The words of each language, and its way with numbers, durations and times."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from bongsu.event import Problem, Why
from bongsu.messages.message import Trouble
from bongsu.messages.style import Language

_LAST_MOMENT_S = 253_370_764_800.0  # 9999-01-01: later ones, and earlier than 1970, are shown as the nearest of the two


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. Templates are filled with `str.format`; a pair is (one, many)."""

    group_separator: str
    days: str
    hours: str
    minutes: str
    seconds: str
    unit_separator: str
    span: str
    within_a_second: str

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
    storm: tuple[str, str]
    storm_top: str
    backlog: tuple[str, str]
    more: str
    acknowledged: str
    silenced: str
    repeat: str
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

    findings: dict[Problem, str]  # the title of what a watch has found
    over: dict[Problem, str]  # why it is resolved; of those that last

    troubles: dict[Trouble, str]


_EN = Words(
    group_separator=" ",
    days="{} d",
    hours="{} h",
    minutes="{} min",
    seconds="{} s",
    unit_separator=" ",
    span="in {}",
    within_a_second="within a second",
    times="×{}",
    times_and_total="{count} ({total} in all)",
    people="{}",
    app="APP",
    environment="ENV",
    source="SOURCE",
    status="STATUS",
    route="ROUTE",
    request_id="REQUEST ID",
    release="RELEASE",
    host="HOST",
    tags="TAGS",
    ending="END",
    uptime="UPTIME",
    memory="MEMORY",
    command="COMMAND",
    count="COUNT",
    users="USERS",
    first_seen="FIRST SEEN",
    last_seen="LAST SEEN",
    reason_first_seen="First seen just now",
    reason_came_back="It is back: first seen {first}, {total} in all",
    reason_worsened="It got worse: {count} {span}",
    reason_growing="{count} {span}",
    reason_reminder="Still firing after {age}: {count}, last seen {last}",
    reason_quiet="Quiet for {silence}: {number} {span}, last seen {last}",
    reason_quiet_once="Quiet for {silence}: seen once, at {last}",
    reason_resolved="No longer watched, after {age}: {count}",
    reason_updated="{count} {span}, last seen {last}",
    reason_updated_once="Seen once, at {last}",
    reason_escalated="Nobody has acknowledged it for {age}: {count}, last seen {last}",
    reason_silence_ended="The silence has ended, and it still fires: {count} {span}, last seen {last}",
    reason_record="Operational record",
    storm=("{} problem at once", "{} different problems at once"),
    storm_top="{storm}: top {shown} and {more}",
    backlog=(
        "While Slack was unreachable for {outage}: {} problem, {count}",
        "While Slack was unreachable for {outage}: {} problems, {count} in all",
    ),
    more="+{} more",
    acknowledged="Acknowledged",
    silenced="Silenced",
    repeat="(repeat)",
    trail="Log lines of the request: {}",
    deploy="DEPLOY",
    deployed="{release}, {age} before",
    roll_back="Not seen before {release}, which was deployed {age} before: is rolling back an option?",
    library_frames=("… {} library frame", "… {} library frames"),
    frames_left_out=("… {} frame left out", "… {} frames left out"),
    repeated=("… repeated {} time", "… repeated {} times"),
    cause="caused by {}",
    context="while handling {}",
    member="member {}",
    more_exceptions=("… {} more exception", "… {} more exceptions"),
    exit_code="exit {}",
    killed="killed by {}",
    crashed="{}",
    ended="ended for a reason unknown",
    because="{ending} ({why})",
    whys={
        Why.CORE_DUMPED: "core dumped",
        Why.OUT_OF_MEMORY: "out of memory",
        Why.HEAP_EXHAUSTED: "JavaScript heap out of memory",
        Why.MEMORY_LIMIT: "over its memory limit",
        Why.STOP_TIMED_OUT: "did not stop in time",
        Why.NOT_FOUND: "command not found",
        Why.NOT_EXECUTABLE: "not executable",
    },
    output="Last lines of its stderr:",
    gave_up_at_once="{name}: not restarted, {ending}",
    findings={
        Problem.UNMET: "{number} {name} in {window}, expected at least {wanted}",
        Problem.MISSED: "{name} is missed: nothing heard for {window}, expected every {allowed}",
        Problem.LATE: "{name} came {window} late",
        Problem.FAILED: "{name} failed: {what}",
        Problem.KILLED: "{name} did not end: its process is gone, {window} after the run began",
        Problem.OVERLAPPING: "{name} overlaps: {number} runs at once",
        Problem.TOO_LONG: "{name} takes too long: running for {window}, at most {allowed} expected",
        Problem.ANSWER: "{what}",
        Problem.BURST: "{name}: {number} of {wanted} answers in {window}",
        Problem.EXITED: "{name}: {ending}",
        Problem.CRASH_LOOP: "{name}: crash loop, {number} restarts in {window}, last {ending}",
        Problem.GAVE_UP: "{name}: restarted no more after {number} restarts in {window}, last {ending}",
        Problem.MEMORY: "{name}: {used} of memory, {limit} allowed",
        Problem.HUNG: "{name} hangs: no sign of life for {window}",
        Problem.LOST: "{name} is gone: nobody restarts its programs",
        Problem.STARTED: "{name}: started",
        Problem.STOPPED: "{name}: stopped by an operator",
        Problem.RESTARTED: "{name}: restarted by an operator",
        Problem.RELOADED: "{name}: reloaded by an operator",
        Problem.DELETED: "{name}: deleted by an operator",
        Problem.FINISHED: "{name}: finished, {ending}",
    },
    over={
        Problem.UNMET: "Enough again after {age}: {number} in {window}",
        Problem.MISSED: "Heard again, {window} late",
        Problem.FAILED: "Went well again, after {age}",
        Problem.KILLED: "Went well again, after {age}",
        Problem.TOO_LONG: "Ended after {window}",
        Problem.BURST: "Over after {age}: {number} of {wanted} answers in {window}",
        Problem.CRASH_LOOP: "Runs again, for {window}",
        Problem.GAVE_UP: "Runs again, for {window}",
        Problem.HUNG: "Shows signs of life again, after {age}",
        Problem.LOST: "Is back, after {age}",
        Problem.STOPPED: "Stopped by an operator, after {age}",
    },
    troubles={
        Trouble.STATE_DIR: "Events are kept in memory only, a restart would lose them: {}",
        Trouble.STORE_SET_ASIDE: "The database was damaged; it is set aside and a new one started: {}",
        Trouble.SHED: "Overload: {} occurrences were counted without their details",
        Trouble.PAYLOAD: "Slack would refuse this layout, so here is its plain text: {}",
        Trouble.FALLBACK: "Meant for another channel, which could not be reached or takes no messages: {}",
    },
)

_KO = Words(
    group_separator=",",
    days="{}일",
    hours="{}시간",
    minutes="{}분",
    seconds="{}초",
    unit_separator=" ",
    span="{} 동안",
    within_a_second="1초 안에",
    times="{}회",
    times_and_total="{count} (누적 {total})",
    people="{}명",
    app="앱",
    environment="환경",
    source="위치",
    status="상태 코드",
    route="경로",
    request_id="요청 ID",
    release="릴리스",
    host="호스트",
    tags="태그",
    ending="종료",
    uptime="실행 시간",
    memory="메모리",
    command="명령",
    count="발생 횟수",
    users="영향받은 사용자",
    first_seen="최초 발생",
    last_seen="마지막 발생",
    reason_first_seen="처음 발생했습니다",
    reason_came_back="다시 발생했습니다. 최초 발생 {first}, 누적 {total}",
    reason_worsened="더 나빠졌습니다. {span} {count} 발생했습니다",
    reason_growing="{span} {count} 발생했습니다",
    reason_reminder="{age}째 계속되고 있습니다. 지금까지 {count}, 마지막 발생 {last}",
    reason_quiet="{silence}째 조용합니다. {span} {count} 발생, 마지막 발생 {last}",
    reason_quiet_once="{silence}째 조용합니다. 1회 발생, {last}",
    reason_resolved="더 이상 지켜보지 않습니다. {age} 동안 {count} 발생",
    reason_updated="{span} {count} 발생, 마지막 발생 {last}",
    reason_updated_once="1회 발생, {last}",
    reason_escalated="{age} 동안 아무도 확인하지 않았습니다. 지금까지 {count}, 마지막 발생 {last}",
    reason_silence_ended="알림 중지가 끝났지만 계속 발생하고 있습니다. {span} {count} 발생, 마지막 발생 {last}",
    reason_record="운영 기록",
    storm=("문제 {}건이 발생했습니다", "서로 다른 문제 {}건이 한꺼번에 발생했습니다"),
    storm_top="{storm}. 상위 {shown}건, {more}",
    backlog=(
        "Slack 연결이 {outage} 동안 끊겼습니다. 그 사이 문제 {}건, 모두 {count} 발생",
        "Slack 연결이 {outage} 동안 끊겼습니다. 그 사이 문제 {}건, 모두 {count} 발생",
    ),
    more="그 밖에 {}건",
    acknowledged="확인함",
    silenced="알림 중지됨",
    repeat="(재전송)",
    trail="요청의 로그: {}",
    deploy="배포",
    deployed="{release}, {age} 전",
    roll_back="{release} 배포 {age} 뒤에 처음 나타난 문제입니다. 롤백을 검토하세요",
    library_frames=("… 라이브러리 프레임 {}개", "… 라이브러리 프레임 {}개"),
    frames_left_out=("… 프레임 {}개 생략", "… 프레임 {}개 생략"),
    repeated=("… {}회 반복", "… {}회 반복"),
    cause="원인: {}",
    context="처리 중이던 예외: {}",
    member="그룹 내 예외: {}",
    more_exceptions=("… 예외 {}개 더 있음", "… 예외 {}개 더 있음"),
    exit_code="종료 코드 {}",
    killed="{} 강제 종료",
    crashed="{} 비정상 종료",
    ended="알 수 없는 이유로 종료",
    because="{ending} ({why})",
    whys={
        Why.CORE_DUMPED: "코어 덤프",
        Why.OUT_OF_MEMORY: "메모리 부족",
        Why.HEAP_EXHAUSTED: "JavaScript 힙 메모리 부족",
        Why.MEMORY_LIMIT: "메모리 한도 초과",
        Why.STOP_TIMED_OUT: "제때 멈추지 않음",
        Why.NOT_FOUND: "명령을 찾을 수 없음",
        Why.NOT_EXECUTABLE: "실행할 수 없음",
    },
    output="stderr 마지막 줄:",
    gave_up_at_once="{name}: 재시작하지 않습니다. {ending}",
    findings={
        Problem.UNMET: "{name}: {window} 동안 {number}건, 최소 {wanted}건이어야 합니다",
        Problem.MISSED: "{name}: {window}째 신호가 없습니다. 주기는 {allowed}입니다",
        Problem.LATE: "{name}: {window} 늦었습니다",
        Problem.FAILED: "{name} 실패: {what}",
        Problem.KILLED: "{name}: 실행 {window} 만에 프로세스가 사라져 끝나지 못했습니다",
        Problem.OVERLAPPING: "{name}: 실행 {number}개가 겹쳤습니다",
        Problem.TOO_LONG: "{name}: {window}째 실행 중입니다. 최대 {allowed}이어야 합니다",
        Problem.ANSWER: "{what}",
        Problem.BURST: "{name}: {window} 동안 응답 {wanted}건 중 {number}건",
        Problem.EXITED: "{name}: {ending}",
        Problem.CRASH_LOOP: "{name}: 반복 종료. {window} 동안 {number}회 재시작, 마지막 {ending}",
        Problem.GAVE_UP: "{name}: {window} 동안 {number}회 재시작한 뒤 재시작을 포기했습니다. 마지막 {ending}",
        Problem.MEMORY: "{name}: 메모리 {used} 사용, 한도 {limit}",
        Problem.HUNG: "{name}: {window}째 응답이 없습니다",
        Problem.LOST: "{name} 종료: 프로그램을 다시 시작해 줄 관리자가 없습니다",
        Problem.STARTED: "{name}: 시작",
        Problem.STOPPED: "{name}: 운영자가 중지",
        Problem.RESTARTED: "{name}: 운영자가 재시작",
        Problem.RELOADED: "{name}: 운영자가 리로드",
        Problem.DELETED: "{name}: 운영자가 삭제",
        Problem.FINISHED: "{name}: 완료, {ending}",
    },
    over={
        Problem.UNMET: "{age} 만에 정상으로 돌아왔습니다. {window} 동안 {number}건",
        Problem.MISSED: "다시 신호가 왔습니다. {window} 늦었습니다",
        Problem.FAILED: "{age} 만에 다시 성공했습니다",
        Problem.KILLED: "{age} 만에 다시 성공했습니다",
        Problem.TOO_LONG: "{window} 만에 끝났습니다",
        Problem.BURST: "{age} 만에 정상으로 돌아왔습니다. {window} 동안 응답 {wanted}건 중 {number}건",
        Problem.CRASH_LOOP: "다시 정상 실행 중입니다. {window} 경과",
        Problem.GAVE_UP: "다시 정상 실행 중입니다. {window} 경과",
        Problem.HUNG: "{age} 만에 다시 응답합니다",
        Problem.LOST: "{age} 만에 돌아왔습니다",
        Problem.STOPPED: "{age} 만에 운영자가 중지했습니다",
    },
    troubles={
        Trouble.STATE_DIR: "이벤트를 메모리에만 보관하고 있어 재시작하면 사라집니다: {}",
        Trouble.STORE_SET_ASIDE: "손상된 데이터베이스를 따로 보관하고 새로 시작했습니다: {}",
        Trouble.SHED: "과부하로 {}건은 상세 내용 없이 횟수만 집계했습니다",
        Trouble.PAYLOAD: "Slack에서 거부할 레이아웃이라 일반 텍스트로 보냅니다: {}",
        Trouble.FALLBACK: "원래 채널에 보낼 수 없어 이 채널로 보냅니다: {}",
    },
)

WORDS: dict[Language, Words] = {"en": _EN, "ko": _KO}


def number(value: int, words: Words) -> str:
    """Grouped by thousands: 1 240, or 1,240."""
    return f"{value:,}".replace(",", words.group_separator)


def counted(value: int, forms: tuple[str, str], words: Words, **more: str) -> str:
    """The form for one or for many, filled with the number."""
    return forms[value != 1].format(number(value, words), **more)


def memory(size: int, words: Words) -> str:
    """`512 MiB`, rounded to the nearest."""
    return f"{number((size + (1 << 19)) >> 20, words)} MiB"


def duration(seconds: float, words: Words) -> str:
    """The two largest units, rounded down: 45 s, 12 min, 2 h 3 min, 3 d 4 h."""
    total = int(min(max(0.0, seconds), _LAST_MOMENT_S))
    if total < 60:
        return words.seconds.format(total)
    minutes, hours, days = total // 60, total // 3_600, total // 86_400
    large, small = words.hours.format(hours), words.minutes.format(minutes % 60) if minutes % 60 else ""
    if days:
        large, small = words.days.format(number(days, words)), words.hours.format(hours % 24) if hours % 24 else ""
    elif not hours:
        large, small = words.minutes.format(minutes), ""
    return f"{large}{words.unit_separator}{small}" if small else large


def clock_time(at: float, utc_offset_s: int, *, today: float) -> str:
    """`14:26:05`, with the date before it unless that is the date of `today`. Any float is told."""
    moment, reference = local(at, utc_offset_s), local(today, utc_offset_s)
    return moment.strftime("%H:%M:%S" if moment.date() == reference.date() else "%Y-%m-%d %H:%M:%S")


def local(at: float, utc_offset_s: int) -> datetime:
    """The moment in the reader's zone, brought into the years 1970 to 9999."""
    zone = timezone(timedelta(seconds=utc_offset_s))
    return datetime.fromtimestamp(min(max(86_400.0, at), _LAST_MOMENT_S), zone)
