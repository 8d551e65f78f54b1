package files

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func TestReadAll(t *testing.T) {
	text := strings.Repeat("x", 5000)
	for _, hint := range []int64{-1, 0, 10, 5000, 1 << 40} {
		got, err := ReadAll(iotest.OneByteReader(strings.NewReader(text)), hint, 5000)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		got, err = ReadAll(strings.NewReader(text), hint, 4999)
		require.ErrorIs(t, err, ErrTooLarge)
		require.Nil(t, got)
	}
	failed := errors.New("no disk")
	got, err := ReadAll(io.MultiReader(strings.NewReader(text), iotest.ErrReader(failed)), -1, 10_000)
	require.ErrorIs(t, err, failed)
	require.Nil(t, got)
}
