// Package replay remembers which sealed messages were accepted, in bounded memory, so that none
// is accepted twice. Call [NewMemory], and then [Memory.Add] or [Memory.AddToken] for each
// message that passed every other check. The [Verdict] says whether the message is new.
//
// A sealed message is encrypted and authenticated. It has a binding if its sealed record names
// its sender and the sender's counter. A token stands for one sealed message
// ([cryptobox.Token]). A scope names what a message has to be new in, such as the events of one
// subscription.
//
// [Memory.Add] knows a message with a binding by its sender and the sender's counter. Each
// sender has a sliding window, which says which of the last counters were seen. A counter below
// the window counts as seen. A sender is forgotten when everything that it has sent so far is
// too old to be accepted anyhow. If there are more senders than fit, the sender that was silent
// longest is forgotten earlier. From then on, a message of an unknown sender is accepted only if
// it is newer than every message of the forgotten senders in its scope and under its key. So
// forgetting never lets a message in again, not even when the clock is set back.
//
// What a signer sends is remembered apart from what others send: senders, windows, floors and
// room. A holder of a signing key names whatever senders and counters it likes, as many as it
// likes, and none of that may have a message of another be refused. So a signer has room for
// [MaxOfSigner] senders in a scope and under a key, and beyond those forgets its own. When the
// room of all signers is used up, the one that takes most of it forgets its own. Holders of
// one key without signatures can't be told apart, and share all of their room.
//
// [Memory.AddToken] knows a message without a binding by its token. It remembers the last
// tokens, of all scopes together. Nothing protects against the return of an older message.
//
// A broker may retain an event, and deliver it to a subscription however old the event is. So a
// subscription that asks for such events remembers them ([Retained]): by their tokens; those that
// are signed by their signer, sender and counter.
package replay
