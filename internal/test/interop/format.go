package interop

import (
	"context"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"testing"
)

//go:embed python/format.py
var formatScript []byte

//go:embed python/wampbox/*.py
var formatModules embed.FS

// Format is the Python implementation of docs/FORMAT.md (python/wampbox), in a
// process of its own. Its methods may be called from several goroutines.
type Format struct{ python *Python }

// Format starts one. It is ended when the test ends, and logged if that failed.
func (s *Suite) Format(t testing.TB) *Format {
	t.Helper()
	modules, err := fs.Sub(formatModules, "python")
	if err != nil {
		t.Fatal(err)
	}
	python, err := startLink(context.Background(), s.interpreter, formatScript, modules)
	if err != nil {
		t.Fatal(err)
	}
	python.endWith(t, "the Python implementation")
	return &Format{python}
}

// Outcome is what became of a message of a vector, in the form of its expect.
// Numbers in it are [json.Number].
type Outcome map[string]any

// Vector has a vector's messages received. The header is the file's fields
// beside the vectors.
func (f *Format) Vector(ctx context.Context, header, vector map[string]any) ([]Outcome, error) {
	var outcomes []Outcome
	err := f.python.do(ctx, command{"op": "vector", "header": header, "vector": vector}, nil, &outcomes)
	return outcomes, err
}

// KeyText says what is wrong with the text of a key of a kind: "key", "weak", or
// nothing.
func (f *Format) KeyText(ctx context.Context, kind, text string) (defect string, err error) {
	err = f.python.do(ctx, command{"op": "key_text", "kind": kind, "text": text}, nil, &defect)
	return defect, err
}

// Padme returns what Padmé makes of a size.
func (f *Format) Padme(ctx context.Context, size json.Number) (padded json.Number, err error) {
	err = f.python.do(ctx, command{"op": "padme", "size": size}, nil, &padded)
	return padded, err
}

// FormatConfig says what a [FormatPeer] holds and speaks.
type FormatConfig struct {
	Realm, Framing string
	Serializer     string // of records
	Wire           string // of messages
	Padded         bool   // records, by Padmé
	Prefix         string // of the URIs that the key is for
	Key            FormatKey
}

// FormatKey is a key as one party holds it, in base64.
type FormatKey struct {
	Algorithm string
	Role      string // of the party that holds it, for cryptobox
	Private   string // likewise
	Public    string // likewise, and the other party's
	Shared    string // for the others
	ID        string // likewise
}

// FormatPeer is a party that talks to one Session.
type FormatPeer struct {
	python *Python
	name   string
}

// Join makes a party.
func (f *Format) Join(ctx context.Context, cfg FormatConfig) (*FormatPeer, error) {
	f.python.mu.Lock()
	f.python.last++
	peer := &FormatPeer{f.python, fmt.Sprintf("session %d", f.python.last)}
	f.python.mu.Unlock()
	key := cfg.Key
	return peer, peer.do(ctx, "join", command{
		"realm": cfg.Realm, "framing": cfg.Framing, "serializer": cfg.Serializer, "wire": cfg.Wire,
		"padded": cfg.Padded, "prefix": cfg.Prefix, "algorithm": key.Algorithm, "role": key.Role,
		"private": key.Private, "public": key.Public, "shared": key.Shared, "key_id": key.ID,
	}, &struct{}{})
}

func (p *FormatPeer) do(ctx context.Context, op string, cmd command, result any) error {
	cmd["op"], cmd["session"] = op, p.name
	return p.python.do(ctx, cmd, nil, result)
}

// Taken is what became of a message that a Session sent.
type Taken struct {
	Kind    string   `json:"kind"` // that it was opened as
	Request uint64   `json:"request"`
	Sealed  bool     `json:"sealed"`
	Opened  Received `json:"opened"`
	Refused string   `json:"refused"` // the reason, and nothing else is set
}

// Delivery says that a message is delivered as another kind than it was sent as,
// for another URI, or for another request.
type Delivery struct {
	As, URI string
	Request uint64
}

// Take opens a message of a Session as it was on the wire: a PUBLISH, CALL, YIELD
// or ERROR. That it was refused is no error.
func (p *FormatPeer) Take(ctx context.Context, message []byte, d Delivery) (Taken, error) {
	cmd := command{"message": hex.EncodeToString(message)}
	if d.As != "" {
		cmd["as"] = d.As
	}
	if d.URI != "" {
		cmd["uri"] = d.URI
	}
	if d.Request != 0 {
		cmd["request"] = d.Request
	}
	var taken Taken
	err := p.do(ctx, "take", cmd, &taken)
	return taken, err
}

// FormatMessage is what a [FormatPeer] is to send.
type FormatMessage struct {
	To      uint64 // number of the subscription or registration
	Request uint64 // of the publication, or of the call
	URI     string // topic, procedure or error
	Kind    string // of answers: progress, result or error
	More    bool   // chunks of the call follow
	Payload
}

// Event returns a sealed EVENT as it is on the wire.
func (p *FormatPeer) Event(ctx context.Context, m FormatMessage) ([]byte, error) {
	return p.message(ctx, "publish", m)
}

// Invocation returns a sealed INVOCATION, the next chunk of the request.
func (p *FormatPeer) Invocation(ctx context.Context, m FormatMessage) ([]byte, error) {
	return p.message(ctx, "call", m)
}

// Answer returns a sealed RESULT or ERROR for the request, which it has taken.
func (p *FormatPeer) Answer(ctx context.Context, m FormatMessage) ([]byte, error) {
	return p.message(ctx, "answer", m)
}

func (p *FormatPeer) message(ctx context.Context, op string, m FormatMessage) ([]byte, error) {
	cmd, err := payload(m.Args, m.Kwargs)
	if err != nil {
		return nil, err
	}
	cmd["to"], cmd["request"], cmd["uri"], cmd["error"] = m.To, m.Request, m.URI, m.URI
	cmd["kind"], cmd["more"] = m.Kind, m.More
	if m.Kind != "error" {
		cmd["error"] = ""
	}
	var text string
	if err := p.do(ctx, op, cmd, &text); err != nil {
		return nil, err
	}
	return hex.DecodeString(text)
}
