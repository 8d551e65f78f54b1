package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// A record is shown and read in the form that its JSON serializer gives it,
// which is exact: integers, floats and bytes come back as what they were.

// outputRecord prints a record as JSON.
func outputRecord(rec *cryptobox.Record) error {
	data, err := cryptobox.JSON.Encode(rec)
	if errors.Is(err, cryptobox.ErrValue) {
		note("some values don't exist in JSON, and are shown as text: %v", err)
		data, err = cryptobox.JSON.Encode(inJSON(rec))
	}
	if err != nil {
		return err
	}
	text := jsontext.Value(data)
	if err := text.Format(jsontext.Multiline(true), jsontext.WithIndent("  "), jsontext.ReorderRawObjects(true),
		jsontext.CanonicalizeRawInts(false), jsontext.CanonicalizeRawFloats(false)); err != nil {
		return err
	}
	return output(append(text, '\n'))
}

// inJSON gives a record whose values all exist in JSON: it has no NaN, no
// infinities, and no strings that begin with NUL but for binary data.
func inJSON(rec *cryptobox.Record) *cryptobox.Record {
	args, kwargs := rec.Args(), rec.Kwargs()
	if args != nil {
		args, _ = shownValue(args).([]any)
	}
	if kwargs != nil {
		kwargs, _ = shownValue(kwargs).(map[string]any)
	}
	return cryptobox.NewRecord(rec.URI(), args, kwargs, rec.Bind())
}

func shownValue(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case string:
		return shownText(v)
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = shownValue(e)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for k, e := range v {
			object[shownText(k)] = shownValue(e)
		}
		return object
	}
	return v
}

// shownText shows a leading NUL as its symbol.
func shownText(s string) string {
	if rest, found := strings.CutPrefix(s, "\x00"); found {
		return "\u2400" + rest
	}
	return s
}

// maxRecord bounds a record in JSON, as its serializer does.
const maxRecord = cryptobox.MaxPayload

// readRecord reads a record from JSON.
func readRecord(path string) (*cryptobox.Record, error) {
	data, err := readInput(path, maxRecord)
	if err != nil {
		return nil, err
	}
	if err := checkNames(data); err != nil {
		return nil, err
	}
	rec, err := cryptobox.JSON.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("the record: %w", err)
	}
	return rec, nil
}

// checkNames refuses names that a record doesn't have. Peers ignore those they
// don't know, but a mistake in writing shouldn't seal half of a record.
func checkNames(data []byte) error {
	decoder := jsontext.NewDecoder(strings.NewReader(string(data)))
	if token, err := decoder.ReadToken(); err != nil || token.Kind() != jsontext.KindBeginObject {
		return errors.New(`the record is no JSON map: write {"args": [...], "kwargs": {...}}`)
	}
	for decoder.PeekKind() == jsontext.KindString {
		token, err := decoder.ReadToken()
		if err != nil {
			return errors.New("the record is not valid JSON, or a name stands twice")
		}
		switch token.String() {
		case "uri", "args", "kwargs", "bind":
		default:
			return errors.New(`a record has "uri", "args", "kwargs" and "bind", and nothing else`)
		}
		if err := decoder.SkipValue(); err != nil {
			return errors.New("the record is not valid JSON, or a name stands twice")
		}
	}
	return nil
}
