// Package authority is the folder of a key service's authority, and what its operator does with
// it (docs/KEYSERVICE.md). It needs no network.
//
//	authority.json  the authority's private key, the members, what each holds, and what was issued
//	keyring.json    the master: a keyring file with both halves of every key
//	.lock           held while one operation lasts
//
// Each file is replaced as a whole. An operation that changes both writes first what it is about
// to do, and [Open] completes what was cut off. So a process that is killed anywhere leaves a
// folder that the next one goes on with. Neither file is trusted when it is read: what doesn't
// hold together is refused.
package authority
