package operator

import "github.com/urfave/cli/v3"

// Commands are all that there are.
func Commands(env Env) []*cli.Command {
	return []*cli.Command{
		env.initCommand(),
		env.enrolCommand(),
		env.grantCommand(),
		env.showCommand(),
		env.rotateCommand(),
		env.scrambleCommand(),
		env.revokeCommand(),
		env.issueCommand(),
		env.collectCommand(),
		env.statusCommand(),
		env.rekeyCommand(),
		env.recoverCommand(),
	}
}
