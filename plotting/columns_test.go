package plotting_test

import (
	"strings"
	"testing"

	"modelbook/dl/data/table"
	"modelbook/plotting"
)

// Columns of a table are drawn as they are: what is missing is left out, texts are names, and a table knows those of its
// columns.
func TestColumnsOfATable(t *testing.T) {
	flowers, err := table.CSV{}.Read(strings.NewReader("kind,petals,height\nrose,5,41.5\ntulip,6,35\nrose,5,\n"), "flowers.csv")
	if err != nil {
		t.Fatal(err)
	}
	height, petals := flowers.Column("height"), flowers.Column("petals")
	for name, c := range map[string]struct {
		figure *plotting.Figure
		says   string
	}{
		"histogram":        {plotting.Histogram(height), "2 values"},
		"what is missing":  {plotting.Histogram(height), "1 not finite left out"},
		"by name":          {plotting.Scatter(petals, height, plotting.ColorBy{Values: flowers.Column("kind")}), "2 series"},
		"by category":      {plotting.Scatter(petals, height, plotting.ColorBy{Values: flowers.Column("kind").Categories()}), "2 series"},
		"by number":        {plotting.Scatter(petals, height, plotting.ColorBy{Values: height, Name: "height"}), "coloured by height from 35"},
		"pairs":            {plotting.Pairs(plotting.ColumnsOf(flowers.Drop("kind")), plotting.ColorBy{Values: flowers.Column("kind")}), "pair plot of petals, height"},
		"columns by names": {plotting.Correlation(plotting.ColumnsOf(flowers, "height", "petals")), "height"},
		"groups":           {plotting.Boxes([]plotting.Group{{Name: "all", Values: petals}}), "all"},
	} {
		if got := c.figure.String(); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q is not in\n%s", name, c.says, got)
		}
	}
}

// Classes that are called by their numbers stand in the legend in their order, others as they come.
func TestNumberedNamesAreInOrder(t *testing.T) {
	for _, c := range []struct{ names, want string }{{"100 22 30 22", "22 30 100"}, {"b a 22 a", "b a 22"}, {"030 30 22 30", "030 30 22"}} {
		names := strings.Fields(c.names)
		svg := plotting.Scatter(nil, []float64{1, 2, 3, 4}, plotting.ColorBy{Values: names}).SVG()
		last := 0
		for _, name := range strings.Fields(c.want) {
			at := strings.LastIndex(svg, ">"+name+"</text>")
			if at < last {
				t.Errorf("%s: %s does not come next in the legend", c.names, name)
			}
			last = at
		}
	}
}
