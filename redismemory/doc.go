// Package redismemory remembers in Redis which calls were accepted, for the callees
// of a shared registration.
//
// A router decides which callee of a shared registration gets a call. One that lies hands the
// same call to two of them, and each finds it new, if it remembers by itself. Callees that
// share a memory run it once:
//
//	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
//	memory, err := redismemory.New(rdb)
//	err = memory.Check(ctx)
//	s, err := transparency.ConnectNet(ctx, url, cfg, ring, transparency.WithReplayMemory(memory))
//	err = s.Register("com.myapp.encrypted.pay", pay, wamp.Dict{"invoke": "roundrobin"})
//
// It is a module of its own, so that only programs that require it download and compile a
// client for Redis. A Session asks it for calls alone, once for each, however many chunks a
// call has (once for each chunk of peers that bind nothing). Events and answers never wait
// for Redis. An Accept takes one round trip, two where the birth of the memory is new to the
// process (below), and Redis about 40 µs of work.
//
// # What it holds
//
// For each call accepted there is one key. Its name is a prefix and a hash of scope, key id,
// sender and counter; for calls without a binding, of the scope and the fingerprint of their
// token ([cryptobox.Token.Fingerprint]). Its value is random. No payload, key or nonce
// reaches Redis. Somebody who can read Redis learns how many calls were served, and when.
// Somebody who can write to it can delete keys and have calls run again, or have them
// refused: give it a password and TLS, and let nobody in but the callees.
//
// Redis drops a key when its call would be refused as too old by any callee, so
// memory is bounded by the rate of calls: each takes about 200 bytes for
// [transparency.WithMaxAge] and three times [transparency.WithClockSkew] at most, 100
// calls a second about 8 MB with the defaults. Calls without a binding don't tell
// their age. They are kept for an hour ([WithUnboundFor]); a router can replay
// those older than that.
//
// # What the callees must have in common
//
// The prefix, the key ids (which are derived from the keys, where none is given),
// [transparency.WithMaxAge], [transparency.WithClockSkew], and the time: clocks may differ by
// the skew. Otherwise a key would expire by the rules of one callee while another one still
// takes the call.
//
// # Setting up Redis
//
// Redis 7 or later, with maxmemory-policy noeviction, which is its default. With any
// other, a full Redis drops keys before their time, and what they stood for could
// return unnoticed. With noeviction it refuses to write instead, and calls are refused
// until there is room. Accept looks at the policy when it notes a birth, and refuses
// to begin with another. [Memory.Check] looks at any time, and tries all that Accept does: a
// program does well to call it when it starts. The user needs EVAL, EVALSHA, GET, SET, TIME
// and INFO, and to read and write the keys of the prefix.
//
// The memory needs a client of its own. [New] bounds the replies that the client takes: a
// server that is broken, or isn't Redis, could have it take all memory or end the process.
// This holds for connections made after New, to a server, to a master that Sentinel names,
// or to a node of a cluster. What Sentinel itself answers isn't bounded.
//
// # When Redis forgets
//
// The memory has a birth: a key that says since when it remembers. What was sent
// longer than the skew before it is refused as [transparency.Stale], since nobody
// knows whether it was accepted. The first Accept that finds no birth notes one. Accept
// looks at it each time, in the step that looks for the message. So:
//
//   - Redis was flushed, or restarted empty: there is no birth, a new one is noted.
//   - Redis restarted from what it had saved, or a replica or another node took over: what
//     was accepted last may be missing. The birth names the run of the server that it
//     was noted in (run_id of INFO), which is another now: a new birth is noted.
//   - A proxy or a new address leads to another server, which has a birth of its own, or
//     back to one: a process remembers the run that it asked last, and has a new birth
//     noted where it finds another one.
//
// Either way, calls go on at once. What a router has held back for longer than the skew
// is refused. What was sent less than the skew before the loss can be accepted once
// more: that is the price of not refusing honest calls, the same as for a Session
// that restarts.
//
// The birth is noted by the clock of Redis. A process that finds one that it doesn't know
// learns how long ago it was, and keeps it by its own clocks from then on: by the time that
// its wall clock tells, less what has elapsed. So a callee whose clock is wrong, or is set,
// neither readmits anything to others nor has them refuse what is new, and neither does
// setting the clock of Redis, once a callee knows the birth. Redis has no clock that can't be
// set. If that clock is set ahead, the birth seems older by as much to a callee that comes
// later, and that callee also takes calls sent earlier by as much. If it is set back, that
// callee refuses so much more. A birth that lies ahead of the clock is noted anew.
//
// Replication is asynchronous. A master that is cut off from its replicas goes on
// accepting while one of them takes over, and two callees that see different
// masters both run a call. Where that matters use a single server, or let a
// master without replicas stop (min-replicas-to-write 1). A [redis.Ring] is
// refused.
//
// Deleting single keys, restoring a dump into a running server, and setting its clock
// ahead, which drops keys before their time, can't be noticed.
//
// # When Redis can't be asked
//
// Then Accept returns an error, and the Session refuses the call with
// [transparency.StoreDown]; its caller gets the one opaque answer. No call is run without
// asking. Service returns by itself when Redis does. A client that has failed to connect as
// often as it has room for connections looks for the server once a second: with 50 callers,
// service was back 0.1 to 0.34 s after Redis, and after at most a second it has to be; with
// one caller, at once. Until then go-redis tries for up to 2 seconds before an Accept fails.
// A Session waits at most 5 seconds, and at most 256 questions are under way at a time;
// others wait for their turn as part of these 5 seconds. Redis that is up but slow is asked
// again by go-redis, which is safe: an Accept knows its own entry. Shorter timeouts of the
// client (DialTimeout, ReadTimeout, MaxRetries) make for earlier refusals. If Accept ran out
// of time after Redis had noted the call, that call is never accepted.
//
// The client writes its own log about connections to standard error, see
// [redis.SetLogger].
package redismemory
