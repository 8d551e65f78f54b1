// Package hostile holds random conversations under random attacks. It has tests
// alone.
//
// Sessions of package transparency talk over package proxy to a real nexus router. The
// library pgregory.net/rapid draws what they say, and what the router does to it. Each
// payload carries an id of its own, so that a model can compare what handlers and callers get
// with what was sent. It demands:
//
//   - An event comes to a handler of a subscription that matches its topic. A call comes to a
//     handler of its procedure. An answer comes to the very call that it answers, from the
//     one Session that answers it. Progress and chunks come whole and in order.
//   - An event comes once for each subscribed pattern of a Session's memory. A call comes
//     once for each memory, which callees may share.
//   - Nothing comes that was sent before the subscription, the registration or the memory
//     began, or longer ago than the maximal age.
//   - All of it came in an envelope as its sender wrote it, whole and alone.
//   - What is signed is proved as from who sent it. Nothing comes from a party that was taken
//     off the lists, and nothing answers it. Who only sends opens no answer but its own, and who
//     reads makes nothing that comes as another's.
//   - All else is a typed error.
//
// In half of those in our dialect, URIs are scrambled, and the secret changes now and then. What
// was scrambled with an old one is attacked and replayed like all else.
//
// A conversation has one dialect, and one suite. In the foreign dialects nothing is bound, so less holds.
// Somebody has sealed the event, call or answer for its URI, in an envelope as it was
// written. It comes once for each memory. A plain error proves nothing.
//
// Nothing may panic. Every call has to return. A connected Session goes on hearing what comes
// next. When a conversation is over, no goroutine and little memory is left. Without attacks,
// all that is sent has to arrive.
//
// # Running it
//
//	go test ./internal/test/hostile                               # some seconds
//	make hostile HOSTILETIME=30m                                 # sets WAMPBOX_HOSTILE
//	go test ./internal/test/hostile -run TestHostile -rapid.seed=1234
//
// What was found is printed with its seed, which also comes before each batch of
// conversations, in case the process ends.
package hostile
