-- What the door seals with.
SELECT secret FROM door_secret
