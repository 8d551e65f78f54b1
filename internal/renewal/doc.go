// Package renewal makes the next version of a key from the newest one, as keyring files have them:
// new halves of pairs, shared secrets and reading keys, their dates, and the old version's end. It
// is what wampbox rotate and the key service's authority share.
package renewal
