package transparency

// The rules of what goes out and what is let in, in one place and without side
// effects. Everything else in this package carries out what decide says.

// row names a line of the rule table: what kind of message it is about.
type row uint8

const (
	rowSend         row = iota + 1 // Publish, Call
	rowTestament                   // a testament of a topic
	rowReceive                     // event, invocation
	rowContinue                    // result, progress of a call of ours; later chunk of an invocation
	rowYield                       // result, progress of an invocation
	rowHandlerError                // error that a handler raises
	rowError                       // ERROR that answers a call of ours
)

// form is how a payload arrived.
type form uint8

const (
	formPlain  form = iota + 1 // nothing of an envelope
	formSealed                 // a whole envelope, alone
	formParts                  // anything between
)

// facts are all that a decision depends on.
type facts struct {
	past           bool // it passes the ring by: the rest isn't looked at, but for the form
	keyed          bool // the ring has a key for the topic or procedure
	sendsPlain     bool // what is sent there is plain: declared so, or in a transition
	takesPlain     bool // what comes from there may be plain: likewise
	mixed          bool // it came by a pattern that matches keyed and plain URIs
	errorKeyed     bool // the ring has a key for the error URI
	errorForeign   bool // and that seals in the exchange's own foreign dialect, in Autobahn's if it is plain
	errorPlain     bool // it is in a transition
	errorWithheld  bool // the ring refuses the error URI: it had a key, or nearly has one
	form           form // of a payload that arrived
	otherDialect   bool // it is sealed in another dialect than the exchange; than a foreign one, if that is plain
	exchangeSealed bool // the call or invocation that this belongs to was sealed
	foreign        bool // in another dialect than ours
	protocolError  bool // the error URI is one of WAMP's own
	hidden         bool // it is the one that stands in place of sealed ones
}

// action is what to do with a message. The zero action refuses.
type action uint8

const (
	refuse           action = iota
	passPlain               // send or deliver as it is
	seal                    // under the key of the topic or procedure
	sealUnderError          // under the key of the error URI
	open                    // with the key of the topic or procedure
	openUnderError          // with the key of the error URI
	withoutArguments        // send or deliver the error URI alone
)

// decide returns what to do, and the reason where that is to refuse.
func decide(r row, f facts) (action, Reason) {
	if f.past {
		return decidePast(r, f.form)
	}
	switch r {
	case rowSend:
		return decideSend(f, seal)
	case rowTestament:
		// The router publishes a testament when nobody is left to seal it.
		return decideSend(f, refuse)
	case rowReceive:
		return decideReceive(f)
	case rowContinue:
		return decideContinue(f)
	case rowYield:
		if f.exchangeSealed {
			return seal, 0
		}
		return passPlain, 0
	case rowHandlerError:
		return decideHandlerError(f), 0
	case rowError:
		return decideError(f)
	}
	return refuse, Malformed
}

func decideSend(f facts, whenKeyed action) (action, Reason) {
	switch {
	case f.sendsPlain:
		return passPlain, 0
	case !f.keyed:
		return refuse, NoKey // the ring says nothing of it
	case whenKeyed == refuse:
		return refuse, Plaintext
	}
	return whenKeyed, 0
}

func decideReceive(f facts) (action, Reason) {
	switch {
	case f.form == formSealed && f.keyed:
		return open, 0
	case f.form == formSealed:
		return refuse, NoKey
	case f.form != formPlain:
		return refuse, Malformed
	case f.takesPlain && !f.mixed:
		return passPlain, 0
	case f.keyed || f.takesPlain:
		return refuse, Plaintext
	}
	return refuse, NoKey // the ring says nothing of it
}

func decideContinue(f facts) (action, Reason) {
	switch {
	case f.form == formParts:
		return refuse, Malformed
	case f.exchangeSealed && f.form == formSealed:
		return open, 0
	case f.exchangeSealed:
		return refuse, Plaintext
	case f.form == formPlain:
		return passPlain, 0
	}
	// Sealed for some other call: this one is plain.
	return refuse, WrongRequest
}

func decideHandlerError(f facts) action {
	switch {
	case f.exchangeSealed && !f.foreign:
		return seal
	case f.errorForeign && (f.exchangeSealed || !f.errorPlain):
		return sealUnderError
	case f.exchangeSealed, f.errorWithheld:
		return withoutArguments
	case f.errorKeyed && !f.errorPlain:
		return withoutArguments // there is no call to bind it to
	}
	return passPlain // as the call went
}

func decideError(f facts) (action, Reason) {
	switch f.form {
	case formSealed:
		switch {
		case f.exchangeSealed && !f.foreign && !f.hidden:
			return refuse, WrongURI
		case !f.exchangeSealed && f.otherDialect:
			return refuse, WrongRequest // ours is bound to a call that is sealed
		case f.otherDialect:
			return refuse, NotOpened
		case f.exchangeSealed && !f.foreign:
			return open, 0
		case f.errorKeyed:
			return openUnderError, 0
		}
		return refuse, NoKey
	case formPlain:
		switch {
		case !f.exchangeSealed, f.foreign:
			return passPlain, 0
		case f.protocolError:
			return withoutArguments, 0
		}
		return refuse, Plaintext
	}
	return refuse, Malformed
}
