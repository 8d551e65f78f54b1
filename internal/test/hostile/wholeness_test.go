package hostile

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// boxes open everything that is sealed in a foreign dialect.
var boxes = func() (all []cryptobox.Cipher) {
	for _, make := range []func() (*cryptobox.Box, error){
		func() (*cryptobox.Box, error) {
			return cryptobox.NewBox(allKeys.originator, allKeys.responder.Public())
		},
		func() (*cryptobox.Box, error) { return cryptobox.NewBox(allKeys.both, allKeys.both.Public()) },
		func() (*cryptobox.Box, error) { return cryptobox.NewSecretBox(allKeys.shared) },
	} {
		box, err := make()
		if err != nil {
			panic(err)
		}
		all = append(all, box)
	}
	return all
}()

// suiteKeys open everything that is sealed in ours.
var suiteKeys = func() (all []*cryptobox.SuiteKey) {
	box, err := cryptobox.NewBox(allKeys.originator, allKeys.responder.Public())
	if err != nil {
		panic(err)
	}
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox} {
		key, err := cryptobox.NewPairKey(suite, box, allKeys.originator.Public(), allKeys.responder.Public())
		if err != nil {
			panic(err)
		}
		all = append(all, key)
	}
	key, err := cryptobox.NewSharedKey(allKeys.shared)
	if err != nil {
		panic(err)
	}
	return append(all, key)
}()

// originatorKey is what an originator holds of the responders' reading key who is in no
// conversation, with a call of its own.
func originatorKey(suite cryptobox.Suite) (*cryptobox.SuiteKey, cryptobox.Exchange) {
	key, err := cryptobox.NewSignedKey(cryptobox.SignedParts{
		Suite: suite, Sign: allKeys.sign[""], Seal: allKeys.signed[suite].pair.Public(), AnyAnswerer: true,
	})
	if err != nil {
		panic(err)
	}
	head := cryptobox.Head{Kind: cryptobox.KindCall, From: cryptobox.NewSenderID(), N: 1, TS: time.Now().UnixMilli()}
	call := cryptobox.NewRecord(head, "realm1", "com.myapp.a.x", nil, nil)
	var draft cryptobox.Draft
	defer draft.Release()
	if err := key.Encode(&call, &draft); err != nil {
		panic(err)
	}
	return key, draft.Exchange()
}

// signedArguments are those of a message in suites 4 and 5, opened by a reader. The answer to
// a call opens in the context of that.
func (a *adversary) signedArguments(payload []byte) []any {
	suite := a.w.sealing.suite
	var opened cryptobox.Opened
	defer opened.Release()
	for _, key := range a.readers {
		_, id, err := cryptobox.SuiteAndID(payload)
		if err != nil || id != key.ID() {
			continue
		}
		if err := key.Open(payload, cryptobox.Message, &opened); err == nil {
			a.exchanges = append(a.exchanges, opened.Exchange())
			args, _, _ := opened.Values()
			return args
		}
		for _, x := range slices.Backward(a.exchanges) {
			if key.OpenIn(x, payload, cryptobox.Answer, &opened) == nil {
				args, _, _ := opened.Values()
				a.pries(suite, payload)
				return args
			}
		}
	}
	return nil
}

// pries tries to open an answer to a call of another's.
func (a *adversary) pries(suite cryptobox.Suite, answer []byte) {
	if a.stranger == nil {
		a.stranger, a.strangers = originatorKey(suite)
	}
	var opened cryptobox.Opened
	defer opened.Release()
	for _, x := range []cryptobox.Exchange{{}, a.strangers} {
		if a.stranger.OpenIn(x, answer, cryptobox.Answer, &opened) == nil {
			a.w.ledger.violated("an originator has opened an answer to another")
		}
	}
}

// readersOf open all that is sealed in a suite, and take whoever has signed it.
func readersOf(suite cryptobox.Suite) (all []*cryptobox.SuiteKey) {
	var verify []cryptobox.VerifyKey
	for _, p := range parties() {
		verify = append(verify, p.Key)
	}
	for _, read := range []cryptobox.ReadingKey{allKeys.signed[suite].pair, allKeys.signed[suite].both} {
		key, err := cryptobox.NewSignedKey(cryptobox.SignedParts{
			Suite: suite, Sign: allKeys.sign[""], Read: read, Seal: read.Public(), Senders: verify, Answerers: verify, SignedOnce: true,
		})
		if err != nil {
			panic(err)
		}
		all = append(all, key)
	}
	return all
}

// argumentsOf opens what a client wrote.
func (w *world) argumentsOf(payload []byte) []any {
	if w.foreign() {
		for _, box := range boxes {
			if record, _, err := cryptobox.OpenForeign(box, dialects[w.dialect], payload); err == nil {
				return record.Args()
			}
		}
		return nil
	}
	var opened cryptobox.Opened
	defer opened.Release()
	for _, key := range suiteKeys {
		for _, direction := range []cryptobox.Direction{cryptobox.Message, cryptobox.Answer} {
			if key.Open(payload, direction, &opened) == nil {
				args, _, _ := opened.Values()
				return args
			}
		}
	}
	return nil
}

var dialects = map[proxy.Dialect]cryptobox.Dialect{proxy.Autobahn: cryptobox.Autobahn, proxy.Passthru: cryptobox.Passthru}

// original notes what a client wrote: the ids of its payloads, by what holds them.
func (a *adversary) original(m *message) {
	text, whole := envelopeText(m, a.w.dialect)
	if !whole {
		return
	}
	args := a.w.argumentsOf(sealedBytes(m))
	if !a.w.foreign() && a.w.sealing.signed() {
		args = a.signedArguments(sealedBytes(m))
	}
	if len(args) > 0 {
		if id, ok := args[0].(int64); ok {
			a.originals[text] = id
			a.originals[string(sealedBytes(m))] = id
		}
	}
}

// note notes which payloads clients are given whole, in an envelope as it was
// written. In payload passthru mode the key id may be missing, and of a later chunk all
// attributes.
func (a *adversary) note(messages []*message) {
	for _, m := range messages {
		if m.Direction != proxy.Down || m.Payload() == nil {
			continue
		}
		honor(m)
		text, whole := envelopeText(m, a.w.dialect)
		if !whole {
			continue
		}
		id, known := a.originals[text]
		if bare := m.Is(wamp.INVOCATION) && a.w.dialect == proxy.Passthru && !attributes(m); bare {
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
func envelopeText(m *message, dialect proxy.Dialect) (text string, whole bool) {
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
	return strings.Join(append(fields, string(sealedBytes(m))), "|"), alone(m, dialect)
}

// alone reports whether nothing else is with the envelope.
func alone(m *message, dialect proxy.Dialect) bool {
	known, ignored := map[string]bool{}, ""
	if dialect == proxy.Autobahn {
		ignored = "enc_key"
	}
	for _, field := range []proxy.Field{proxy.Algorithm, proxy.Serializer, proxy.Scheme, proxy.KeyID} {
		known[dialect.Name(field)] = true
	}
	for name := range m.Details() {
		if isAttribute(name) && !known[name] && name != ignored {
			return false
		}
	}
	payload := m.Payload()
	if dialect != proxy.Wampbox {
		return len(payload) == 1
	}
	if len(payload) != 2 {
		return false
	}
	args, _ := payload[0].([]any)
	kwargs, _ := payload[1].(map[string]any)
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
