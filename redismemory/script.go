package redismemory

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// runner is a way of running one.
type runner = func(ctx context.Context, client redis.Scripter, keys []string, args ...any) *redis.Cmd

// What acceptScript answers. Zero is none of them.
const (
	isNew = iota + 1
	isSeen
	otherBirth
)

// acceptScript does all of Accept in one step.
//
// KEYS: the birth; the message. ARGV: the birth that the caller knows, for how long to
// remember the message, the id of this Accept, and what a birth is named that is noted by
// those who know that one. Times are in milliseconds. It answers one of the numbers above;
// of another birth that, and its age.
//
// The birth is by the clock of the server, and names the run that noted it. Another run
// has restarted from what was last saved, or has taken over from a master it lagged
// behind: what was accepted last may be missing, so the memory is born anew. So it is for
// a caller who comes from another run, whatever that server has noted before: what was
// accepted there is missing here. It is noted once for all who ask at that time, which its
// name tells. And so it is where the birth has not come by the server's clock, since nobody
// knows how long ago it was. No clock of a server counts what has elapsed; callers do, once
// they know the birth.
//
// A client that loses the connection before the answer asks again. The id tells
// that from another Accept of the message.
var acceptScript = redis.NewScript(`
local run = string.match(redis.call('INFO', 'server'), '\nrun_id:(%x+)')
if not run then return redis.error_reply('NORUN INFO has no run_id') end
local noted = redis.call('GET', KEYS[1])
local birth, under, name
if noted then
  birth, under, name = string.match(noted, '^(%d+) (%x+) (%w+)$')
  if not birth then return redis.error_reply('NOTOURS the birth is out of shape') end
end
if noted ~= ARGV[1] or under ~= run then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local from = string.match(ARGV[1], ' (%x+) ')
  if under ~= run or from and from ~= run and name ~= ARGV[4] or tonumber(birth) > now then
    if not string.find(redis.call('INFO', 'memory'), '\nmaxmemory_policy:noeviction') then
      return redis.error_reply('EVICTS maxmemory-policy is not noeviction')
    end
    birth = now
    noted = string.format('%.0f %s %s', now, run, ARGV[4])
    redis.call('SET', KEYS[1], noted)
  end
  return {3, noted, now - tonumber(birth)}
end
if redis.call('SET', KEYS[2], ARGV[3], 'NX', 'PX', ARGV[2]) then return {1} end
if redis.call('GET', KEYS[2]) == ARGV[3] then return {1} end
return {2}
`)

// checkScript answers 1 if Redis is set up as we need it, as far as that can't be tried.
// KEYS: the birth, which leads to the right node of a cluster.
var checkScript = redis.NewScript(`
if not string.find(redis.call('INFO', 'server'), '\nrun_id:%x+') then
  return redis.error_reply('NORUN INFO has no run_id')
end
if not string.find(redis.call('INFO', 'memory'), '\nmaxmemory_policy:noeviction') then
  return redis.error_reply('EVICTS maxmemory-policy is not noeviction')
end
return 1
`)
