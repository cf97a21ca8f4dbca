package scaling

import (
	"fmt"
	"html"
	"strings"

	"modelbook/dl"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Network is a link between nodes with a name, for a [Plan].
type Network struct {
	Name string
	Link Link
}

// Plan says, for numbers of nodes and networks, from which batch they pay. It shows itself as a table in a notebook.
type Plan struct {
	Profile  *Profile
	Networks []Network
	Rows     []PlanRow
}

// PlanRow is that of a number of nodes.
type PlanRow struct {
	Nodes int
	// For each network, the smallest batches of all nodes with which they are as fast as one node that trains alone, and
	// with which each node does 80 % of the work of one that trains alone; 0: no batch is large enough.
	Pays, Good []int
	// Speedup is that with the batch of Good.
	Speedup []float64
}

// GoodEfficiency is from when a batch of a [Plan] is a good one.
const GoodEfficiency = 0.8

// NewPlan makes the plan for a cluster with other numbers of nodes and networks.
func NewPlan(p *Profile, c Cluster, nodes []int, networks []Network) *Plan {
	p.check("scaling.NewPlan")
	if len(nodes) == 0 || len(networks) == 0 {
		dl.PanicValue("scaling.NewPlan", "%d numbers of nodes and %d networks: one or more of both", len(nodes), len(networks))
	}
	plan := &Plan{Profile: p, Networks: networks}
	for _, n := range nodes {
		row := PlanRow{Nodes: n}
		for _, network := range networks {
			c.Nodes, c.Network = n, network.Link
			pays, _ := c.Batch(p, 1/float64(n))
			good, ok := c.Batch(p, GoodEfficiency)
			speedup := 0.0
			if ok {
				speedup = c.Step(p, good).Speedup
			}
			row.Pays, row.Good, row.Speedup = append(row.Pays, pays), append(row.Good, good), append(row.Speedup, speedup)
		}
		plan.Rows = append(plan.Rows, row)
	}
	return plan
}

func (p *Plan) rows() [][]string {
	head := []string{"nodes"}
	for _, n := range p.Networks {
		head = append(head, n.Name+": pays from", "80 % from")
	}
	rows := [][]string{head}
	for _, r := range p.Rows {
		row := []string{number.Count(r.Nodes)}
		for i := range p.Networks {
			row = append(row, batchText(r.Pays[i]), batchText(r.Good[i]))
		}
		rows = append(rows, row)
	}
	return rows
}

func batchText(batch int) string {
	if batch == 0 {
		return "never"
	}
	return number.Count(batch)
}

// Title says what the plan is of.
func (p *Plan) Title() string {
	f := p.Profile
	sample := f.Sample
	if sample == "" {
		sample = "sample"
	}
	return fmt.Sprintf("%s: %.0f MB of gradients; a node takes %s and %s for each %s (%s)", f.Name, float64(f.Bytes())/1e6,
		number.Duration(f.Alone.Fixed), number.Duration(f.Alone.Sample), sample, f.Machine)
}

// String shows the plan as an aligned table.
func (p *Plan) String() string {
	return p.Title() + "\n" + strings.Join(columns.Lines(p.rows(), nil), "\n")
}

// Markdown is the plan as a table of Markdown.
func (p *Plan) Markdown() string {
	var b strings.Builder
	for i, row := range p.rows() {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			b.WriteString(strings.Repeat("|--:", len(row)) + "|\n")
		}
	}
	return b.String()
}

// HTML shows the plan as a table.
func (p *Plan) HTML() string {
	return "<p>" + html.EscapeString(p.Title()) + "</p>" + columns.HTML(p.rows(), nil)
}

// MimeBundle gives a notebook the table as HTML and as text.
func (p *Plan) MimeBundle() map[string]any {
	return map[string]any{"text/html": p.HTML(), "text/plain": p.String()}
}
