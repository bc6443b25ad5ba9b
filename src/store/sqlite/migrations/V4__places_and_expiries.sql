-- Until when what a key held before would have held; null: for ever.
ALTER TABLE former_kv ADD COLUMN expires_ms INTEGER;

-- The place of a decision among all decisions, where it came later than its event: the id of the newest event then times
-- 2^20, and one more for each decision after it. Null: the event's own id times 2^20.
ALTER TABLE events ADD COLUMN place INTEGER;

CREATE INDEX events_decided_later ON events (place) WHERE place IS NOT NULL;
