package validation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// index is the file that lists which schema is for what.
type index struct {
	Version  int       `json:"version"`
	Unlisted string    `json:"unlisted"`
	Patterns []listing `json:"patterns"`
	Comment  string    `json:"comment"`
}

// listing is what the index says of the URIs of a pattern.
type listing struct {
	Exact    *string `json:"exact"`
	Prefix   *string `json:"prefix"`
	Wildcard *string `json:"wildcard"`
	Comment  string  `json:"comment"`

	Event    *parts `json:"event"`
	Call     *parts `json:"call"`
	Chunk    *parts `json:"chunk"`
	Result   *parts `json:"result"`
	Progress *parts `json:"progress"`
	Error    *parts `json:"error"`
}

// parts are the schemas of the two parts of a payload.
type parts struct {
	Args   part `json:"args"`
	Kwargs part `json:"kwargs"`
}

// part names a schema by its file, with a fragment or without. Anything may stand in a part
// that is true, and nothing in one that isn't given.
type part struct {
	file string
	any  bool
}

// UnmarshalJSONFrom reads a name or true.
func (p *part) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	switch {
	case err != nil:
		return err
	case token.Kind() == '"':
		p.file = token.String()
		return nil
	case token.Kind() == 't':
		p.any = true
		return nil
	}
	return errors.New("the name of a schema file is wanted, or true if anything may stand here")
}

// readIndex reads the index strictly.
func readIndex(text []byte) (*index, error) {
	var idx index
	err := json.Unmarshal(text, &idx, json.RejectUnknownMembers(true))
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return nil, wrong(indexFile, string(semantic.JSONPointer), "%s", shorten(why(semantic)))
	}
	switch {
	case err != nil:
		return nil, &Error{File: indexFile, Err: err}
	case idx.Version != 1:
		return nil, wrong(indexFile, "/version", "1 is wanted")
	case idx.Unlisted != "" && idx.Unlisted != "pass" && idx.Unlisted != "refuse":
		return nil, wrong(indexFile, "/unlisted", `"pass" or "refuse" is wanted`)
	case len(idx.Patterns) == 0:
		return nil, wrong(indexFile, "/patterns", "one at least is wanted")
	case len(idx.Patterns) > maxPatterns:
		return nil, wrong(indexFile, "/patterns", "more than %d", maxPatterns)
	}
	return &idx, nil
}

func why(err *json.SemanticError) string {
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return "it has no such field"
	case err.Err != nil:
		return err.Err.Error()
	}
	return fmt.Sprintf("it can't be %v", err.JSONKind)
}

// pattern is the one of a listing.
func (l *listing) pattern() (keyring.Pattern, error) {
	var patterns []keyring.Pattern
	if l.Exact != nil {
		patterns = append(patterns, keyring.Exact(*l.Exact))
	}
	if l.Prefix != nil {
		patterns = append(patterns, keyring.Prefix(*l.Prefix))
	}
	if l.Wildcard != nil {
		patterns = append(patterns, keyring.Wildcard(*l.Wildcard))
	}
	if len(patterns) != 1 {
		return keyring.Pattern{}, errors.New("one of exact, prefix and wildcard is wanted")
	}
	if err := patterns[0].Validate(); err != nil {
		return keyring.Pattern{}, errors.New(strings.TrimPrefix(err.Error(), "keyring: "))
	}
	return patterns[0], nil
}

// kinds are the parts that a listing has for kinds of payload, by its names for them.
func (l *listing) kinds() map[string]kindParts {
	all := map[string]kindParts{
		"event":    {cryptobox.KindPublish, l.Event},
		"call":     {cryptobox.KindCall, l.Call},
		"chunk":    {cryptobox.KindCallProgress, l.Chunk},
		"result":   {cryptobox.KindResult, l.Result},
		"progress": {cryptobox.KindProgress, l.Progress},
		"error":    {cryptobox.KindError, l.Error},
	}
	for name, k := range all {
		if k.parts == nil {
			delete(all, name)
		}
	}
	return all
}

type kindParts struct {
	kind  cryptobox.Kind
	parts *parts
}
