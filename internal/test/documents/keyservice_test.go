package documents_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// operator follows docs/KEYSERVICE.md in a folder.
type operator struct {
	t         *testing.T
	tool, dir string
	put       map[string]string // what stands in the place of words in capitals
	said      string            // by the last command, on both outputs
}

func (o *operator) path(name string) string { return filepath.Join(o.dir, name) }

// run runs a command as it stands in the document.
func (o *operator) run(line string) string {
	o.t.Helper()
	words := strings.Fields(line)
	for i, word := range words {
		if put, ok := o.put[word]; ok {
			words[i] = put
		}
	}
	if words[0] == "age-keygen" { // of age, which may not be installed
		return o.keygen(words[2])
	}
	if words[0] == "wampbox" {
		words[0] = o.tool
	}
	command := exec.Command(words[0], words[1:]...)
	command.Dir = o.dir
	out, err := command.CombinedOutput()
	require.NoError(o.t, err, "%s: %s", line, out)
	o.said = string(out)
	return o.said
}

func (o *operator) keygen(path string) string {
	o.t.Helper()
	identity, err := age.GenerateX25519Identity()
	require.NoError(o.t, err)
	require.NoError(o.t, os.WriteFile(o.path(path), []byte(identity.String()+"\n"), 0o600))
	o.put["RECIPIENT"] = identity.Recipient().String()
	return ""
}

// shown is what show says of an authority.
type shown struct {
	Key     string
	Serial  uint64
	Members []struct {
		Name  string
		Holds []struct{ Pattern, As string }
	}
	Patterns  []struct{ Pattern, Suite, Active string }
	Scrambled []struct{ Secrets []struct{ ID string } }
}

func (o *operator) show(dir string) (all shown) {
	o.t.Helper()
	command := exec.Command(o.tool, "authority", "show", "-json", "-dir", dir)
	command.Dir = o.dir
	out, err := command.Output()
	require.NoError(o.t, err)
	require.NoError(o.t, json.Unmarshal(out, &all))
	return all
}

// holds tells what a member holds of a pattern.
func (o *operator) holds(dir, member, pattern string) string {
	o.t.Helper()
	for _, m := range o.show(dir).Members {
		for _, h := range m.Holds {
			if m.Name == member && h.Pattern == pattern {
				return h.As
			}
		}
	}
	return ""
}

// secrets are the ids of those of the first scrambled prefix, the one with the latest date first.
func (o *operator) secrets(dir string) (ids []string) {
	o.t.Helper()
	for _, v := range o.show(dir).Scrambled[0].Secrets {
		ids = append(ids, v.ID)
	}
	return ids
}

// active is the id of the version of a pattern that seals.
func (o *operator) active(dir, pattern string) string {
	o.t.Helper()
	for _, p := range o.show(dir).Patterns {
		if p.Pattern == pattern {
			return p.Active
		}
	}
	return ""
}

// operatorLines are the commands of a section of the document, but for those that need a router.
func operatorLines(t *testing.T, text, begin, end string) (lines []string) {
	t.Helper()
	_, section, found := strings.Cut(text, "\n"+begin+"\n")
	require.True(t, found, begin)
	section, _, found = strings.Cut(section, "\n"+end+"\n")
	require.True(t, found, end)
	live := regexp.MustCompile(`^wampbox (serve|sub|pub|fetch) `)
	for _, line := range commandLines(section) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if words := strings.Fields(line); len(words) > 1 && !live.MatchString(line) &&
			(words[0] == "wampbox" || words[0] == "cp" || words[0] == "age-keygen") {
			lines = append(lines, line)
		}
	}
	return lines
}

// step is a command, and what holds after it.
type step struct {
	line  string
	after func()
}

// TestKeyserviceTasks runs the commands of docs/KEYSERVICE.md for operators that need no router,
// one after the other as they stand there. After each, what it is for holds.
func TestKeyserviceTasks(t *testing.T) {
	text := documents(t)["docs/KEYSERVICE.md"]
	o := &operator{t: t, tool: proc.Build(t, "cmd/wampbox"), dir: t.TempDir(), put: map[string]string{}}
	lines := append(operatorLines(t, text, "## Begin", "## In a program"), operatorLines(t, text, "## The operator's tasks", "## What a stolen key allows")...)
	steps := o.steps()
	for i, line := range lines {
		require.Less(t, i, len(steps), "a command more than there are steps: %s", line)
		require.True(t, strings.HasPrefix(line, steps[i].line), "%q, and not %q", line, steps[i].line)
		o.run(line)
		if steps[i].after != nil {
			steps[i].after()
		}
	}
	require.Len(t, lines, len(steps))
}

const (
	hello  = "com.myapp.hello."
	sales  = "com.myapp.sales."
	orders = "com.myapp.orders."
)

func (o *operator) steps() []step {
	var serial uint64
	issued := func(dir string) func() {
		return func() {
			next := o.show(dir).Serial
			require.Greater(o.t, next, serial)
			serial = next
		}
	}
	return append([]step{
		{"wampbox identity shop desk", func() { require.FileExists(o.t, o.path("shop.enrolment")) }},
		{"wampbox authority init", func() { require.Equal(o.t, "both", o.holds("authority", "desk", hello)); issued("authority")() }},
		{"wampbox identity till", nil},
		{"wampbox authority enrol", func() { require.Len(o.t, o.show("authority").Members, 3) }},
		{"wampbox authority grant till com.myapp.hello.", func() { require.Equal(o.t, "originator", o.holds("authority", "till", hello)) }},
		{"wampbox authority grant till com.myapp.sales.", func() { require.Equal(o.t, "sender", o.holds("authority", "till", sales)) }},
		{"wampbox authority grant shop com.myapp.sales.", func() { require.Equal(o.t, "reader", o.holds("authority", "shop", sales)) }},
		{"wampbox authority issue", issued("authority")},
		{"wampbox authority show", func() { require.Contains(o.t, o.said, o.show("authority").Key) }},
		{"wampbox authority issue", issued("authority")},
		{"wampbox authority rotate com.myapp.hello. -activate 24h -retire 7d", func() { require.Contains(o.t, o.list("authority"), "pending") }},
		{"wampbox authority issue", issued("authority")},
		{"wampbox authority collect", nil},
		{"wampbox authority status", func() { require.Contains(o.t, o.said, hello); require.Contains(o.t, o.said, "nobody") }},
		{"wampbox authority rotate com.myapp.hello. -defer 72h", nil},
		{"wampbox authority issue", issued("authority")},
		{"wampbox authority rotate com.myapp.sales. -every 24h", nil},
		{"wampbox authority scramble com.myapp. -activate 24h -allow-clear 14d", func() { require.Contains(o.t, o.said, "nobody else: desk, shop, till") }},
		{"wampbox authority issue", issued("authority")},
		{"wampbox uri -keyring authority/keyring.json -realm realm1", func() {
			require.Regexp(o.t, `com\.myapp\.[a-z2-7]{16}\.[a-z2-7]{16}`, o.said)
		}},
		{"wampbox authority scramble com.myapp. -rotate -activate 48h -retire 7d", func() { require.Len(o.t, o.secrets("authority"), 2) }},
		{"wampbox authority issue", issued("authority")},
		{"wampbox authority scramble com.myapp. -defer 72h", func() { o.put["KNOWN"] = o.secrets("authority")[0] }},
		{"wampbox authority revoke till", func() {
			require.Len(o.t, o.secrets("authority"), 1)
			require.NotEqual(o.t, o.put["KNOWN"], o.secrets("authority")[0])
			require.Len(o.t, o.show("authority").Members, 2)
			require.NotContains(o.t, o.list("authority"), "pending")
		}},
		{"wampbox authority issue", func() { issued("authority")(); require.NoFileExists(o.t, o.path("grants/members/till.grant")) }},
		{"cp -a authority backup", func() { require.NoError(o.t, os.RemoveAll(o.path("authority"))) }},
		{"cp -a backup authority", nil},
		{"wampbox authority issue", issued("authority")},
	}, o.laterSteps()...)
}

// laterSteps are those of recovery, of other keys, and of files.
func (o *operator) laterSteps() []step {
	var key string
	return []step{
		{"age-keygen", nil},
		{"wampbox authority init -dir kept", func() {
			o.put["KEY"] = o.show("kept").Key
			require.NoError(o.t, os.RemoveAll(o.path("kept")))
		}},
		{"wampbox authority recover -dir anew", func() {
			require.NotEqual(o.t, o.put["KEY"], o.show("anew").Key)
			require.Equal(o.t, "both", o.holds("anew", "desk", hello))
		}},
		{"wampbox authority issue -dir anew", func() { key = o.show("authority").Key }},
		{"wampbox authority rekey", func() {
			require.NotEqual(o.t, key, o.show("authority").Key)
			o.put["OLD"] = o.active("authority", hello)
		}},
		{"wampbox authority issue", func() {
			said := strings.Fields(o.run("wampbox authority rotate com.myapp.hello."))
			o.put["PENDING"] = said[len(said)-1]
		}},
		{"wampbox revoke PENDING authority/keyring.json", func() { require.NotContains(o.t, o.list("authority"), "pending") }},
		{"wampbox authority rotate com.myapp.hello. -activate now", func() { require.NotEqual(o.t, o.put["OLD"], o.active("authority", hello)) }},
		{"wampbox revoke OLD authority/keyring.json", func() {
			require.Contains(o.t, o.list("authority"), "revoked")
			o.put["KNOWN"] = o.secrets("authority")[0]
		}},
		{"wampbox authority scramble com.myapp. -rotate -activate now -retire now", func() {
			require.NotEqual(o.t, o.put["KNOWN"], o.secrets("authority")[0])
			o.run("wampbox authority issue")
			o.pair(orders, "keyring.json")
		}},
		{"wampbox authority init -dir files", nil},
		{"cp -a keyring.json files/keyring.json", nil},
		{"wampbox authority enrol -dir files", nil},
		{"wampbox authority grant -dir files shop", nil},
		{"wampbox authority grant -dir files desk", func() { require.Contains(o.t, o.run("wampbox list originator.json"), o.active("files", orders)[:6]) }},
		{"wampbox authority issue -dir files", nil},
	}
}

// list is what list says of an authority's master.
func (o *operator) list(dir string) string {
	o.t.Helper()
	return o.run("wampbox list " + dir + "/keyring.json")
}

// pair makes the files of two parties, and one with both halves of their pair.
func (o *operator) pair(pattern, both string) {
	o.t.Helper()
	o.run("wampbox init " + pattern)
	version := func(path string) (file, first map[string]any) {
		text, err := os.ReadFile(o.path(path))
		require.NoError(o.t, err)
		require.NoError(o.t, json.Unmarshal(text, &file))
		entry := file["patterns"].([]any)[0].(map[string]any)
		return file, entry["versions"].([]any)[0].(map[string]any)
	}
	file, ours := version("originator.json")
	_, theirs := version("responder.json")
	ours["responder"] = theirs["responder"]
	text, err := json.Marshal(file)
	require.NoError(o.t, err)
	require.NoError(o.t, os.WriteFile(o.path(both), text, 0o600))
}
