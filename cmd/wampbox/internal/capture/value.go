package capture

import (
	"errors"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// around is what makes a record of one value: a map of "args" with a list of
// it. So the decoders for records, which are bounded and strict, read messages
// as well.
var around = map[cryptobox.Serializer]struct{ before, behind string }{
	cryptobox.JSON:        {`{"args":[`, `]}`},
	cryptobox.MessagePack: {"\x81\xa4args\x91", ""},
	cryptobox.CBOR:        {"\xa1\x64args\x81", ""},
}

// valueOf decodes one value with nothing behind it. JSON has to be valid by
// itself, so that it can't close the list around it. Integers, floats, bytes and
// the rest come as package cryptobox gives them.
func valueOf(s cryptobox.Serializer, data []byte) (any, error) {
	wrap := around[s]
	rec, err := s.Decode(slices.Concat([]byte(wrap.before), data, []byte(wrap.behind)))
	if err != nil {
		return nil, err
	}
	if len(rec.Args()) != 1 || rec.Kwargs() != nil || rec.URI() != "" || rec.Bind() != nil {
		return nil, errors.New("more than one value")
	}
	return rec.Args()[0], nil
}
