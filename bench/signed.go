package main

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/rand"
	"errors"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// signedEnds are both ends of a new key of suite 4 or 5, whose far end lists so many others
// that may send.
func signedEnds(suite cryptobox.Suite, once bool, others int) (near, far *cryptobox.SuiteKey, err error) {
	read, err := cryptobox.GenerateReadingKey(suite)
	if err != nil {
		return nil, nil, err
	}
	sign := cryptobox.GenerateSigningKey()
	senders := []cryptobox.VerifyKey{sign.Public()}
	for range others {
		senders = append(senders, cryptobox.GenerateSigningKey().Public())
	}
	near, err = cryptobox.NewSignedKey(cryptobox.SignedParts{Suite: suite, Sign: sign, Seal: read.Public(), SignedOnce: once})
	far, more := cryptobox.NewSignedKey(cryptobox.SignedParts{Suite: suite, Read: read, Senders: senders, SignedOnce: once})
	return near, far, errors.Join(err, more)
}

// signedLibrary is the library in suite 4 or 5, signed each or signed once.
func signedLibrary(suite cryptobox.Suite, once bool, others int) sealer {
	near, far, err := signedEnds(suite, once, others)
	return func(size int) (seal, open func() error) {
		if err != nil {
			fail := func() error { return err }
			return fail, fail
		}
		text := payload(0, size)
		p := &ends{near: near, far: far, from: cryptobox.NewSenderID(), text: text, args: []any{text}}
		return p.seal, p.open
	}
}

// bare does what a signed message needs at least: one signature of 150 bytes, or none, and
// XChaCha20-Poly1305 of the payload, into room that is used again. What is opened is
// allocated at its size, as naclBox does.
func bare(signs bool) sealer {
	return func(size int) (seal, open func() error) {
		public, private, err := ed25519.GenerateKey(rand.Reader)
		key := make([]byte, chacha20poly1305.KeySize)
		_, _ = rand.Read(key)
		aead, more := chacha20poly1305.NewX(key)
		if err = errors.Join(err, more); err != nil {
			fail := func() error { return err }
			return fail, fail
		}
		plaintext, signed := []byte(payload(0, size)), make([]byte, 150)
		var signature []byte
		sealed := make([]byte, 24, 24+size+aead.Overhead())
		seal = func() error {
			if signs {
				signature = ed25519.Sign(private, signed)
			}
			_, _ = rand.Read(sealed[:24])
			sealed = aead.Seal(sealed[:24], sealed[:24], plaintext, nil)
			return nil
		}
		return seal, func() error {
			return bareOpen(aead, sealed, plaintext, func() bool { return !signs || ed25519.Verify(public, signed, signature) })
		}
	}
}

func bareOpen(aead cipher.AEAD, sealed, want []byte, verify func() bool) error {
	opened, err := aead.Open(nil, sealed[:24], sealed[24:], nil)
	if err == nil && (!verify() || !bytes.Equal(opened, want)) {
		err = errOpened
	}
	return err
}

// signed is the section of that name.
func (b *benchmark) signed(ctx context.Context) error {
	t := b.table("To seal and to open one signed message", "One argument, text, in one context. Ed25519 and the AEAD are one signature and XChaCha20-Poly1305 of the payload alone.", eachTime, timeRatio,
		column{head: "to the AEAD alone", metric: eachTime.metric, to: "XChaCha20-Poly1305"}, eachAllocs)
	for _, task := range []string{"seal", "open"} {
		for _, size := range messageSizes {
			title := task + " " + bytesText(float64(size)) + ": "
			found, err := b.compare(ctx, title, b.inMemory, []contender{
				bare(true).contender("Ed25519 and XChaCha20-Poly1305", task, size),
				bare(false).contender("XChaCha20-Poly1305", task, size),
				library(cryptobox.SuiteBox).contender("cryptobox box", task, size),
				signedLibrary(cryptobox.SuiteSigned, false, 0).contender("cryptobox signed", task, size),
				signedLibrary(cryptobox.SuiteSignedPQ, false, 0).contender("cryptobox signed-pq", task, size),
				signedLibrary(cryptobox.SuiteSigned, true, 0).contender("cryptobox signed once", task, size),
			})
			if err != nil {
				return err
			}
			t.add(title, found)
		}
	}
	return errors.Join(b.contexts(ctx), b.signers(ctx))
}

// contexts compares the first message of a context with HPKE alone.
func (b *benchmark) contexts(ctx context.Context) error {
	t := b.table("The first message of a new context", "Of 256 bytes, signed. HPKE alone makes a context and exports two keys; beside it stands what it takes with a signature and the AEAD.", eachTime, timeRatio, eachAllocs)
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		for _, task := range []string{"seal", "open"} {
			title := fmt.Sprintf("%v, %s: ", suite, task)
			found, err := b.compare(ctx, title, b.inMemory, []contender{
				bareHPKE(suite, true).contender("HPKE, Ed25519, XChaCha20-Poly1305", task, callSize),
				bareHPKE(suite, false).contender("HPKE", task, callSize),
				firstMessage(suite).contender("cryptobox", task, callSize),
			})
			if err != nil {
				return err
			}
			t.add(title, found)
		}
	}
	return nil
}

// signers compares a receiver that lists one signer with those that list many.
func (b *benchmark) signers(ctx context.Context) error {
	t := b.table("Signers that a receiver lists", "To open a signed message of 256 bytes.", eachTime, timeRatio, eachAllocs)
	var all []contender
	for _, others := range []int{0, 999, 99_999} {
		if b.short {
			others /= 100
		}
		all = append(all, signedLibrary(cryptobox.SuiteSigned, false, others).contender(number(float64(others+1)), "open", callSize))
	}
	found, err := b.compare(ctx, t.title, b.inMemory, all)
	if err == nil {
		t.add("", found)
	}
	return err
}

// firstMessage seals each message as another Session, whose context nobody knows.
func firstMessage(suite cryptobox.Suite) sealer {
	near, far, err := signedEnds(suite, false, 0)
	return func(size int) (seal, open func() error) {
		if err != nil {
			fail := func() error { return err }
			return fail, fail
		}
		text := payload(0, size)
		p := &ends{near: near, far: far, text: text, args: []any{text}}
		// Far more than the receiver remembers of one signer.
		var sealed [1 << 10][]byte
		for i := range sealed {
			p.from = cryptobox.NewSenderID()
			if err = p.seal(); err != nil {
				break
			}
			sealed[i] = bytes.Clone(p.sealed)
		}
		next := 0
		seal = func() error {
			p.from = cryptobox.NewSenderID()
			return errors.Join(err, p.seal())
		}
		return seal, func() error {
			p.sealed = sealed[next%len(sealed)]
			next++
			return errors.Join(err, p.open())
		}
	}
}

// bareHPKE makes a context with Go's crypto/hpke and exports the keys of both directions.
func bareHPKE(suite cryptobox.Suite, signs bool) sealer {
	return func(size int) (seal, open func() error) {
		kem := hpke.MLKEM768X25519()
		if suite == cryptobox.SuiteSigned {
			kem = hpke.DHKEM(ecdh.X25519())
		}
		private, err := kem.GenerateKey()
		if err != nil {
			fail := func() error { return err }
			return fail, fail
		}
		info := make([]byte, 42)
		var encapsulated []byte
		inner, opens := bare(signs)(size)
		export := func(label func(string, int) ([]byte, error)) error {
			_, one := label("message", 32)
			_, other := label("answer", 32)
			return errors.Join(one, other)
		}
		seal = func() error {
			enc, sender, err := hpke.NewSender(private.PublicKey(), hpke.HKDFSHA256(), hpke.ExportOnly(), info)
			if err != nil {
				return err
			}
			encapsulated = enc
			if err := export(sender.Export); err != nil || !signs {
				return err
			}
			return inner()
		}
		return seal, func() error {
			recipient, err := hpke.NewRecipient(encapsulated, private, hpke.HKDFSHA256(), hpke.ExportOnly(), info)
			if err != nil {
				return err
			}
			if err := export(recipient.Export); err != nil || !signs {
				return err
			}
			return opens()
		}
	}
}
