package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// changeSigning has the party of a file sign with another key.
func changeSigning(cmd *cli.Command) error {
	p, paths, err := patternAndFiles(cmd)
	if err != nil {
		return err
	}
	if len(paths) > 1 {
		return usagef(cmd, "-signing is the key of one party: give its file alone")
	}
	key, err := readSigning(cmd.String("signing"))
	if err != nil {
		return err
	}
	access, err := newAccess(cmd)
	if err != nil {
		return err
	}
	if err := access.update(paths, func(open []opened) error {
		if _, err := having(open, p); err != nil {
			return err
		}
		return open[0].sign(p, key)
	}); err != nil {
		return err
	}
	note("%s: %v is signed with %v from now on: nobody takes it who doesn't list this key", paths[0], p, key.Public())
	if cmd.Bool("json") {
		return outputJSON(struct {
			File    string `json:"file"`
			Pattern string `json:"pattern"`
			Match   string `json:"match"`
			Verify  string `json:"verify"`
		}{paths[0], p.URI, p.Match.String(), key.Public().String()})
	}
	return nil
}

// sign gives the versions of a pattern another signing key. Where the party lists its own key,
// it lists the new one too.
func (f opened) sign(p keyring.Pattern, key cryptobox.SigningKey) error {
	infos, err := f.OfPattern(p)
	if err != nil {
		return err
	}
	signs := false
	for i, v := range f.Entry(p).Versions {
		if !v.Sign.IsZero() {
			if text := string(v.Sign.UnsafeText()); strings.HasPrefix(text, "env:") || strings.HasPrefix(text, "file:") {
				note("warning: %s: version %d of %v had its signing key elsewhere, and has the new one in itself: where it led is left to you; "+
					"to keep the new key there too, put it there, and the reference back", f.Path, i+1, p)
			}
			v.Sign.Wipe()
			v.Sign, signs = keyfile.SigningKey(key), true
		}
	}
	if !signs {
		return fmt.Errorf("%s: no version of %v signs: its key isn't a signed one, or it only reads", f.Path, p)
	}
	for _, info := range infos {
		for role, list := range map[keyring.Role][]keyring.Party{keyring.RoleOriginator: info.Signed.Senders, keyring.RoleResponder: info.Signed.Answerers} {
			for _, own := range list {
				if own.Key != info.Signed.Verify {
					continue
				}
				if err := f.AddParty(p, role, keyring.Party{Name: own.Name, Key: key.Public()}); err != nil {
					return fmt.Errorf("%s: %w", f.Path, err)
				}
			}
		}
	}
	return nil
}
