package attacks_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Whoever holds the key may be hostile as well, and may seal what no program of ours would.

// rawRecord are the items of a record, each in CBOR.
type rawRecord [][]byte

// Where items stand in a record.
const (
	kindAt = iota
	realmAt
	uriAt
	fromAt
	nAt
	tsAt
	reAt
	seqAt
	flagsAt
	argsAt
	kwargsAt
)

var null = []byte{0xf6}

// newRawRecord is a sound record, with the argument "raw".
func newRawRecord(kind cryptobox.Kind, realm, uri string) rawRecord {
	from := cryptobox.NewSenderID()
	return rawRecord{
		{byte(kind)}, rawText(realm), rawText(uri), rawBytes(from[:]), {1}, rawInteger(uint64(time.Now().UnixMilli())), null, {0}, {0},
		append([]byte{0x81}, rawText("raw")...), null,
	}
}

func rawText(s string) []byte {
	if len(s) < 24 {
		return append([]byte{0x60 + byte(len(s))}, s...)
	}
	return append([]byte{0x78, byte(len(s))}, s...)
}

func rawBytes(b []byte) []byte {
	if len(b) < 24 {
		return append([]byte{0x40 + byte(len(b))}, b...)
	}
	return append([]byte{0x58, byte(len(b))}, b...)
}

// rawInteger is an integer beyond 32 bits.
func rawInteger(n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{0x1b}, n) }

func (r rawRecord) bytes() []byte {
	return append([]byte{0x80 + byte(len(r))}, bytes.Join(r, nil)...)
}

// with returns the record with another item.
func (r rawRecord) with(at int, item ...byte) []byte {
	changed := slices.Clone(r)
	changed[at] = item
	return changed.bytes()
}

// malformation makes of a sound record one that isn't.
type malformation struct {
	name string
	of   func(r rawRecord) []byte
}

// malformations are those of any kind of record.
func malformations() (all []malformation) {
	add := func(name string, of func(r rawRecord) []byte) { all = append(all, malformation{name, of}) }
	at := func(name string, at int, item ...byte) {
		add(fmt.Sprintf("%s, item %d", name, at+1), func(r rawRecord) []byte { return r.with(at, item...) })
	}
	add("an item less", func(r rawRecord) []byte { return r[:kwargsAt].bytes() })
	add("two items more", func(r rawRecord) []byte { return append(slices.Clone(r), rawBytes(nil), rawBytes(nil)).bytes() })
	add("a twelfth that is text", func(r rawRecord) []byte { return append(slices.Clone(r), rawText("pad")).bytes() })
	add("a byte behind", func(r rawRecord) []byte { return append(r.bytes(), 0) })
	add("a list of indefinite length", func(r rawRecord) []byte { return slices.Concat([]byte{0x9f}, r.bytes()[1:], []byte{0xff}) })
	add("a head longer than needed", func(r rawRecord) []byte { return slices.Concat([]byte{0x98, byte(len(r))}, r.bytes()[1:]) })
	add("a head of less", func(r rawRecord) []byte { return append([]byte{r.bytes()[0] - 1}, r.bytes()[1:]...) })
	add("a head of more", func(r rawRecord) []byte { return append([]byte{r.bytes()[0] + 1}, r.bytes()[1:]...) })
	add("a padded one with a head of more", func(r rawRecord) []byte {
		padded := append(slices.Clone(r), rawBytes(nil)).bytes()
		padded[0]++
		return padded
	})
	add("in a map", func(r rawRecord) []byte { return slices.Concat([]byte{0xa1, 0x61, 'x'}, r.bytes()) })
	add("with a tag", func(r rawRecord) []byte { return slices.Concat([]byte{0xc1}, r.bytes()) })
	add("nothing", func(rawRecord) []byte { return nil })
	for item := range kwargsAt + 1 {
		at("true", item, 0xf5)
		at("undefined", item, 0xf7)
		if item != argsAt {
			at("a list", item, 0x80)
		}
		if item != kwargsAt {
			at("a map", item, 0xa0)
		}
	}
	for _, item := range []int{kindAt, nAt, tsAt, seqAt, flagsAt} {
		at("negative", item, 0x20)
		at("a float", item, 0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0)
		at("longer than needed", item, 0x18, 1)
		at("a big integer", item, 0xc2, 0x49, 1, 0, 0, 0, 0, 0, 0, 0, 0)
		at("text", item, rawText("1")...)
	}
	for _, item := range []int{realmAt, uriAt} {
		at("empty", item, 0x60)
		at("null", item, 0xf6)
		at("bytes", item, rawBytes([]byte("a.b"))...)
		at("of indefinite length", item, 0x7f, 0x61, 'a', 0xff)
		at("no UTF-8", item, 0x61, 0xff)
	}
	at("none", kindAt, 0)
	at("unknown", kindAt, 8)
	at("15 bytes", fromAt, rawBytes(bytes.Repeat([]byte{1}, 15))...)
	at("17 bytes", fromAt, rawBytes(bytes.Repeat([]byte{1}, 17))...)
	at("zeros", fromAt, rawBytes(make([]byte, 16))...)
	at("null", fromAt, 0xf6)
	at("zero", nAt, 0)
	at("beyond 63 bits", tsAt, rawInteger(math.MaxInt64+1)...)
	at("23 bytes", reAt, rawBytes(bytes.Repeat([]byte{1}, 23))...)
	at("25 bytes", reAt, rawBytes(bytes.Repeat([]byte{1}, 25))...)
	at("unknown", flagsAt, 4)
	at("unknown, beside known ones", flagsAt, 7)
	for name, value := range map[string][]byte{
		"undefined": {0xf7}, "a simple value": {0xe0}, "tag 64": {0xd8, 0x40, 0x41, 1}, "tag 0": {0xc0, 0x61, '1'},
		"an integer longer than needed": {0x18, 1}, "a tag longer than needed": {0xd8, 1, 1}, "text of indefinite length": {0x7f, 0xff},
		"a list of indefinite length": {0x9f, 0xff}, "a big integer that is small": {0xc2, 0x41, 1},
		"a big integer with a zero before": {0xc2, 0x4a, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, "a time that is text": {0xc1, 0x61, '1'},
		"a time that is no number": {0xc1, 0xfb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0}, "cut short": {0x44, 1},
	} {
		at("of "+name, argsAt, append([]byte{0x81}, value...)...)
		at("of "+name, kwargsAt, append([]byte{0xa1, 0x61, 'k'}, value...)...)
	}
	at("of indefinite length", argsAt, 0x9f, 0xff)
	at("of indefinite length", kwargsAt, 0xbf, 0xff)
	at("a key twice", kwargsAt, 0xa2, 0x61, 'k', 1, 0x61, 'k', 2)
	at("a key that is a number", kwargsAt, 0xa1, 1, 1)
	return all
}

// rawMessages are the EVENT and the INVOCATION of an honest caller, to be changed.
func (th *theatre) rawMessages() map[cryptobox.Kind]*proxy.Message {
	th.t.Helper()
	event, call := payloadKinds[0].honest(th), payloadKinds[1].honest(th)
	return map[cryptobox.Kind]*proxy.Message{cryptobox.KindPublish: event, cryptobox.KindCall: call}
}

// injects injects a raw record, which has to be refused.
func (th *theatre) injects(raw rawKey, d cryptobox.Direction, m *proxy.Message, record []byte, reason transparency.Reason) {
	th.t.Helper()
	m = m.Clone()
	m.SetBytes(raw.Seal(d, record))
	th.refusesInjected(th.callee, attackedURI, m, reason)
}

// TestHostileRecords: what a holder of the key seals is a record to the bit, or refused.
func TestHostileRecords(t *testing.T) {
	attackBox(t, func(t *testing.T, th *theatre) {
		for _, suite := range suites(t) {
			raw := th.withRaw(suite)
			for kind, m := range th.rawMessages() {
				sound := func() rawRecord { return newRawRecord(kind, th.realm, attackedURI) }
				th.requireTaken(raw, m, sound().bytes())
				th.requireTaken(raw, m, append(sound(), rawBytes([]byte("pad"))).bytes())
				for _, c := range malformations() {
					th.doing = fmt.Sprintf("%s %v: %s", suite.name, kind, c.name)
					th.injects(raw, cryptobox.Message, m, c.of(sound()), transparency.Malformed)
				}
				th.doing = fmt.Sprint(suite.name, kind, ": what is the other's")
				if kind == cryptobox.KindCall {
					th.injects(raw, cryptobox.Message, m, sound().with(seqAt, null...), transparency.Malformed)
					th.injects(raw, cryptobox.Message, m, sound().with(flagsAt, 1), transparency.Malformed)
				}
			}
		}
	})
}

// requireTaken injects a raw record, which has to arrive.
func (th *theatre) requireTaken(raw rawKey, m *proxy.Message, record []byte) {
	th.t.Helper()
	m = m.Clone()
	m.SetBytes(raw.Seal(cryptobox.Message, record))
	th.callee.inject(m)
	if m.Is(wamp.EVENT) {
		require.Equal(th.t, wamp.List{"raw"}, harness.Receive(th.t, th.callee.events).Arguments)
	} else {
		require.Equal(th.t, wamp.List{"raw"}, harness.Receive(th.t, th.callee.served).Arguments)
	}
	th.callee.quiet()
}

// answering is a raw record that answers the last call.
func (th *theatre) answering(raw rawKey, kind cryptobox.Kind, uri string) rawRecord {
	th.t.Helper()
	realm := th.realm
	if kind == cryptobox.KindRefusal {
		realm = ""
	}
	record := newRawRecord(kind, realm, uri)
	record[reAt] = rawBytes(raw.Token(th.lastCall()))
	return record
}

// TestHostileRecordsOfAnswers: a callee is believed no more than a caller.
func TestHostileRecordsOfAnswers(t *testing.T) {
	attackBox(t, func(t *testing.T, th *theatre) {
		result := payloadKinds[3]
		for _, suite := range suites(t) {
			raw := th.withRaw(suite)
			for _, c := range malformations() {
				th.doing = fmt.Sprintf("%s: %s", suite.name, c.name)
				th.evil.Forget()
				result.refuses(th, transparency.Malformed, func(m *proxy.Message) {
					m.SetBytes(raw.Seal(cryptobox.Answer, c.of(th.answering(raw, cryptobox.KindResult, attackedURI))))
				})
			}
		}
	})
}

// TestHostileDirections: under the key of a direction stand its own kinds alone, and what
// is sealed under one doesn't open in the other. Suite box has one key for both, so that
// the kind has to say it.
func TestHostileDirections(t *testing.T) {
	messages := []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindCall, cryptobox.KindCallProgress}
	answers := []cryptobox.Kind{cryptobox.KindResult, cryptobox.KindProgress, cryptobox.KindError}
	attackBox(t, func(t *testing.T, th *theatre) {
		for _, suite := range suites(t) {
			raw := th.withRaw(suite)
			other := transparency.NotOpened
			if suite.name == "box" {
				other = transparency.WrongKind
			}
			for _, m := range th.rawMessages() {
				for _, kind := range answers {
					th.doing = fmt.Sprintf("%s: %v as %v", suite.name, kind, m.Type())
					record := newRawRecord(kind, th.realm, attackedURI)
					record[reAt] = rawBytes(bytes.Repeat([]byte{1}, 24))
					th.injects(raw, cryptobox.Message, m, record.bytes(), transparency.WrongKind)
					th.injects(raw, cryptobox.Answer, m, record.bytes(), other)
				}
			}
			for _, kind := range messages {
				th.doing = fmt.Sprintf("%s: %v as result", suite.name, kind)
				for direction, reason := range map[cryptobox.Direction]transparency.Reason{cryptobox.Answer: transparency.WrongKind, cryptobox.Message: other} {
					th.evil.Forget()
					payloadKinds[3].refuses(th, reason, func(m *proxy.Message) {
						record := th.answering(raw, kind, attackedURI)
						if kind == cryptobox.KindPublish {
							record[reAt] = null
						}
						m.SetBytes(raw.Seal(direction, record.bytes()))
					})
				}
			}
		}
	})
}
