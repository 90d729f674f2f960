-- Lets a transaction keep its plans, which else are made anew at twice the price of running them:
-- made without knowing how much is asked for, and never a scan of a table that was small once.
SELECT
  set_config('plan_cache_mode', 'force_generic_plan', true),
  set_config('enable_seqscan', 'off', true),
  set_config('enable_bitmapscan', 'off', true)
