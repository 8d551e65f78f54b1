package main

import (
	"path/filepath"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// keys are a keyring file, and the two latest versions in it.
type keys struct {
	path         string
	before, last version
}

// version is one of the key.
type version struct {
	id   string
	from time.Time // when it begins to seal
}

var (
	shopPattern  = keyring.Prefix("com.myapp.shop.")
	stockPattern = keyring.Prefix("com.myapp.stock.")
)

// newKeys makes the file. A real system does that with wampbox init.
func newKeys(folder string) (*keys, error) {
	k := &keys{path: filepath.Join(folder, "keyring.json")}
	f, now := keyfile.New(), time.Now()
	_, err := add(f, stockPattern, now)
	if err != nil {
		return nil, err
	}
	if k.last, err = add(f, shopPattern, now); err != nil {
		return nil, err
	}
	if err := f.Transition(stockPattern, keyring.AcceptPlain, now.Add(24*time.Hour)); err != nil {
		return nil, err
	}
	return k, keyfile.Create(k.path, f)
}

// add gives a pattern another version, which seals from then on.
func add(f *keyfile.File, p keyring.Pattern, from time.Time) (version, error) {
	key := cryptobox.GenerateSymmetricKey()
	err := f.Add(p, &keyfile.Version{Shared: keyfile.SymmetricKey(key), Dates: keyring.Dates{ActiveFrom: from}})
	return version{keyring.Shared(key).ID(), from}, err
}

// rotate has another version seal in some time, and the present one open for as long again. A
// real system does that with wampbox rotate.
func (k *keys) rotate(in time.Duration) error {
	from := time.Now().Add(in)
	return keyfile.Update(k.path, func(f *keyfile.File) error {
		if k.before.id != "" {
			if err := f.RemoveVersion(shopPattern, k.before.id); err != nil {
				return err
			}
		}
		if err := f.SetDates(shopPattern, k.last.id, keyring.Dates{ActiveFrom: k.last.from, NotAfter: from.Add(in)}); err != nil {
			return err
		}
		next, err := add(f, shopPattern, from)
		k.before, k.last = k.last, next
		return err
	})
}
