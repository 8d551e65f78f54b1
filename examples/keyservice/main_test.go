package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

// TestStory: all chapters come out as they must, and what is printed says so.
func TestStory(t *testing.T) {
	p := proc.Start(t, "keyservice", "-wampbox", proc.Build(t, "cmd/wampbox"), "-lead", "4s", "-away", "1s")
	require.Zero(t, p.Wait(), "%s\n%s", p.Stdout(), p.Stderr())
	for _, line := range []string{
		"The rotation lost nothing.",
		"The archive reads nothing any more: ",
		"But for those that the revocation had refused, none was lost.",
	} {
		require.Contains(t, p.Stdout(), "\n"+line)
	}
	require.NotContains(t, strings.ToLower(p.Stdout()), "age-secret-key")
}

// TestLossIsSeen: who loses messages can't pass.
func TestLossIsSeen(t *testing.T) {
	require.NotEqual(t, loss{}, loss{calls: 1})
	require.Equal(t, "1 calls and 2 events", loss{1, 2}.String())
}

// TestMistakes: a process that can't begin says why.
func TestMistakes(t *testing.T) {
	p, status := proc.Run(t, "keyservice", "-wampbox", "no-such-tool")
	require.Equal(t, 1, status)
	require.Contains(t, p.Stderr(), "no-such-tool")
}
