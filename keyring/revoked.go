package keyring

import (
	"fmt"
	"sync/atomic"
)

// Revoked stands for a version of which only the id is left: for
// [Ring.SetVersions], with Revoked set and not without it. Messages under the id are
// then told from others, as [ErrRevoked]. Nothing else can be done with it.
func Revoked(id string) Key {
	return Key{kind: kindRevoked, material: new(material), made: new(atomic.Pointer[sealing]), given: id, err: checkID(id)}
}

// checkUsable refuses what has no key in it.
func (k Key) checkUsable() error {
	if err := k.check(); err != nil || k.kind != kindRevoked {
		return err
	}
	return fmt.Errorf("%w: it is only the id of a revoked version: give it to SetVersions as revoked", ErrKey)
}
