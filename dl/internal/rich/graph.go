package rich

import (
	"cmp"
	"fmt"
	"slices"
)

// Node is a node of a graph that has no cycles: what it is, and the places of the nodes that it is made of, which come
// before it.
type Node struct {
	Label, Detail string
	Colour        string
	From          []int
}

// Larger graphs are not drawn.
const (
	mostNodes = 150
	mostPoles = 3000 // nodes and the places where long edges pass
)

// pole is a node in its row, or where an edge passes a row on its way from one node to another.
type pole struct {
	node   int // -1: an edge passes
	rank   int
	above  []int // poles
	weight float64
	x      float64
}

// Graph draws nodes in rows below one another, each below those that it is made of. It is "" for a graph that is too
// large to be looked at.
func Graph(nodes []Node) string {
	const boxW, boxH, rowH, gap, edge = 148.0, 40.0, 68.0, 18.0, 6.0
	if len(nodes) == 0 || len(nodes) > mostNodes {
		return ""
	}
	poles, rows := ranked(nodes)
	if poles == nil {
		return ""
	}
	untangle(poles, rows)
	wide := func(p *pole) float64 {
		if p.node < 0 {
			return 10
		}
		return boxW
	}
	width := 0.0
	widths := make([]float64, len(rows))
	for r, row := range rows {
		for _, i := range row {
			widths[r] += wide(&poles[i]) + gap
		}
		width = max(width, widths[r]-gap)
	}
	for r, row := range rows {
		x := edge + (width-widths[r]+gap)/2
		for _, i := range row {
			p := &poles[i]
			p.x = x + wide(p)/2
			x += wide(p) + gap
		}
	}
	var d drawing
	top := func(rank int) float64 { return edge + float64(rank)*rowH }
	for i := range poles {
		to := &poles[i]
		for _, j := range to.above {
			from := &poles[j]
			y0, y1 := top(from.rank)+boxH, top(to.rank)
			if from.node < 0 {
				y0 -= boxH // where the edge leaves the row: it passes straight through it
				d.path(fmt.Sprintf("M%s %sV%s", num(from.x), num(y0), num(y0+boxH)), thin)
				y0 += boxH
			}
			mid := (y0 + y1) / 2
			d.path(fmt.Sprintf("M%s %sC%[1]s %[3]s %[4]s %[3]s %[4]s %[5]s", num(from.x), num(y0), num(mid), num(to.x), num(y1)), thin)
			if to.node >= 0 {
				d.path(fmt.Sprintf("M%s %sl-3.5 -6h7z", num(to.x), num(y1)), ` fill="currentColor" fill-opacity=".6"`)
			}
		}
	}
	for i := range poles {
		p := &poles[i]
		if p.node < 0 {
			continue
		}
		n := nodes[p.node]
		x, y := p.x-boxW/2, top(p.rank)
		fmt.Fprintf(&d, "<g><title>%s</title>", Escape(Clean(n.Label+": "+n.Detail, 160)))
		d.rect(x, y, boxW, boxH, n.Colour, fmt.Sprintf(` fill-opacity=".18" stroke="%s" rx="5"`, n.Colour))
		d.text(p.x, y+16, 12, "middle", Clean(n.Label, 20))
		d.text(p.x, y+31, 10, "middle", Clean(n.Detail, 26))
		d.WriteString("</g>")
	}
	return d.svg(width+2*edge, top(len(rows)-1)+boxH+edge, fmt.Sprintf("graph of %d nodes", len(nodes)))
}

// ranked gives each node the row below the lowest of those that it is made of, and edges over several rows a place in
// each of them. It is nil where there would be too many.
func ranked(nodes []Node) (poles []pole, rows [][]int) {
	poles = make([]pole, len(nodes))
	for i, n := range nodes {
		poles[i].node = i
		for _, j := range n.From {
			if j < 0 || j >= i { // not a graph of this kind
				return nil, nil
			}
			poles[i].rank = max(poles[i].rank, poles[j].rank+1)
		}
	}
	for i, n := range nodes { // an input stands just above its first use
		if len(n.From) == 0 {
			lowest := -1
			for k, m := range nodes {
				if slices.Contains(m.From, i) && (lowest < 0 || poles[k].rank < lowest) {
					lowest = poles[k].rank
				}
			}
			poles[i].rank = max(lowest-1, 0)
		}
	}
	for i, n := range nodes {
		for _, j := range n.From {
			above := j
			for rank := poles[j].rank + 1; rank < poles[i].rank; rank++ {
				if len(poles) == mostPoles {
					return nil, nil
				}
				poles = append(poles, pole{node: -1, rank: rank, above: []int{above}})
				above = len(poles) - 1
			}
			if !slices.Contains(poles[i].above, above) {
				poles[i].above = append(poles[i].above, above)
			}
		}
	}
	for i, p := range poles {
		for len(rows) <= p.rank {
			rows = append(rows, nil)
		}
		rows[p.rank] = append(rows[p.rank], i)
	}
	return poles, rows
}

// untangle orders each row by the middle of what its poles are joined to above, and then below, a few times over.
func untangle(poles []pole, rows [][]int) {
	below := make([][]int, len(poles))
	for i, p := range poles {
		for _, j := range p.above {
			below[j] = append(below[j], i)
		}
	}
	at := make([]float64, len(poles)) // the share of the row in front of each pole
	set := func(row []int) {
		for k, i := range row {
			at[i] = (float64(k) + 0.5) / float64(len(row))
		}
	}
	for _, row := range rows {
		set(row)
	}
	order := func(row []int, joined func(i int) []int) {
		for _, i := range row {
			poles[i].weight = at[i]
			if others := joined(i); len(others) > 0 {
				sum := 0.0
				for _, j := range others {
					sum += at[j]
				}
				poles[i].weight = sum / float64(len(others))
			}
		}
		slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(poles[a].weight, poles[b].weight) })
		set(row)
	}
	for range 4 {
		for _, row := range rows {
			order(row, func(i int) []int { return poles[i].above })
		}
		for r := len(rows) - 1; r >= 0; r-- {
			order(rows[r], func(i int) []int { return below[i] })
		}
	}
	for _, row := range rows {
		order(row, func(i int) []int { return poles[i].above })
	}
}
