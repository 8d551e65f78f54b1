package keyservice

// unserved is why a get isn't answered: the last part of an error's URI. Nothing in it tells an
// outsider which members there are.
type unserved string

const (
	refusedMalformed     unserved = "malformed"      // no get, or none that the server understands
	refusedNotAuthorized unserved = "not_authorized" // no member of that name, or not signed by it, or for grants of another authority
	refusedBusy          unserved = "busy"           // too much at once: ask again in some seconds
	refusedUnavailable   unserved = "unavailable"    // the folder has nothing that holds: the operator has to issue
)

// errorURI is what an error's URI begins with, behind the prefix.
const errorURI = "keyring.error."

var refusals = map[unserved]string{
	refusedMalformed:     "the argument isn't a get",
	refusedNotAuthorized: "there is no such member, or it hasn't signed this, or the grants here are another authority's",
	refusedBusy:          "too much is asked for at once: ask again in some seconds",
	refusedUnavailable:   "there is no grant to give, or nothing to prove with that it's fresh: the operator has to issue",
}
