// Package transparency encrypts the payloads of WAMP messages from end to end. A program uses
// it as it uses nexus's client. Call [ConnectNet] with a keyring, and go on with the methods
// that you know:
//
//	ring, err := keyfile.Load("originator.json")
//	s, err := transparency.ConnectNet(ctx, "ws://localhost:8080/ws", client.Config{Realm: "realm1"}, ring)
//	err = s.Publish("com.myapp.hello.world", nil, wamp.List{"Hello", 23}, nil)
//	res, err := s.Call(ctx, "com.myapp.hello.add2", nil, wamp.List{2, 3}, nil, nil)
//
// A [Session] seals each payload that goes out: it encrypts and authenticates it. It opens each
// payload that comes in, and checks that it is what the router says it is. The router passes
// sealed payloads on. It can't read, forge or swap them.
//
// A Session has the methods of nexus's client.Client with the same signatures. The interface
// [Client] is that method set: write it where *client.Client stood. [ConnectLocal] is for a
// router in the same process. [Wrap] takes a session of nexus's client that is there already; a
// hostile router can crash or stall that client, so prefer the other two.
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
//   - Closed: the ring says nothing of it. Nothing is sent or taken. If the URI nearly
//     matches a pattern of the ring, the error ([NoKey]) names that pattern.
//
// A Session seals the arguments and keyword arguments of events, calls, results, progressive
// calls and results, and of errors that handlers raise. It seals an error's URI with them: a
// router sees [URIError] instead. The answer to a plain call is plain, and so is an error that a
// handler raises there. If the error's URI has a key and isn't in transition, the error is sent
// without its arguments. (If that key is for Autobahn, the arguments are sealed.)
//
// An exchange is a publication, or a call with all its answers. It ends as it began: plain, or
// sealed with the version of the key that its first message had. If the ring gets a new key, a
// date comes, or a transition ends, this takes effect with the next exchange. A revocation takes
// effect at once.
//
// A keyed pattern can be in transition until a date ([keyring.Ring.Transition]), while a
// running system is switched over. [keyring.SendPlain] sends plain messages and
// [keyring.AcceptPlain] sends sealed ones. Both accept plain and sealed messages. [Stats] counts
// the plain ones, and the log mentions them once for each pattern.
//
// A subscription or registration by pattern is refused as [Misuse] if both keyed and plain
// URIs match it: the sender of a plain message could choose a URI that may be plain. If a later
// change of the ring leads to that, the subscription or registration accepts no plain message
// from then on, and the log says so. A pattern in transition counts as keyed here. A URI of the
// protocol (wamp.) matches a pattern only if the pattern begins with "wamp." too. URIs that
// begin with wampbox.error belong to this library ([ReservedOption]).
//
// docs/RULES.md has all of this in tables.
//
// # Scrambled URIs
//
// Where the ring scrambles URIs ([keyring.Ring.Scramble]), routers get them scrambled, in all
// kinds of messages and patterns. Programs give and get real URIs, in details, errors and logs too.
// While a secret changes, a Session subscribes and registers under each one that opens, and sends
// under the one in use. If the router refuses one of them, [Session.Ready] says so.
//
// A router's own procedures, such as wamp.registration.lookup, are plain. A real URI as an argument
// there is [Misuse]: give what [Session.RouterURIs] returns. [Session.RealURI] goes the other way,
// for what a router tells. A subscription or registration that matches URIs below a scrambled
// prefix and others is Misuse, too. docs/SCRAMBLING.md has what still shows, and routers' rules.
//
// # What a handler may believe
//
// [InfoFrom] tells what was proved of a message: pattern, key, dialect, kind, who signed it,
// sending session, its counter and clock. (The dialect is whose way of sealing it is, see below.) [Info.Missed] tells
// how many events of that sender on that topic are missing before this one. Everything else in
// the details is the router's word, except for the topic or procedure.
//
// No event and no call is accepted twice. A [ReplayMemory] knows each by its sender and its
// counter. If several subscriptions match an event, each of them accepts it once. A message is
// too old if it was sent longer ago than [WithMaxAge], or before the subscription, the
// registration or the memory began. A message that was sent further in the future than
// [WithClockSkew] is refused too. So the clocks of all peers have to agree within the skew. A
// retained event may be older, if its publisher asked for it to be retained and the
// subscription asked for retained events. It is accepted once too.
//
// The machine's clock can be set while a Session runs. So a Session measures how long ago a
// subscription, a registration or the memory began, and subtracts that from the clock's present
// time. If a Session began with a wrong clock, it is right as soon as the clock is. (On Linux
// the measurement leaves out the time that the machine sleeps: that is as if the clock had been
// set ahead.)
//
// An answer proves that it was sealed after its call. So an answer that comes within MaxAge of
// its call is accepted, whatever the clocks say. A later one is refused if its own time
// says too that it is older than MaxAge. If a callee's clock differs from the caller's by more than
// the skew, the first answer shows it, and the caller's log says so. If calls are refused for
// that reason, their errors say so.
//
// # Who sent it
//
// A key that is signed ([keyring.Signed]) proves which party has sent a message:
// [Info.Sender] has the name and the key of one that the ring lists. That, and not what a
// router says of a caller, is what a handler can base access on. [AllowSenders] does:
//
//	err := s.Register("com.myapp.desk.pay", transparency.AllowSenders(pay, "billing"), nil)
//
// Whoever only publishes and calls can't read what others send, and whoever only reads can't
// publish. A message that no listed party has signed is refused ([WrongSender]). A caller isn't
// told so: its refusal gives no reason. An answer is sealed for the Session that called, and
// taken from the parties that this lists as answerers. A ring that takes any answer proves no
// sender of it, and one that lists nobody can only publish (a call is [WrongRole]).
//
// The lists of the ring count as they are when a message comes, in exchanges that are under
// way too. A party that is removed is sent no further answer, and none of it is accepted. While
// a pattern goes over from another key, [keyring.Ring.AllowUnsigned] says until when messages
// without a signature are accepted.
//
// # Refusals
//
// An event or invocation that is refused never reaches its handler. A call whose answer is
// refused returns an [*Error] with a [Reason]. [Session.Stats] counts refusals, and the log has
// them at a bounded rate. [WithOnReject] is given each one, with the key id, the subscription or
// registration, and whom the router says it is from ([Error.From]).
//
// A caller whose sealed call is refused gets [Refused]. If the callee could open the call, its
// refusal gives the reason, sealed, up to 16 times a second. [Error.Peer] then has the callee's
// reason, and by how much at least the callee's clock is ahead of the caller's. To a router
// all refusals of sealed calls look alike. [Error.Ref] is the same in the errors and logs of
// both ends. Whoever can answer a call can refuse it, so a call that was refused may have run.
// A plain call to a procedure that takes only sealed ones gets [URISealedOnly].
//
// # Watching a Session
//
// [Session.Stats] counts what was sealed, opened and refused: in all, and by pattern and version of
// the key ([KeyStats]). So it tells when a version opened something last, and whether it can be
// retired. [WithObserver] is told how long sealing and opening take, and how large messages are.
// Neither has a URI or a payload.
//
// docs/REFUSED.md goes from symptoms to what to do.
//
// # Validation
//
// [WithValidator] has each payload looked at before it is sealed or sent, and after it has
// passed every other check, plain ones too. What the [Validator] refuses is [Invalid]. Package
// validation, a module of its own, has one for JSON Schemas. docs/VALIDATION.md tells what
// becomes of an invalid payload at both ends.
//
// # Errors
//
// A Session returns the errors of nexus's client, such as client.RPCError for an error of the
// callee. If a connection has ended, the error wraps client.ErrNotConn and says why. Errors
// that a Session adds are of type [*Error]. Branch on the reason:
//
//	if errors.Is(err, transparency.WrongRole) { ... }
//
// [Unsealable], [Misuse] and [ReservedOption] are mistakes of the caller, and so is [Invalid] of
// what is to be sent. [NoKey] and
// [WrongRole] are mistakes in the ring. [DeviceDown] and [StoreDown] mean that a device with a
// private key, or a shared replay memory, can't be asked. [Malformed] means that the message came
// in that way.
//
// # Connections
//
// A Session ends with its connection, unless it is made with [WithReconnect]. Then it
// connects again, subscribes and registers again, and stays the same to its peers and to its
// ReplayMemory. While there is no connection, the Session queues nothing: each method that sends
// returns an error. The error says whether the message may have been handled:
//
//	[ErrNotConnected]  it was not sent, and can be tried again
//	[ErrInterrupted]   it was sent and not answered: a call may have run
//
// [Session.Ready] is for health checks, and [Session.Err] tells why there is no connection.
// [Session.Shutdown] first has all answered that has come in, and then leaves. Refusals, lost
// connections and attempts to connect again are logged, as records by [WithLogger].
//
// # Limits
//
// A message beyond one of these limits is refused with TooLarge, unless the table says
// otherwise. If the message was on its way out, the method that sends it returns that error, and
// nothing is sent.
//
//	record            16 MiB, 128 levels, 1,048,576 values (cryptobox.MaxPayload,
//	                  MaxDepth, MaxValues); its values may take eight times its bytes in
//	                  memory, or 17 MiB if that is more (docs/FORMAT.md, section 13)
//	message, sent     over RawSocket 16 MiB, or less if the router says so. JSON sessions
//	                  write records in base64, which makes them a third longer: a
//	                  message of 16 MiB then holds a record of less than 12 MiB
//	message, received RecvLimit of client.Config: 16 MiB over RawSocket and 64 MiB over
//	                  WebSocket by default. A larger one ends the connection: it could
//	                  be a flood
//	payload, received eight times the message in memory, or 16 MiB if that is more: a few
//	                  bytes can stand for many values
//	invocations       16,384 are served at a time, and their payloads take 128 MiB of
//	                  memory. The router has to wait with the next one until there is
//	                  room. If there is none after half of ResponseTimeout, or the
//	                  Session itself waits for a reply, that invocation is answered with
//	                  wamp.error.unavailable. The opened payloads take 128 MiB more, or
//	                  twice that for the largest records, until their handlers return.
//	                  An invocation waits for room for its own in the same way; a later
//	                  chunk that finds none ends its invocation. What a handler keeps
//	                  of a chunk for the next one isn't counted
//	events, chunks,   1,024, or 64 MiB of memory, wait for their handlers. Then the router
//	progress          has to wait. If the Session waits for a reply meanwhile, that may be
//	                  stuck behind them. So after half of ResponseTimeout the Session
//	                  goes on: it drops the event that has no room; a chunk without room
//	                  ends its invocation, and a progressive result ends its call
//	replay memory     100,000 senders in 20 MB, the last 8,192 messages of each; 32,768
//	                  payloads of foreign dialects. A message that the memory may have
//	                  forgotten is refused (Stale, Replayed). Of foreign payloads the
//	                  memory forgets the oldest, and takes such a one again
//	validator         what it looks at is copied meanwhile, and takes as much memory again. A
//	                  payload beyond the limits of a record, or with a value that can't be
//	                  sealed, is invalid where it is validated, though it is plain
//	missed events     65,536 topics whose events this Session numbers, and 65,536 pairs of
//	                  sender and topic whose events it counts. Events of further topics
//	                  have no number. For a further pair, the one that was added first
//	                  is forgotten, and counted anew from its next event on
//	signed keys       the last 256 Sessions that send under one keep a key agreement, for an
//	                  hour. A receiver remembers 32,768 of these for up to two hours, and
//	                  256 new ones of each signer in an hour. What it doesn't remember
//	                  takes it longer to open
//	key versions      64 of a pattern's key; at most keyring.MaxOpeners are tried for a
//	                  payload without a key id
//	refusals          16 a second say why, sealed. The others are random bytes
//	shared memory     5 s to answer, then StoreDown
//	log               of refused messages five lines at once and one a second. The next
//	                  line tells how many were left out
//
// A message that is refused costs the time to open it, a counter, and perhaps one of those
// lines of the log.
//
// # What is checked
//
// A sealed payload names the URI, the realm and the kind of message that it was sealed for,
// and who sealed it. Parts of a call also name the call and their place in it ([cryptobox.Head]).
// So a Session notices if a router presents a message as anything else:
//
//	kind           re                               seq
//	publish        absent                           number of the publication, or absent
//	call           absent, or the first chunk's     chunks of the call before this one
//	call_progress  absent, or the first chunk's     chunks of the call before this one
//	progress       that of the call's first chunk   chunks of the result before this one
//	result, error  that of the call's first chunk   chunks of the result before this one
//
// A re is a [cryptobox.Token], which stands for one sealed payload. Here it stands for the
// payload that began the exchange. So the payload that begins one has none. The URI is the error
// URI for an error, else the topic or procedure. All chunks of a call have to come from one
// Session, and so do all answers to it. An event that this Session has published itself is
// refused unless it was published with exclude_me false.
//
// # Dialects
//
// A dialect is one way of sealing payloads and of placing them in messages. The key for a URI
// says which dialect its messages have ([cryptobox.Dialect]). A Session speaks all of them at
// once:
//
//	wampbox    the default: peers of this library. The sections above describe it
//	autobahn   [keyring.Key.ForAutobahn]: Autobahn|Python's cryptobox, through Crossbar.io
//	passthru   [keyring.Key.ForPassthru]: the payload passthru mode of the specification
//
// A message in another dialect than its key's is refused. A message that has parts of a dialect
// in it, but isn't sealed in one dialect as a whole, is refused for every URI. A router, or a
// link inside the process, may not carry a dialect. The Session then warns when it connects, and
// what needs the dialect is an error ([NotCarried]).
//
// In the two foreign dialects a message proves only its key and its URI (in passthru mode not
// always that). It is accepted only once, as far as the memory reaches. Nothing else is proved.
// An error is sealed under the key of its own URI, and a router sees that URI. docs/AUTOBAHN.md
// lists what a router can still do.
//
// # What is not protected
//
// A router still sees URIs, sizes ([WithPadding] blurs them), timing and session ids. Of scrambled
// URIs it sees the prefix, the number of components, and which are equal. It can drop messages,
// delay them by up to MaxAge, reorder events, and decide who gets what. It can replay to a Session
// what was sent within the clock skew before the Session began, unless the Session is given the
// ReplayMemory of the one before. It can hand a call to two callees of a registration, unless they
// share a memory. A key that isn't signed proves that a message comes from a holder of the
// pattern's keys, not which one. SECURITY.md has the whole list.
//
// # Values
//
// A keyed URI carries the values that a plain one carries. A Session seals what nexus's
// serializer would make of a value for a receiver that has the same serializer:
//
//   - Structs are written by "codec" tags, then by "json" tags. Embedded structs, omitempty,
//     toarray and maps of any kind are sent as nexus's clients send them.
//   - Some types write themselves: by MarshalBinary on CBOR and MessagePack sessions, by
//     MarshalJSON or else MarshalText on JSON sessions. They do so only if they also have the
//     method that reads this again: UnmarshalBinary, UnmarshalJSON, UnmarshalText.
//   - A time is a time on CBOR and MessagePack sessions. It is text as of RFC 3339 on JSON
//     sessions.
//
// A link inside the process has no serializer: values are sent as on CBOR sessions. For a client
// that you wrap, [WithSerialization] says which serializer it has.
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
// Within any other type, such as a field of a struct, these values arrive as a plain message
// would deliver them. Times are exact to a quarter of a microsecond in this century, and on CBOR
// sessions to a microsecond.
//
// A value that can't arrive is an error before anything is sent ([Unsealable]). The error has
// the value's path and nothing of the value. Such values are:
//
//   - channels and functions (plain empties a channel into a list);
//   - what holds itself (plain ends the process);
//   - text that isn't UTF-8, and map keys that aren't text;
//   - MessagePack extensions, CBOR tags and codec.Raw;
//   - years beyond 9999;
//   - types without exported fields whose methods aren't those of the serializer, such as
//     *big.Int in a struct on a CBOR session (plain makes an empty map of these);
//   - values whose method fails or panics, and cryptobox's keys.
//
// The foreign dialects have no times.
package transparency
