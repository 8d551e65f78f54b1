package keyservice

import "errors"

// What may be wrong with a Config, with what a server answers, with the cache, and with a grant
// as time goes by. A router can bring about any of them but ErrConfig, ErrCache and ErrHalfway;
// none of them changes the Ring. What the Ring itself refuses wraps keyring's sentinels, such as
// keyring.ErrPlain and keyring.ErrSource.
var (
	// ErrConfig: a field of the [Config] has a value that makes no sense. The text says which.
	ErrConfig = errors.New("unusable Config")

	// ErrMalformed: an answer isn't made as it has to be, or a grant's keyring isn't a keyring
	// file, or has references into this machine. The latter wraps keyfile's sentinel too.
	ErrMalformed = errors.New("malformed")

	// ErrForged: a statement isn't signed by whom it has to be signed by.
	ErrForged = errors.New("forged: the signature isn't by the key that has to have signed it")

	// ErrNotFresh: the answer is to another question: it was given before, or to somebody else.
	ErrNotFresh = errors.New("not fresh: it answers another question than ours")

	// ErrRollback: the grant or the delegation is older than one that the member knows. A server
	// whose folder is behind gives one too.
	ErrRollback = errors.New("older than what is known: played back, or the server's folder is behind")

	// ErrMixed: the parts of an answer, each signed by whom it has to be, don't belong together.
	ErrMixed = errors.New("mixed: the parts don't belong together")

	// ErrOther: the grant is another member's, or for other keys of this one.
	ErrOther = errors.New("another's: not for this member and these keys of it")

	// ErrAhead: a serial or a date is further ahead than what an authority writes.
	ErrAhead = errors.New("too far ahead")

	// ErrExpired: a date has passed, by the clock or by the newest time that a server has proved.
	ErrExpired = errors.New("expired")

	// ErrHalfway: half of the time for which a grant counts has gone by, and there is no newer one.
	// It is a warning.
	ErrHalfway = errors.New("half of the grant's time is gone: let the authority issue, before nothing is sealed any more")

	// ErrStale: no fresh answer has come for as long as Config.Stale says. A router that withholds
	// answers can't be told from one that doesn't reach the server.
	ErrStale = errors.New("stale: no fresh answer")

	// ErrDecrypt: the grant is signed, and the identity doesn't decrypt it.
	ErrDecrypt = errors.New("the grant doesn't decrypt with the identity")

	// ErrRefused: the server, or a router in its name, refuses. Its words are quoted.
	ErrRefused = errors.New("refused")

	// ErrUnreachable: there is no answer. It wraps the reason.
	ErrUnreachable = errors.New("the server isn't reached")

	// ErrNoHints: the router lets nobody listen for what has changed. Fetches go on.
	ErrNoHints = errors.New("no hints of changes come")

	// ErrCache: the cache can't be written, or what is in it can't be used. It wraps the reason.
	ErrCache = errors.New("the cache")

	// ErrClosed: the Watcher was closed, or its context has ended.
	ErrClosed = errors.New("the Watcher is closed")
)
