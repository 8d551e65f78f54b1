package interop

import (
	"encoding/json"
	"fmt"
)

// message is one line of the Python process: an answer or a report.
type message struct {
	Versions *Versions `json:"versions"`

	ID       uint64          `json:"id"`
	Result   json.RawMessage `json:"result"`
	Error    *Received       `json:"error"`
	Failed   string          `json:"failed"`
	Progress *Received       `json:"progress"`

	Session    string    `json:"session"`
	Event      *Received `json:"event"`
	Invocation *Received `json:"invocation"`
	Warning    string    `json:"warning"`
	Left       *Goodbye  `json:"left"`
}

// outcome reads an answer's result, or returns its error.
func (m message) outcome(result any) error {
	switch {
	case m.Error != nil:
		return &Error{Received: *m.Error}
	case m.Failed != "":
		return fmt.Errorf("interop: the Python peer failed: %s", m.Failed)
	}
	if err := parse(m.Result, result); err != nil {
		return fmt.Errorf("interop: the Python peer's answer: %w", err)
	}
	return nil
}

// Received is what a session got in an EVENT, INVOCATION, RESULT or ERROR, as
// Autobahn opened it.
type Received struct {
	URI    string         `json:"uri"` // topic, procedure or error; empty for results
	Args   []any          `json:"-"`   // nil where there were none at all
	Kwargs map[string]any `json:"-"`

	// How the payload was encrypted, as the message says; empty if it wasn't.
	EncAlgo       string `json:"enc_algo"`
	EncSerializer string `json:"enc_serializer"`
	EncKey        string `json:"enc_key"`

	// Of events and invocations.
	Publication uint64 `json:"publication"`
	Publisher   uint64 `json:"publisher"`
	Caller      uint64 `json:"caller"`
	Retained    bool   `json:"retained"`
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *Received) UnmarshalJSON(text []byte) error {
	type fields Received // without this method
	whole := struct {
		*fields
		Args   any `json:"args"`
		Kwargs any `json:"kwargs"`
	}{fields: (*fields)(r)}
	if err := parse(text, &whole); err != nil {
		return err
	}
	return r.payload(whole.Args, whole.Kwargs)
}

func (r *Received) payload(args, kwargs any) error {
	args, err := native(args)
	if err != nil {
		return err
	}
	if kwargs, err = native(kwargs); err != nil {
		return err
	}
	var ok bool
	if r.Args, ok = args.([]any); !ok && args != nil {
		return fmt.Errorf("args are %T", args)
	}
	switch kwargs := kwargs.(type) {
	case nil:
	case map[string]any:
		r.Kwargs = kwargs
	case Pairs: // a keyword begins with a dollar sign
		r.Kwargs = map[string]any{}
		for _, pair := range kwargs {
			r.Kwargs[fmt.Sprint(pair[0])] = pair[1]
		}
	default:
		return fmt.Errorf("kwargs are %T", kwargs)
	}
	return nil
}

// Error is the WAMP error that a session got in answer to a request: an ERROR
// of the router or of a peer, or what Autobahn makes of one that it can't open.
type Error struct{ Received }

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("interop: Autobahn got the error %s %v %v", e.URI, e.Args, e.Kwargs)
}

// Goodbye is why a session ended.
type Goodbye struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}
