-- The first secret stays: with another, every cursor that was given out would be refused.
INSERT INTO door_secret (secret) VALUES (%(secret)s) ON CONFLICT DO NOTHING
