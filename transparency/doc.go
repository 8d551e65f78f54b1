// Package transparency wraps nexus's WAMP client, so that payloads are sealed
// on the way out and opened on the way in. A router passes them on and can't
// read, forge or swap them.
//
// A [Session] has the methods of nexus's client.Client with the same
// signatures; the [Client] interface is that method set. An application changes
// where it connects:
//
//	ring := keyring.New()
//	err := ring.Set(keyring.Prefix("com.myapp.encrypted."), keyring.Originator(privateKey, responderPublicKey))
//	s, err := transparency.ConnectNet(ctx, "ws://localhost:8080/ws", client.Config{Realm: "realm1"}, ring)
//	err = s.Publish("com.myapp.encrypted.hello", nil, wamp.List{"Hello", 23}, nil)
//
// # What is sealed
//
// The ring says it of every URI, and a Session has no options beside it. A URI is
//
//   - keyed: the ring has a key for it. A message to it is sealed or not sent; a message
//     from there is opened and checked, or refused.
//   - declared plain ([keyring.Ring.SetPlain], [keyring.Ring.PlainUnlessKeyed]): a message
//     to it is sent as it is; one from there is taken as it is, and refused if it is
//     sealed.
//   - closed, where the ring says nothing of it: nothing is sent or taken. The error
//     ([NoKey]) names the pattern that the URI misses by little.
//
// Sealed are the arguments and keyword arguments of events, calls, results, progressive
// calls and results, and of the errors that handlers raise.
//
// A keyed pattern in transition ([keyring.Ring.Transition]) lets plaintext through until
// a date: [keyring.SendPlain] sends plain, [keyring.AcceptPlain] seals, and both take
// plain and sealed messages. [Stats] counts what is plain, and the log says it once for
// each pattern.
//
// A subscription or registration by pattern that both keyed and plain URIs match is
// refused as [Misuse]: who sends a plain message could choose a URI for which it may be
// plain. Where a later change of the ring makes it so, nothing plain is taken by it, and
// the log says so. A pattern in transition counts as keyed. The protocol's own URIs
// (wamp.) match no pattern but one that itself begins so, and those that begin with
// wampbox.error are this library's ([ReservedOption]).
//
// An exchange goes on as it began: plain, or sealed with the version of the key that its
// first message had. Other keys, dates that come, and the end of a transition count from
// the next one on. A revocation counts at once: no chunk or answer is opened with the
// version any more, and none sealed.
//
// Errors that handlers raise are sealed with the call's key, error URI included: a router
// sees [URIError] and nothing else. To a plain call they go as given, and where the error
// URI has a key, without arguments.
//
// # Dialects
//
// Who is at the other end is a property of the key ([cryptobox.Dialect]), and a Session
// speaks all dialects at once:
//
//	wampbox    the default: peers of this library. What follows here is about it
//	autobahn   [keyring.Key.ForAutobahn]: Autobahn|Python's cryptobox, through Crossbar.io
//	passthru   [keyring.Key.ForPassthru]: the payload passthru mode of the specification
//
// A message in another dialect than its key's is refused, and so is one that shows parts of
// any. What isn't carried, by the router or by a link inside the process, is [NotCarried]:
// a warning when connecting, and an error of what needs it. In the two foreign dialects a
// message proves its key and its URI, and counts once, and that is all; an error goes by
// the key of its own URI, which is never hidden. docs/FORMAT.md says what stays open.
//
// # What is checked
//
// What is sealed names the URI, realm and kind of message that it was sealed
// for, who sealed it, and for the parts of a call which call and which place in
// it ([cryptobox.Head]). A router that presents it as anything else is found out:
//
//	kind           re                      seq
//	publish        absent                  number of the publication, or absent
//	call           absent, or the first    chunks of the call before it
//	call_progress  chunk's, if not first   chunks of the call before it
//	progress       the call's first chunk  chunks of the result before it
//	result, error  the call's first chunk  chunks of the result, all of them
//
// re is the [cryptobox.Token] of another sealed payload: absent on what begins an
// exchange. uri is the error URI for an error, else topic or procedure. All chunks of a
// call come from one Session, and so do all answers to it. An own event is refused unless
// it was published with exclude_me false. [Info] tells a handler what was proved, and in
// [Info.Missed] how many events a router has dropped before this one.
//
// No event or call is accepted twice: a [ReplayMemory] knows them by sender and
// counter, once for each subscription that matches an event. What was sent longer
// ago than [WithMaxAge], before the subscription, registration or memory began, or
// further in the future than [WithClockSkew], is refused. A retained event may be
// older, where its publisher asked for it to be retained and the subscription for
// retained events; it too comes once. Clocks have to be in step within the skew. When
// something began is kept by what has elapsed, so that a clock that is set moves it along,
// and a Session that began with a wrong clock is right when the clock is. (On Linux sleep
// doesn't count as elapsed: it is as if the clock were set ahead.)
//
// An event or invocation that is refused never reaches its handler. A call whose
// answer is refused returns an [*Error] with a [Reason]. Refusals are counted by
// [Session.Stats], logged at a bounded rate, and given to [WithOnReject], with the key id
// and the subscription or registration, and whom the router says it is from
// ([Error.From]).
//
// A caller whose sealed call is refused gets [Refused]. Where the call had opened, and not
// more than 16 times a second, the refusal says why, sealed: [Error.Peer] has the callee's
// reason, and how far its clock is ahead. All refusals look alike to a router. [Error.Ref]
// is the same in the errors and logs of both ends. Mind that whoever can answer can refuse:
// a call that was refused may have run. A plain call of what takes none gets
// [URISealedOnly].
//
// # What is not
//
// A router still sees URIs, sizes ([WithPadding] blurs them), timing and session
// ids. It can drop messages, delay them by up to MaxAge and reorder events, decide
// who gets them, and replay to a Session what was sent within the clock skew before
// it began, unless the Session is given the ReplayMemory of the one before. It can
// hand a call to two callees of a registration, unless they share a memory. A NaCl
// box proves that a message comes from a holder of the pattern's keys, not which
// one.
//
// # Limits
//
// Beyond these a message is refused with TooLarge, on its way out by the call that
// sends it:
//
//	record            cryptobox.MaxPayload, MaxDepth, MaxValues
//	message           RecvLimit of client.Config: 16 MiB over RawSocket and 64 MiB over
//	                  WebSocket by default; more ends the connection, as a flood would
//	payload, received eight times the message in memory, or 16 MiB if that is more: a few
//	                  bytes can stand for many values
//	invocations       16,384 served at a time, whose payloads take 128 MiB of memory;
//	                  another one waits for as long as nothing else does, and is then
//	                  answered with wamp.error.unavailable. What was sealed in them takes
//	                  128 MiB more, but the largest records up to twice that: who finds no
//	                  room waits for it
//	events, chunks,   1,024 or 64 MiB of memory that no handler has taken; the router then
//	progress          waits, or, where a reply comes behind them, the call or invocation
//	                  ends, and an event is dropped
//	key versions      at most keyring.MaxOpeners are tried for a payload without a key id
//
// What is remembered against replays is bounded too: see [NewReplayMemory]. Messages
// that are refused cost no more than the time to open them, a counter, and five lines of
// the log at once and one a second.
//
// # Connections
//
// A Session ends with its connection, unless it is made with [WithReconnect]: then it gets
// another one, on which it subscribes and registers again, and stays the same to its peers
// and to its ReplayMemory. Between two connections nothing waits: what is sent is an
// error, that says whether it may have been done.
//
//	[ErrNotConnected]  it was not sent, and can be tried again
//	[ErrInterrupted]   it was sent and not answered: a call may have run
//
// [Session.Ready] is for health checks, [Session.Err] tells why there is no connection, and
// [Session.Shutdown] leaves when what has come is answered. Refusals, lost connections
// and attempts to get another one are logged, as records by [WithLogger].
//
// # Errors
//
// Errors are those of nexus's client, client.RPCError for an error of the callee among
// them. Where a connection has ended, client.ErrNotConn is wrapped, and why. Errors that a
// Session adds are of type [*Error]; branch on the reason:
//
//	if errors.Is(err, transparency.WrongRole) { ... }
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
