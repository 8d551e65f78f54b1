// Package flags makes the flags that commands of wampbox have in common.
package flags

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
)

// Text is a flag with a value that isn't empty, as an unset variable of a shell makes it.
// The usage names it in backquotes.
func Text(name, usage string) *cli.StringFlag {
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

// Choice is a flag with one of some values.
type Choice struct {
	*cli.StringFlag
	values []string
}

// Values gives them, for completion.
func (c *Choice) Values() []string { return c.values }

// OneOf makes a Choice. The usage names the values.
func OneOf(name, usage string, values ...string) *Choice {
	flag := Text(name, usage)
	flag.Validator = func(value string) error {
		if slices.Contains(values, value) {
			return nil
		}
		last := len(values) - 1
		return fmt.Errorf("use %s or %s", strings.Join(values[:last], ", "), values[last])
	}
	return &Choice{flag, values}
}
