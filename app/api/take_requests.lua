-- Take requests from the bucket of a caller, by the clock of Redis, which all processes share.
-- How many were given, and if none was, the seconds until there is one.
local rate, saved_max, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local held = redis.call('HMGET', KEYS[1], 'left', 'since')
local left, since = tonumber(held[1]) or saved_max, tonumber(held[2]) or now
left = math.min(saved_max, left + math.max(0, now - since) * rate)
local given = math.min(wanted, math.floor(left))
left = left - given
redis.call('HSET', KEYS[1], 'left', tostring(left), 'since', string.format('%.6f', now))
-- A bucket that is full again says nothing.
redis.call('PEXPIRE', KEYS[1], math.ceil((saved_max - left) / rate * 1000) + 1000)
return {given, tostring(given > 0 and 0 or (1 - left) / rate)}
