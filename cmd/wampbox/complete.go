package main

import (
	"context"
	"embed"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// The shells' scripts run the tool with the words that were typed so far, the one that is
// being typed last, and askCompletion behind it. It prints what may stand there, a line each,
// with a colon and what that is; nothing where the shell's own names of files are what fits.

// askCompletion is the argument that asks for it.
const askCompletion = "--generate-shell-completion"

//go:embed completion
var completionScripts embed.FS

// configureCompletion has the completion command print our scripts where we have one.
func configureCompletion(cmd *cli.Command) {
	cmd.Hidden = false
	cmd.Usage = "print a script that has a shell complete commands, flags and values"
	usageErrors(cmd)
	cmd.Action = unknown
	for _, shell := range cmd.Commands {
		if script, err := completionScripts.ReadFile("completion/" + shell.Name); err == nil {
			shell.Action = func(context.Context, *cli.Command) error { return output(script) }
		}
	}
}

// shells are those that there is a script for.
var shells = []string{"bash", "zsh", "fish", "pwsh"}

// complete gives the lines for words of a command line, of which the last one is being typed.
func complete(root *cli.Command, words []string) []string {
	typed, before := lastWord(words)
	cmd, depth := namedCommand(root, before)
	switch {
	case len(before) == 0 && strings.HasPrefix(typed, "-"):
		return fitting(typed, flagLines(typed, []cli.Flag{yes("help", "show help"), yes("version", "print the version")}))
	case len(before) == 0:
		return fitting(typed, append(commandLines(root), "help:show help", "completion:print a script for a shell"))
	case len(before) == 1 && before[0] == "help":
		return fitting(typed, commandLines(root))
	case len(before) == 1 && before[0] == "completion":
		return fitting(typed, shells)
	case depth == 0, slices.Contains(before, "--"):
		return nil
	case len(cmd.Commands) > 0 && !strings.HasPrefix(typed, "-"):
		return fitting(typed, commandLines(cmd))
	}
	if name, isFlag := strings.CutPrefix(before[len(before)-1], "-"); isFlag {
		if values, takes := flagValues(cmd, strings.TrimPrefix(name, "-")); takes {
			return fitting(typed, values)
		}
	}
	if !strings.HasPrefix(typed, "-") {
		return nil
	}
	if name, _, found := strings.Cut(typed, "="); found {
		values, _ := flagValues(cmd, strings.TrimLeft(name, "-"))
		lines := make([]string, len(values))
		for i, value := range values {
			lines[i] = name + "=" + value
		}
		return fitting(typed, lines)
	}
	return fitting(typed, flagLines(typed, append(cmd.Flags, yes("help", "show help"))))
}

// namedCommand gives the command that the first words name, and how many of them do.
func namedCommand(root *cli.Command, words []string) (cmd *cli.Command, depth int) {
	cmd = root
	for _, word := range words {
		next := cmd.Command(word)
		if next == nil {
			break
		}
		cmd, depth = next, depth+1
	}
	return cmd, depth
}

// lastWord gives what is being typed, and what stands before it. Bash has "=" for a word.
func lastWord(words []string) (typed string, before []string) {
	if len(words) == 0 {
		return "", nil
	}
	last := len(words) - 1
	typed, before = words[last], words[:last]
	if typed == "=" {
		return "", before
	}
	if last > 0 && before[last-1] == "=" {
		before = before[:last-1]
	}
	return typed, before
}

// flagValues gives the values that a flag may have, as far as they are known, and whether it
// takes one.
func flagValues(cmd *cli.Command, name string) (values []string, takes bool) {
	for _, flag := range cmd.Flags {
		if !slices.Contains(flag.Names(), name) {
			continue
		}
		if one, ok := flag.(interface{ Values() []string }); ok {
			return one.Values(), true
		}
		_, without := flag.(*cli.BoolFlag)
		return nil, !without
	}
	return nil, false
}

func commandLines(root *cli.Command) []string {
	var lines []string
	for _, cmd := range root.Commands {
		lines = append(lines, cmd.Name+":"+cmd.Usage)
	}
	return lines
}

// flagLines gives flags with as many dashes as were typed.
func flagLines(typed string, flags []cli.Flag) []string {
	dashes := "-"
	if strings.HasPrefix(typed, "--") {
		dashes = "--"
	}
	var lines []string
	for _, flag := range flags {
		line := dashes + flag.Names()[0]
		if says, ok := flag.(cli.DocGenerationFlag); ok {
			line += ":" + strings.ReplaceAll(says.GetUsage(), "`", "")
		}
		lines = append(lines, line)
	}
	return lines
}

// fitting gives the lines that begin with what was typed.
func fitting(typed string, lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !strings.HasPrefix(line, typed) })
}
