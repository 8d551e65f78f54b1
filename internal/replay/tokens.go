package replay

import "github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"

// tokens remembers the last ones. The zero value is ready to use.
type tokens struct {
	seen  map[cryptobox.Token]struct{}
	order []cryptobox.Token // a ring, once it is full
	next  int
}

func (t *tokens) add(token cryptobox.Token) bool {
	if _, again := t.seen[token]; again {
		return false
	}
	if t.seen == nil {
		t.seen = map[cryptobox.Token]struct{}{}
	}
	if len(t.order) < MaxTokens {
		t.order = append(t.order, token)
	} else {
		delete(t.seen, t.order[t.next])
		t.order[t.next] = token
		t.next = (t.next + 1) % MaxTokens
	}
	t.seen[token] = struct{}{}
	return true
}
