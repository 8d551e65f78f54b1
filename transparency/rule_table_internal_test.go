package transparency

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// says are the words by which a cell of the rule table names an action.
var says = map[action][]string{
	refuse:           {"rejected", "an error"},
	passPlain:        {"plain", "delivered", "as given"},
	seal:             {"sealed with", "sealed"},
	sealUnderError:   {"sealed under"},
	open:             {"opened"},
	openUnderError:   {"opened if the error URI is keyed"},
	withoutArguments: {"without arguments", "URI alone"},
}

// columns are what each column of a table means.
type columns map[string][]facts

var (
	byRing = columns{
		"keyed":                  {{keyed: true}},
		"in transition, besides": {{keyed: true, sendsPlain: true, takesPlain: true}},
		"plain":                  {{sendsPlain: true, takesPlain: true}},
		"closed":                 {{}},
	}
	byCall = columns{
		"the call was sealed": {{exchangeSealed: true}},
		"the call was plain":  {{}},
	}
	byDialect = columns{
		"the call was sealed": {{exchangeSealed: true}, {exchangeSealed: true, protocolError: true}, {exchangeSealed: true, hidden: true}, {exchangeSealed: true, hidden: true, otherDialect: true}},
		"the call was sealed for Autobahn or in passthru mode": {
			{exchangeSealed: true, foreign: true},
			{exchangeSealed: true, foreign: true, errorKeyed: true, errorForeign: true},
		},
		"the call was plain": {{}, {errorKeyed: true}, {errorKeyed: true, errorForeign: true}, {errorKeyed: true, otherDialect: true, hidden: true}},
	}
)

// TestRuleTable: each cell of the tables in docs/RULES.md names every action that the rules have
// for it.
func TestRuleTable(t *testing.T) {
	tables := readTables(t)
	cells := 0
	for _, c := range []struct {
		heading string // how the row begins
		row     row
		columns columns
		form    form
	}{
		{"Publish, Call", rowSend, byRing, 0},
		{"Testament of a topic", rowTestament, byRing, 0},
		{"Event, invocation that is sealed", rowReceive, byRing, formSealed},
		{"Event, invocation that is plain", rowReceive, byRing, formPlain},
		{"Anything with parts of an envelope", rowReceive, byRing, formParts},
		{"Result, progress, later chunks that come in", rowContinue, byCall, formSealed},
		{"Result, progress, later chunks that come in", rowContinue, byCall, formPlain},
		{"Result, progress, later chunks that go out", rowYield, byCall, 0},
		{"Error by a handler", rowHandlerError, byDialect, 0},
		{"ERROR that is plain", rowError, byDialect, formPlain},
		{"ERROR that is sealed", rowError, byDialect, formSealed},
	} {
		for column, all := range c.columns {
			cell := tables[c.heading][column]
			require.NotEmpty(t, cell, "%s, %s", c.heading, column)
			if strings.HasPrefix(cell, "the same") { // as the cell before says
				cell += tables[c.heading][map[string]string{
					"in transition, besides": "keyed",
					"the call was plain":     "the call was sealed for Autobahn or in passthru mode",
				}[column]]
			}
			for _, f := range all {
				f.form = c.form
				action, _ := decide(c.row, f)
				named := false
				for _, word := range says[action] {
					named = named || strings.Contains(cell, word)
				}
				require.True(t, named, "%s, %s: %q doesn't say that it is %v", c.heading, column, cell, says[action])
				cells++
			}
		}
	}
	require.Greater(t, cells, 40)
}

// readTables reads the tables of docs/RULES.md, by the beginning of the row and by column.
func readTables(t *testing.T) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile("../docs/RULES.md")
	require.NoError(t, err)
	rows := map[string]map[string]string{}
	var head []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") {
			if !strings.HasPrefix(line, "|-") {
				head = nil
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if head == nil {
			head = cells
			continue
		}
		require.Len(t, cells, len(head), line)
		row := map[string]string{}
		for i, cell := range cells[1:] {
			row[head[i+1]] = cell
		}
		name, _, _ := strings.Cut(cells[0], " (")
		require.NotContains(t, rows, name)
		rows[name] = row
	}
	return rows
}
