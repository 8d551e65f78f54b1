package main

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const printed = `a valid order
  the caller got: [1]
an invalid order, by a customer who validates
  its own session: transparency: call "com.myapp.shop.order": invalid: args[0].count: minimum
an invalid order, by one who doesn't
  the caller got: wamp.error.invalid_argument, path "args[0].count", why "minimum", sealed: true
  the shop refused: invocation com.myapp.shop.order: invalid: args[0].count: minimum
an invalid event, by one who doesn't
  the shop refused: event com.myapp.shop.ordered.today: invalid: kwargs.count: type: integer
  the shop's handler got the next one: count 3
an invalid answer of the shop's own
  the caller got: wamp.error.runtime_error []
  the shop refused: yield com.myapp.shop.order: invalid: args[0]: minimum
`

func TestRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
	defer cancel()
	var out bytes.Buffer
	require.NoError(t, run(ctx, &out))
	require.Equal(t, printed, out.String())
}
