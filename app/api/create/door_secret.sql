-- What the door seals with, so that only this ledger can make what it takes back: one row, made
-- once, of random bytes that no other table and no log has.
CREATE TABLE IF NOT EXISTS door_secret (
  is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
  secret bytea NOT NULL CHECK (octet_length(secret) = 32)
)
