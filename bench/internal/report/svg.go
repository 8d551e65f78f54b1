package report

import (
	"fmt"
	"html"
	"io"
	"strings"
)

const (
	plotWidth   = 920
	panelHeight = 330
	barHeight   = 26
	margin      = 24
)

// style follows the reader's setting for light or dark, with the colours of lines
// and bars readable in both.
const style = `<style>
text { fill: #1f2933; font: 13px system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif }
.title { font-size: 15px; font-weight: 600 }
.small { font-size: 11.5px }
.page { fill: #ffffff }
.grid { stroke: #cbd2d9; stroke-width: 1 }
.range { stroke: #52606d; stroke-width: 1.5 }
.line { fill: none; stroke-width: 2.2 }
@media (prefers-color-scheme: dark) {
text { fill: #e4e7eb }
.page { fill: #14181d }
.grid { stroke: #3e4c59 }
.range { stroke: #cbd2d9 }
}
</style>
`

// palette has colours that stand out from light and dark, and from each other.
var palette = []string{"#1f8a5b", "#2f7ed8", "#c0722a", "#9b59b6", "#d64545", "#7b8794", "#0fa3b1", "#b08900"}

// panel is a part of the plot.
type panel interface {
	height() int
	draw(out *strings.Builder, top int)
}

// WriteSVG writes a plot of the most important figures: sealing and opening by
// size, and throughput through the routers.
func (r *Report) WriteSVG(to io.Writer) error {
	panels := r.panels()
	height := margin
	for _, p := range panels {
		height += p.height() + margin
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" aria-labelledby="title">`+"\n",
		plotWidth, height, plotWidth, height)
	out.WriteString("<title id=\"title\">What sealing costs: time to seal and open by payload, and calls through routers, sealed and plain</title>\n")
	out.WriteString(style)
	fmt.Fprintf(&out, "<rect class=\"page\" width=\"%d\" height=\"%d\" rx=\"10\"/>\n", plotWidth, height)
	top := margin
	for _, p := range panels {
		p.draw(&out, top)
		top += p.height() + margin
	}
	out.WriteString("</svg>\n")
	_, err := io.WriteString(to, out.String())
	return err
}

func (r *Report) panels() []panel {
	var panels []panel
	rows := r.find(func(k Key) bool { return k.Section == Messages && k.Metric == Time })
	for _, task := range distinct(rows, func(k Key) string { return k.Task }) {
		if p := r.lines(task); len(p.series) > 0 {
			panels = append(panels, p)
		}
	}
	for _, section := range []struct{ name, router string }{{Nexus, "a nexus router"}, {Crossbar, "Crossbar.io"}} {
		panels = append(panels, r.bars(section.name, section.router)...)
	}
	return panels
}

// bars has a panel for what is done most at a time, with the smallest payload.
func (r *Report) bars(section, router string) []panel {
	rows := r.find(func(k Key) bool {
		row := r.byKey[k]
		return k.Section == section && k.Metric == Rate && row.Missing == ""
	})
	var panels []panel
	for _, task := range distinct(rows, func(k Key) string { return k.Task }) {
		size, load := 0, 0
		for _, row := range rows {
			if row.Task == task && (size == 0 || row.Size < size) {
				size = row.Size
			}
			if row.Task == task {
				load = max(load, row.Load)
			}
		}
		p := barChart{title: fmt.Sprintf("%s of %s through %s, %d at a time: each second", task, showSize(size), router, load)}
		for _, row := range rows {
			if row.Task == task && row.Size == size && row.Load == load {
				p.bars = append(p.bars, bar{row.Contender, family(row.Contender), row.Summary()})
			}
		}
		panels = append(panels, &p)
	}
	return panels
}

// family is what contenders have in common that differ in the serializer.
func family(contender string) string {
	if i := strings.LastIndex(contender, ", "); i >= 0 {
		return contender[:i]
	}
	return contender
}

func text(out *strings.Builder, x, y float64, anchor, class, s string) {
	fmt.Fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>\n", x, y, anchor, class, html.EscapeString(s))
}

func line(out *strings.Builder, class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class, x1, y1, x2, y2)
}
