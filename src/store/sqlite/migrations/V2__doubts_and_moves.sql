-- Attempts after which nobody knows whether the platform took the message.
ALTER TABLE messages ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;

-- Chats that the platform gave another id; the conversation keeps its first one.
CREATE TABLE moves (
    channel TEXT NOT NULL,
    chat    TEXT NOT NULL,
    now_at  TEXT NOT NULL,
    PRIMARY KEY (channel, chat)
) STRICT, WITHOUT ROWID;
