package words_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestInFile says what a program would do by the commands that do it.
func TestInFile(t *testing.T) {
	require.Contains(t, words.Of(cryptobox.ErrSigner), "list its sender's verify key (wampbox add -sender, of an answer add -answerer), or")
	require.Equal(t, `list answerers (wampbox add -answerer), or take any ("any_answerer")`, words.InFile("list answerers, or take any"))
}
