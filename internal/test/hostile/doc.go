// Package hostile holds random conversations under random attacks. It has tests
// alone.
//
// Sessions of package transparency talk over package proxy to a real nexus
// router. What they say, and what the router does to it, is drawn by
// pgregory.net/rapid. Each payload carries an id of its own, so that a model can hold
// what handlers and callers see against what was sent:
//
//   - an event at a handler of a subscription that matches its topic, a call at a
//     handler of its procedure, an answer at the very call that it answers, from the one
//     Session that answers it; progress and chunks in order and whole
//   - each once for each subscribed pattern of a Session's memory, and calls once for
//     each memory, which may be shared by callees
//   - nothing that was sent before the subscription, the registration or the memory
//     began, or longer ago than the maximal age
//   - all of it in an envelope as its sender wrote it, whole and alone
//   - all else a typed error
//
// A conversation has one dialect. In the foreign ones nothing is bound, so less holds: an
// event, a call or an answer is one that somebody has sealed for its URI, in an envelope as
// it was written, and comes once for each memory; a plain error proves nothing.
//
// Nothing may panic, every call has to return, a connected Session goes on hearing
// what comes next, and no goroutine and little memory is left when a conversation
// is over. Without attacks, all that is sent has to arrive.
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
