-- Every generation that ever was, in the order in which they were begun.
SELECT number, recipe, begun_at, live_since FROM generations
UNION ALL
SELECT number, recipe, begun_at, live_since FROM removed_generations
ORDER BY number
