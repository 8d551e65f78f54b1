package transparency

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
)

// formOf tells how a payload arrived.
func formOf(r *client.Received) form {
	switch {
	case r.Err != nil:
		return formParts
	case r.Envelope != nil:
		return formSealed
	}
	return formPlain
}

// refused is the refusal that the rules give a payload.
func refused(reason Reason, r *client.Received) error {
	if r.Err != nil {
		return &refusal{reason, r.Err}
	}
	return reason
}
