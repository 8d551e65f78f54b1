package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// capture gives an event of south's as the router hands it to whoever subscribes.
func (p *plant) capture(ctx context.Context) (enc []byte, err error) {
	tap, err := client.ConnectLocal(p.router, config())
	if err != nil {
		return nil, err
	}
	defer func() { _ = tap.Close() }()
	events := make(chan *wamp.Event, 1)
	if err := tap.Subscribe(alarm, func(event *wamp.Event) { events <- event }, nil); err != nil {
		return nil, err
	}
	if err := p.parties[south].session.Publish(alarm, acknowledged(), wamp.List{"water"}, nil); err != nil {
		return nil, err
	}
	select {
	case event := <-events:
		if enc, sealed := event.ArgumentsKw["enc"].([]byte); sealed {
			return enc, nil
		}
		return nil, fmt.Errorf("%w: south's event crossed the router as %v", errWrong, event)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// openAsSender has north try the keys that it has, and one that it makes.
func openAsSender(ctx context.Context, p *plant) (could bool, how string, err error) {
	enc, err := p.capture(ctx)
	if err != nil {
		return false, "", err
	}
	own, err := cryptobox.NewSignedKey(cryptobox.SignedParts{Suite: p.suite, Sign: p.sign[north], Seal: p.read.Public()})
	if err != nil {
		return false, "", err
	}
	made, err := cryptobox.GenerateReadingKey(p.suite)
	if err != nil {
		return false, "", err
	}
	other, err := p.reader(made)
	if err != nil {
		return false, "", err
	}
	id := other.ID()
	renamed := bytes.Clone(enc)
	copy(renamed[1:], id[:]) // behind the suite stands the id of the key
	var opened cryptobox.Opened
	defer opened.Release()
	with, withOther := own.Open(enc, cryptobox.Message, &opened), other.Open(renamed, cryptobox.Message, &opened)
	switch {
	case with == nil || withOther == nil:
		return true, "it opened", nil
	case !errors.Is(with, cryptobox.ErrKey) || !errors.Is(withOther, cryptobox.ErrOpen):
		return false, "", errors.Join(errWrong, with, withOther)
	}
	return false, "opens neither with its own key nor with a reading key that it makes", nil
}

// openAsReader shows that it was the key, and nothing else.
func openAsReader(ctx context.Context, p *plant) (could bool, how string, err error) {
	enc, err := p.capture(ctx)
	if err != nil {
		return false, "", err
	}
	key, err := p.reader(p.read)
	if err != nil {
		return false, "", err
	}
	var opened cryptobox.Opened
	defer opened.Release()
	if err := key.Open(enc, cryptobox.Message, &opened); err != nil {
		return false, err.Error(), nil
	}
	args, _, err := opened.Values()
	if err != nil || opened.Signer != p.sign[south].Public() {
		return false, "", errors.Join(errWrong, err)
	}
	return true, fmt.Sprintf("%q, signed by south", args[0]), nil
}

// reader is what opens the messages of south with a reading key.
func (p *plant) reader(read cryptobox.ReadingKey) (*cryptobox.SuiteKey, error) {
	return cryptobox.NewSignedKey(cryptobox.SignedParts{Suite: p.suite, Read: read, Senders: []cryptobox.VerifyKey{p.sign[south].Public()}})
}
