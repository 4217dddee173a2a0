-- Everything Bongsu remembers. No URL and no token: a destination is a hash here.

create table if not exists meta (
    name  text primary key,
    value text not null
) without rowid;

-- One row per problem, newest sample included.
create table if not exists groups (
    fingerprint text primary key,
    count       integer not null,   -- in the episode; orders a digest
    active_at   real not null,
    due_at      real,               -- null: quiet
    data        text not null
);
create index if not exists groups_due on groups (due_at) where due_at is not null;
create index if not exists groups_active on groups (active_at);

-- Which digest of a channel tells of a problem's episode.
create table if not exists digested (
    fingerprint text not null,
    channel     text not null,
    digest      integer not null,
    primary key (fingerprint, channel)
) without rowid;
create index if not exists digested_number on digested (channel, digest);

-- What is not told for a while.
create table if not exists silences (
    id    text primary key,
    until real not null,
    held  integer not null default 0,   -- occurrences held back so far
    data  text not null
) without rowid;

create table if not exists storms (
    channel  text primary key,
    due_at   real,                  -- null: no digest is open
    saved_at real not null,
    data     text not null
) without rowid;

-- How far each process's spool has been taken in. Written in the transaction that takes it in: exactly once.
create table if not exists spools (
    name     text primary key,
    position integer not null
) without rowid;

create table if not exists slots (
    spool       text not null,
    slot        integer not null,
    fingerprint text not null,      -- of the group whose events it counts; or the tally: tally/KIND/NAME
    taken       integer not null,   -- of the slot's counter
    primary key (spool, slot)
) without rowid;

-- How often something without an event came, by the ten seconds in which it did.
create table if not exists tallies (
    kind      text not null,        -- count; or of answers: ok, 4xx, 5xx, told
    name      text not null,
    bucket_at integer not null,
    n         integer not null,
    primary key (kind, name, bucket_at)
) without rowid;

-- What is expected, and how it stands.
create table if not exists watches (
    kind     text not null,         -- expectation, heartbeat, http
    name     text not null,
    due_at   real,                  -- null: when something comes
    saved_at real not null,
    keep_s   real not null,         -- how long the counts of that name are needed
    data     text not null,
    primary key (kind, name)
) without rowid;
create index if not exists watches_due on watches (due_at) where due_at is not null;

create table if not exists outbox (
    id          integer primary key autoincrement,
    channel     text not null,
    destination text not null,      -- hash
    verb        text not null,
    key         text not null,
    message     text not null,
    created_at  real not null,
    state       text not null default 'waiting',   -- waiting, sending, dead
    attempts    integer not null default 0,
    holder      text,               -- who is sending it
    doubts      integer not null default 0,        -- attempts without an answer: each may have arrived
    plain       integer not null default 0,        -- the layout was refused: send text only
    word        text not null default ''           -- the last answer
);
create index if not exists outbox_order on outbox (destination, state, id);
create index if not exists outbox_key on outbox (key);

create table if not exists receipts (
    destination text not null,
    key         text not null,
    receipt     text not null,
    at          real not null,
    primary key (destination, key)
) without rowid;

-- The state of the line to each destination.
create table if not exists lines (
    destination  text primary key,
    channel      text not null,
    failures     integer not null default 0,   -- in a row
    down_since   real,                         -- first of these failures
    blocked_at   real not null default 0,
    blocked_till real not null default 0,      -- void when now is before blocked_at: the clock was put back
    pace         real not null default 0,      -- theoretical arrival time of the next message
    dead_word    text,                         -- the destination is gone: its last word
    last_ok_at   real,
    last_word    text not null default ''
) without rowid;

create table if not exists lease (
    name   text primary key,
    holder text not null,
    until  real not null
) without rowid;
