"""Refused layouts are kept, the newest few, and never at the cost of a message."""

from contextlib import closing

from office import Post

from bongsu.delivery.answer import Rejected, about
from bongsu.messages.delivery import Verb
from bongsu.store import MEMORY, Refusal, SqliteStore
from bongsu.store.refusals import LAYOUT_BYTES_MAX, REFUSALS_MAX


def refusal(number: int, **layout: object) -> Refusal:
    return Refusal(at=float(number), channel="alarm", word="invalid_blocks", layout=layout or {"text": str(number)})


def kept(store: SqliteStore) -> tuple[Refusal, ...]:
    with store.reading() as book:
        return book.refusals()


def save(*refusals: Refusal) -> tuple[Refusal, ...]:
    with closing(SqliteStore(MEMORY)) as store:
        for each in refusals:
            with store.transaction() as book:
                book.save_refusal(each)
        return kept(store)


def test_the_newest_few_are_kept() -> None:
    assert save() == ()
    assert save(*map(refusal, range(9))) == tuple(map(refusal, range(9 - REFUSALS_MAX, 9)))


def test_the_same_layout_is_kept_once_with_its_last_time() -> None:
    assert save(refusal(1, text="x"), refusal(2), refusal(3, text="x")) == (refusal(2), refusal(3, text="x"))


def test_of_one_too_long_the_word_alone_is_kept() -> None:
    [found] = save(refusal(1, text="x" * LAYOUT_BYTES_MAX))
    assert (found.word, found.layout) == ("invalid_blocks", {})


def test_the_sender_keeps_what_was_refused_and_not_the_plain_text_after_it(post: Post) -> None:
    layout = about(Rejected("invalid_blocks", plain=True), {"text": "card"})
    post.answers = [layout, about(Rejected("msg_too_long", plain=True), {"text": "plain"})]
    post.enqueue(Verb.POST)
    post.work()
    assert [told.plain for told in post.told] == [False, True]
    [found] = kept(post.store)
    assert (found.channel, found.word, found.layout) == ("alarm", "invalid_blocks", {"text": "card"})
    assert found.at == post.clock.now()


def test_a_refusal_of_the_message_itself_is_no_layout_to_look_at() -> None:
    assert about(Rejected("no_text"), {"text": "x"}) == Rejected("no_text")
    answer = about(Rejected("no_text"), {"text": "x"})
    assert isinstance(answer, Rejected)
    assert answer.layout is None
