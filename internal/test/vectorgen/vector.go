package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
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
func vectorsFile() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("{\n")
	for i, e := range (pairs{
		{"about", "Vectors of docs/FORMAT.md, made by go run ./internal/test/vectorgen. The keys are samples: never use them for anything else."},
		{"format", 1},
		{"realm", realm},
		{"now", now},
		{"pattern", map[string]string{"uri": prefix, "match": "prefix"}},
		{"own_from", stated(sender("own"))},
		{"keys", keysStated()},
		{"key_texts", keyTexts()},
		{"padme", padmeTable()},
		{"positive", positive()},
		{"negative", negative()},
	}) {
		if i > 0 {
			b.WriteString(",\n")
		}
		fmt.Fprintf(&b, "%q: ", e.key)
		if err := writeLines(&b, e.value); err != nil {
			return nil, fmt.Errorf("%s: %w", e.key, err)
		}
	}
	b.WriteString("\n}\n")
	return b.Bytes(), nil
}

// writeLines writes a list of keys or vectors with a line for each, all else in one.
func writeLines(b *bytes.Buffer, v any) error {
	var list []any
	switch v := v.(type) {
	case []any:
		list = v
	case []keyText:
		for _, e := range v {
			list = append(list, e)
		}
	case []vector:
		if err := distinct(v); err != nil {
			return err
		}
		for _, e := range v {
			list = append(list, e)
		}
	default:
		return writeLine(b, v)
	}
	b.WriteString("[\n")
	for i, e := range list {
		if i > 0 {
			b.WriteString(",\n")
		}
		if err := writeLine(b, e); err != nil {
			return err
		}
	}
	b.WriteString("\n]")
	return nil
}

func writeLine(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line's end
	return nil
}

// distinct sees to it that a name stands for one vector.
func distinct(vectors []vector) error {
	seen := map[string]bool{}
	for _, v := range vectors {
		if seen[v.Name] {
			return fmt.Errorf("two vectors are named %q", v.Name)
		}
		seen[v.Name] = true
	}
	return nil
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
	exponent := 0
	for size>>(exponent+1) > 0 {
		exponent++
	}
	bits := 0
	for exponent>>bits > 0 {
		bits++
	}
	step := 1
	for range exponent - bits {
		step *= 2
	}
	return (size + step - 1) / step * step
}

// details returns a copy with entries more.
func details(all ...map[string]any) map[string]any {
	merged := map[string]any{}
	for _, d := range all {
		maps.Copy(merged, d)
	}
	return merged
}

// sortByName makes an order where a map had none.
func sortByName(vectors []vector) {
	slices.SortStableFunc(vectors, func(a, b vector) int { return strings.Compare(a.Name, b.Name) })
}
