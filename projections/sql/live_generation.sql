-- What readers see.
SELECT number, recipe FROM generations WHERE state = 'live'
