package operator

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// keyFile is the file in an authority's folder that there always is.
const keyFile = "authority.json"

// masterFile is the keyring file in it.
const masterFile = "keyring.json"

// open opens the authority's folder, encrypted or not.
func (env Env) open(cmd *cli.Command) (*authority.Authority, error) {
	dir := cmd.String(dirFlag)
	sealing, err := env.Sealing(cmd, filepath.Join(dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no authority's folder: name it by -dir, or make one with wampbox authority init", dir)
	}
	if err != nil {
		return nil, err
	}
	return authority.Open(dir, authority.Options{Decrypt: sealing.Decrypt, Encrypt: sealing.Encrypt})
}

// newSealing gives how a folder that is to be made is encrypted: not at all, if that isn't asked for.
func (env Env) newSealing(cmd *cli.Command) (decrypt func(io.Reader) (io.Reader, error), encrypt func(io.Writer) (io.WriteCloser, error), err error) {
	if cmd.Bool("encrypt") {
		s, err := env.NewSealing(cmd)
		return s.Decrypt, s.Encrypt, err
	}
	if cmd.IsSet("identity") || cmd.IsSet("passphrase-file") || cmd.IsSet("passphrase-env") {
		return nil, nil, env.Usage(cmd, "-identity and a passphrase are for a folder that is encrypted: give -encrypt too")
	}
	return nil, nil, nil
}

// do has a function work in the authority's folder. What it is told of a member or a pattern that
// there isn't says which one is near.
func (env Env) do(cmd *cli.Command, work func(*authority.Authority) error) error {
	a, err := env.open(cmd)
	if err != nil {
		return err
	}
	defer a.Close()
	err = work(a)
	known, ok := errors.AsType[*authority.Error](err)
	if !ok {
		return err
	}
	if near := nearest(a, known); near != "" {
		return fmt.Errorf("%w; the nearest is %s", err, near)
	}
	return err
}

// nearest gives the member or pattern that is one slip away from what an error is about, if there
// is none of that name.
func nearest(a *authority.Authority, about *authority.Error) string {
	s, err := a.Show()
	if err != nil {
		return ""
	}
	near, found := "", false
	if errors.Is(about, authority.ErrMember) {
		for _, m := range s.Members {
			if found = found || m.Name == about.Member; words.Slip(m.Name, about.Member) {
				near = m.Name
			}
		}
	} else if about.Pattern.Match != 0 {
		for _, p := range s.Patterns {
			if found = found || p.Pattern == about.Pattern; words.Slip(p.Pattern.URI, about.Pattern.URI) {
				near = p.Pattern.String()
			}
		}
	}
	if found {
		return ""
	}
	return near
}

// patterns reads those that arguments give.
func (env Env) patterns(cmd *cli.Command, texts []string) ([]keyring.Pattern, error) {
	patterns := make([]keyring.Pattern, len(texts))
	for i, text := range texts {
		var err error
		if patterns[i], err = env.Pattern(cmd, text); err != nil {
			return nil, err
		}
		for _, before := range patterns[:i] {
			if before == patterns[i] {
				return nil, env.Usage(cmd, "the pattern %v is given twice", before)
			}
		}
	}
	return patterns, nil
}
