package main

import (
	"bytes"
	"fmt"
	"math/bits"
)

// What all vectors have in common.
const (
	realm  = "realm1"
	now    = int64(1767225600123) // 2026-01-01T00:00:00.123Z
	prefix = "com.myapp.encrypted."
	uri    = prefix + "x"
	second = int64(1000)
	minute = 60 * second
)

// vector is a conversation in which one end receives messages, and what becomes of
// each. docs/FORMAT.md, "Test vectors", tells what the fields mean.
type vector struct {
	Name     string    `json:"name"`
	Framing  string    `json:"framing"`
	Keys     string    `json:"keys"`
	Role     string    `json:"role"`
	Unbound  bool      `json:"unbound,omitempty"`
	MaxAge   int64     `json:"max_age_ms"`
	Skew     int64     `json:"clock_skew_ms"`
	Exchange exchange  `json:"exchange"`
	Messages []message `json:"messages"`
}

// exchange is what the receiving end has asked for.
type exchange struct {
	Verb        string `json:"verb"` // "subscribe", "register" or "call"
	URI         string `json:"uri"`
	Match       string `json:"match,omitempty"`
	GetRetained bool   `json:"get_retained,omitempty"`
	Re          any    `json:"re,omitempty"` // nonce of the call
}

// message is one that is received.
type message struct {
	Type    string         `json:"type"`
	Details map[string]any `json:"details"`
	Error   string         `json:"error,omitempty"`
	Args    any            `json:"args,omitempty"`
	Kwargs  any            `json:"kwargs,omitempty"`
	Binary  any            `json:"binary,omitempty"`

	// How it was made.
	Serializer string `json:"serializer,omitempty"`
	Nonce      any    `json:"nonce,omitempty"`
	Plaintext  any    `json:"plaintext,omitempty"`

	Expect expected `json:"expect"`
}

// expected is a record, or the reason of a refusal.
type expected struct {
	Record *opened `json:"record,omitempty"`
	Plain  bool    `json:"plain,omitempty"` // delivered without having been sealed
	Reason string  `json:"reason,omitempty"`
	Answer string  `json:"answer,omitempty"` // error URI that a refused invocation gets
}

type opened struct {
	URI    any `json:"uri"`
	Args   any `json:"args"`
	Kwargs any `json:"kwargs"`
	Bind   any `json:"bind"`
}

// vectorsFile is the whole file, with a line for each key and vector.
func vectorsFile() []byte {
	lines := [][]byte{}
	for _, e := range (pairs{
		{"about", "Vectors of docs/FORMAT.md, made by go run ./internal/test/vectorgen. The keys are samples: never use them for anything else."},
		{"format", 1},
		{"realm", realm},
		{"now", now},
		{"pattern", map[string]string{"uri": prefix, "match": "prefix"}},
		{"own_from", stated(sender("own"))},
		{"keys", linesOf(keysStated())},
		{"key_texts", linesOf(keyTexts())},
		{"padme", padmeTable()},
		{"positive", linesOf(distinct(positive()))},
		{"negative", linesOf(distinct(negative()))},
	}) {
		lines = append(lines, appendJSON(fmt.Appendf(nil, "%q: ", e.key), e.value))
	}
	return fmt.Appendf(nil, "{\n%s\n}\n", bytes.Join(lines, []byte(",\n")))
}

// linesOf is a list with a line for each element.
func linesOf[T any](list []T) verbatim {
	lines := make([][]byte, len(list))
	for i := range list {
		lines[i] = jsonText(list[i])
	}
	return verbatim(fmt.Sprintf("[\n%s\n]", bytes.Join(lines, []byte(",\n"))))
}

// distinct sees to it that a name stands for one vector.
func distinct(vectors book) book {
	seen := map[string]bool{}
	for _, v := range vectors {
		if seen[v.Name] {
			panic(fmt.Sprintf("two vectors are named %q", v.Name))
		}
		seen[v.Name] = true
	}
	return vectors
}

// padmeTable has sizes, and what they are padded to.
func padmeTable() (table [][2]int) {
	for _, size := range []int{0, 1, 2, 7, 8, 9, 15, 16, 17, 100, 129, 1000, 1025, 65537, 1000001, 16777215} {
		table = append(table, [2]int{size, padme(size)})
	}
	return table
}

// padme rounds up so that the bits that are left are as many as it takes to write
// the exponent.
func padme(size int) int {
	if size < 2 {
		return size
	}
	exponent := bits.Len(uint(size)) - 1
	step := 1 << (exponent - bits.Len(uint(exponent)))
	return (size + step - 1) / step * step
}
