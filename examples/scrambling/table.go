package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
)

// row is what somebody does, or tries to.
type row struct {
	who, does  string
	may, could bool
	how        string // it came out
}

var errWrong = errors.New("came out wrong")

// printURIs prints what programs use beside what the router got.
func printURIs(out io.Writer, all []seen) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHO\tDOES\tTHE PROGRAM SEES\tTHE ROUTER SEES")
	for _, one := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", one.who, one.does, one.program, one.router)
	}
	_ = table.Flush() // out keeps its error
	fmt.Fprintln(out)
}

// printRows prints the rows, and returns an error if one came out as it must not.
func printRows(out io.Writer, rows []row) (wrong error) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHO\tDOES\tMAY\tCOULD\tHOW IT CAME OUT")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.who, r.does, yes(r.may), yes(r.could), r.how)
		if r.may != r.could {
			wrong = errors.Join(wrong, fmt.Errorf("%w: %s: %s: %s", errWrong, r.who, r.does, r.how))
		}
	}
	if err := table.Flush(); err != nil || wrong != nil {
		return errors.Join(wrong, err)
	}
	_, err := fmt.Fprintf(out, "\nAll %d came out as they must, and no message was lost.\n", len(rows))
	return err
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
