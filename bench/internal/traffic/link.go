package traffic

import (
	"context"
	"errors"
	"io"
	"log"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// prefix is where the rings of sealed links have a key.
const prefix = "com.myapp.encrypted."

// wireSerializer is what a connection's messages are written in.
type wireSerializer struct {
	name string
	id   serialize.Serialization
}

var wireSerializers = []wireSerializer{{"cbor", client.CBOR}, {"msgpack", client.MSGPACK}, {"json", client.JSON}}

// kind is a way to send payloads between two Go clients.
type kind struct {
	name    string
	plain   bool                 // nexus's client alone
	unkeyed bool                 // a Session whose ring has no key for the URI
	framing transparency.Framing // of a Session that seals
	record  cryptobox.Serializer // or the framing's own
}

const plainName = "nexus client, plain"

var (
	plainKind   = kind{name: plainName, plain: true}
	unkeyedKind = kind{name: "Session, no key", unkeyed: true, framing: transparency.EncArgument}
	encKind     = kind{name: "Session, enc", framing: transparency.EncArgument}
	pptKind     = kind{name: "Session, ppt", framing: transparency.PPT}
	nativeKind  = kind{name: "Session, native", framing: transparency.Native}
)

// uri names a procedure or topic: links that seal have a key for it, the others
// don't. It is equally long for all, so that bytes can be compared.
func (k kind) uri(name string) string {
	if k.plain || k.unkeyed {
		return "com.myapp.plaintext." + name
	}
	return prefix + name
}

// parties are the two keys of a link.
type parties struct{ originator, responder cryptobox.PrivateKey }

func newParties() parties { return parties{cryptobox.GenerateKey(), cryptobox.GenerateKey()} }

// link is two clients of a router: one that calls or publishes, one that answers or
// receives.
type link struct {
	kind       kind
	serializer wireSerializer
	tag        string // of equal length for all links
	near, far  transparency.Client
}

func (l *link) name() string { return contenderName(l.kind.name, l.serializer.name) }

func contenderName(kind, serializer string) string { return kind + ", " + serializer }

// uri is a name that no other link has at the same router.
func (l *link) uri(name string) string { return l.kind.uri(name + "." + l.tag) }

// open connects the clients, each by its own URL.
func open(ctx context.Context, k kind, s wireSerializer, nearURL, farURL string) (*link, error) {
	keys := newParties()
	near, err := connect(ctx, k, s, nearURL, keyring.Originator(keys.originator, keys.responder.Public()))
	if err != nil {
		return nil, err
	}
	far, err := connect(ctx, k, s, farURL, keyring.Responder(keys.responder, keys.originator.Public()))
	if err != nil {
		return nil, errors.Join(err, near.Close())
	}
	return &link{k, s, cryptobox.NewSenderID().String()[:8], near, far}, nil
}

func connect(ctx context.Context, k kind, s wireSerializer, url string, key keyring.Key) (transparency.Client, error) {
	cfg := client.Config{
		Realm: realm, Serialization: s.id, ResponseTimeout: time.Minute, // of a busy machine
		Logger: log.New(io.Discard, "", 0),
	}
	if k.plain {
		return client.ConnectNet(ctx, url, cfg)
	}
	ring := keyring.New()
	if err := ring.Set(prefix, keyring.Prefix, key); err != nil {
		return nil, err
	}
	options := []transparency.Option{transparency.WithFraming(k.framing)}
	if k.record != "" {
		options = append(options, transparency.WithSerializer(k.record))
	}
	return transparency.ConnectNet(ctx, url, cfg, ring, options...)
}

func (l *link) close() error { return errors.Join(l.near.Close(), l.far.Close()) }

// payload is text of so many bytes.
func payload(size int) string {
	const sentence = "The quick brown fox jumps over the lazy dog. "
	text := make([]byte, size)
	for i := range text {
		text[i] = sentence[i%len(sentence)]
	}
	return string(text)
}
