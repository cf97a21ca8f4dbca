package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	type pair = [2]int
	area("sliding", map[string]any{
		"Unfold":               Unfold{Size: pair{2, 3}},
		"Unfold with options":  Unfold{Size: pair{3, 2}, Stride: pair{2, 1}, Padding: Pad2D(1, 1), Dilation: pair{1, 2}},
		"Fold":                 Fold{Height: 5, Width: 4, Size: pair{2, 3}},
		"Fold with options":    Fold{Height: 5, Width: 4, Size: pair{3, 2}, Stride: pair{2, 1}, Padding: Pad2D(1, 1), Dilation: pair{1, 2}},
		"LPPool1D":             LPPool1D{},
		"LPPool1D of norm 3":   LPPool1D{Norm: 3, Size: 3, Stride: 2},
		"LPPool2D":             LPPool2D{},
		"LPPool2D of norm 1.5": LPPool2D{Norm: 1.5, Size: pair{3, 2}, Stride: pair{1, 2}},
	})
}

func TestWindowsThatCannotBe(t *testing.T) {
	image, rows := dl.Shape{6, 6, 4}, dl.Shape{9, 8}
	for _, c := range []struct {
		in    dl.Shape
		layer Layer
		says  string
	}{
		{image, Unfold{}, "must be positive"},
		{rows, Unfold{Size: [2]int{2, 2}}, "is not an image"},
		{image, Unfold{Size: [2]int{7, 2}}, "larger than the input"},
		{image, Fold{}, "is not of windows"},
		{rows, Fold{}, "must be positive"},
		{rows, Fold{Height: 4, Width: 4, Size: [2]int{3, 3}}, "have 4 windows of 9 values"},
		{image, LPPool1D{}, "is not a sequence"},
		{image, LPPool2D{Norm: -1}, "Norm is -1"},
		{rows, LPPool1D{Padding: Causal}, "not for pools"},
	} {
		if _, err := Sequential(c.in, c.layer); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%T: got %v, want it to say %q", c.layer, err, c.says)
		}
	}
}

// A window of zeros has a norm of 0 whose gradient is 0, not NaN as in PyTorch; padding adds nothing.
func TestNormPoolOfZeros(t *testing.T) {
	x := dl.New(dl.Float32, 1, 3, 1).RequireGrad()
	y := Build(LPPool1D{Size: 2, Padding: Same}, 3, 1).Forward(x)
	y.Sum().Backward()
	if y.Dim(1) != 2 || x.Grad().Abs().Max().Item() != 0 {
		t.Errorf("%v, gradient %v", y, x.Grad())
	}
}

// The ways of joining nodes compute what Keras's layers of these names do, and are saved.
func TestJoinsOfAGraph(t *testing.T) {
	a, b := dl.Of([]float32{1, -2, 3, 4, 0, 6}, 1, 2, 3), dl.Of([]float32{3, 5, -1, 2, 2, -2}, 1, 2, 3)
	for kind, c := range map[string]struct {
		join func(g *Graph, x, y *Node) *Node
		want []float32
	}{
		"Multiply":       {func(g *Graph, x, y *Node) *Node { return g.Multiply(x, y) }, []float32{3, -10, -3, 8, 0, -12}},
		"Average":        {func(g *Graph, x, y *Node) *Node { return g.Average(x, y) }, []float32{2, 1.5, 1, 3, 1, 2}},
		"Maximum":        {func(g *Graph, x, y *Node) *Node { return g.Maximum(x, y) }, []float32{3, 5, 3, 4, 2, 6}},
		"Minimum":        {func(g *Graph, x, y *Node) *Node { return g.Minimum(x, y) }, []float32{1, -2, -1, 2, 0, -2}},
		"Subtract":       {(*Graph).Subtract, []float32{-2, -7, 4, 2, -2, 8}},
		"Dot":            {func(g *Graph, x, y *Node) *Node { return g.Dot(x, y) }, []float32{-10, -8, 6, -4}},
		"Dot of columns": {func(g *Graph, x, y *Node) *Node { return g.Dot(x, y, 0) }, []float32{11, 13, -9, -6, -10, 2, 21, 27, -15}},
		"Cosine":         {func(g *Graph, x, y *Node) *Node { return g.Cosine(x, y) }, []float32{-10 / 22.135944, -8 / 12.961481, 6 / 42.661458, -4 / 24.979992}},
	} {
		g := NewGraph()
		model := must(g.Build(c.join(g, g.Input("x", 2, 3), g.Input("y", 2, 3))))
		got := model.Call(a, b)[0]
		if !got.Reshape(-1).AllClose(dl.Of(c.want), 1e-5, 1e-5) {
			t.Errorf("%s: %v, want %v", kind, got, c.want)
		}
		again := must(GraphFromStructure(must(model.Structure()), nil))
		if !again.Call(a, b)[0].Equal(got) {
			t.Errorf("%s: another value after it was saved", kind)
		}
	}
	g := NewGraph()
	if n := g.Dot(g.Input("x", 3), g.Input("y", 3)); !n.Shape.Equal(dl.Shape{1}) {
		t.Errorf("Dot of vectors is %v", n.Shape)
	}
	for says, join := range map[string]func(g *Graph, x, y *Node) *Node{
		"Dot needs two nodes":                        func(g *Graph, x, y *Node) *Node { return g.Dot(x, y) },
		"axes 0 and 1, counted from 0":               func(g *Graph, x, y *Node) *Node { return g.Dot(x, y, 0, 1) },
		"axes 2 and 2":                               func(g *Graph, x, y *Node) *Node { return g.Cosine(x, y, 2) },
		"cosine and has the axes [0 1 0]":            func(g *Graph, x, y *Node) *Node { return g.Cosine(x, y, 0, 1, 0) },
		"Subtract needs two nodes of the same shape": (*Graph).Subtract,
		"Maximum needs nodes of the same shape":      func(g *Graph, x, y *Node) *Node { return g.Maximum(x, y) },
	} {
		g := NewGraph()
		if _, err := g.Build(join(g, g.Input("x", 2, 3), g.Input("y", 2))); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
}

// Dot along any axes of samples of any rank is the sum that einsum writes, with its gradients, and Cosine that of
// vectors of length 1; files keep the axes.
func TestProductsOfAGraph(t *testing.T) {
	r := dl.NewRand(5)
	for _, c := range []struct {
		x, y, axes []int
		sum        string
		out        dl.Shape
	}{
		{[]int{4}, []int{4}, nil, "nd,nd->n", dl.Shape{1}},
		{[]int{3, 4}, []int{5, 4}, nil, "ntd,nsd->nts", dl.Shape{3, 5}},
		{[]int{3, 4}, []int{5, 4}, []int{1}, "ntd,nsd->nts", dl.Shape{3, 5}},
		{[]int{4, 3}, []int{4, 5}, []int{0}, "ndt,nds->nts", dl.Shape{3, 5}},
		{[]int{3, 4}, []int{4, 5}, []int{1, 0}, "ntd,nds->nts", dl.Shape{3, 5}},
		{[]int{3, 4}, []int{4}, nil, "ntd,nd->nt", dl.Shape{3}},
		{[]int{2, 4, 3}, []int{5, 4}, []int{-2, -1}, "ntdu,nsd->ntus", dl.Shape{2, 3, 5}},
	} {
		x, y := r.Normals(0, 1, append([]int{2}, c.x...)...).To(dl.Float64), r.Normals(0, 1, append([]int{2}, c.y...)...).To(dl.Float64)
		unit := func(t *dl.Tensor, axis int) *dl.Tensor {
			return t.Div(dl.KeepDim(func(axes ...int) *dl.Tensor { return t.Norm(2, axes...) }, axis))
		}
		along := [2]int{-1, -1}
		for i := range along {
			if len(c.axes) > 0 {
				along[i] = c.axes[min(i, len(c.axes)-1)]
			}
			if along[i] >= 0 {
				along[i]++
			}
		}
		for name, join := range map[string]func(g *Graph, x, y *Node) *Node{
			"Dot":    func(g *Graph, x, y *Node) *Node { return g.Dot(x, y, c.axes...) },
			"Cosine": func(g *Graph, x, y *Node) *Node { return g.Cosine(x, y, c.axes...) },
		} {
			g := NewGraph()
			n := join(g, g.Input("x", c.x...), g.Input("y", c.y...))
			model := must(g.Build(n))
			if !n.Shape.Equal(c.out) {
				t.Errorf("%s of %v and %v is %v, want %v", name, c.x, c.y, n.Shape, c.out)
			}
			want := dl.Einsum(c.sum, x, y)
			if name == "Cosine" {
				want = dl.Einsum(c.sum, unit(x, along[0]), unit(y, along[1]))
			}
			got := model.Call(x, y)[0]
			if !got.Reshape(-1).AllClose(want.Reshape(-1), 1e-9, 1e-9) {
				t.Errorf("%s %s: %v, want %v", name, c.sum, got, want)
			}
			again := must(GraphFromStructure(must(model.Structure()), nil))
			if !again.Call(x, y)[0].Equal(got) {
				t.Errorf("%s %s: another value after it was saved", name, c.sum)
			}
			if err := dl.CheckGradients(func(xs ...*dl.Tensor) *dl.Tensor { return model.Call(xs...)[0].Square().Sum() }, x, y); err != nil {
				t.Errorf("%s %s: %v", name, c.sum, err)
			}
		}
	}
}
