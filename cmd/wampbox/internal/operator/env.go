package operator

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"filippo.io/age"
	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/flags"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Env is what the tool around the commands gives them. All of it is needed.
type Env struct {
	Stdout io.Writer
	Stderr io.Writer

	// AccessFlags makes the flags that say how encrypted files are read, and AccessHelp explains
	// them.
	AccessFlags func() []cli.Flag
	AccessHelp  string
	// Sealing gives what they say of a file that there is, and NewSealing of one that is to be
	// encrypted.
	Sealing    func(cmd *cli.Command, path string) (Sealing, error)
	NewSealing func(cmd *cli.Command) (Sealing, error)
	// Identities gives those of age in a file.
	Identities func(path string) ([]age.Identity, error)

	// Read reads a file, or standard input for "-".
	Read func(path string, most int) ([]byte, error)
	// Pattern reads a pattern, which MatchFlag may say how to match.
	Pattern   func(cmd *cli.Command, text string) (keyring.Pattern, error)
	MatchFlag func() cli.Flag

	// Command finishes a command that does something. Usage makes an error about how it was called.
	Command func(cmd *cli.Command, do func(context.Context, *cli.Command) error) *cli.Command
	Usage   func(cmd *cli.Command, format string, args ...any) error
	// Findings ends a command that has said what it found.
	Findings error
}

// Sealing is how a file is decrypted and encrypted. Both are nil of one that is plain.
type Sealing struct {
	Decrypt func(io.Reader) (io.Reader, error)
	Encrypt func(io.Writer) (io.WriteCloser, error)
}

// note says something to the user.
func (env Env) note(format string, args ...any) {
	fmt.Fprintln(env.Stderr, words.Clean(fmt.Sprintf(format, args...)))
}

// line writes a line that a script may want.
func (env Env) line(format string, args ...any) error {
	return env.output(words.Clean(fmt.Sprintf(format, args...)) + "\n")
}

func (env Env) output(text string) error {
	if _, err := io.WriteString(env.Stdout, text); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// json writes a value as indented JSON.
func (env Env) json(v any) error {
	text, err := values.Text(v, "  ")
	if err != nil {
		return err
	}
	return env.output(string(text))
}

// table writes rows under a head.
func (env Env) table(rows [][]string) error {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, words.Clean(strings.Join(row, "\t")))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var trimmed strings.Builder
	for line := range strings.Lines(text.String()) {
		trimmed.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return env.output(trimmed.String())
}

// shown is how dates are shown, and nothing for none.
func shown(t time.Time, none string) string {
	if t.IsZero() {
		return none
	}
	return t.UTC().Format(time.RFC3339)
}

// Names of flags that several commands have.
const (
	dirFlag    = "dir"
	grantsFlag = "grants"
	jsonFlag   = "json"
)

func newDirFlag() cli.Flag {
	flag := flags.Text(dirFlag, "the authority's folder `DIR`")
	flag.Value = "authority"
	return flag
}

func newGrantsFlag(usage string) cli.Flag {
	flag := flags.Text(grantsFlag, usage)
	flag.Value = "grants"
	return flag
}

func newJSONFlag() cli.Flag { return yes(jsonFlag, "print JSON on standard output") }

// yes is a flag without a value.
func yes(name, usage string) cli.Flag { return &cli.BoolFlag{Name: name, Usage: usage} }

// folderFlags are those of all commands.
func (env Env) folderFlags(more ...cli.Flag) []cli.Flag {
	return append(append(more, newDirFlag()), append(env.AccessFlags(), newJSONFlag())...)
}
