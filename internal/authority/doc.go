// Package authority is the folder of a key service's authority, and what its operator does with
// it (docs/KEYSERVICE.md). It needs no network.
//
//	authority.json  the authority's private key, the members, what each holds, and what was issued
//	keyring.json    the master: a keyring file with both halves of every key, and all scramble
//	                secrets
//	.lock           held while one operation lasts
//
// Each file is replaced as a whole. An operation that changes both writes first what it is about
// to do, and [Open] completes what was cut off. So a process that is killed anywhere leaves a
// folder that the next one goes on with. Neither file is trusted when it is read: what doesn't
// hold together is refused.
//
// # How long versions are kept
//
// A version leaves the master and the grants when its end has passed, and its key with it. A
// pattern has 48 versions that open at most: a rotation beyond that ends the oldest.
//
// The id of a revoked version stays until every grant has ended that had the version alive, which is
// its expiry and grace: until then a member that comes back is told, and drops exchanges that are
// under way with it too. After that nobody has it to use. Of a pattern 8 such ids are kept, those
// that were revoked last. A member that was away for more revocations than that finds a version gone
// in place of revoked: it refuses the same messages, as of an unknown key, and only what was under
// way in it before goes on. A version that was never in a grant leaves no id. One process of a
// member bears [keyring.MaxRevoked] revocations of a pattern; then it has to be started anew.
//
// A scramble secret leaves when its end has passed, and at once where a member is not to know it any
// more: nothing of it is kept, and members that were away find it gone. A prefix has 48 at most.
//
// Of a member's earlier recipients 16 are remembered. More aren't needed: a get has its recipient
// changed only if the member holds a later grant than at the last change, so none that was recorded
// counts again.
//
// # What isn't known
//
// Receipts are signed by members, so servers can't make them up. They can hold them back, date them
// as they like up to now, and hand in old ones: a member may have more than [Authority.Status]
// tells, and never has less. A copy of the folder that is put back doesn't know what was issued
// since. Issue with it before anything else: members take the next grants, as serials follow the
// clock. A member that changed its recipient since has to be enrolled anew, as nobody but it knows
// that.
package authority
