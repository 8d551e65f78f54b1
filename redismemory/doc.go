// Package redismemory lets the callees of a shared registration remember together, in Redis,
// which calls they have accepted. Call [New] with a client of Redis, and give the [Memory] to
// each Session:
//
//	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379", ContextTimeoutEnabled: true})
//	memory, err := redismemory.New(rdb)
//	err = memory.Check(ctx)
//	s, err := transparency.ConnectNet(ctx, url, cfg, ring, transparency.WithReplayMemory(memory))
//	err = s.Register("com.myapp.encrypted.pay", pay, wamp.Dict{"invoke": "roundrobin"})
//
// The reason is that a router decides which callee of a shared registration gets a call. A
// router that lies hands the same call to two of them. If each callee remembers by itself, the
// call is new to both. If they share a memory, only one of them runs it.
//
// This is a module of its own, so that only programs that require it download and compile a
// client for Redis. A Session asks the memory for calls alone. It asks once for each call,
// however many chunks the call has. (Peers of foreign dialects don't bind the chunks of a call
// to one another: there it asks for each chunk.) Events and answers never wait for Redis.
// [Memory.Accept] takes one round trip, and about 40 µs of work in Redis. It takes two round
// trips when the process doesn't know the birth of the memory yet (see below).
//
// # What it holds
//
// A call has a binding if its sealed record names its sender and the sender's counter: calls of
// this library's peers have one, calls of foreign dialects have none. For each call that was
// accepted there is one Redis key. Its name is a prefix and a hash. For a call with a binding
// the hash is of these: who signed the call, where it is signed, the scope (what the call has to
// be new in: all calls), a hash of the secret that opened the call, the sender and the counter.
// So no signer can have another's call refused by what its own calls say. For a call without a binding it is of
// the scope and of the fingerprint of the call's token, which stands for one sealed payload
// ([cryptobox.Token.Fingerprint]). The value of the Redis key is random.
//
// No payload, no encryption key and no nonce reaches Redis. Somebody who can read Redis learns
// how many calls were served, and when. Somebody who can write to it can delete Redis keys and
// have calls run again, or have calls refused. So give it a password and TLS, and let nobody in
// but the callees.
//
// Redis drops a Redis key when every callee would refuse its call as too old. So the rate of
// calls bounds the memory. Each call takes about 200 bytes, for at most [transparency.WithMaxAge]
// and three times [transparency.WithClockSkew]. With the defaults, 100 calls a second take about
// 8 MB. A call without a binding doesn't say how old it is. Its Redis key is kept for an hour
// ([WithUnboundFor]), and a router can replay the call after that.
//
// # What the callees must have in common
//
// They need the same prefix, the same keys, the same [transparency.WithMaxAge] and
// [transparency.WithClockSkew], and the same time: their clocks may differ by the skew.
// Otherwise a Redis key would expire by the rules of one callee while another callee still
// accepts the call.
//
// # Setting up Redis
//
// Use Redis 7 or later, with maxmemory-policy noeviction, which is its default. With any other
// policy a full Redis drops Redis keys before their time, and a call that was accepted before
// could be accepted again unnoticed. With noeviction a full Redis refuses to write, and calls
// are refused until there is room. Accept looks at the policy when it notes a birth. If the
// policy is another one, Accept notes none and returns an error. [Memory.Check] looks at the
// policy each time, and tries everything that Accept does. Call it when the program starts. The
// user of Redis needs EVAL, EVALSHA, GET, SET, TIME and INFO, and has to be allowed to read and
// write the Redis keys of the prefix.
//
// The memory needs a client of its own. [New] bounds the replies that the client takes: a
// server that is broken, or isn't Redis, could have it take all memory or end the process.
// This holds for connections made after New, to a server, to a master that Sentinel names,
// or to a node of a cluster. Replies of Sentinel itself aren't bounded.
//
// # When Redis forgets
//
// The memory has a birth: a Redis key that says since when the memory remembers. A call that was
// sent longer than the skew before the birth is refused as [transparency.Stale], because nobody
// knows whether it was accepted. If there is no birth, the first Accept notes one. Each Accept
// looks at the birth, in the same step in which it looks for the call. So:
//
//   - Redis was flushed, or restarted empty. Then there is no birth, and a new one is noted.
//   - Redis restarted from what it had saved, or a replica or another node took over. Then the
//     calls that were accepted last may be missing. The birth names the run of the server in
//     which it was noted (run_id of INFO). The run is another one now, so a new birth is noted.
//   - A proxy or a new address leads to another server, with a birth of its own. Each process
//     remembers which run it asked last. When it meets another run, it has a new birth noted
//     there. It does so too when it comes back to a server that it asked earlier.
//
// In each case calls go on at once. A call that a router has held back for longer than the skew
// is refused. A call that was sent less than the skew before the loss can be accepted once
// more. That is the price of not refusing honest calls. A Session that restarts pays it too.
//
// The clock of Redis says when the birth was. A process that meets a new birth asks Redis how
// old it is. From then on the process measures by itself how much older the birth gets. To
// compare the birth with a call, it subtracts that age from the present time of its own clock.
// This has three consequences:
//
//   - If the clock of one callee is wrong, or is set, no other callee accepts an old call or
//     refuses a new one because of that.
//   - If the clock of Redis is set, nothing changes for a callee that knows the birth.
//   - A callee that meets the birth later takes its age from the clock of Redis as that is
//     then. If that clock was set ahead by a minute, the birth seems a minute older, and the
//     callee also accepts calls that were sent up to a minute earlier. If it was set back by a
//     minute, the callee refuses calls that were sent up to a minute later. If the birth now
//     lies in the future of that clock, a new birth is noted.
//
// Replication is asynchronous. A master that is cut off from its replicas goes on
// accepting while one of them takes over, and two callees that see different
// masters both run a call. Where that matters use a single server, or let a
// master without replicas stop (min-replicas-to-write 1). A [redis.Ring] is
// refused.
//
// The memory can't notice it if somebody deletes single Redis keys, restores a dump into a
// running server, or sets the clock of Redis ahead, which drops Redis keys before their time.
//
// # When Redis can't be asked
//
// Then Accept returns an error, and the Session refuses the call with
// [transparency.StoreDown]. The caller gets the same opaque answer as for any refusal. No call
// is run without asking. Service returns by itself when Redis does. These times bound the wait:
//
//   - go-redis tries to connect for up to 2 seconds before an Accept fails. When as many
//     attempts have failed as the client has room for connections, go-redis looks for the
//     server only once a second. So service is back at most a second after Redis. We measured
//     0.1 to 0.34 s with 50 callers. With one caller it was back at once.
//   - A Session waits for an Accept for at most 5 seconds. At most 256 of them are under way at
//     a time. Others wait for their turn, which is part of their 5 seconds.
//   - If Redis is up but slow, go-redis asks again. That is safe, because an Accept recognizes
//     the value that it wrote itself.
//
// Shorter timeouts of the client (DialTimeout, ReadTimeout, MaxRetries) make for earlier
// refusals. If Accept runs out of time after Redis has noted the call, that call is never
// accepted.
//
// The client writes its own log about connections to standard error, see
// [redis.SetLogger].
package redismemory
