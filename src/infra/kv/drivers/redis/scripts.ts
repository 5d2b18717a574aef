/** KEYS[1] → nothing, or its type, when it expires (epoch milliseconds, -1: never) and all that it holds. */
export const DUMP = `
local kind = redis.call('TYPE', KEYS[1]).ok
local value
if kind == 'none' then return false
elseif kind == 'string' then value = redis.call('GET', KEYS[1])
elseif kind == 'hash' then value = redis.call('HGETALL', KEYS[1])
elseif kind == 'list' then value = redis.call('LRANGE', KEYS[1], 0, -1)
else return redis.error_reply('WRONGTYPE a key of type ' .. kind .. ' is not ours') end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then return {kind, -1, value} end
local at = redis.pcall('PEXPIRETIME', KEYS[1]) -- from Redis 7 on
if type(at) == 'number' then return {kind, at, value} end
local now = redis.call('TIME')
return {kind, now[1] * 1000 + math.floor(now[2] / 1000) + left, value}`

/**
 * KEYS[1]; ARGV: whether to replace, the type, when it expires or "", and the value: one string, the items of a list, or
 * field, value, field, value… → 0 when the key is there and must not be replaced.
 */
export const RESTORE = `
if ARGV[1] == '0' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
if ARGV[2] == 'string' then redis.call('SET', KEYS[1], ARGV[4])
else
  local command = ARGV[2] == 'hash' and 'HSET' or 'RPUSH'
  for first = 4, #ARGV, 1000 do
    redis.call(command, KEYS[1], unpack(ARGV, first, math.min(first + 999, #ARGV)))
  end
end
if ARGV[3] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
return 1`
