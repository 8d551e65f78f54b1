package message

// PayloadWriter is a payload that writes itself, as arguments and keyword arguments.
type PayloadWriter interface {
	// AppendPayload appends both to b by means of c, with [Codec.AppendSeparator]
	// between them.
	AppendPayload(c *Codec, b []byte) []byte
}

// AppendEmptyList appends a list of nothing.
func (c *Codec) AppendEmptyList(b []byte) []byte { return c.closeList(c.openList(b, 0)) }

// AppendSeparator appends what is between two elements of a message.
func (c *Codec) AppendSeparator(b []byte) []byte { return c.comma(b, 1) }

// OpenMap begins a map of n entries, which [Codec.CloseMap] has to end.
func (c *Codec) OpenMap(b []byte, n int) []byte { return c.openMap(b, n) }

// AppendKey appends the key of entry i of a map, counted from 0, behind which its value
// has to follow.
func (c *Codec) AppendKey(b []byte, i int, key string) []byte {
	return c.colon(c.appendText(c.comma(b, i), key))
}

// CloseMap ends a map.
func (c *Codec) CloseMap(b []byte) []byte { return c.closeMap(b) }

// AppendText appends a text.
func (c *Codec) AppendText(b []byte, text string) []byte { return c.appendText(b, text) }

// AppendBinary appends binary data (WAMP specification, "Binary conversion of JSON
// Strings").
func (c *Codec) AppendBinary(b, binary []byte) []byte { return c.appendBinary(b, binary) }
