package report

import (
	"fmt"
	"math"
	"strings"
)

// lineChart shows how a time grows with the payload, both by their powers: equal
// distances are equal ratios.
type lineChart struct {
	title  string
	series []series
}

type series struct {
	name   string
	points []point
}

type point struct {
	size  int
	value float64
}

const (
	lineLeft  = 80.0
	lineRight = plotWidth - 230.0
	lineTop   = 34.0
	lineLow   = panelHeight - 30.0
)

func (r *Report) lines(task string) *lineChart {
	c := &lineChart{title: task + " one message: time, by payload"}
	rows := r.find(func(k Key) bool {
		return k.Section == Messages && k.Task == task && k.Metric == Time && r.byKey[k].Missing == ""
	})
	for _, contender := range distinct(rows, func(k Key) string { return k.Contender }) {
		s := series{name: contender}
		for _, row := range rows {
			if row.Contender == contender && row.Size > 0 {
				s.points = append(s.points, point{row.Size, row.Summary().Median})
			}
		}
		c.series = append(c.series, s)
	}
	return c
}

func (c *lineChart) height() int { return panelHeight }

// bounds of the payloads and the times.
func (c *lineChart) bounds() (sizes []int, low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range c.series {
		for _, p := range s.points {
			low, high = min(low, p.value), max(high, p.value)
		}
		if len(s.points) > len(sizes) {
			sizes = nil
			for _, p := range s.points {
				sizes = append(sizes, p.size)
			}
		}
	}
	low = math.Pow(10, math.Floor(math.Log10(low)))
	return sizes, low, math.Pow(10, math.Ceil(math.Log10(high)+1e-9))
}

func (c *lineChart) draw(out *strings.Builder, top int) {
	text(out, margin, float64(top)+14, "start", "title", c.title)
	sizes, low, high := c.bounds()
	if len(sizes) == 0 {
		return
	}
	x := scale(float64(sizes[0]), float64(sizes[len(sizes)-1]), lineLeft, lineRight)
	y := scale(low, high, float64(top)+lineLow, float64(top)+lineTop)
	for v := low; v <= high*1.001; v *= 10 {
		line(out, "grid", lineLeft, y(v), lineRight, y(v))
		text(out, lineLeft-8, y(v)+4, "end", "small", tick(v))
	}
	for _, size := range sizes {
		text(out, x(float64(size)), float64(top)+lineLow+18, "middle", "small", showSize(size))
	}
	for i, s := range c.series {
		colour := palette[i%len(palette)]
		var path []string
		for _, p := range s.points {
			path = append(path, fmt.Sprintf("%.1f,%.1f", x(float64(p.size)), y(p.value)))
			fmt.Fprintf(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x(float64(p.size)), y(p.value), colour)
		}
		fmt.Fprintf(out, "<polyline class=\"line\" stroke=\"%s\" points=\"%s\"/>\n", colour, strings.Join(path, " "))
		at := float64(top) + lineTop + 10 + float64(i)*22
		fmt.Fprintf(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"14\" height=\"4\" fill=\"%s\"/>\n", lineRight+24, at-6, colour)
		text(out, lineRight+46, at, "start", "small", s.name)
	}
}

// tick is a power of ten, without digits behind the point.
func tick(v float64) string {
	number, unit, _ := strings.Cut(show(v, Time), " ")
	whole, _, _ := strings.Cut(number, ".")
	return whole + " " + unit
}

// scale maps a range, by its logarithm, to another one. A range of one value maps to
// its middle.
func scale(low, high, from, to float64) func(float64) float64 {
	if !(high > low) {
		return func(float64) float64 { return (from + to) / 2 }
	}
	return func(v float64) float64 { return from + math.Log(v/low)/math.Log(high/low)*(to-from) }
}
