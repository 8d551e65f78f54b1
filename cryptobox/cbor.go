package cryptobox

import (
	"math/big"

	"github.com/fxamacker/cbor/v2"
)

// plainMode writes canonical values.
var plainMode = mustEncMode(cbor.EncOptions{})

// strictMode reads what the scan has let through: it decodes, and refuses
// duplicate keys and invalid UTF-8. Its limits repeat those of the scan.
var strictMode = mustDecMode(cbor.DecOptions{
	DupMapKey:        cbor.DupMapKeyEnforcedAPF,
	MaxNestedLevels:  maxNesting + 1, // a tag is a level
	MaxArrayElements: MaxValues + rootValues,
	MaxMapPairs:      MaxValues + rootValues,
	IndefLength:      cbor.IndefLengthAllowed,
	IntDec:           cbor.IntDecConvertNone,
	DefaultMapType:   anyMapType,
	UTF8:             cbor.UTF8RejectInvalid,
	BigIntDec:        cbor.BigIntDecodePointer,
})

func mustEncMode(o cbor.EncOptions) cbor.EncMode {
	mode, err := o.EncMode()
	if err != nil {
		panic(err) // constant options
	}
	return mode
}

func mustDecMode(o cbor.DecOptions) cbor.DecMode {
	mode, err := o.DecMode()
	if err != nil {
		panic(err) // constant options
	}
	return mode
}

// cborRoot keeps the order of the root's entries.
type cborRoot struct {
	URI    any `cbor:"uri"`
	Args   any `cbor:"args"`
	Kwargs any `cbor:"kwargs"`
	Bind   any `cbor:"bind,omitempty"`
}

func writeCBOR(root []member) ([]byte, error) {
	var r cborRoot
	for _, m := range root {
		switch m.key {
		case "uri":
			r.URI = m.value
		case "args":
			r.Args = m.value
		case "kwargs":
			r.Kwargs = m.value
		case "bind":
			r.Bind = m.value
		}
	}
	data, err := plainMode.Marshal(r)
	if err != nil { // canonical values are all encodable
		return nil, &ValueError{Path: "record", Why: "not encodable as CBOR"}
	}
	return data, nil
}

// readCBOR parses one value with nothing behind it, that stands inside depth
// lists and maps.
func readCBOR(data []byte, depth int, left *budget) (any, error) {
	if err := scanCBOR(data, depth, left); err != nil {
		return nil, err
	}
	var v any
	if err := strictMode.Unmarshal(data, &v); err != nil {
		return nil, malformed("not valid CBOR, or a map key stands twice")
	}
	return fromCBOR(v)
}

// fromCBOR makes the library's values canonical, in place.
func fromCBOR(v any) (any, error) {
	var err error
	switch t := v.(type) {
	case nil, bool, int64, float64, string, []byte:
		return v, nil
	case uint64:
		return canonicalUint(t), nil
	case *big.Int:
		if t.BitLen() > MaxBigBits {
			return nil, malformed("an integer beyond MaxBigBits")
		}
		return canonicalBig(t), nil
	case cbor.Tag:
		if b, ok := t.Content.([]byte); ok && t.Number == tagUint8Array {
			return b, nil
		}
	case []any:
		for i, e := range t {
			if t[i], err = fromCBOR(e); err != nil {
				return nil, err
			}
		}
		return t, nil
	case map[string]any:
		for k, e := range t {
			if t[k], err = fromCBOR(e); err != nil {
				return nil, err
			}
		}
		return t, nil
	}
	return nil, errCBORTag
}
