-- The log, and the views of it that the clerk works from.
--
-- What keeps a commit as cheap at a million messages as at a thousand is the number of pages it changes. So the
-- big tables only grow at their end; what they must be found by is either few rows (partial indexes), or in an
-- order that grows at its end, or kept in parts of 512 rows of which only the last one changes.
--
-- `version` names one writing of a row (see model::Version). `expires_ms` is when a row is deleted by itself. Where
-- rows change often it is rounded up to a day, so that the index over it changes once a day and not with each.

-- Every event with the decision about it. Its messages have the ids `first_message`, `first_message + 1`, and so on.
CREATE TABLE events (
    id              INTEGER PRIMARY KEY,
    received_ms     INTEGER NOT NULL,
    expires_ms      INTEGER NOT NULL,
    channel         TEXT NOT NULL,
    dedupe          TEXT NOT NULL,
    conversation_id INTEGER NOT NULL,
    previous        INTEGER NOT NULL, -- the event before of the same conversation; 0: none
    state           INTEGER NOT NULL, -- 0 decided, 1 received
    first_message   INTEGER NOT NULL,
    messages        INTEGER NOT NULL,
    event           TEXT NOT NULL,    -- JSON: address, at_ms, kind
    decision        TEXT,             -- JSON: actions without words, trace
    undo            TEXT              -- JSON: for each changed row the patch (RFC 6902) that leads back
) STRICT;

CREATE INDEX events_received ON events (id) WHERE state = 1;

-- What the outside answered while an event was decided. The question is there by its digest alone.
CREATE TABLE answers (
    event_id INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    plugin   TEXT NOT NULL,
    digest   BLOB NOT NULL,
    reply    TEXT NOT NULL, -- JSON
    PRIMARY KEY (event_id, number)
) STRICT, WITHOUT ROWID;

-- The deliveries of the last eight days. Platforms count their ids up, so new rows mostly land side by side.
CREATE TABLE dedupe (
    channel  TEXT NOT NULL,
    dedupe   TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    PRIMARY KEY (channel, dedupe)
) STRICT, WITHOUT ROWID;

-- Addresses, with the conversation as of its last event; `state` is null where nobody has spoken yet and the
-- address only receives (a team that is notified). Rows keep the order of first contact, so those of the same
-- days, who talk at the same time, share pages.
CREATE TABLE conversations (
    id           INTEGER PRIMARY KEY,
    channel      TEXT NOT NULL,
    chat         TEXT NOT NULL,
    version      INTEGER NOT NULL,
    expires_ms   INTEGER NOT NULL,
    last_message INTEGER NOT NULL, -- 0: none; the head of the chain through messages.previous
    last_event   INTEGER NOT NULL, -- 0: none; the head of the chain through events.previous
    state        TEXT,             -- JSON
    UNIQUE (channel, chat)
) STRICT;

CREATE INDEX conversations_expiring ON conversations (expires_ms);

CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    event_id        INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    previous        INTEGER NOT NULL, -- the message before to the same address; 0: none
    state           INTEGER NOT NULL, -- 0 pending, 1 sent, 2 dead, 3 dropped
    claimed_by      INTEGER NOT NULL, -- the daemon that sends it
    attempts        INTEGER NOT NULL,
    not_before_ms   INTEGER NOT NULL,
    created_ms      INTEGER NOT NULL,
    settled_ms      INTEGER,
    delivered_ms    INTEGER,
    read_ms         INTEGER,
    notice          INTEGER NOT NULL,
    key             TEXT NOT NULL,
    platform_id     TEXT,
    last_error      TEXT,
    context         TEXT, -- JSON; null: the default, or forgotten
    content         TEXT, -- JSON; null: forgotten
    part            INTEGER NOT NULL GENERATED ALWAYS AS (id >> 9) VIRTUAL
) STRICT;

CREATE INDEX messages_pending ON messages (state) WHERE state = 0;
CREATE INDEX messages_dead ON messages (state) WHERE state = 2;
-- Keys and platform ids are random: looked up part by part, newest first, they still cost an insert no more
-- than the few pages of the newest part.
CREATE INDEX messages_by_key ON messages (part, key);
CREATE INDEX messages_by_platform_id ON messages (part, platform_id) WHERE platform_id IS NOT NULL;

-- What platforms said of messages whose own settlement was not written yet.
CREATE TABLE reports (
    channel     TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    status      TEXT NOT NULL,
    error       TEXT,
    at_ms       INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL,
    PRIMARY KEY (channel, platform_id, status)
) STRICT, WITHOUT ROWID;

CREATE INDEX reports_expiring ON reports (expires_ms);

-- Who has claims, and until when.
CREATE TABLE daemons (
    id       INTEGER PRIMARY KEY,
    until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE orders (
    id              INTEGER PRIMARY KEY,
    shop            TEXT NOT NULL,
    number          TEXT NOT NULL,
    version         INTEGER NOT NULL,
    expires_ms      INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    state           TEXT NOT NULL, -- JSON
    UNIQUE (shop, number)
) STRICT;

CREATE INDEX orders_by_conversation ON orders (conversation_id);
CREATE INDEX orders_expiring ON orders (expires_ms);

CREATE TABLE tickets (
    id              TEXT PRIMARY KEY,
    version         INTEGER NOT NULL,
    expires_ms      INTEGER, -- null while it is open
    conversation_id INTEGER NOT NULL,
    urgency         INTEGER NOT NULL,
    opened_ms       INTEGER NOT NULL,
    closed_ms       INTEGER,
    state           TEXT NOT NULL -- JSON
) STRICT, WITHOUT ROWID;

CREATE INDEX tickets_open ON tickets (urgency DESC, opened_ms) WHERE closed_ms IS NULL;
CREATE INDEX tickets_by_conversation ON tickets (conversation_id);
CREATE INDEX tickets_expiring ON tickets (expires_ms) WHERE expires_ms IS NOT NULL;

-- An id is never given twice, or the firing of a later timer could pass for that of an earlier one.
CREATE TABLE timers (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id  INTEGER NOT NULL,
    owner            TEXT NOT NULL,
    key              TEXT NOT NULL,
    due_ms           INTEGER NOT NULL,
    priority         INTEGER NOT NULL,
    claimed_by       INTEGER NOT NULL DEFAULT 0,
    claimed_until_ms INTEGER NOT NULL DEFAULT 0,
    payload          TEXT NOT NULL, -- JSON
    UNIQUE (conversation_id, owner, key)
) STRICT;

CREATE INDEX timers_due ON timers (due_ms, priority DESC, id);

CREATE TABLE kv (
    plugin     TEXT NOT NULL,
    key        TEXT NOT NULL,
    version    INTEGER NOT NULL,
    expires_ms INTEGER, -- null: never
    value      BLOB NOT NULL,
    PRIMARY KEY (plugin, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX kv_expiring ON kv (expires_ms) WHERE expires_ms IS NOT NULL;

-- Bytes of keys and values by plugin, kept by the triggers below.
CREATE TABLE kv_sizes (
    plugin TEXT PRIMARY KEY,
    bytes  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER kv_inserted AFTER INSERT ON kv BEGIN
    INSERT INTO kv_sizes VALUES (NEW.plugin, octet_length(NEW.key) + octet_length(NEW.value))
        ON CONFLICT (plugin) DO UPDATE SET bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER kv_updated AFTER UPDATE ON kv BEGIN
    UPDATE kv_sizes SET bytes = bytes + octet_length(NEW.value) - octet_length(OLD.value) WHERE plugin = NEW.plugin;
END;

CREATE TRIGGER kv_deleted AFTER DELETE ON kv BEGIN
    UPDATE kv_sizes SET bytes = bytes - octet_length(OLD.key) - octet_length(OLD.value) WHERE plugin = OLD.plugin;
END;

-- What the keys an event wrote held before it; a null value: nothing. Kept as long as the event.
CREATE TABLE former_kv (
    event_id INTEGER NOT NULL,
    plugin   TEXT NOT NULL,
    key      TEXT NOT NULL,
    value    BLOB,
    PRIMARY KEY (event_id, plugin, key)
) STRICT, WITHOUT ROWID;

-- Events up to this one have given up their dedupe ids.
CREATE TABLE forgotten (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    event_id INTEGER NOT NULL
) STRICT;

INSERT INTO forgotten VALUES (1, 0);
