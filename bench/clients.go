package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// What the rings have a key for, and what is plain: equally long, so that bytes can
// be compared.
const (
	sealedPrefix = "com.myapp.encrypted."
	plainPrefix  = "com.myapp.plaintext."
)

// serializer is what a connection's messages are written in.
type serializer struct {
	name string
	id   serialize.Serialization
}

var (
	inMsgpack   = serializer{"msgpack", client.MSGPACK}
	inCBOR      = serializer{"cbor", client.CBOR}
	inJSON      = serializer{"json", client.JSON}
	serializers = []serializer{inMsgpack, inCBOR, inJSON}
)

// kind is a way to send payloads.
type kind struct {
	name   string
	nexus  bool   // nexus's client alone
	prefix string // of the URIs
	keys   func() (originator, responder keyring.Key)
}

var (
	plainNexus     = kind{"nexus's client", true, plainPrefix, pair}
	plainSession   = kind{"Session, no key", false, plainPrefix, pair}
	sealedBox      = kind{"Session, sealed (box)", false, sealedPrefix, pair}
	sealedXBox     = kind{"Session, sealed (xbox)", false, sealedPrefix, of(func(k keyring.Key) keyring.Key { return k.WithSuite(cryptobox.SuiteXBox) })}
	sealedPassthru = kind{"Session, sealed (passthru)", false, sealedPrefix, of(func(k keyring.Key) keyring.Key { return k.ForPassthru("bench") })}
	sealedAutobahn = kind{"Session, sealed (autobahn)", false, sealedPrefix, of(keyring.Key.ForAutobahn)}
	sealedSigned   = kind{"Session, sealed (signed)", false, sealedPrefix, signed(cryptobox.SuiteSigned, false)}
	sealedOnce     = kind{"Session, sealed (signed once)", false, sealedPrefix, signed(cryptobox.SuiteSigned, true)}
	sealedPQ       = kind{"Session, sealed (signed-pq)", false, sealedPrefix, signed(cryptobox.SuiteSignedPQ, false)}

	nexusKinds    = []kind{plainNexus, plainSession, sealedBox, sealedXBox, sealedPassthru, sealedSigned, sealedOnce}
	crossbarKinds = []kind{plainNexus, plainSession, sealedBox, sealedAutobahn}
)

func pair() (originator, responder keyring.Key) {
	ours, theirs := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	return keyring.Originator(ours, theirs.Public()), keyring.Responder(theirs, ours.Public())
}

// of is a pair for another dialect or suite.
func of(other func(keyring.Key) keyring.Key) func() (originator, responder keyring.Key) {
	return func() (originator, responder keyring.Key) {
		originator, responder = pair()
		return other(originator), other(responder)
	}
}

// signed are keys that two parties hold who list each other. What is wrong with them is told
// when they are set.
func signed(suite cryptobox.Suite, once bool) func() (originator, responder keyring.Key) {
	return func() (originator, responder keyring.Key) {
		read, _ := cryptobox.GenerateReadingKey(suite)
		near, far := cryptobox.GenerateSigningKey(), cryptobox.GenerateSigningKey()
		originator = keyring.Signed(keyring.Signing{
			Suite: suite, Sign: near, Seal: read.Public(), Answerers: []keyring.Party{{Name: "far", Key: far.Public()}}, SignedOnce: once,
		})
		responder = keyring.Signed(keyring.Signing{
			Suite: suite, Sign: far, Read: read, Senders: []keyring.Party{{Name: "near", Key: near.Public()}}, SignedOnce: once,
		})
		return originator, responder
	}
}

// clients are those of a router: one that calls or publishes, and those that answer or
// receive.
type clients struct {
	uri  string // that no others use
	near transparency.Client
	far  []transparency.Client
}

var connected atomic.Int64

// uri is one of 25 characters that nothing else uses.
func (k kind) uri() string { return fmt.Sprintf("%s%05d", k.prefix, connected.Add(1)) }

// connect joins them, with so many at the far end.
func connect(ctx context.Context, url string, k kind, s serializer, far int) (*clients, error) {
	originator, responder := k.keys()
	near, err := join(ctx, url, k, s, originator, nil)
	if err != nil {
		return nil, err
	}
	c := &clients{uri: k.uri(), near: near}
	for range far {
		one, err := join(ctx, url, k, s, responder, nil)
		if err != nil {
			return nil, errors.Join(err, c.close())
		}
		c.far = append(c.far, one)
	}
	return c, nil
}

// join connects one client, whose connection is what dial returns, where it isn't nil.
func join(ctx context.Context, url string, k kind, s serializer, key keyring.Key, dial func(network, addr string) (net.Conn, error)) (transparency.Client, error) {
	cfg := client.Config{Realm: realm, Serialization: s.id, Logger: silent, ResponseTimeout: time.Minute} // of a busy machine
	cfg.WsCfg.Dial = dial
	if k.nexus {
		return client.ConnectNet(ctx, url, cfg)
	}
	ring := keyring.New()
	if err := errors.Join(ring.Set(keyring.Prefix(sealedPrefix), key), ring.SetPlain(keyring.Prefix(plainPrefix))); err != nil {
		return nil, err
	}
	return transparency.ConnectNet(ctx, url, cfg, ring)
}

func (c *clients) close() error {
	err := c.near.Close()
	for _, far := range c.far {
		err = errors.Join(err, far.Close())
	}
	return err
}

// payload is text of so many bytes that begins with the number.
func payload(number, size int) string {
	const sentence = "The quick brown fox jumps over the lazy dog. "
	return (fmt.Sprintf("%d: ", number) + strings.Repeat(sentence, size/len(sentence)+1))[:size]
}
