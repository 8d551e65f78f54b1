package cryptobox

// Exchange is what goes on under the message that began it: the call that a [Draft] or an
// [Opened] holds, for its later chunks and its answers. In suites 1 to 3 it is zero, and
// means nothing. Several goroutines may use it, and it may be copied.
//
// It prints as its type's name with every verb, and refuses to be marshalled.
type Exchange struct {
	redacted[Exchange]
	context func() *sealContext
}

// get gives the keys of an exchange; nil for the zero one.
func (x Exchange) get() *sealContext {
	if x.context == nil {
		return nil
	}
	return x.context()
}
