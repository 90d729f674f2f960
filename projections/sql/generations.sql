-- Every generation, in the order in which they were begun.
SELECT number, state, recipe, consent, begun_at, report, compared_at, live_since
FROM generations
ORDER BY number
