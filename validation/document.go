package validation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// document reads one JSON value strictly: UTF-8, no name twice, nothing behind it, bounded.
// Numbers are json.Number.
func document(file string, text []byte) (any, error) {
	d := decoder{jsontext.NewDecoder(bytes.NewReader(text))}
	v, err := d.value(0)
	if err == nil {
		if _, end := d.ReadToken(); end != io.EOF {
			err = errors.New("something stands behind the JSON value")
		}
	}
	if err == nil {
		return v, nil
	}
	where := &Error{File: file, Err: err, Line: lineOf(text, d.InputOffset())}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		where.Line, where.Err = lineOf(text, syntax.ByteOffset), errors.New(shorten(syntax.Err.Error()))
	}
	return nil, where
}

func lineOf(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(int64(len(text)), offset)], []byte("\n"))
}

type decoder struct{ *jsontext.Decoder }

func (d decoder) value(depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxJSONDepth)
	}
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case 'n':
		return nil, nil
	case 't', 'f':
		return token.Bool(), nil
	case '"':
		return token.String(), nil
	case '0':
		return numberText(token.String())
	case '[':
		return d.list(depth)
	default:
		return d.object(depth)
	}
}

func (d decoder) list(depth int) (any, error) {
	list := []any{}
	for d.PeekKind() != ']' {
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.ReadToken()
	return list, err
}

func (d decoder) object(depth int) (any, error) {
	object := map[string]any{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return nil, err
		}
		key := name.String()
		if object[key], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
	_, err := d.ReadToken()
	return object, err
}

// numberText takes a number that a float64 or an integer of some length stands for. An exponent of
// a few bytes could stand for a number that fills the memory.
func numberText(text string) (any, error) {
	_, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	if len(text) > maxNumber || len(strings.TrimLeft(exponent, "+-0")) > 3 {
		return nil, fmt.Errorf("a number of more than %d bytes, or an exponent of more than 3", maxNumber)
	}
	if f, err := strconv.ParseFloat(text, 64); err != nil || math.IsInf(f, 0) {
		return nil, errors.New("a number beyond the range of float64")
	}
	return json.Number(text), nil
}
