package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is one right, or one that somebody doesn't have.
type row struct {
	who, what  string
	may, could bool
	how        string // it came out
}

var errWrong = errors.New("came out wrong")

// order is that of the parties in the table.
var order = slices.Concat(sensors, subscribers, callers, []string{valves, stranger})

// printTable prints the rows by party, and returns an error if one came out as it must not.
func printTable(out io.Writer, rows []row) (wrong error) {
	slices.SortStableFunc(rows, func(a, b row) int { return slices.Index(order, a.who) - slices.Index(order, b.who) })
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHO\tDOES\tMAY\tCOULD\tHOW IT CAME OUT")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.who, r.what, yes(r.may), yes(r.could), r.how)
		if r.may != r.could {
			wrong = errors.Join(wrong, fmt.Errorf("%w: %s: %s: %s", errWrong, r.who, r.what, r.how))
		}
	}
	if err := table.Flush(); err != nil || wrong != nil {
		return errors.Join(wrong, err)
	}
	_, err := fmt.Fprintf(out, "\nAll %d came out as they must, and no honest message was lost.\n", len(rows))
	return err
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
