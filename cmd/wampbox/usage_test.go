package main_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// commands are all that there are, with the flags that each needs.
var commands = map[string][]string{
	"keygen":   {},
	"pubkey":   {},
	"init":     {},
	"rotate":   {},
	"activate": {},
	"retire":   {},
	"revoke":   {},
	"lint":     {},
	"add":      {},
	"remove":   {},
	"list":     {},
	"explain":  {},
	"convert":  {},
	"sub":      {"-router", "ws://127.0.0.1:1/", "-realm", "realm1", "-keyring", "x"},
	"pub":      {"-router", "ws://127.0.0.1:1/", "-realm", "realm1", "-keyring", "x"},
	"call":     {"-router", "ws://127.0.0.1:1/", "-realm", "realm1", "-keyring", "x"},
	"doctor":   {},
	"inspect":  {},
	"open":     {"-keyring", "x"},
	"seal":     {"-keyring", "x", "-uri", "com.x"},

	"transition": {},
	"scramble":   {},
	"uri":        {"-keyring", "x", "-realm", "realm1"},
	"identity":   {},
	"authority":  {},
	"serve":      {"-router", "ws://127.0.0.1:1/", "-realm", "realm1"},
	"fetch":      {"-router", "ws://127.0.0.1:1/", "-realm", "realm1", "-member", "x", "-authority", "ed25519:x"},
}

// takes are the arguments of the commands that take several.
var takes = map[string][]string{
	"identity": {"NAME"},
	"init":     {"PATTERN"}, "add": {"PATTERN"}, "list": {"FILE"}, "lint": {"FILE"}, "explain": {"URI", "FILE"},
	"sub": {"TOPIC"}, "pub": {"TOPIC"}, "call": {"PROCEDURE"}, "rotate": {"PATTERN", "FILE"},
	"activate": {"ID", "FILE"}, "retire": {"ID", "FILE"}, "revoke": {"ID", "FILE"},
	"remove": {"PATTERN", "FILE"}, "transition": {"PATTERN", "FILE"}, "scramble": {"PREFIX", "FILE"},
}

// TestUsageErrors exit with 2, say what is wrong on standard error, and repeat
// no value.
func TestUsageErrors(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no command":             {nil, "a command is missing"},
		"an unknown command":     {[]string{"sael"}, `there is no command "sael": the nearest is "seal"`},
		"help on an unknown one": {[]string{"help", "sael"}, "No help topic for 'sael'"},
		"an unknown flag of all": {[]string{"-x", "keygen"}, "flag provided but not defined: -x"},
		"a flag without a value": {[]string{"keygen", "-o"}, "flag needs an argument: -o"},
		"a flag with an empty":   {[]string{"keygen", "-o", ""}, "flag -o: the value is empty"},
		"a flag with an empty =": {[]string{"keygen", "-o="}, "flag -o: the value is empty"},
		"a flag twice":           {[]string{"keygen", "-o", "hunter2", "-o", "hunter2"}, "flag -o: can't duplicate this flag"},
		"a flag that takes none": {[]string{"keygen", "-json=hunter2"}, "flag -json"},
		"an unknown shell":       {[]string{"completion", "hunter2sh"}, "there is no command"},
		"an unknown encoding":    {[]string{"inspect", "-encoding", "hunter2"}, "flag -encoding: use auto, raw, base64 or hex"},
	} {
		t.Run(name, func(t *testing.T) {
			r := wampbox(t, test.args...)
			r.fails(t, 2, test.says)
			if !strings.Contains(name, "shell") {
				require.NotContains(t, r.err, "hunter2")
			}
		})
	}
	for command, needs := range commands {
		for i := 0; i < len(needs); i += 2 {
			some := append([]string{command}, slices.Delete(slices.Clone(needs), i, i+2)...)
			wampbox(t, some...).fails(t, 2, "wampbox "+command+": ")
		}
		args := append([]string{command}, needs...)
		wampbox(t, append(args, "-nonsense=hunter2")...).fails(t, 2, "wampbox "+command+": flag provided but not defined: -nonsense")
		wampbox(t, append(args, "one", "-nonsense=hunter2")...).fails(t, 2, "wampbox "+command+": flag provided but not defined: -nonsense")
		switch names := takes[command]; {
		case command == "authority", command == "uri": // its arguments are commands; it takes any number
		case len(names) == 0:
			r := wampbox(t, append(args, "one", "hunter2")...)
			r.fails(t, 2, "wampbox "+command+": there is an argument too many\n")
			require.NotContains(t, r.err, "hunter2")
		default:
			for i, name := range names {
				wampbox(t, append(args, []string{"com.x", "com.y"}[:i]...)...).fails(t, 2, "wampbox "+command+": "+name+" is missing\n")
			}
		}
	}
}

// TestHelp: each command's needs no other text, and shows examples that begin
// with the command.
func TestHelp(t *testing.T) {
	top := wampbox(t, "-h").fine(t)
	require.Equal(t, top, wampbox(t, "--help").fine(t))
	listed := regexp.MustCompile(`(?m)^ {3,5}([a-z]+)(?:, h)?  +\S`).FindAllStringSubmatch(top, -1)
	var names []string
	for _, match := range listed {
		names = append(names, match[1])
	}
	want := []string{"completion", "help"}
	for command := range commands {
		want = append(want, command)
		help := wampbox(t, command, "-h").fine(t)
		require.Equal(t, help, wampbox(t, "help", command).fine(t))
		require.Contains(t, help, "DESCRIPTION:")
		require.Contains(t, help, "$ wampbox "+command, command)
		require.Contains(t, help, "Examples:")
		for line := range strings.Lines(help) {
			require.LessOrEqual(t, len(line), 121, line)
		}
	}
	require.ElementsMatch(t, want, names)
}

func TestVersion(t *testing.T) {
	require.Regexp(t, `^wampbox version \S+\n$`, wampbox(t, "-version").fine(t))
}
