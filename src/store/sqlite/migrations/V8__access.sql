-- Who of the store comes in at the console.
--
-- Whoever has the admin token is the owner, whose name is empty. Of tokens only the SHA-256 is kept: whoever reads this file
-- or a backup of it comes in with nothing that stands here.

CREATE TABLE sign_ins (
    person   TEXT PRIMARY KEY,
    password TEXT NOT NULL, -- argon2, in PHC's form
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Links by which a person chooses a password, one each; good once.
CREATE TABLE invitations (
    person     TEXT PRIMARY KEY,
    hash       BLOB NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash       BLOB PRIMARY KEY,
    person     TEXT NOT NULL,
    proof      BLOB NOT NULL, -- of what the owner came in with
    opened_ms  INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sessions_expiring ON sessions (expires_ms);
