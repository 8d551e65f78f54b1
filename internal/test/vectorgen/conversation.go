package main

import (
	"slices"
	"strings"
)

// conversation makes a vector, message by message.
type conversation struct {
	vector
	serializer string
	calls      string // name of the nonce of the call
}

// book is a list of vectors, in their order.
type book []*conversation

// write makes a book of its chapters.
func write(chapters ...func(*book)) (b book) {
	for _, chapter := range chapters {
		chapter(&b)
	}
	return b
}

// sorted makes an order for a chapter that walks maps, which have none.
func sorted(chapter func(*book)) func(*book) {
	return func(b *book) {
		own := write(chapter)
		slices.SortStableFunc(own, func(x, y *conversation) int { return strings.Compare(x.Name, y.Name) })
		*b = append(*b, own...)
	}
}

// usual begins a vector in the framing, serializer and algorithm that most are in.
func (b *book) usual(name, kind string) *conversation {
	return b.talk(name, "enc", "cbor", "pair", kind)
}

// talk begins a vector for the receiver of a kind of record.
func (b *book) talk(name, framing, serializer, keys, kind string) *conversation {
	verb := verbs[kind]
	c := &conversation{
		vector: vector{
			Name: name, Framing: framing, Keys: keys, Role: "responder",
			MaxAge: 5 * minute, Skew: 30 * second,
			Exchange: exchange{Verb: verb, URI: uri},
		},
		serializer: serializer,
		calls:      "call of " + name,
	}
	if verb == "call" {
		c.Role = "originator"
		c.Exchange.Re = stated(c.re())
	}
	*b = append(*b, c)
	return c
}

// verbs are what the receiver of a kind has asked for.
var verbs = map[string]string{
	"publish": "subscribe", "call": "register", "call_progress": "register",
	"result": "call", "progress": "call", "error": "call",
}

// kinds in the order of the document.
var kinds = []string{"publish", "call", "call_progress", "progress", "result", "error"}

// serializers that records are in.
var serializers = []string{"json", "cbor", "msgpack"}

// messageTypes carry the kinds.
var messageTypes = map[string]string{
	"publish": "EVENT", "call": "INVOCATION", "call_progress": "INVOCATION",
	"result": "RESULT", "progress": "RESULT", "error": "ERROR",
}

// re is the token of the call that is answered.
func (c *conversation) re() []byte {
	return nonceFor(keySets[c.Keys].algorithm, c.calls)
}

// bind is the binding that is right for a kind.
func (c *conversation) bind(kind string) pairs {
	b := pairs{
		{"v", 1}, {"kind", kind}, {"realm", realm}, {"from", sender("peer")},
		{"n", len(c.Messages) + 1}, {"ts", now},
	}
	switch verbs[kind] {
	case "call":
		b = append(b, pair{"re", c.re()}, pair{"seq", 0})
	case "register":
		b = append(b, pair{"seq", 0})
	}
	return b
}

// payload are args and kwargs like any others.
func payload() (args []any, kwargs pairs) {
	return []any{"Grüße", 23, -1, true, nil, []byte{0, 1, 255}, 1.5}, pairs{{"unit", "°C"}, {"list", []any{}}}
}

// record is a record that is right for a kind.
func (c *conversation) record(kind string) pairs {
	args, kwargs := payload()
	return pairs{{"uri", c.uri(kind)}, {"args", args}, {"kwargs", kwargs}, {"bind", c.bind(kind)}}
}

const failed = "com.myapp.error.failed"

func (c *conversation) uri(kind string) string {
	if kind == "error" {
		return failed
	}
	return c.Exchange.URI
}

// incoming is a message of a kind without its payload.
func (c *conversation) incoming(kind string) message {
	m := message{Type: messageTypes[kind], Details: map[string]any{}}
	switch kind {
	case "progress", "call_progress":
		m.Details["progress"] = true
	case "error":
		m.Error = c.uri(kind)
	}
	return m
}

// envelope seals a plaintext under the next nonce.
func (c *conversation) envelope(m *message, plaintext []byte) sealed {
	set := keySets[c.Keys]
	nonce := nonceFor(set.algorithm, c.Name+string(rune('0'+len(c.Messages))))
	m.Serializer, m.Nonce, m.Plaintext = c.serializer, stated(nonce), stated(plaintext)
	return sealed{set.algorithm, c.serializer, set.id, set.seal(nonce, plaintext)}
}

// add adds a message.
func (c *conversation) add(m message, want expected) *message {
	m.Expect = want
	c.Messages = append(c.Messages, m)
	return &c.Messages[len(c.Messages)-1]
}

// seal adds a message of a kind with a plaintext, in an envelope that is changed.
func (c *conversation) seal(kind string, plaintext []byte, want expected, edit func(*sealed)) *message {
	m := c.incoming(kind)
	env := c.envelope(&m, plaintext)
	edit(&env)
	env.put(c.Framing, &m)
	return c.add(m, want)
}

// send adds a message of a kind with a record.
func (c *conversation) send(kind string, record any, want expected) *message {
	return c.seal(kind, encode(c.serializer, record), want, func(*sealed) {})
}

// plain adds a message of a kind without an envelope.
func (c *conversation) plain(kind string, want expected) *message {
	return c.add(c.incoming(kind), want)
}

// accepted adds a message of a kind, with a record that opens as it is.
func (c *conversation) accepted(kind string, record pairs) *message {
	return c.send(kind, record, expected{Record: openedOf(record)})
}

// refused adds a message of a kind with a record that is refused.
func (c *conversation) refused(kind string, record any, reason string) *message {
	return c.send(kind, record, refusal(kind, reason))
}

// refusal is what becomes of a message of a kind.
func refusal(kind, reason string) expected {
	want := expected{Reason: reason}
	if verbs[kind] == "register" {
		want.Answer = "wamp.error.encryption.decrypt_error"
	}
	return want
}

// openedOf is what a record says.
func openedOf(record pairs) *opened {
	return &opened{record.get("uri"), stated(record.get("args")), stated(record.get("kwargs")), stated(record.get("bind"))}
}
