package redismemory

import "github.com/redis/go-redis/v9"

// What acceptScript answers. Zero is none of them.
const (
	isNew = iota + 1
	isSeen
	isStale
)

// acceptScript does all of Accept in one step.
//
// KEYS: the birth; the message. ARGV: our clock, the latest birth at which the
// message may be accepted ("" for any), for how long to remember it, and the id of
// this Accept. Times are in milliseconds. It answers one of the numbers above, and
// the birth.
//
// The birth names the run of the server that it was noted in. Another run has
// restarted from what was last saved, or has taken over from a master it lagged
// behind: what was accepted last may be missing, so the memory is born anew.
//
// A client that loses the connection before the answer asks again. The id tells
// that from another Accept of the message.
var acceptScript = redis.NewScript(`
local run = string.match(redis.call('INFO', 'server'), '\nrun_id:(%x+)')
if not run then return redis.error_reply('NORUN INFO has no run_id') end
local birth, under
local noted = redis.call('GET', KEYS[1])
if noted then
  birth, under = string.match(noted, '^(%d+) (%x+)$')
  if not birth then return redis.error_reply('NOTOURS the birth is out of shape') end
  birth = tonumber(birth)
end
if under ~= run then
  if not string.find(redis.call('INFO', 'memory'), '\nmaxmemory_policy:noeviction') then
    return redis.error_reply('EVICTS maxmemory-policy is not noeviction')
  end
  local time = redis.call('TIME')
  birth = math.max(birth or 0, tonumber(ARGV[1]), time[1] * 1000 + math.floor(time[2] / 1000))
  redis.call('SET', KEYS[1], string.format('%.0f %s', birth, run))
end
if ARGV[2] ~= '' and tonumber(ARGV[2]) < birth then return {3, birth} end
if redis.call('SET', KEYS[2], ARGV[4], 'NX', 'PX', ARGV[3]) then return {1, birth} end
if redis.call('GET', KEYS[2]) == ARGV[4] then return {1, birth} end
return {2, birth}
`)

// checkScript answers 1 if Redis is set up as we need it. KEYS: the birth, which
// leads to the right node of a cluster.
var checkScript = redis.NewScript(`
if not string.find(redis.call('INFO', 'server'), '\nrun_id:%x+') then
  return redis.error_reply('NORUN INFO has no run_id')
end
if not string.find(redis.call('INFO', 'memory'), '\nmaxmemory_policy:noeviction') then
  return redis.error_reply('EVICTS maxmemory-policy is not noeviction')
end
return 1
`)
