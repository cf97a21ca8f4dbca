package nn_test

import (
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// telling is a layer of a user's that tells that it computes.
type telling struct{ calls *int }

func (l telling) Build(in dl.Shape, _ *nn.Builder) (nn.Module, dl.Shape, error) { return &l, in, nil }
func (l *telling) Parameters() []*nn.Parameter                                  { return nil }
func (l *telling) Forward(x *dl.Tensor) *dl.Tensor                              { *l.calls++; return x }

// To look at a model does not compute with a user's layers and functions, which may do anything.
func TestShowingAModelComputesNothingOfAUsers(t *testing.T) {
	calls := 0
	m, err := nn.Sequential(dl.Shape{4}, nn.Dense{Units: 3}, telling{&calls})
	if err != nil {
		t.Fatal(err)
	}
	g := nn.NewGraph()
	graph, err := g.Build(g.Func(func(xs ...*dl.Tensor) *dl.Tensor { calls++; return xs[0] }, g.Input("x", 3)))
	if err != nil {
		t.Fatal(err)
	}
	before := calls
	for _, shown := range []map[string]any{m.MimeBundle(), graph.MimeBundle()} {
		if text := shown["text/plain"].(string); calls != before || !strings.Contains(text, "FLOPs: see Profile") {
			t.Errorf("%d computations, %s", calls-before, text)
		}
	}
}
