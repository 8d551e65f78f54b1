package interop

import "time"

// Behaviour is what a registered procedure does. An invocation is reported
// before ([Peer.Invocation]).
type Behaviour struct{ fields map[string]any }

// Payload is what a procedure sends.
type Payload struct {
	Args   []any
	Kwargs map[string]any
}

func (p Payload) fields() map[string]any {
	return map[string]any{"args": p.Args, "kwargs": p.Kwargs}
}

// Echo returns what it was called with.
func Echo() Behaviour { return Behaviour{map[string]any{"kind": "echo"}} }

// Add2 returns the sum of its two arguments.
func Add2() Behaviour { return Behaviour{map[string]any{"kind": "add2"}} }

// Return returns the payload.
func Return(p Payload) Behaviour {
	return Behaviour{map[string]any{"kind": "return", "args": p.Args, "kwargs": p.Kwargs}}
}

// Raise raises an ApplicationError.
func Raise(uri string, p Payload) Behaviour {
	return Behaviour{map[string]any{"kind": "raise", "error": uri, "args": p.Args, "kwargs": p.Kwargs}}
}

// Slow returns what it was called with after a while.
func Slow(after time.Duration) Behaviour {
	return Behaviour{map[string]any{"kind": "slow", "seconds": after.Seconds()}}
}

// Progress sends the chunks as progressive results, pausing after each, and
// returns last.
func Progress(pause time.Duration, chunks []Payload, last Payload) Behaviour {
	return progress(pause, chunks, map[string]any{"args": last.Args, "kwargs": last.Kwargs})
}

// ProgressThenRaise sends the chunks as progressive results, pausing after
// each, and raises an ApplicationError.
func ProgressThenRaise(pause time.Duration, chunks []Payload, uri string, p Payload) Behaviour {
	return progress(pause, chunks, map[string]any{"error": uri, "args": p.Args, "kwargs": p.Kwargs})
}

func progress(pause time.Duration, chunks []Payload, fields map[string]any) Behaviour {
	var list []any
	for _, chunk := range chunks {
		list = append(list, chunk.fields())
	}
	fields["kind"], fields["chunks"], fields["seconds"] = "progress", list, pause.Seconds()
	return Behaviour{fields}
}
