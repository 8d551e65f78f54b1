package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// command makes a command that does something. Its ArgsUsage says what it takes: those
// in brackets may be left out, the last one may be given several times if dots follow.
func command(cmd *cli.Command, do func(context.Context, *cli.Command) error) *cli.Command {
	cmd.HideHelpCommand = true
	cmd.OnUsageError = onUsageError
	args := strings.Fields(cmd.ArgsUsage)
	needed := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, "[") })
	most := len(args)
	if strings.Contains(cmd.ArgsUsage, "...") {
		most = maxArgs
	}
	cmd.Action = func(ctx context.Context, cmd *cli.Command) error {
		switch given := cmd.Args().Len(); {
		case given > most:
			// Not repeated: it might be a secret.
			return usagef(cmd, "there is an argument too many")
		case given < len(needed):
			return usagef(cmd, "%s is missing", strings.TrimSuffix(needed[given], "..."))
		}
		return computing(func() error { return do(ctx, cmd) })
	}
	return cmd
}

// computing is do, with an error where it makes keys and cryptobox panics: it can't here.
func computing(do func() error) (err error) {
	defer func() {
		switch said := recover().(type) {
		case nil:
		case *cryptobox.KeyError:
			err = fmt.Errorf("no key can be made: %w", said)
		default:
			panic(said)
		}
	}()
	return do()
}

// maxArgs is more than a system lets one give.
const maxArgs = 1 << 30

// usageErrors sets what is done about them on a command and those below it.
func usageErrors(cmd *cli.Command) {
	cmd.OnUsageError = onUsageError
	for _, sub := range cmd.Commands {
		usageErrors(sub)
	}
}

// value is what the library repeats of a flag that it refuses.
var value = regexp.MustCompile(`(?s)^invalid value ".*" for flag `)

// onUsageError repeats no value: it might be a secret in the wrong place.
func onUsageError(_ context.Context, cmd *cli.Command, err error, _ bool) error {
	return usagef(cmd, "%s", value.ReplaceAllString(err.Error(), "flag "))
}

// usagef is an error about how a command was called.
func usagef(cmd *cli.Command, format string, args ...any) error {
	return &usageError{cmd.FullName(), fmt.Errorf(format, args...)}
}

// required makes a flag one that has to be there.
func required(flag *cli.StringFlag) *cli.StringFlag {
	flag.Required = true
	return flag
}

// initial gives a flag a value for when it isn't there.
func initial(flag *cli.StringFlag, value string) *cli.StringFlag {
	flag.Value = value
	return flag
}

// yes is a flag without a value.
func yes(name, usage string) *cli.BoolFlag {
	return &cli.BoolFlag{Name: name, Usage: usage}
}

// jsonFlag is for output that a script reads.
func jsonFlag() *cli.BoolFlag { return yes("json", "print JSON on standard output") }
