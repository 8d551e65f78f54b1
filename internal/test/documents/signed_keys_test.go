package documents_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// signedKeys runs commands of documents in a folder.
type signedKeys struct {
	t         *testing.T
	tool, dir string
	old, next string // verify keys of a party that changes its own
}

// run runs the tool, with globs as a shell has them.
func (k *signedKeys) run(args ...string) (out string, err error) {
	var expanded []string
	for _, arg := range args {
		paths, globErr := filepath.Glob(filepath.Join(k.dir, arg))
		require.NoError(k.t, globErr)
		if !strings.Contains(arg, "*") || len(paths) == 0 {
			paths = []string{arg}
		}
		expanded = append(expanded, paths...)
	}
	command := exec.Command(k.tool, expanded...)
	command.Dir = k.dir
	text, err := command.CombinedOutput()
	return string(text), err
}

// fine is run for what has to succeed.
func (k *signedKeys) fine(args ...string) string {
	k.t.Helper()
	out, err := k.run(args...)
	require.NoError(k.t, err, "wampbox %v: %s", args, out)
	return out
}

// public gives the newest public key of a kind in a file, as pubkey prints it.
func (k *signedKeys) public(file, pattern, kind string) string {
	k.t.Helper()
	found := regexp.MustCompile(`(?m)^`+kind+`:\S+$`).FindAllString(k.fine("pubkey", file, "-pattern", pattern), -1)
	require.NotEmpty(k.t, found)
	return found[len(found)-1]
}

var partyKey = regexp.MustCompile(`^([a-z]+)=(KEY|NEW|OLD)$`)

// filled gives a command with the keys that its reader has to put in.
func (k *signedKeys) filled(words []string) []string {
	k.t.Helper()
	pattern := words[0]
	for _, word := range words {
		if strings.HasPrefix(word, "com.") {
			pattern = word
		}
	}
	receives := map[string]string{"com.myapp.orders.": "keys/hub.json", "com.myapp.invoices.": "keys/shop.json"}[pattern]
	for i, word := range words {
		party := partyKey.FindStringSubmatch(word)
		switch {
		case word == "KEY":
			words[i] = k.public(receives, pattern, "x25519")
		case party != nil && party[2] == "NEW":
			k.old, k.next = k.public("keys/"+party[1]+".json", pattern, "ed25519"), strings.TrimSpace(k.fine("pubkey", "keys/desk.next"))
			words[i] = party[1] + "=" + k.next
		case party != nil && party[2] == "OLD":
			words[i] = party[1] + "=" + k.old
		case party != nil:
			words[i] = party[1] + "=" + k.public("keys/"+party[1]+".json", pattern, "ed25519")
		}
	}
	return words
}

// explains tells whether messages go through between files, as explain has it.
func (k *signedKeys) explains(uri string, files ...string) (said string, fine bool) {
	said, err := k.run(append([]string{"explain", uri}, files...)...)
	return said, err == nil
}

// TestSignedKeys runs the commands of docs/KEYS.md, "Signed keys", one after the other as they
// stand there, with keys in the places of KEY, NEW and OLD. After each, what it is for holds.
func TestSignedKeys(t *testing.T) {
	k := &signedKeys{t: t, tool: proc.Build(t, "cmd/wampbox"), dir: t.TempDir()}
	require.NoError(t, os.Mkdir(filepath.Join(k.dir, "keys"), 0o700))
	_, section, found := strings.Cut(documents(t)["docs/KEYS.md"], "\n## Signed keys\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	k.fine("init", "-dir", "keys", "com.myapp.users.") // the box that one goes over from

	orders, invoices := "com.myapp.orders.new", "com.myapp.invoices.new"
	fits := func(uri string, files ...string) {
		t.Helper()
		said, fine := k.explains(uri, files...)
		require.True(t, fine, said)
	}
	unheard := func(uri string, files ...string) {
		t.Helper()
		said, fine := k.explains(uri, files...)
		require.False(t, fine, said)
		require.Contains(t, said, "doesn't list among its senders")
	}
	after := []func(){
		func() { fits(orders, "keys/desk.json", "keys/web.json", "keys/hub.json") },
		func() {},
		func() { unheard(invoices, "keys/till.json", "keys/shop.json") },
		func() { fits(invoices, "keys/till.json", "keys/shop.json") },
		func() {
			said, _ := k.explains(invoices, "keys/till.json", "keys/shop.json")
			require.Contains(t, said, "answers are taken of shop")
		},
		func() { unheard(orders, "keys/cron.json", "keys/hub.json") },
		func() { fits(orders, "keys/cron.json", "keys/hub.json") },
		func() { unheard(orders, "keys/cron.json", "keys/hub.json") },
		func() {},
		func() { fits(orders, "keys/desk.json", "keys/hub.json") },
		func() {
			fits(orders, "keys/desk.json", "keys/hub.json")
			require.Equal(t, k.next, k.public("keys/desk.json", "com.myapp.orders.", "ed25519"))
		},
		func() { fits(orders, "keys/desk.json", "keys/hub.json") },
		func() {
			require.Regexp(t, `signed +\w+ +pending`, k.fine("list", "keys/hub.json"))
			fits(orders, "keys/desk.json", "keys/web.json", "keys/hub.json")
		},
		func() {},
		func() {
			list := k.fine("list", "keys/till.json", "keys/shop.json")
			require.Equal(t, 2, strings.Count(list, "pending"), list)
			fits(invoices, "keys/till.json", "keys/shop.json")
		},
		func() {
			require.Contains(t, k.fine("list", "keys/responder.json"), "unsigned ones open until ")
			fits("com.myapp.users.x", "keys/originator.json", "keys/responder.json")
		},
	}
	steps := 0
	for _, line := range commandLines(section) {
		line, _, _ = strings.Cut(line, " #")
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "wampbox" {
			continue
		}
		require.Less(t, steps, len(after), "a command more than there are checks: %s", line)
		k.fine(k.filled(words[1:])...)
		after[steps]()
		steps++
	}
	require.Equal(t, len(after), steps)
}
