package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

var (
	errNeedsCall = errors.New("it is an answer under a signed key, and opens in the exchange alone that its call has begun: give the message of the call by -call FILE")
	errNoRead    = errors.New("this file has the public half of the reading key: it can't open what it has sealed itself, nor what answers that; use the file of one who receives")
	errOtherCall = errors.New("it doesn't open as an answer to the call of -call: give the first message of its call; else it was altered on its way")
)

// rings are a keyring file's in the two ways in which captures are opened.
type rings struct {
	*keyring.Ring
	// anyAnswer takes answers whoever signed them, under signed keys.
	anyAnswer *keyring.Ring
	call      []byte // the payload of -call, nil for none
}

// loadRings makes rings of the keyring that is named. Who receives lists no answerers, and yet
// opens answers here: its own, which it lists itself then.
func loadRings(cmd *cli.Command) (*rings, error) {
	access, err := newAccess(cmd)
	if err != nil {
		return nil, err
	}
	f, err := access.parse(cmd.String("keyring"))
	if err != nil {
		return nil, err
	}
	defer f.Wipe()
	all := &rings{}
	if err := answering(f); err != nil {
		return nil, err
	}
	if all.Ring, err = f.Ring(); err != nil {
		return nil, err
	}
	for _, v := range signedVersions(f) {
		v.AnyAnswerer, v.Answerers = true, nil
	}
	if all.anyAnswer, err = f.Ring(); err != nil {
		return nil, err
	}
	all.call, err = readCall(cmd)
	return all, err
}

// signedVersions gives those of a file that open messages.
func signedVersions(f *keyfile.File) []*keyfile.Version {
	var list []*keyfile.Version
	for _, e := range f.Entries {
		list = append(list, slices.DeleteFunc(slices.Clone(e.Versions), func(v *keyfile.Version) bool { return v.Read.IsZero() })...)
	}
	return list
}

// answering has each version that reads list its own key among the answerers, unless it takes
// any.
func answering(f *keyfile.File) error {
	infos, err := f.List()
	if err != nil {
		return err
	}
	for i, e := range f.Entries {
		for j, v := range e.Versions {
			signed := infos[i].Versions[j].Signed
			own := slices.ContainsFunc(signed.Answerers, func(p keyring.Party) bool { return p.Key == signed.Verify })
			if v.Read.IsZero() || v.AnyAnswerer || signed.Verify.IsZero() || own {
				continue
			}
			v.Answerers = append(v.Answerers, keyfile.Party{Name: ownParty, Key: keyfile.VerifyKey(signed.Verify)})
		}
	}
	return nil
}

// ownParty names the party whose file opens a capture.
const ownParty = "this file's own party"

// readCall reads the message of -call.
func readCall(cmd *cli.Command) ([]byte, error) {
	if !cmd.IsSet("call") {
		return nil, nil
	}
	input, err := readInput(cmd.String("call"), capture.MaxInput)
	if err != nil {
		return nil, fmt.Errorf("-call: %w", unnamed(err))
	}
	found, err := capture.Parse(input, capture.Auto)
	switch {
	case err != nil:
		return nil, fmt.Errorf("-call: %w", err)
	case len(found.Captures) != 1:
		return nil, fmt.Errorf("-call: there are %d messages: give the one that the answer is for", len(found.Captures))
	case !found.Captures[0].Signed():
		return nil, errors.New("-call: it isn't sealed under a signed key, as the call of such an answer is: without -call the answer opens, if it does")
	}
	return found.Captures[0].Payload, nil
}

// signed opens what is sealed under a signed key, and tells who has signed it.
func (o opener) signed(v *keyring.Version, c *capture.Capture, in *cryptobox.Opened) (by string, err error) {
	if c.Direction() != cryptobox.Answer {
		err := v.Key().Open(c.Payload, cryptobox.Message, in)
		switch known := errors.As(err, new(*cryptobox.KeyError)); {
		case known:
			return "", errNoRead
		case err == nil:
			name, _ := v.NameOf(in.Signer, keyring.RoleOriginator)
			return signedBy(name, in.Signer), nil
		case !errors.Is(err, cryptobox.ErrOpen) || c.Direction() != 0:
			return "", err
		case o.rings.call == nil: // a payload alone may be either
			return "", fmt.Errorf("%w; if it is an answer, give the message of its call by -call FILE", err)
		}
	}
	if o.rings.call == nil {
		return "", errNeedsCall
	}
	return o.answer(v, c, in)
}

// answer opens an answer in the exchange that the call of -call began.
func (o opener) answer(v *keyring.Version, c *capture.Capture, in *cryptobox.Opened) (by string, err error) {
	var call cryptobox.Opened
	defer call.Release()
	if err := v.Key().Open(o.rings.call, cryptobox.Message, &call); err != nil {
		if errors.As(err, new(*cryptobox.KeyError)) {
			return "", errNoRead
		}
		return "", fmt.Errorf("-call: %w", err)
	}
	x := call.Exchange()
	err = v.Key().OpenIn(x, c.Payload, cryptobox.Answer, in)
	if errors.Is(err, cryptobox.ErrSigner) { // by another one who reads, as far as is known
		loose, lookup := o.loose(v)
		if lookup != nil {
			return "", lookup
		}
		err = loose.Key().OpenIn(x, c.Payload, cryptobox.Answer, in)
	}
	switch name, listed := v.NameOf(in.Signer, keyring.RoleResponder); {
	case errors.Is(err, cryptobox.ErrOpen):
		return "", errOtherCall
	case err != nil:
		return "", err
	case listed && !in.Signer.IsZero():
		return signedBy(name, in.Signer), nil
	}
	return "it isn't signed by an answerer whom this file lists: whoever has the reading key may have made it", nil
}

// loose gives the version that takes any answer.
func (o opener) loose(v *keyring.Version) (*keyring.Version, error) {
	entry, err := keyed(o.rings.anyAnswer, o.uri)
	if err != nil {
		return nil, err
	}
	return entry.Named(keyring.RoleResponder, v.ID())
}

func signedBy(name string, key cryptobox.VerifyKey) string {
	return fmt.Sprintf("signed by %s, %v", name, key)
}
