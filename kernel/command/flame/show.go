package flame

import (
	"fmt"

	"modelbook/internal/flamegraph"
	"modelbook/internal/number"
)

// kinds are the hues of the kinds of code, in their order.
var kinds = []flamegraph.Kind{
	Cell:    {Name: "code of cells", Hue: 22, Saturation: 88, Light: 66},
	Package: {Name: "packages", Hue: 47, Saturation: 80, Light: 68},
	Runtime: {Name: "Go's runtime", Hue: 210, Saturation: 22, Light: 78},
	Network: {Name: "layers of networks", Hue: 150, Saturation: 45, Light: 68},
}

// Graph is the profile as a flame graph: outermost functions on top.
func (p *Profile) Graph() *flamegraph.Graph {
	samples := "1 sample"
	if p.Samples != 1 {
		samples = fmt.Sprintf("%d samples", p.Samples)
	}
	g := &flamegraph.Graph{Root: p.Root, Kinds: kinds, Duration: number.Sampled,
		Title: fmt.Sprintf("CPU profile: %s in %s; width is time", number.Sampled(p.Total), samples)}
	if len(p.Layers) == 0 {
		g.Kinds = kinds[:Network]
	}
	return g
}

// SVG draws the flame graph.
func (p *Profile) SVG() string { return p.Graph().SVG() }

// Text is the flame graph for terminals.
func (p *Profile) Text() string { return p.Graph().Text() }

// Rows are the functions that took most, at most n: time in the function and
// with what it called, each with its share, and the name.
func (p *Profile) Rows(n int) [][]string {
	var rows [][]string
	for _, f := range p.Functions[:min(n, len(p.Functions))] {
		rows = append(rows, []string{number.Sampled(f.Flat), number.PercentOf(float64(f.Flat), float64(p.Total)),
			number.Sampled(f.Cum), number.PercentOf(float64(f.Cum), float64(p.Total)), f.Name})
	}
	return rows
}
