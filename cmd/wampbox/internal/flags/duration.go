package flags

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v3"
)

// DurationHelp says what [ParseDuration] reads, in errors.
const DurationHelp = "a duration such as 90s, 36h, 30d or 2w"

// maxDuration is 100 years.
const maxDuration = 36525 * day

const day = 24 * time.Hour

// daysAndWeeks are what Go's durations lack. They stand before the rest.
var daysAndWeeks = regexp.MustCompile(`^(?:([0-9]{1,5})w)?(?:([0-9]{1,5})d)?`)

// ParseDuration reads what Go writes, and days and weeks before that: 2w, 1d12h. It isn't
// negative, and 100 years at most.
func ParseDuration(text string) (time.Duration, error) {
	found := daysAndWeeks.FindStringSubmatch(text)
	weeks, _ := strconv.Atoi(found[1]) // none is 0
	days, _ := strconv.Atoi(found[2])
	d := time.Duration(7*weeks+days) * day
	if rest := text[len(found[0]):]; rest != "" || found[0] == "" {
		small, err := time.ParseDuration(rest)
		if err != nil || small < 0 || small > maxDuration {
			return 0, errDuration
		}
		d += small
	}
	if d > maxDuration {
		return 0, errDuration
	}
	return d, nil
}

// errDuration repeats nothing of what was given.
var errDuration = errors.New("give " + DurationHelp)

// Duration is a flag with a duration as [ParseDuration] reads it, which [cli.Command.Duration]
// gives.
func Duration(name, usage string, initial time.Duration) cli.Flag {
	return &cli.FlagBase[time.Duration, cli.NoConfig, duration]{Name: name, Value: initial, Usage: usage, OnlyOnce: true, HideDefault: initial == 0}
}

// duration is the value of such a flag.
type duration time.Duration

// Create implements [cli.ValueCreator].
func (duration) Create(initial time.Duration, p *time.Duration, _ cli.NoConfig) cli.Value {
	*p = initial
	return (*duration)(p)
}

// ToString implements [cli.ValueCreator].
func (duration) ToString(d time.Duration) string { return Shown(d) }

// Shown writes a duration as [ParseDuration] reads it: whole days as such, and nothing that is 0.
func Shown(d time.Duration) string {
	if d > 0 && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	text := d.String()
	for _, nothing := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, nothing) {
			text = text[:len(text)-2]
		}
	}
	return text
}

// Set implements [cli.Value].
func (d *duration) Set(text string) error {
	parsed, err := ParseDuration(text)
	*d = duration(parsed)
	return err
}

// Get implements [cli.Value].
func (d *duration) Get() any { return time.Duration(*d) }

// String implements [cli.Value].
func (d *duration) String() string { return time.Duration(*d).String() }
