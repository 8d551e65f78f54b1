package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoFlagTakesASecret: every flag that is about one names a place.
func TestNoFlagTakesASecret(t *testing.T) {
	seen := 0
	for command := range commands {
		for line := range strings.Lines(wampbox(t, command, "-h").fine(t)) {
			if !strings.HasPrefix(line, "   --") {
				continue
			}
			seen++
			for _, word := range []string{"pass", "secret", "private", "identity", "symmetric"} {
				if strings.HasPrefix(line, "   --"+word) {
					require.Regexp(t, `^   --(identity FILE|secret FILE|passphrase-file FILE|passphrase-env NAME|symmetric  )`, line)
				}
			}
		}
	}
	require.Greater(t, seen, 40)
}
