package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

var messageSizes = []int{16, 256, 1 << 10, 16 << 10, 64 << 10, 1 << 20}

// sealer returns work that seals a payload of so many bytes, and work that opens what
// was sealed last.
type sealer func(size int) (seal, open func() error)

var errOpened = errors.New("what was opened is not what was sealed")

// library is this one: the record that a Session makes of a call, sealed into room that is
// used again, as a Session's is; and back, with its values.
func library(suite cryptobox.Suite) sealer {
	return func(size int) (seal, open func() error) {
		near, far, err := suiteKeys(suite)
		if err != nil {
			fail := func() error { return err }
			return fail, fail
		}
		text := payload(0, size)
		p := &ends{near: near, far: far, from: cryptobox.NewSenderID(), text: text, args: []any{text}}
		return p.seal, p.open
	}
}

// ends are both of them, and what was sealed last.
type ends struct {
	near, far *cryptobox.SuiteKey
	from      cryptobox.SenderID
	n         uint64
	text      string
	args      []any
	sealed    []byte
	opened    cryptobox.Opened
}

const sealedURI = sealedPrefix + "bench"

func (p *ends) seal() (err error) {
	p.n++
	head := cryptobox.Head{Kind: cryptobox.KindCall, From: p.from, N: p.n, TS: time.Now().UnixMilli()}
	record := cryptobox.NewRecord(head, realm, sealedURI, p.args, nil)
	p.sealed, _, err = p.near.Seal(p.sealed[:0], &record)
	return err
}

func (p *ends) open() error {
	if err := p.far.Open(p.sealed, cryptobox.Message, &p.opened); err != nil {
		return err
	}
	defer p.opened.Release()
	got, _, err := p.opened.Values()
	if err == nil && (!p.opened.HasURI(sealedURI) || !p.opened.HasRealm(realm) || !same(got, p.text)) {
		err = errOpened
	}
	return err
}

// suiteKeys are those of both ends of a new pair.
func suiteKeys(suite cryptobox.Suite) (near, far *cryptobox.SuiteKey, err error) {
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	if suite == cryptobox.SuiteShared {
		near, err = cryptobox.NewSharedKey(cryptobox.GenerateSymmetricKey())
		return near, near, err
	}
	ours, err := cryptobox.NewBox(originator, responder.Public())
	theirs, more := cryptobox.NewBox(responder, originator.Public())
	if err = errors.Join(err, more); err != nil {
		return nil, nil, err
	}
	near, err = cryptobox.NewPairKey(suite, ours, originator.Public(), responder.Public())
	far, more = cryptobox.NewPairKey(suite, theirs, originator.Public(), responder.Public())
	return near, far, errors.Join(err, more)
}

// naclBox is golang.org/x/crypto/nacl/box alone. The key was computed before, the nonce is
// random, and what is sealed goes into room that is used again, as ours does. What is opened
// is allocated at its size: it outlives the call, as our values do.
func naclBox(size int) (seal, open func() error) {
	var shared [32]byte
	public, private, err := box.GenerateKey(rand.Reader)
	if err == nil {
		box.Precompute(&shared, public, private)
	}
	plaintext, sealed := []byte(payload(0, size)), make([]byte, 24, 24+box.Overhead+size)
	seal = func() error {
		if _, more := io.ReadFull(rand.Reader, sealed[:24]); err != nil || more != nil {
			return errors.Join(err, more)
		}
		nonce := [24]byte(sealed)
		sealed = box.SealAfterPrecomputation(sealed[:24], plaintext, &nonce, &shared)
		return nil
	}
	open = func() error {
		nonce := [24]byte(sealed)
		if opened, ok := box.OpenAfterPrecomputation(nil, sealed[24:], &nonce, &shared); !ok || string(opened) != string(plaintext) {
			return errOpened
		}
		return nil
	}
	return seal, open
}

// contender opens what it has sealed before it is measured.
func (s sealer) contender(name, task string, size int) contender {
	return contender{name: name, run: func(_ context.Context, least time.Duration) (sample, error) {
		seal, open := s(size)
		if err := seal(); err != nil {
			return sample{}, err
		}
		if err := open(); err != nil {
			return sample{}, err
		}
		work := seal
		if task == "open" {
			work = open
		}
		return loop(least, min(max(1<<16/size, 1), 64), work)
	}}
}

// messages is the section of that name.
func (b *benchmark) messages(ctx context.Context) (err error) {
	others, why, err := b.startOthers(ctx)
	defer func() {
		for _, p := range others {
			err = errors.Join(err, p.stop())
		}
	}()
	if err != nil {
		return err
	}
	columns := []column{eachTime, timeRatio, eachAllocs}
	for _, p := range others {
		columns = append(columns, column{head: "as fast as " + p.name, metric: rate, to: p.name})
	}
	t := b.table("To seal and to open one message", "One argument, text, which is compared in the time to open it. All but Autobahn seal into room that is used "+
		"again, as a Session does. nacl/box and libsodium seal the payload alone, with a key computed before; Autobahn writes its own record, in JSON, without a binding."+why, columns...)
	for _, task := range []string{"seal", "open"} {
		var drawn []series
		for _, size := range messageSizes {
			all := []contender{sealer(naclBox).contender("nacl/box", task, size)}
			for _, s := range []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox, cryptobox.SuiteShared} {
				all = append(all, library(s).contender("cryptobox "+s.String(), task, size))
			}
			for _, p := range others {
				all = append(all, contender{name: p.name, run: func(ctx context.Context, least time.Duration) (sample, error) {
					return p.measure(ctx, fmt.Sprintf("%s %d", task, size), least)
				}})
			}
			title := task + " " + bytesText(float64(size)) + ": "
			found, err := b.compare(ctx, title, b.inMemory, all)
			if err != nil {
				return err
			}
			t.add(title, found)
			for i, name := range found.names {
				if len(drawn) == i {
					drawn = append(drawn, series{name: name})
				}
				drawn[i].add(size, found.of(name, eachTime.metric).median)
			}
		}
		if err := b.draw(lines("To "+task+" one message: time, by payload", drawn)); err != nil {
			return err
		}
	}
	return nil
}
