package report

import (
	"encoding/csv"
	"io"
	"strconv"
)

// header names the columns of the CSV file.
var header = []string{
	"section", "task", "contender", "payload_bytes", "load", "metric", "unit",
	"median", "min", "max", "runs", "missing",
}

// WriteCSV writes a line for each figure, in full precision. Figures that are missing
// have no numbers, and the reason in the last column.
func (r *Report) WriteCSV(to io.Writer) error {
	w := csv.NewWriter(to)
	if err := w.Write(header); err != nil {
		return err
	}
	for _, row := range r.rows {
		line := []string{
			row.Section, row.Task, row.Contender, strconv.Itoa(row.Size), strconv.Itoa(row.Load), row.Metric.Name, row.Metric.Unit,
			"", "", "", "0", row.Missing,
		}
		if row.Missing == "" {
			s := row.Summary()
			line[7], line[8], line[9], line[10] = exact(s.Median), exact(s.Low), exact(s.High), strconv.Itoa(s.Runs)
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
