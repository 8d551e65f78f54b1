package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/stats"
)

// show writes a figure for reading, to three digits, in the unit that suits it.
func show(v float64, m Metric) string {
	switch m.Unit {
	case "ns":
		return scaled(v, []string{"ns", "µs", "ms", "s"}, 1000)
	case "B":
		if m == WireBytes || m == AllocBytes {
			return grouped(v) + " B"
		}
		return scaled(v, []string{"B", "kB", "MB", "GB"}, 1000)
	case "1/s":
		return grouped(v) + "/s"
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// showSummary is the median with its range, where that is one.
func showSummary(s stats.Summary, m Metric) string {
	if s.Low == s.High {
		return show(s.Median, m)
	}
	return fmt.Sprintf("%s (%s–%s)", show(s.Median, m), show(s.Low, m), show(s.High, m))
}

func scaled(v float64, units []string, step float64) string {
	for _, unit := range units[:len(units)-1] {
		if math.Abs(v) < step*0.9995 {
			return digits(v) + " " + unit
		}
		v /= step
	}
	return digits(v) + " " + units[len(units)-1]
}

// digits keeps three of them.
func digits(v float64) string {
	switch {
	case math.Abs(v) < 9.995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case math.Abs(v) < 99.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// grouped writes a whole number with its thousands apart.
func grouped(v float64) string {
	text := strconv.FormatFloat(v, 'f', 0, 64)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	var out strings.Builder
	for i, digit := range text {
		if i > 0 && (len(text)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(digit)
	}
	return sign + out.String()
}

// showSize names a payload by its bytes.
func showSize(bytes int) string {
	switch {
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 1<<10 && bytes%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d B", bytes)
}

// ratio writes a ratio so that rounding never makes it look as if it kept a bound
// that it doesn't: up where less is better, down where more is.
func ratio(v float64, lessIsBetter bool) string {
	if math.IsNaN(v) {
		return "-"
	}
	rounded := math.Floor(v*100) / 100
	if lessIsBetter {
		rounded = math.Ceil(v*100) / 100
	}
	return strconv.FormatFloat(rounded, 'f', 2, 64)
}
