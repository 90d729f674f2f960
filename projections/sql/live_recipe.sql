-- The versions of the views whose rows readers see.
SELECT recipe FROM generations WHERE state = 'live'
