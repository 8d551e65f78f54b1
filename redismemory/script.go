package redismemory

import "github.com/redis/go-redis/v9"

// What acceptScript answers. Zero is none of them.
const (
	isNew = iota + 1
	isSeen
	otherBirth
)

// acceptScript does all of Accept in one step.
//
// KEYS: the birth; the message. ARGV: the birth that the caller knows, for how long to
// remember the message, and the id of this Accept. Times are in milliseconds. It answers one
// of the numbers above; of another birth that, and its age.
//
// The birth is by the clock of the server, and names the run that noted it. Another run
// has restarted from what was last saved, or has taken over from a master it lagged
// behind: what was accepted last may be missing, so the memory is born anew. So it is
// where the birth has not come by that clock, since nobody knows how long ago it was. No
// clock of a server counts what has elapsed; callers do, once they know the birth.
//
// A client that loses the connection before the answer asks again. The id tells
// that from another Accept of the message.
var acceptScript = redis.NewScript(`
local run = string.match(redis.call('INFO', 'server'), '\nrun_id:(%x+)')
if not run then return redis.error_reply('NORUN INFO has no run_id') end
local noted = redis.call('GET', KEYS[1])
local birth, under
if noted then
  birth, under = string.match(noted, '^(%d+) (%x+)$')
  if not birth then return redis.error_reply('NOTOURS the birth is out of shape') end
end
if noted ~= ARGV[1] or under ~= run then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if under ~= run or tonumber(birth) > now then
    if not string.find(redis.call('INFO', 'memory'), '\nmaxmemory_policy:noeviction') then
      return redis.error_reply('EVICTS maxmemory-policy is not noeviction')
    end
    birth = now
    noted = string.format('%.0f %s', now, run)
    redis.call('SET', KEYS[1], noted)
  end
  return {3, noted, now - tonumber(birth)}
end
if redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[2]) then return {1} end
if redis.call('GET', KEYS[2]) == ARGV[3] then return {1} end
return {2}
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
