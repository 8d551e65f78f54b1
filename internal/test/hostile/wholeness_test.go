package hostile

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// ciphers open everything here.
var ciphers = func() []cryptobox.Cipher {
	pair, err := cryptobox.NewBox(allKeys.originator, allKeys.responder.Public())
	if err != nil {
		panic(err)
	}
	both, err := cryptobox.NewBox(allKeys.both, allKeys.both.Public())
	if err != nil {
		panic(err)
	}
	return []cryptobox.Cipher{pair, both}
}()

// original notes what a client wrote: the ids of its payloads, by what holds them.
func (a *adversary) original(m *message) {
	text, whole := envelopeText(m, a.w.framing)
	if !whole {
		return
	}
	for _, cipher := range ciphers {
		for _, serializer := range []cryptobox.Serializer{cryptobox.CBOR, cryptobox.JSON} {
			env := &cryptobox.Envelope{Algorithm: cipher.Algorithm(), Serializer: serializer, Payload: sealedBytes(m)}
			record, _, err := cryptobox.Open(cipher, env)
			if err != nil || len(record.Args()) == 0 {
				continue
			}
			if id, ok := record.Args()[0].(int64); ok {
				a.originals[text] = id
				a.originals[string(sealedBytes(m))] = id
			}
		}
	}
}

// note notes which payloads clients are given whole, in an envelope as it was
// written. The key id may be missing, and of a later chunk in PPT all attributes.
func (a *adversary) note(messages []*message) {
	for _, m := range messages {
		if m.Direction != proxy.Down || m.Payload() == nil {
			continue
		}
		honor(m)
		text, whole := envelopeText(m, a.w.framing)
		if !whole {
			continue
		}
		id, known := a.originals[text]
		if bare := m.Is(wamp.INVOCATION) && a.w.framing == proxy.PPT && !attributes(m); bare {
			id, known = a.originals[string(sealedBytes(m))]
		}
		if known {
			a.w.ledger.mu.Lock()
			a.w.ledger.intact[seenWhole{m.Conn, id}] = true
			a.w.ledger.mu.Unlock()
		}
	}
}

// envelopeText is an envelope as text but for its key id, and whether it is there
// whole and alone.
func envelopeText(m *message, framing proxy.Framing) (text string, whole bool) {
	if sealedBytes(m) == nil {
		return "", false
	}
	var fields []string
	for _, field := range []proxy.Field{proxy.Algorithm, proxy.Serializer, proxy.Scheme} {
		v, _ := m.Get(field)
		fields = append(fields, fmt.Sprint(v))
	}
	if id, given := m.Get(proxy.KeyID); given {
		if _, isText := id.(string); !isText || id == "" {
			return "", false
		}
	}
	return strings.Join(append(fields, string(sealedBytes(m))), "|"), alone(m, framing)
}

// alone reports whether nothing else is with the envelope.
func alone(m *message, framing proxy.Framing) bool {
	known := map[string]bool{}
	for _, field := range []proxy.Field{proxy.Algorithm, proxy.Serializer, proxy.Scheme, proxy.KeyID} {
		known[framing.Name(field)] = true
	}
	for name := range m.Details() {
		if isAttribute(name) && !(framing != proxy.EncArgument && known[name]) {
			return false
		}
	}
	payload := m.Payload()
	if framing != proxy.EncArgument {
		return len(payload) == 1
	}
	if len(payload) != 2 {
		return false
	}
	args, _ := payload[0].([]any)
	kwargs, _ := payload[1].(map[string]any)
	enc, _ := kwargs["enc"].(map[string]any)
	for name := range enc {
		if !known[name] && name != "payload" {
			return false
		}
	}
	return len(args) == 0 && len(kwargs) == 1
}

// honor has a plain payload say that there are parts of an envelope if and only if there
// are: other attacks, or nexus, may have taken them away.
func honor(m *message) {
	payload := m.Payload()
	args, _ := payload[0].([]any)
	if len(args) == 0 || args[0] != partsText || attributes(m) {
		return
	}
	if len(payload) > 1 {
		if kwargs, _ := payload[1].(map[string]any); kwargs != nil {
			if _, found := kwargs["enc"]; found {
				return
			}
		}
	}
	args[0] = forgedText
}

// attributes reports whether the details have some of an envelope.
func attributes(m *message) bool {
	for name := range m.Details() {
		if isAttribute(name) {
			return true
		}
	}
	return false
}

var attributePrefixes = []string{"enc_", "ppt_"}

func isAttribute(name string) bool {
	return slices.ContainsFunc(attributePrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// sealedBytes are the sealed payload of a message, nil where there is none. nexus
// writes binary data as plain base64 where the other end uses JSON.
func sealedBytes(m *message) []byte {
	if b := m.Bytes(); b != nil {
		return b
	}
	v, _ := m.Get(proxy.Payload)
	text, _ := v.(string)
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil
	}
	return b
}
