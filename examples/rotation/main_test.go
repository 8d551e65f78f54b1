package main_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m, "rotation", "cmd/wampbox")) }

// enough is how many messages have to be sealed at least.
const enough = 100_000

// TestRotation: three rotations of a running system, by the tool, with files that
// four processes follow, lose and refuse nothing.
func TestRotation(t *testing.T) {
	p := proc.Start(t, "rotation", "-wampbox", proc.Path("wampbox"), "-messages", strconv.Itoa(enough), "-rotations", "3")
	require.Zero(t, p.WaitFor(5*time.Minute), p.Stdout()+p.Stderr())
	require.Empty(t, p.Stderr())
	t.Log("\n" + p.Stdout())
	require.Equal(t, 3, strings.Count(p.Stdout(), "all seal with it"))
	total := regexp.MustCompile(`(\d+) messages sealed, (\d+) of them events for two; (\d+) opened, 0 lost, 0 refused\n$`).FindStringSubmatch(p.Stdout())
	require.NotNil(t, total, p.Stdout())
	sealed, err := strconv.Atoi(total[1])
	require.NoError(t, err)
	require.GreaterOrEqual(t, sealed, enough)
	byKey := regexp.MustCompile(`([1-9]\d*) messages reached a handler`).FindAllString(p.Stdout(), -1)
	require.Len(t, byKey, 4, "every key has to be used")
}

func TestCommandLine(t *testing.T) {
	for _, test := range []struct {
		args    []string
		status  int
		message string
	}{
		{[]string{"-x"}, 2, "flag provided but not defined"},
		{[]string{"x"}, 2, "unexpected argument"},
		{[]string{"-rotations", "0"}, 2, "have to be above 0"},
		{[]string{"-wampbox", "/nowhere/wampbox"}, 1, "no such file"},
		{[]string{"-wampbox", proc.Path("wampbox"), "-timeout", "300ms"}, 1, "-timeout allows more"},
	} {
		p, status := proc.Run(t, "rotation", test.args...)
		require.Equal(t, test.status, status, test.args)
		require.Contains(t, p.Stderr(), test.message)
	}
	p, status := proc.Run(t, "rotation", "-h")
	require.Zero(t, status)
	require.Contains(t, p.Stdout(), "Exit status")
}
