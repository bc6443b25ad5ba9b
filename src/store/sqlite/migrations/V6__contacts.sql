-- Contacts: customers as persons, whatever their addresses.
CREATE TABLE contacts (
    id         TEXT PRIMARY KEY,
    version    INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    whole      INTEGER NOT NULL, -- 0: made a part of another
    state      TEXT NOT NULL,    -- JSON
    merged_into TEXT GENERATED ALWAYS AS (iif(json_valid(state), json_extract(state, '$.merged_into'), NULL)) VIRTUAL
) STRICT, WITHOUT ROWID;

CREATE INDEX contacts_expiring ON contacts (expires_ms);
CREATE INDEX contacts_newest ON contacts (changed_ms, id) WHERE whole = 1;
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;

-- What they are found by: addresses, accounts with shops, e-mail, phone.
CREATE TABLE contact_keys (
    kind    TEXT NOT NULL,
    scope   TEXT NOT NULL,
    value   TEXT NOT NULL,
    contact TEXT NOT NULL,
    PRIMARY KEY (kind, scope, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX contact_keys_of ON contact_keys (contact);

ALTER TABLE orders ADD COLUMN contact TEXT
    GENERATED ALWAYS AS (iif(json_valid(state), json_extract(state, '$.contact'), NULL)) VIRTUAL;

CREATE INDEX orders_by_contact ON orders (contact) WHERE contact IS NOT NULL;

-- The register of a month.
CREATE INDEX tickets_opened ON tickets (opened_ms);

-- Whose customer is not known yet.
CREATE INDEX conversations_of_nobody ON conversations (id) WHERE chat = '';
