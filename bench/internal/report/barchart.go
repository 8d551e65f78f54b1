package report

import (
	"fmt"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/stats"
)

// barChart compares a figure of several contenders, from zero.
type barChart struct {
	title string
	bars  []bar
}

type bar struct {
	name   string
	family string // bars of one have the same colour
	stats.Summary
}

const (
	barLeft  = 260.0
	barRight = plotWidth - 110.0
)

func (c *barChart) height() int { return 30 + barHeight*len(c.bars) }

func (c *barChart) draw(out *strings.Builder, top int) {
	text(out, margin, float64(top)+14, "start", "title", c.title)
	longest := 0.0
	for _, b := range c.bars {
		longest = max(longest, b.High)
	}
	if !(longest > 0) {
		return
	}
	wide := func(v float64) float64 { return v / longest * (barRight - barLeft) }
	colours := map[string]string{}
	for i, b := range c.bars {
		if colours[b.family] == "" {
			colours[b.family] = palette[len(colours)%len(palette)]
		}
		y := float64(top + 30 + i*barHeight)
		text(out, barLeft-8, y+15, "end", "small", b.name)
		fmt.Fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>\n",
			barLeft, y+3, wide(b.Median), barHeight-8, colours[b.family])
		line(out, "range", barLeft+wide(b.Low), y+12, barLeft+wide(b.High), y+12)
		text(out, barLeft+wide(b.High)+8, y+15, "start", "small", grouped(b.Median))
	}
}
