// Package transparency seals the payloads of WAMP messages on their way out, and opens
// and checks them on their way in. The router passes them on. It can't read, forge or swap
// them.
//
// Connect with a keyring, and go on as with nexus's client:
//
//	ring, err := keyfile.Load("originator.json")
//	s, err := transparency.ConnectNet(ctx, "ws://localhost:8080/ws", client.Config{Realm: "realm1"}, ring)
//	err = s.Publish("com.myapp.hello.world", nil, wamp.List{"Hello", 23}, nil)
//	res, err := s.Call(ctx, "com.myapp.hello.add2", nil, wamp.List{2, 3}, nil, nil)
//
// A [Session] has the methods of nexus's client.Client with the same signatures. The
// interface [Client] is that method set: write it where *client.Client stood. [ConnectLocal]
// is for a router in the same process. [Wrap] takes a session of nexus's client that is
// there already; a hostile router can crash or stall that client, so prefer the other two.
//
// # What is sealed
//
// The ring decides, for each URI. A Session has no options beside it. A URI is one of these:
//
//   - Keyed: the ring has a key for it. What goes there is sealed, or not sent. What comes
//     from there is opened and checked, or refused.
//   - Plain: the ring declares it plain ([keyring.Ring.SetPlain],
//     [keyring.Ring.PlainUnlessKeyed]). What goes there is sent as it is. What comes from
//     there is taken as it is, and refused if it is sealed.
//   - Closed: the ring says nothing of it. Nothing is sent or taken. The error ([NoKey])
//     names the pattern that the URI misses by little.
//
// A Session seals the arguments and keyword arguments of events, calls, results, progressive
// calls and results, and of errors that handlers raise. An error's URI is sealed with them: a
// router sees [URIError]. To a plain call an error goes as given, but without arguments if
// the error URI has a key.
//
// An exchange goes on as it began: plain, or sealed with the version of the key that its
// first message had. New keys, dates that come, and the end of a transition count from the
// next exchange on. A revocation counts at once.
//
// A keyed pattern can be in transition until a date ([keyring.Ring.Transition]), while a
// running system is switched over. [keyring.SendPlain] sends plain, [keyring.AcceptPlain]
// seals, and both take plain and sealed messages. [Stats] counts what is plain, and the log
// says it once for each pattern.
//
// A subscription or registration by pattern is refused as [Misuse] if both keyed and plain
// URIs match it: the sender of a plain message could choose a URI that may be plain. If a
// later change of the ring makes it so, nothing plain is taken by that subscription or
// registration any more, and the log says so. A pattern in transition counts as keyed here.
// URIs of the protocol (wamp.) match no pattern but one that itself begins so. URIs that
// begin with wampbox.error are this library's ([ReservedOption]).
//
// docs/RULES.md has all of this in tables.
//
// # What a handler may believe
//
// [InfoFrom] tells what was proved of a message: key, dialect, kind, sending session, its
// counter and clock. [Info.Missed] tells how many events of that sender on that topic are
// missing before this one. All else in the details is the router's word, except for the topic
// or procedure.
//
// No event and no call is accepted twice. A [ReplayMemory] knows them by sender and counter,
// once for each subscription that matches an event. A message is too old if it was sent
// longer ago than [WithMaxAge], or before the subscription, the registration or the memory
// began. One sent further in the future than [WithClockSkew] is refused too. So clocks have
// to be in step within the skew. A retained event may be older, if its publisher asked for it
// to be retained and the subscription for retained events. It too comes once.
//
// The time at which something began is kept by what has elapsed since. So a clock that is set
// moves it along, and a Session that began with a wrong clock is right when the clock is. (On
// Linux sleep doesn't count as elapsed: it is as if the clock were set ahead.)
//
// An answer proves that it was sealed after its call. So no result is refused for a wrong
// clock, unless it comes later than MaxAge, and seems to be older too. A caller whose clock
// differs from its callee's by more than the skew finds that in its log with the first
// answer, and where calls are refused for it, in the error.
//
// # Refusals
//
// An event or invocation that is refused never reaches its handler. A call whose answer is
// refused returns an [*Error] with a [Reason]. [Session.Stats] counts refusals, the log has
// them at a bounded rate, and [WithOnReject] is given each, with the key id, the
// subscription or registration, and whom the router says it is from ([Error.From]).
//
// A caller whose sealed call is refused gets [Refused]. If the call had opened, the refusal
// says why, sealed, up to 16 times a second: [Error.Peer] has the callee's reason, and how
// far its clock is ahead. To a router all refusals look alike. [Error.Ref] is the same in the
// errors and logs of both ends. Whoever can answer can refuse, so a call that was refused may
// have run. A plain call gets [URISealedOnly] where only sealed ones are taken.
//
// docs/REFUSED.md goes from symptoms to what to do.
//
// # Errors
//
// Errors are those of nexus's client, client.RPCError for an error of the callee among
// them. If a connection has ended, the error wraps client.ErrNotConn and says why. Errors
// that a Session adds are of type [*Error]. Branch on the reason:
//
//	if errors.Is(err, transparency.WrongRole) { ... }
//
// [Unsealable], [Misuse] and [ReservedOption] are mistakes of the caller. [NoKey] and
// [WrongRole] are of the ring. [DeviceDown] and [StoreDown] are of what stands beside the
// program. [Malformed] came off the wire.
//
// # Connections
//
// A Session ends with its connection, unless it is made with [WithReconnect]. Then it
// connects again, subscribes and registers again, and stays the same to its peers and to its
// ReplayMemory. Nothing is queued between two connections. Sending returns an error then,
// which says whether the message may have been handled:
//
//	[ErrNotConnected]  it was not sent, and can be tried again
//	[ErrInterrupted]   it was sent and not answered: a call may have run
//
// [Session.Ready] is for health checks, [Session.Err] tells why there is no connection, and
// [Session.Shutdown] leaves when what has come is answered. Refusals, lost connections and
// attempts to get another one are logged, as records by [WithLogger].
//
// # Limits
//
// Beyond these a message is refused with TooLarge, unless the table says otherwise. If it was
// on its way out, the call that sends it returns that error, and nothing is sent.
//
//	record            16 MiB, 128 levels, 1,048,576 values (cryptobox.MaxPayload,
//	                  MaxDepth, MaxValues); its values may take eight times its bytes in
//	                  memory, or 17 MiB if that is more (docs/FORMAT.md, section 13)
//	message, sent     over RawSocket 16 MiB, or less if the router says so; on a JSON
//	                  session base64 needs a quarter of that
//	message, received RecvLimit of client.Config: 16 MiB over RawSocket and 64 MiB over
//	                  WebSocket by default. More ends the connection, as a flood would
//	payload, received eight times the message in memory, or 16 MiB if that is more: a few
//	                  bytes can stand for many values
//	invocations       16,384 served at a time, whose payloads take 128 MiB of memory.
//	                  Another one waits as long as nothing else does, and is then answered
//	                  with wamp.error.unavailable. What was sealed in them takes 128 MiB
//	                  more, or twice that for the largest records. An invocation that
//	                  finds no room for it waits
//	events, chunks,   1,024, or 64 MiB of memory, that no handler has taken. Then the
//	progress          router waits. If a reply comes behind them, the call or invocation
//	                  ends, and an event is dropped
//	replay memory     100,000 senders in 20 MB, the last 8,192 messages of each; 32,768
//	                  payloads of foreign dialects. What was forgotten is refused (Stale,
//	                  Replayed); of foreign payloads the oldest is forgotten
//	missing events    65,536 topics whose events are numbered, and as many topics of
//	                  senders whose events are counted. Beyond, events have no number, or
//	                  are counted from the next one on
//	key versions      64 of a pattern's key; at most keyring.MaxOpeners are tried for a
//	                  payload without a key id
//	refusals          16 a second say why, sealed. The others are random bytes
//	shared memory     5 s to answer, then StoreDown
//	log               of refused messages five lines at once and one a second. The next
//	                  line counts the others
//
// Messages that are refused cost the time to open them, a counter, and those lines of the
// log.
//
// # What is checked
//
// What is sealed names the URI, the realm and the kind of message that it was sealed for, and
// who sealed it. Parts of a call also name the call and their place in it ([cryptobox.Head]).
// So a router that presents a message as anything else is found out:
//
//	kind           re                      seq
//	publish        absent                  number of the publication, or absent
//	call           absent, or the first    chunks of the call before it
//	call_progress  chunk's, if not first   chunks of the call before it
//	progress       the call's first chunk  chunks of the result before it
//	result, error  the call's first chunk  chunks of the result, all of them
//
// The re is the [cryptobox.Token] of another sealed payload. It is absent on what begins an
// exchange. The uri is the error URI for an error, else the topic or procedure. All chunks of
// a call come from one Session, and so do all answers to it. An event that this Session has
// published itself is refused unless it was published with exclude_me false.
//
// # Dialects
//
// Who is at the other end is a property of the key ([cryptobox.Dialect]), and a Session
// speaks all dialects at once:
//
//	wampbox    the default: peers of this library. What stands above is about it
//	autobahn   [keyring.Key.ForAutobahn]: Autobahn|Python's cryptobox, through Crossbar.io
//	passthru   [keyring.Key.ForPassthru]: the payload passthru mode of the specification
//
// A message in another dialect than its key's is refused. So is one that shows parts of any
// dialect. If the router, or a link inside the process, doesn't carry a dialect, the Session
// warns when it connects, and what needs the dialect is an error ([NotCarried]). In the two
// foreign dialects a message proves its key and its URI, and counts once, and that is all. An
// error goes by the key of its own URI, which is never hidden. docs/AUTOBAHN.md says what
// stays open.
//
// # What is not protected
//
// A router still sees URIs, sizes ([WithPadding] blurs them), timing and session ids. It can
// drop messages, delay them by up to MaxAge, reorder events, and decide who gets what. It
// can replay to a Session what was sent within the clock skew before the Session began,
// unless the Session is given the ReplayMemory of the one before. It can hand a call to two
// callees of a registration, unless they share a memory. A NaCl box proves that a message
// comes from a holder of the pattern's keys, not which one. SECURITY.md has the whole list.
//
// # Values
//
// A keyed URI carries what a plain one carries: an application's value is sealed as what
// nexus's serializer of the session makes of it for a receiver that has the same one. So
// structs go by "codec" tags, then "json" tags; embedded structs, omitempty, toarray and maps
// of any kind are as nexus's clients send them; and types write themselves by MarshalBinary
// on CBOR and MessagePack sessions, by MarshalJSON or else MarshalText on JSON sessions, if
// they have the other half of the pair too. A time is a time on CBOR and MessagePack
// sessions, and text as of RFC 3339 on JSON sessions. A link inside the process has no
// serializer: values go as on CBOR sessions. [WithSerialization] tells it of a wrapped client.
//
// Sealed values arrive as package cryptobox delivers them, over every transport
// and serializer, local links included: integers as int64 (uint64 beyond), maps
// as map[string]any, lists as []any. What came in plain has the types that nexus
// gives it, which differ from one serializer to the next. [Decode] puts both into types.
//
// A value of one of the types that arrive, in []any, map[string]any, wamp.List or wamp.Dict,
// arrives as it is. That is better than plain for
//
//	[]byte, serialize.BinaryData   bytes on JSON sessions too, where plain is base64
//	float64, float32               exact: on JSON sessions plain makes integers of large
//	                               floats, and null of NaN and infinities
//	*big.Int                       an integer, of up to 1024 bits
//
// In all other types, and in their fields, these are what they are in plain. Times are exact
// to a quarter of a microsecond in this century, and on CBOR sessions to a microsecond.
//
// What can't arrive is an error before anything is sent ([Unsealable]), with the path of the
// value but nothing of it: channels and functions (plain empties a channel into a list), what
// holds itself (plain ends the process), text that isn't UTF-8, map keys that aren't text,
// MessagePack extensions, CBOR tags, codec.Raw, years beyond 9999, and types without exported
// fields whose methods aren't those of the serializer, such as *big.Int in a struct on a CBOR
// session (plain makes an empty map of these). So are a method that fails or panics, and
// cryptobox's keys. The foreign dialects have no times.
package transparency
