package handrouter

// Limit has the router announce over RawSocket that it takes messages of up to
// 2^(9+code) bytes, for connections from now on.
func (r *Router) Limit(code byte) { r.limit.Store(uint32(code)) }

// Write writes to a RawSocket below the framing of messages.
func (c *Conn) Write(data []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	if s, ok := c.frames.(rawSocket); ok {
		_, _ = s.Conn.Write(data)
	}
}

// SendTogether sends messages so that they arrive as one, where the transport can.
func (c *Conn) SendTogether(messages ...[]any) {
	c.t.Helper()
	var all []byte
	for _, message := range messages {
		data, err := c.serializer.SerializeDataItem(message)
		if err != nil {
			c.t.Fatal(err)
		}
		if _, ok := c.frames.(rawSocket); !ok {
			c.SendBytes(data)
			continue
		}
		n := len(data)
		all = append(append(all, 0, byte(n>>16), byte(n>>8), byte(n)), data...)
	}
	c.Write(all)
}

// Serve has answer called with each message of the client, in a goroutine of its own,
// until the connection or the test ends.
func (c *Conn) Serve(answer func(message []any)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for data := range c.in {
			var message []any
			if c.serializer.DeserializeDataItem(data, &message) != nil {
				return
			}
			answer(message)
		}
	}()
	c.t.Cleanup(func() {
		c.Close()
		<-done
	})
}
