package transparency

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDecide spells out every cell of the rule table.
func TestDecide(t *testing.T) {
	for _, c := range []struct {
		name   string
		row    row
		facts  facts
		action action
		reason Reason
	}{
		{"send keyed", rowSend, facts{keyed: true}, seal, 0},
		{"send keyed taking plain", rowSend, facts{keyed: true, takesPlain: true}, seal, 0},
		{"send keyed sending plain", rowSend, facts{keyed: true, sendsPlain: true, takesPlain: true}, passPlain, 0},
		{"send plain", rowSend, facts{sendsPlain: true, takesPlain: true}, passPlain, 0},
		{"send closed", rowSend, facts{}, refuse, NoKey},

		{"testament keyed", rowTestament, facts{keyed: true}, refuse, Plaintext},
		{"testament keyed taking plain", rowTestament, facts{keyed: true, takesPlain: true}, refuse, Plaintext},
		{"testament keyed sending plain", rowTestament, facts{keyed: true, sendsPlain: true, takesPlain: true}, passPlain, 0},
		{"testament plain", rowTestament, facts{sendsPlain: true, takesPlain: true}, passPlain, 0},
		{"testament closed", rowTestament, facts{}, refuse, NoKey},

		{"receive sealed keyed", rowReceive, facts{form: formSealed, keyed: true}, open, 0},
		{"receive sealed keyed taking plain", rowReceive, facts{form: formSealed, keyed: true, takesPlain: true}, open, 0},
		{"receive sealed keyed mixed", rowReceive, facts{form: formSealed, keyed: true, mixed: true}, open, 0},
		{"receive sealed plain", rowReceive, facts{form: formSealed, takesPlain: true}, refuse, NoKey},
		{"receive sealed closed", rowReceive, facts{form: formSealed}, refuse, NoKey},
		{"receive plain keyed", rowReceive, facts{form: formPlain, keyed: true}, refuse, Plaintext},
		{"receive plain keyed taking plain", rowReceive, facts{form: formPlain, keyed: true, takesPlain: true}, passPlain, 0},
		{"receive plain keyed taking plain mixed", rowReceive, facts{form: formPlain, keyed: true, takesPlain: true, mixed: true}, refuse, Plaintext},
		{"receive plain", rowReceive, facts{form: formPlain, takesPlain: true}, passPlain, 0},
		{"receive plain mixed", rowReceive, facts{form: formPlain, takesPlain: true, mixed: true}, refuse, Plaintext},
		{"receive plain closed", rowReceive, facts{form: formPlain}, refuse, NoKey},
		{"receive parts keyed", rowReceive, facts{form: formParts, keyed: true}, refuse, Malformed},
		{"receive parts keyed taking plain", rowReceive, facts{form: formParts, keyed: true, takesPlain: true}, refuse, Malformed},
		{"receive parts", rowReceive, facts{form: formParts}, refuse, Malformed},
		{"receive unknown form", rowReceive, facts{takesPlain: true}, refuse, Malformed},

		{"answer sealed to sealed", rowContinue, facts{form: formSealed, exchangeSealed: true}, open, 0},
		{"answer plain to sealed", rowContinue, facts{form: formPlain, exchangeSealed: true}, refuse, Plaintext},
		{"answer parts to sealed", rowContinue, facts{form: formParts, exchangeSealed: true}, refuse, Malformed},
		{"answer plain to plain", rowContinue, facts{form: formPlain}, passPlain, 0},
		{"answer sealed to plain", rowContinue, facts{form: formSealed}, refuse, WrongRequest},
		{"answer parts to plain", rowContinue, facts{form: formParts}, refuse, Malformed},

		{"yield to sealed", rowYield, facts{exchangeSealed: true}, seal, 0},
		{"yield to plain", rowYield, facts{}, passPlain, 0},

		{"handler error to sealed", rowHandlerError, facts{exchangeSealed: true}, seal, 0},
		{"handler error keyed to sealed", rowHandlerError, facts{exchangeSealed: true, errorKeyed: true}, seal, 0},
		{"handler error withheld to plain", rowHandlerError, facts{errorWithheld: true}, withoutArguments, 0},
		{"handler error withheld to sealed", rowHandlerError, facts{errorWithheld: true, exchangeSealed: true}, seal, 0},
		{"handler error withheld to foreign", rowHandlerError, facts{errorWithheld: true, exchangeSealed: true, foreign: true}, withoutArguments, 0},
		{"handler error in transition to sealed", rowHandlerError, facts{errorKeyed: true, errorPlain: true, exchangeSealed: true}, seal, 0},
		{"handler error to foreign", rowHandlerError, facts{exchangeSealed: true, foreign: true}, withoutArguments, 0},
		{"handler error keyed otherwise to foreign", rowHandlerError, facts{exchangeSealed: true, foreign: true, errorKeyed: true}, withoutArguments, 0},
		{"handler error keyed alike to foreign", rowHandlerError, facts{exchangeSealed: true, foreign: true, errorKeyed: true, errorForeign: true}, sealUnderError, 0},
		{"handler error in transition to foreign", rowHandlerError, facts{exchangeSealed: true, foreign: true, errorKeyed: true, errorForeign: true, errorPlain: true}, sealUnderError, 0},
		{"handler error to plain", rowHandlerError, facts{}, passPlain, 0},
		{"handler error keyed to plain", rowHandlerError, facts{errorKeyed: true}, withoutArguments, 0},
		{"handler error keyed in Autobahn's to plain", rowHandlerError, facts{errorKeyed: true, errorForeign: true}, sealUnderError, 0},
		{"handler error in transition to plain", rowHandlerError, facts{errorKeyed: true, errorPlain: true}, passPlain, 0},
		{"handler error in transition in Autobahn's to plain", rowHandlerError, facts{errorKeyed: true, errorForeign: true, errorPlain: true}, passPlain, 0},

		{"error plain to sealed", rowError, facts{form: formPlain, exchangeSealed: true}, refuse, Plaintext},
		{"error plain keyed to sealed", rowError, facts{form: formPlain, exchangeSealed: true, errorKeyed: true}, refuse, Plaintext},
		{"error plain of ours to sealed", rowError, facts{form: formPlain, exchangeSealed: true, hidden: true}, refuse, Plaintext},
		{"error plain of WAMP to sealed", rowError, facts{form: formPlain, exchangeSealed: true, protocolError: true}, withoutArguments, 0},
		{"error plain to foreign", rowError, facts{form: formPlain, exchangeSealed: true, foreign: true}, passPlain, 0},
		{"error plain of WAMP to foreign", rowError, facts{form: formPlain, exchangeSealed: true, foreign: true, protocolError: true}, passPlain, 0},
		{"error plain to plain", rowError, facts{form: formPlain}, passPlain, 0},
		{"error plain keyed to plain", rowError, facts{form: formPlain, errorKeyed: true}, passPlain, 0},
		{"error sealed to sealed", rowError, facts{form: formSealed, exchangeSealed: true, hidden: true}, open, 0},
		{"error sealed, its URI outside", rowError, facts{form: formSealed, exchangeSealed: true}, refuse, WrongURI},
		{"error sealed keyed, its URI outside", rowError, facts{form: formSealed, exchangeSealed: true, errorKeyed: true}, refuse, WrongURI},
		{"error sealed foreign to sealed", rowError, facts{form: formSealed, exchangeSealed: true, hidden: true, otherDialect: true}, refuse, NotOpened},
		{"error sealed foreign keyed to sealed", rowError, facts{form: formSealed, exchangeSealed: true, errorKeyed: true, otherDialect: true}, refuse, WrongURI},
		{"error sealed keyed to foreign", rowError, facts{form: formSealed, exchangeSealed: true, foreign: true, errorKeyed: true}, openUnderError, 0},
		{"error sealed to foreign", rowError, facts{form: formSealed, exchangeSealed: true, foreign: true}, refuse, NoKey},
		{"error sealed in another dialect to foreign", rowError, facts{form: formSealed, exchangeSealed: true, foreign: true, errorKeyed: true, otherDialect: true}, refuse, NotOpened},
		{"error sealed foreign keyed to plain", rowError, facts{form: formSealed, errorKeyed: true}, openUnderError, 0},
		{"error sealed foreign to plain", rowError, facts{form: formSealed}, refuse, NoKey},
		{"error sealed in ours to plain", rowError, facts{form: formSealed, errorKeyed: true, otherDialect: true, hidden: true}, refuse, WrongRequest},
		{"error parts", rowError, facts{form: formParts, exchangeSealed: true, foreign: true, errorKeyed: true}, refuse, Malformed},
		{"error parts to plain", rowError, facts{form: formParts, errorKeyed: true}, refuse, Malformed},

		{"send past", rowSend, facts{past: true, keyed: true}, passPlain, 0},
		{"testament past", rowTestament, facts{past: true}, refuse, Malformed},
		{"receive plain past", rowReceive, facts{past: true, form: formPlain, keyed: true, mixed: true}, passPlain, 0},
		{"receive sealed past", rowReceive, facts{past: true, form: formSealed, keyed: true}, refuse, Malformed},
		{"receive parts past", rowReceive, facts{past: true, form: formParts}, refuse, Malformed},
		{"answer plain past", rowContinue, facts{past: true, form: formPlain}, passPlain, 0},
		{"answer sealed past", rowContinue, facts{past: true, form: formSealed}, refuse, Malformed},
		{"yield past", rowYield, facts{past: true}, passPlain, 0},
		{"handler error past", rowHandlerError, facts{past: true, errorKeyed: true, errorWithheld: true}, passPlain, 0},
		{"error plain past", rowError, facts{past: true, form: formPlain, errorKeyed: true}, passPlain, 0},
		{"error sealed past", rowError, facts{past: true, form: formSealed, errorKeyed: true}, refuse, Malformed},

		{"no row", 0, facts{keyed: true}, refuse, Malformed},
	} {
		t.Run(c.name, func(t *testing.T) {
			action, reason := decide(c.row, c.facts)
			require.Equal(t, c.action, action)
			require.Equal(t, c.reason, reason)
		})
	}
}

// TestDecideRefusesWithAReason walks all facts: whatever is refused has a
// reason, and only that has one.
func TestDecideRefusesWithAReason(t *testing.T) {
	for r := row(0); r <= rowError+1; r++ {
		for bits := range 1 << 14 {
			for f := form(0); f <= formParts+1; f++ {
				action, reason := decide(r, facts{
					keyed:          bits&1 != 0,
					errorKeyed:     bits&2 != 0,
					exchangeSealed: bits&4 != 0,
					foreign:        bits&8 != 0,
					protocolError:  bits&16 != 0,
					sendsPlain:     bits&32 != 0,
					takesPlain:     bits&64 != 0,
					mixed:          bits&128 != 0,
					errorForeign:   bits&256 != 0,
					errorPlain:     bits&512 != 0,
					otherDialect:   bits&1024 != 0,
					hidden:         bits&2048 != 0,
					errorWithheld:  bits&4096 != 0,
					past:           bits&8192 != 0,
					form:           f,
				})
				require.Equal(t, action == refuse, reason != 0, "row %d bits %b form %d", r, bits, f)
			}
		}
	}
}
