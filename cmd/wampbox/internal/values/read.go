package values

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// Parse reads a JSON value, with nothing behind it, as records have values: int64, uint64
// and *big.Int, float64, []byte, string, []any and map[string]any. Errors repeat nothing
// of it.
func Parse(text []byte) (any, error) {
	var d codec.Decoder
	d.Reset(codec.FormatJSON, text)
	defer d.Release()
	if err := d.Read(); err != nil {
		return nil, err
	}
	v, err := d.Value(root)
	if err == nil {
		err = d.End()
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// root has what stands in a root map be inside of nothing, as args and kwargs are.
const root = -1

// Canonical gives arguments the types that records have, which those that came in plain
// have by chance alone.
func Canonical(args []any, kwargs map[string]any) ([]any, map[string]any, error) {
	var w codec.Writer
	w.ResetStrict(nil, 0)
	form := message.CBOR().Form
	err := w.List(args, 0, form)
	if err == nil {
		err = w.Map(kwargs, 0, form)
	}
	if err == nil {
		err = w.End()
	}
	text := w.Release()
	if err != nil {
		return nil, nil, err
	}
	var r codec.StrictReader
	r.Reset(text)
	defer r.Release()
	list, err := r.ScanList(0)
	if err != nil {
		return nil, nil, err
	}
	object, err := r.ScanMap(0)
	if err != nil {
		return nil, nil, err
	}
	return r.List(list), r.Map(object), nil
}
