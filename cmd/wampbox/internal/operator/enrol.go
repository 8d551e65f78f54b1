package operator

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

func (env Env) enrolCommand() *cli.Command {
	return env.Command(&cli.Command{
		Name:      "enrol",
		Usage:     "take members in, by the lines that they handed over",
		ArgsUsage: "FILE...",
		Description: `Takes members in, by the lines that wampbox identity made for them. A FILE may hold
several, and "-" is standard input. They hold nothing until grant says so.

Take a line only from the member itself, by another way than the router: who swaps it gets
the member's keys. A name, key or recipient that a member has is refused, and a key or recipient
that a revoked one had: these never come back. Names that differ in capital letters are one.

Examples:

   $ wampbox authority enrol shop.enrolment desk.enrolment
   $ ssh shop.example.com wampbox identity shop | wampbox authority enrol -`,
		Flags: env.folderFlags(),
	}, env.enrol)
}

// enrolled is a member as enrol and init print it as JSON.
type enrolled struct {
	Name      string `json:"name"`
	Key       string `json:"key"`
	Recipient string `json:"recipient"`
}

func newEnrolled(e keyservice.Enrolment) enrolled {
	return enrolled{e.Name, e.Key.String(), e.Recipient}
}

func (env Env) enrol(_ context.Context, cmd *cli.Command) error {
	var all []keyservice.Enrolment
	for _, path := range cmd.Args().Slice() {
		some, err := env.readEnrolments(path)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	var members []enrolled
	err := env.do(cmd, func(a *authority.Authority) error {
		for _, e := range all {
			if err := a.Enrol(e); err != nil {
				return withDone(err, members)
			}
			members = append(members, newEnrolled(e))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, m := range members {
		env.note("enrolled %s, whose key is %s", m.Name, m.Key)
	}
	env.note("say what each holds with wampbox authority grant, and then issue")
	if cmd.Bool(jsonFlag) {
		return env.json(struct {
			Members []enrolled `json:"members"`
		}{members})
	}
	return nil
}

// withDone says which members are in already, where one is refused.
func withDone(err error, members []enrolled) error {
	if len(members) == 0 {
		return err
	}
	names := make([]string, len(members))
	for i, m := range members {
		names[i] = m.Name
	}
	return fmt.Errorf("%w; enrolled already: %s", err, strings.Join(names, ", "))
}
