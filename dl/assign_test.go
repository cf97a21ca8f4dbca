package dl

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// Assignments to a view change the elements that it shows, and no others.
func TestAssignToViews(t *testing.T) {
	for _, c := range []struct {
		name   string
		assign func(x *Tensor)
		want   []float64 // of numbered(2, 3)
	}{
		{"Set", func(x *Tensor) { x.T().Set(9, 2, 0) }, []float64{0, 1, 9, 3, 4, 5}},
		{"Fill a column", func(x *Tensor) { x.Select(1, 1).Fill(7) }, []float64{0, 7, 2, 3, 7, 5}},
		{"Fill the diagonal", func(x *Tensor) { x.Diagonal(0).Fill(7) }, []float64{7, 1, 2, 3, 7, 5}},
		{"CopyFrom", func(x *Tensor) { x.T().CopyFrom(numbered(3, 2).MulScalar(10)) }, []float64{0, 20, 40, 10, 30, 50}},
		{"CopyFrom of another type", func(x *Tensor) { x.Slice(1, 1, 3).CopyFrom(Of([]int64{10, 20, 30, 40}, 2, 2)) }, []float64{0, 10, 20, 3, 30, 40}},
		{"CopyFrom of itself", func(x *Tensor) { x.Slice(1, 1, 3).CopyFrom(x.Slice(1, 0, 2)) }, []float64{0, 0, 1, 3, 3, 4}},
		{"SetSlice", func(x *Tensor) { x.SetSlice(0, 1, 2, numbered(1, 3)) }, []float64{0, 1, 2, 0, 1, 2}},
		{"SetSlice from the end", func(x *Tensor) { x.SetSlice(1, -2, -1, Scalar(8)) }, []float64{0, 8, 2, 3, 8, 5}},
		{"CopyFrom to every second", func(x *Tensor) { x.Every(1, 2).CopyFrom(Zeros(2, 2)) }, []float64{0, 1, 0, 0, 4, 0}},
		{"SetSlice of a scalar", func(x *Tensor) { x.SetSlice(1, 0, 2, Scalar(8)) }, []float64{8, 8, 2, 8, 8, 5}},
		{"SetSlice of a view", func(x *Tensor) { x.T().SetSlice(0, 0, 1, numbered(2)) }, []float64{0, 1, 2, 1, 4, 5}},
		{"nothing", func(x *Tensor) { x.SetSlice(0, 1, 1, Scalar(8)) }, []float64{0, 1, 2, 3, 4, 5}},
	} {
		for d := range Bool {
			want := numbered(2, 3)
			copy(want.f64(), c.want)
			x := numbered(2, 3).To(d).Clone()
			if c.assign(x); !slices.Equal(Values[float64](x), Values[float64](want.To(d))) {
				t.Errorf("%s, %v: %v, want %v", c.name, d, x, want)
			}
		}
	}
}

// What cannot be assigned without a wrong gradient, or at all, is refused with the caller's line.
func TestAssignmentsThatAreRefused(t *testing.T) {
	w := Ones(2, 3).RequireGrad()
	for name, c := range map[string]struct {
		f    func()
		want string
	}{
		"to a result":            {func() { w.Square().Set(1, 0, 0) }, "the tensor was computed"},
		"to a view of a leaf":    {func() { w.Slice(0, 0, 1).Fill(1) }, "the tensor was computed"},
		"of a result":            {func() { w.CopyFrom(w.Square()) }, "the source was computed"},
		"part of a result":       {func() { w.Square().SetSlice(0, 0, 1, Scalar(1)) }, "the tensor was computed"},
		"to an expanded view":    {func() { Ones(3).Expand(2, 3).Fill(1) }, "expanded view"},
		"of another shape":       {func() { w.SetSlice(0, 0, 1, Zeros(2, 3)) }, "broadcast"},
		"outside":                {func() { w.SetSlice(0, 1, 3, Zeros(3)) }, "not within axis 0"},
		"CopyFrom must be equal": {func() { w.CopyFrom(Zeros(3)) }, "must be equal"},
	} {
		if err := Try(c.f); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "assign_test.go:") {
			t.Errorf("%s: %v", name, err)
		}
	}
	NoGrad(func() { w.Slice(0, 0, 1).Fill(5) })
	w.Detach().Select(1, 0).Fill(6)
	w.CopyFrom(w) // a leaf's elements
	if got := Values[float64](w); !slices.Equal(got, []float64{6, 5, 5, 6, 1, 1}) {
		t.Errorf("%v", got)
	}
}

// A change of what a gradient needs, between the operation and Backward, is an error that names the operation, the
// tensor and the line; a change of what none needs is not.
func TestChangesBeforeBackwardAreNoticed(t *testing.T) {
	rows, row := Ones(2, 3), Ones(3)
	tokens := Of([]int32{1, 0})
	cond := Of([]bool{true, false, true})
	change := map[string]func(x *Tensor){
		"Set":      func(x *Tensor) { x.Set(5, make([]int, x.Rank())...) },
		"Fill":     func(x *Tensor) { x.Fill(0) },
		"CopyFrom": func(x *Tensor) { x.CopyFrom(x.Clone()) },
		"SetSlice": func(x *Tensor) { x.SetSlice(0, 0, 1, Scalar(0).To(x.dtype)) },
		"a view":   func(x *Tensor) { x.Detach().Slice(0, 0, 1).Fill(0) },
		"a slice":  func(x *Tensor) { raw[float32](x.To(Float32).Contiguous(), "")[0]++; x.Changed() },
	}
	for _, c := range []struct {
		op      string
		f       func(p *Tensor) *Tensor // of a parameter [3]
		changed *Tensor                 // nil: p
		noticed bool
	}{
		{"Mul", func(p *Tensor) *Tensor { return p.Mul(p) }, nil, true},
		{"Mul", func(p *Tensor) *Tensor { return p.Mul(row) }, row, true},
		{"Mul", func(p *Tensor) *Tensor { return p.Mul(row) }, nil, false},
		{"Add", func(p *Tensor) *Tensor { return p.Add(row) }, row, false},
		{"Div", func(p *Tensor) *Tensor { return row.Div(p) }, row, true},
		{"Div", func(p *Tensor) *Tensor { return p.Div(row) }, nil, false},
		{"Square", func(p *Tensor) *Tensor { return p.Square() }, nil, true},
		{"Exp", func(p *Tensor) *Tensor { return p.Exp() }, nil, false},
		{"MulScalar", func(p *Tensor) *Tensor { return p.MulScalar(3) }, nil, false},
		{"MatMul", func(p *Tensor) *Tensor { return rows.MatMul(p.Unsqueeze(1)) }, rows, true},
		{"MatMul", func(p *Tensor) *Tensor { return rows.MatMul(p.Unsqueeze(1)) }, nil, false},
		{"Affine", func(p *Tensor) *Tensor { return Affine(rows, p.Unsqueeze(1), nil, NoFusion) }, rows, true},
		{"LayerNorm", func(p *Tensor) *Tensor { return LayerNorm(rows, p, p, 1e-3) }, rows, true},
		{"Embedding", func(p *Tensor) *Tensor { return Embedding(p.Unsqueeze(1), tokens) }, tokens, true},
		{"Where", func(p *Tensor) *Tensor { return Where(cond, p, row) }, cond, true},
		{"Where", func(p *Tensor) *Tensor { return Where(cond, p, row) }, row, false},
		{"Attention", func(p *Tensor) *Tensor { q := p.Reshape(1, 3, 1); return Attention(q, q, q, AttentionOptions{}) }, nil, true},
		{"Softmax", func(p *Tensor) *Tensor { return p.Softmax(0) }, nil, false},
		{"Sum", func(p *Tensor) *Tensor { return p.Sum() }, nil, false},
	} {
		for how, change := range change {
			p := Of([]float32{1, 2, 3}).RequireGrad()
			y := c.f(p)
			x := c.changed
			if x == nil {
				x = p
			}
			before := x.Clone()
			change(x)
			err := Try(func() { y.Sum().Backward() })
			var changed *ChangedError
			if errors.As(err, &changed) != c.noticed || err != nil && changed == nil {
				t.Errorf("%s, changed by %s: %v, want an error: %v", c.op, how, err, c.noticed)
				continue
			}
			if c.noticed && (changed.Op != c.op || changed.Shape.Size() != x.Size() || !strings.HasPrefix(changed.Changed, "assign_test.go:") || !strings.HasPrefix(changed.Caller, "assign_test.go:")) {
				t.Errorf("%s, changed by %s: %v", c.op, how, err)
			}
			if c.noticed && p.Grad() != nil {
				t.Errorf("%s: a gradient of %v beside the error", c.op, p.Grad())
			}
			x.CopyFrom(before)
		}
	}
	// A result that its own gradient needs.
	p := Ones(3).RequireGrad()
	y := p.Exp()
	NoGrad(func() { y.Fill(0) })
	if err := Try(func() { y.Sum().Backward() }); err == nil || !strings.Contains(err.Error(), "Exp: a tensor of shape [3]") {
		t.Error(err)
	}
	// After Backward a change is nobody's business, and costs nothing.
	y = p.Square().Sum()
	y.Backward()
	if n := p.pending.Load(); n != 0 {
		t.Errorf("%d gradients are pending", n)
	}
	p.Fill(2)
	// The axes of a reduction are the caller's.
	axes := []int{0}
	w := Ones(2, 2).RequireGrad()
	y = w.Sum(axes...)
	axes[0] = 1
	if g := Grad(y.Mul(Of([]float32{1, 10})).Sum(), w)[0]; !slices.Equal(g.f32(), []float32{1, 10, 1, 10}) {
		t.Errorf("gradient %v", g)
	}
}

// An operand that changes before its deferred gradient is computed is noticed, too.
func TestChangesBeforeDeferredGradientsAreNoticed(t *testing.T) {
	defer func(n int) { deferFrom = n }(deferFrom)
	deferFrom = 1 << 10
	x, v, w := Ones(8, 8), Ones(8, 32).RequireGrad(), Ones(32, 64).RequireGrad()
	err := Try(func() {
		NewArena().Run(func() {
			h := x.MatMul(v)
			Affine(h, w, nil, NoFusion).Sum().Backward()
			if w.due.x == nil {
				t.Fatal("not deferred")
			}
			NoGrad(func() { h.Fill(0) })
		}) // computes what is deferred
	})
	if scopes.used.Load() != 0 || currentArena() != nil {
		t.Error("the Run goes on after the panic at its end")
	}
	NewArena().Run(func() {
		if a := currentArena(); a == nil || !a.busy.Load() {
			t.Error("no new Run begins after the panic")
		}
	})
	var changed *ChangedError
	if !errors.As(err, &changed) || !strings.HasPrefix(changed.Changed, "assign_test.go:") {
		t.Error(err)
	}
}
