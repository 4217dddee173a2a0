"""Problems with one cause are told as one, whichever process of the program has them: the book is in the store."""

from pathlib import Path

from test_intake import HEADER, POLICY, Program

from bongsu.alerting.causes import CauseKind
from bongsu.alerting.decision import Reason
from bongsu.messages.message import Message


def fail(program: Program, endpoint: str) -> None:
    """An error of the endpoint's own, for the database refuses."""
    failed = type(f"{endpoint}Failed", (Exception,), {})
    try:
        try:
            raise ConnectionRefusedError("Error 111 connecting to db:5432")
        except OSError as refused:
            raise failed(endpoint) from refused
    except failed as error:
        program.recorder.exception(error)


def messages(program: Program) -> list[Message]:
    return [row.message for row in program.rows()]


def test_the_second_process_knows_what_the_first_one_told(tmp_path: Path) -> None:
    one, two = Program(tmp_path), Program(tmp_path, "two")
    fail(one, "Login")
    one.take_in()
    for endpoint in ("Booking", "Search", "Logout"):
        fail(two, endpoint)
    two.take_in()
    assert [message.reason for message in messages(two)] == [Reason.FIRST_SEEN]
    two.clock.advance(5)
    two.intake.tick(two.books.store, two.clock.now(), POLICY, HEADER)
    first, digest = messages(two)
    assert first.event is not None
    assert first.event.title == "LoginFailed: Login"
    assert (digest.problems, digest.count, len(digest.entries)) == (3, 3, 3)
    assert digest.cause is not None
    assert (digest.cause.kind, digest.cause.text) == (CauseKind.UPSTREAM, "ConnectionRefusedError db:5432")
    assert digest.cause.problems == 3
    for program in (one, two):
        program.books.close()


def test_a_storm_of_3_000_is_one_message_and_one_digest_with_all_of_them(tmp_path: Path) -> None:
    program = Program(tmp_path)
    for number in range(3_000):
        fail(program, f"Endpoint{number}Of")
    program.take_in()
    program.clock.advance(60)
    while program.intake.tick(program.books.store, program.clock.now(), POLICY, HEADER):
        pass
    counted = [message.problems or 1 for message in messages(program) if message.reason is not Reason.UPDATED]
    assert counted == [1, 2_999]
    program.books.close()
