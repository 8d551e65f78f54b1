package replay

import "github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"

// tokens remembers the last ones, each with a time. The zero value is ready to use.
type tokens struct {
	sent  map[cryptobox.Token]int64
	order []cryptobox.Token // a ring, once it is full
	next  int
}

func (t *tokens) has(token cryptobox.Token) bool {
	_, known := t.sent[token]
	return known
}

// add notes a token that it doesn't have. If another one has to make room, full is
// true, and forgotten is when that was sent.
func (t *tokens) add(token cryptobox.Token, sent int64) (forgotten int64, full bool) {
	if t.sent == nil {
		t.sent = map[cryptobox.Token]int64{}
	}
	if len(t.order) < MaxTokens {
		t.order = append(t.order, token)
	} else {
		forgotten, full = t.sent[t.order[t.next]], true
		delete(t.sent, t.order[t.next])
		t.order[t.next] = token
		t.next = (t.next + 1) % MaxTokens
	}
	t.sent[token] = sent
	return forgotten, full
}
