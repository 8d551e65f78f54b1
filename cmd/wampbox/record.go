package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// record is what open prints.
type record struct {
	*head
	URI    string          `json:"uri,omitempty"`
	Args   json.RawMessage `json:"args"`
	Kwargs json.RawMessage `json:"kwargs"`
}

// head is what ties a record of our dialect to its place, named as docs/FORMAT.md names it.
// Of re it has what people find in logs.
type head struct {
	Kind  string  `json:"kind"`
	Realm string  `json:"realm,omitempty"`
	From  string  `json:"from"`
	N     uint64  `json:"n"`
	TS    int64   `json:"ts"`
	Re    string  `json:"re,omitempty"`
	Seq   *uint64 `json:"seq,omitempty"`
	Self  bool    `json:"self,omitempty"`
	Keep  bool    `json:"keep,omitempty"`
}

func newHead(o *cryptobox.Opened) *head {
	h := &head{
		Kind: o.Kind.String(), Realm: o.Realm(), From: o.From.String(), N: o.N, TS: o.TS, Re: o.Re.Short(), Self: o.Self, Keep: o.Keep,
	}
	if !o.Unnumbered {
		h.Seq = &o.Seq
	}
	return h
}

// outputRecord prints a record as JSON, exactly but for what JSON doesn't have.
func outputRecord(h *head, uri string, args []any, kwargs map[string]any) error {
	r := record{head: h, URI: uri, Args: json.RawMessage("null"), Kwargs: json.RawMessage("null")}
	exactArgs, exactKwargs := true, true
	if args != nil {
		r.Args, exactArgs = values.JSON(args)
	}
	if kwargs != nil {
		r.Kwargs, exactKwargs = values.JSON(kwargs)
	}
	if !exactArgs || !exactKwargs {
		note("some values don't exist in JSON, and are shown as text")
	}
	return outputJSON(r)
}

// payload is what seal reads.
type payload struct {
	args   []any
	kwargs map[string]any
}

// payloadNames are the names that it has.
var payloadNames = []string{"uri", "args", "kwargs"}

// readPayload reads what is to be sealed for a URI, from JSON. It refuses names that it
// doesn't know: a mistake in writing shouldn't seal half of it.
func readPayload(path, uri string) (payload, error) {
	var p payload
	data, err := readInput(path, cryptobox.MaxPayload)
	if err != nil {
		return p, err
	}
	defer clear(data)
	v, err := values.Parse(data)
	if err != nil {
		return p, fmt.Errorf("what is to be sealed: %w", err)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return p, errors.New(`what is to be sealed is no JSON map: write {"args": [...], "kwargs": {...}}`)
	}
	for name := range object {
		if !slices.Contains(payloadNames, name) {
			return p, errors.New(`what is to be sealed has "args", "kwargs" and "uri", and nothing else: a head is made anew`)
		}
	}
	if p.args, ok = object["args"].([]any); !ok && object["args"] != nil {
		return p, errors.New(`"args" is neither a list nor null`)
	}
	if p.kwargs, ok = object["kwargs"].(map[string]any); !ok && object["kwargs"] != nil {
		return p, errors.New(`"kwargs" is neither a map nor null`)
	}
	if named := object["uri"]; named != nil && named != uri {
		return p, fmt.Errorf("it is for %.200q and -uri says %q: make them the same, or leave the former out", named, uri)
	}
	return p, nil
}
