package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"

	"github.com/urfave/cli/v3"
)

// name is what the tool is called.
const name = "wampbox"

const about = `Wampbox makes keys and keyring files for WAMP payloads that are encrypted end to
end, looks after them, and opens and makes sealed payloads outside of a session.

To begin, in an empty folder:

   wampbox init -pattern com.myapp.encrypted. -match prefix

Give originator.json to those that call and publish, responder.json to those
that are called and subscribe. Each holds a private key: keep it to its owner.

Exit status: 0 when all is well, 1 after a failure or with findings, 2 when the
command line isn't understood. Private keys and passphrases are never given on the
command line. Keyring files may be encrypted with age.`

// root is the whole command line.
func root() *cli.Command {
	return &cli.Command{
		Name:                  name,
		Usage:                 "keys, keyring files and sealed payloads of WAMP",
		Description:           about,
		Version:               version(),
		EnableShellCompletion: true,
		// Names of files may hold a comma.
		DisableSliceFlagSeparator: true,
		ConfigureShellCompletionCommand: func(completion *cli.Command) {
			completion.Hidden = false
			usageErrors(completion)
			completion.Action = unknown
		},
		Commands: []*cli.Command{
			keygenCommand(), pubkeyCommand(), initCommand(),
			rotateCommand(), activateCommand(), retireCommand(), revokeCommand(),
			lintCommand(), inspectCommand(), openCommand(), sealCommand(),
		},
		Action:         unknown,
		OnUsageError:   onUsageError,
		ExitErrHandler: func(context.Context, *cli.Command, error) {}, // main exits
	}
}

// unknown is what is done where no command was found.
func unknown(_ context.Context, cmd *cli.Command) error {
	if cmd.Args().Present() {
		return usagef(cmd, "there is no command %.40q", cmd.Args().First())
	}
	return usagef(cmd, "a command is missing")
}

// version is that of the module that the tool was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// command makes a command that does something.
func command(cmd *cli.Command, do func(context.Context, *cli.Command) error) *cli.Command {
	cmd.HideHelpCommand = true
	cmd.OnUsageError = onUsageError
	most := 0
	if cmd.ArgsUsage != "" {
		most = 1
	}
	cmd.Action = func(ctx context.Context, cmd *cli.Command) error {
		if cmd.Args().Len() > most {
			// Not repeated: it might be a secret.
			return usagef(cmd, "there is an argument too many")
		}
		return do(ctx, cmd)
	}
	return cmd
}

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

// text is a flag with a value that isn't empty. The usage names it in
// backquotes.
func text(name, usage string) *cli.StringFlag {
	return &cli.StringFlag{
		Name:     name,
		Usage:    usage,
		OnlyOnce: true,
		Validator: func(value string) error {
			if value == "" {
				return errors.New("the value is empty")
			}
			return nil
		},
	}
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
