package main

import (
	"image/color"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	pictureWidth = 9.2 * vg.Inch
	linesHeight  = 3 * vg.Inch
	barHeight    = 0.22 * vg.Inch // of a bar with its share of the gaps
	margin       = 16
)

var (
	ink     = color.RGBA{0x1f, 0x29, 0x33, 0xff}
	faint   = color.RGBA{0xcb, 0xd2, 0xd9, 0xff}
	palette = []color.RGBA{
		{0x1f, 0x8a, 0x5c, 0xff}, {0x2f, 0x7d, 0xd8, 0xff}, {0xc0, 0x70, 0x2a, 0xff},
		{0x9b, 0x59, 0xb6, 0xff}, {0xd6, 0x45, 0x45, 0xff}, {0x7b, 0x87, 0x94, 0xff},
	}
)

// panel is one plot of the picture.
type panel struct {
	plot   *plot.Plot
	height vg.Length
}

// bar is one row of a bar chart. Bars of a kind have a colour.
type bar struct {
	name   string
	kind   int
	figure figure
}

// bars are the contenders' figures.
func (c comparison) bars(prefix string, metric func(sample) float64) (all []bar) {
	for i, name := range c.names {
		all = append(all, bar{prefix + name, i, c.of(name, metric)})
	}
	return all
}

// series is one line of a line chart: times by bytes.
type series struct {
	name string
	xys  plotter.XYs
}

func (s *series) add(bytes int, ns float64) {
	s.xys = append(s.xys, plotter.XY{X: float64(bytes), Y: ns})
}

func newPlot(title string) *plot.Plot {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	p := plot.New()
	p.Title.Text = title
	p.Title.TextStyle.Font.Size, p.Title.TextStyle.Font.Weight = 13, xfont.WeightBold
	p.Title.Padding = 8
	p.Title.TextStyle.Color = ink
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.LineStyle.Width, axis.Tick.LineStyle.Width = 0, 0
		axis.Tick.Label.Font.Size, axis.Tick.Label.Color = 10, ink
	}
	p.Legend.TextStyle.Font.Size, p.Legend.TextStyle.Color = 10, ink
	return p
}

// bars draws a bar for each figure, the first on top, with its range and its median.
func bars(title string, all []bar) (panel, error) {
	p := newPlot(title)
	names := make([]string, len(all))
	ranges := struct {
		plotter.XYs
		plotter.XErrors
	}{}
	labels := plotter.XYLabels{}
	for i, b := range slices.Backward(all) {
		at := len(all) - 1 - i
		names[at] = b.name
		chart, err := plotter.NewBarChart(plotter.Values{b.figure.median}, barHeight*0.7)
		if err != nil {
			return panel{}, err
		}
		chart.Horizontal, chart.XMin, chart.LineStyle.Width = true, float64(at), 0
		chart.Color = palette[b.kind%len(palette)]
		p.Add(chart)
		ranges.XYs = append(ranges.XYs, plotter.XY{X: b.figure.median, Y: float64(at)})
		ranges.XErrors = append(ranges.XErrors, struct{ Low, High float64 }{b.figure.median - b.figure.low, b.figure.high - b.figure.median})
		labels.XYs = append(labels.XYs, plotter.XY{X: b.figure.high, Y: float64(at)})
		labels.Labels = append(labels.Labels, number(b.figure.median))
	}
	errorBars, err := plotter.NewXErrorBars(ranges)
	if err != nil {
		return panel{}, err
	}
	errorBars.CapWidth, errorBars.LineStyle.Color = 0, ink
	texts, err := plotter.NewLabels(labels)
	if err != nil {
		return panel{}, err
	}
	texts.Offset = vg.Point{X: 6, Y: -4}
	for i := range texts.TextStyle {
		texts.TextStyle[i].Font.Size, texts.TextStyle[i].Color = 10, ink
	}
	p.Add(errorBars, texts)
	p.NominalY(names...)
	p.Y.Tick.Length = 0
	p.Y.LineStyle.Width = 0
	p.HideX()
	p.X.Min = 0
	return panel{p, vg.Length(len(all))*barHeight + 0.5*vg.Inch}, nil
}

// lines draws times by bytes, both on scales of powers.
func lines(title string, all []series) (panel, error) {
	p := newPlot(title)
	var xTicks, yTicks plot.ConstantTicks
	low, high := math.Inf(1), 0.0
	for i, s := range all {
		for _, xy := range s.xys {
			low, high = min(low, xy.Y), max(high, xy.Y)
			if i == 0 {
				xTicks = append(xTicks, plot.Tick{Value: xy.X, Label: bytesText(xy.X)})
			}
		}
		line, points, err := plotter.NewLinePoints(s.xys)
		if err != nil {
			return panel{}, err
		}
		line.Color, line.Width = palette[i%len(palette)], 1.8
		points.Color, points.Shape, points.Radius = line.Color, draw.CircleGlyph{}, 2.2
		p.Add(line, points)
		p.Legend.Add(s.name, line, points)
	}
	low, high = math.Floor(math.Log10(low)), math.Ceil(math.Log10(high))
	for power := low; power <= high; power++ {
		v := math.Pow(10, power)
		yTicks = append(yTicks, plot.Tick{Value: v, Label: time.Duration(v).String()})
	}
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.X.Tick.Marker, p.Y.Tick.Marker = xTicks, yTicks
	p.Y.Min, p.Y.Max = math.Pow(10, low), math.Pow(10, high)
	grid := plotter.NewGrid()
	grid.Vertical.Width, grid.Horizontal.Color = 0, faint
	p.Add(grid)
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs, p.Legend.Padding = 10, 3
	return panel{p, linesHeight}, nil
}

// writePicture draws the panels, one below the other, in an SVG file. Without panels
// it writes none.
func writePicture(path string, panels []panel) error {
	if len(panels) == 0 {
		return nil
	}
	height := vg.Length(2 * margin)
	for _, p := range panels {
		height += p.height + margin
	}
	canvas := vgsvg.New(pictureWidth, height)
	whole := draw.New(canvas)
	whole.FillPolygon(color.White, []vg.Point{
		{}, {X: pictureWidth}, {X: pictureWidth, Y: height}, {Y: height},
	})
	top := height - margin
	for _, p := range panels {
		p.plot.BackgroundColor = color.Transparent
		p.plot.Draw(draw.Crop(whole, margin, -margin, top-p.height, top-height))
		top -= p.height + margin
	}
	var text strings.Builder
	if _, err := canvas.WriteTo(&text); err != nil {
		return err
	}
	// Where Liberation Sans isn't installed, others are as wide.
	svg := strings.ReplaceAll(text.String(), "font-family:Liberation Sans", "font-family:Liberation Sans,Arial,Helvetica,sans-serif")
	return os.WriteFile(path, []byte(svg), 0o644)
}
