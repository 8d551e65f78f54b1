package shield_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// deepPanics panics below f.
func deepPanics(depth int) {
	if depth == 0 {
		panic("secret")
	}
	deepPanics(depth - 1)
}

func TestRun(t *testing.T) {
	var empty []int
	var nothing *struct{ field int }
	for name, f := range map[string]func(){
		"text": func() { panic("secret") }, "error": func() { panic(errors.New("secret")) }, "nil": func() { panic(nil) }, //nolint:govet // that is what is tried
		"index": func() { _ = empty[len(name(1))] }, "pointer": func() { nothing.field++ }, "deep": func() { deepPanics(500) },
	} {
		t.Run(name, func(t *testing.T) {
			err := shield.Run("padding", f)
			require.ErrorIs(t, err, shield.ErrPanic)
			require.Regexp(t, `^code of the application panicked: padding, in \S+/shield_test\.(TestRun|deepPanics)\S* \(shield_test\.go:\d+\)$`, err.Error())
		})
	}
	ran := false
	require.NoError(t, shield.Run("padding", func() { ran = true }))
	require.True(t, ran)
}

func name(n int) string { return "secret"[:n] }

func TestRunAllocatesNothing(t *testing.T) {
	n := 0
	require.Zero(t, testing.AllocsPerRun(100, func() { _ = shield.Run("padding", func() { n++ }) }))
}
