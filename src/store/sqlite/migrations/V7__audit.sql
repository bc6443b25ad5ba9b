-- What operators did and looked up: who, when and what, and nobody's words. Which customer's it was is forgotten with them.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at_ms      INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    who        TEXT NOT NULL,
    what       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    channel    TEXT,
    chat       TEXT,
    outcome    INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_at ON audit (at_ms);
CREATE INDEX audit_expiring ON audit (expires_ms);
CREATE INDEX audit_of ON audit (channel, chat) WHERE channel IS NOT NULL;
