package message

// PayloadWriter is a payload that writes itself, as arguments and keyword arguments.
type PayloadWriter interface {
	// AppendPayload appends both to b by means of c, with [Codec.AppendSeparator]
	// between them.
	AppendPayload(c *Codec, b []byte) []byte
	// Room is about how many bytes of room AppendPayload needs.
	Room(c *Codec) int
}

// AppendEmptyList appends a list of nothing.
func (c *Codec) AppendEmptyList(b []byte) []byte { return c.CloseList(c.OpenList(b, 0)) }

// AppendSeparator appends what is between two elements of a message.
func (c *Codec) AppendSeparator(b []byte) []byte { return c.AppendComma(b, 1) }

// AppendKey appends the key of entry i of a map, counted from 0, behind which its value
// has to follow.
func (c *Codec) AppendKey(b []byte, i int, key string) []byte {
	return c.AppendColon(c.AppendText(c.AppendComma(b, i), key))
}
