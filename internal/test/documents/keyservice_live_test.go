package documents_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

var toolLine = regexp.MustCompile(`(?m)^    wampbox (?:.+)$`)

// toolLines are the commands of the tool that stand under a heading, without comments.
func toolLines(t *testing.T, text, heading string) (lines []string) {
	t.Helper()
	_, section, found := strings.Cut(text, "\n"+heading+"\n")
	require.True(t, found, heading)
	section, _, _ = strings.Cut(section, "\n#")
	for _, line := range toolLine.FindAllString(section, -1) {
		line, _, _ = strings.Cut(line, " #")
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return lines
}

// TestKeyserviceBegins does what README.md and docs/KEYSERVICE.md tell somebody to do who has
// nothing but a router: five commands, and two members exchange an event. Then a sixth one writes
// a file of keys.
func TestKeyserviceBegins(t *testing.T) {
	texts := documents(t)
	lines := toolLines(t, texts["README.md"], "### Keys that nobody carries")
	require.Len(t, lines, 5)
	require.Equal(t, lines, toolLines(t, texts["docs/KEYSERVICE.md"], "## Begin"))
	fetch := toolLines(t, texts["docs/KEYSERVICE.md"], "### Python peers, and programs that read files")
	require.Len(t, fetch, 1)

	router := testrouter.Start(t)
	proc.Build(t, "cmd/wampbox") // before the folder is another one
	t.Chdir(t.TempDir())
	key := ""
	start := func(line string) *proc.Process {
		words := strings.Fields(line)[1:]
		for i, word := range words {
			switch word {
			case "ws://127.0.0.1:8080/ws":
				words[i] = router.WebSocketURL()
			case "KEY":
				words[i] = key
			}
			words[i] = strings.Trim(words[i], "'")
		}
		return proc.Start(t, "cmd/wampbox", words...)
	}
	fine := func(line string) string {
		t.Helper()
		p := start(line)
		require.Zero(t, p.Wait(), "%s: %s", line, p.Stderr())
		return p.Stdout()
	}
	fine(lines[0])
	key = strings.TrimSpace(fine(lines[1]))
	server := start(lines[2])
	server.AwaitStderr("serving the grants of 2 members")
	sub := start(lines[3])
	sub.AwaitStderr("subscribed to")
	fine(lines[4])
	sub.Await("the event", func() bool { return strings.Contains(sub.Stdout(), `"args":["Hello",23]`) })
	require.Contains(t, sub.Stdout(), `"sealed":true`)
	server.AwaitStderr("shop")

	fine(fetch[0])
	text, err := os.ReadFile("desk.json")
	require.NoError(t, err)
	require.Contains(t, string(text), `"member": "desk"`)
	require.Contains(t, string(text), `"com.myapp.hello."`)
	require.FileExists(t, "desk.cache")
	sub.Signal(os.Interrupt)
	require.Zero(t, sub.Wait())
	server.Signal(os.Interrupt)
	require.Zero(t, server.Wait())
}
