package dl

import (
	"fmt"
	"testing"
)

// The gradient of a transposed operand goes to what it is the transpose of,
// whoever else uses the two, adds to them, or looks at them.
func TestGradientOfATransposedOperand(t *testing.T) {
	for name, f := range map[string]func(x, w *Tensor, turn func(*Tensor) *Tensor, seen *[]*Tensor) *Tensor{
		"second": func(x, w *Tensor, turn func(*Tensor) *Tensor, _ *[]*Tensor) *Tensor { return x.MatMul(turn(w)) },
		"first": func(x, w *Tensor, turn func(*Tensor) *Tensor, _ *[]*Tensor) *Tensor {
			return turn(x).MatMul(turn(w).Slice(0, 0, 3))
		},
		"batches": func(x, w *Tensor, turn func(*Tensor) *Tensor, _ *[]*Tensor) *Tensor {
			return Stack(x, x.MulScalar(2)).MatMul(turn(w))
		},
		"a result before": func(x, w *Tensor, turn func(*Tensor) *Tensor, _ *[]*Tensor) *Tensor {
			return x.MatMul(turn(w.MulScalar(3)))
		},
		"used twice": func(x, w *Tensor, turn func(*Tensor) *Tensor, _ *[]*Tensor) *Tensor {
			v := turn(w)
			return x.MatMul(v).Mul(x.MatMul(v))
		},
		"used otherwise": func(x, w *Tensor, turn func(*Tensor) *Tensor, _ *[]*Tensor) *Tensor {
			v := turn(w)
			return x.MatMul(v).Add(v.Sum(0).Mul(w.Sum(1)))
		},
		"seen by a hook": func(x, w *Tensor, turn func(*Tensor) *Tensor, seen *[]*Tensor) *Tensor {
			v := turn(w)
			v.OnGrad(func(g *Tensor) *Tensor { *seen = append(*seen, g.Clone()); return g.MulScalar(2) })
			return x.MatMul(v)
		},
	} {
		t.Run(name, func(t *testing.T) {
			run := func(turn func(*Tensor) *Tensor) []*Tensor {
				r := NewRand(3)
				x, w := r.Normals(0, 3, 4, 5).Round().RequireGrad(), r.Normals(0, 3, 3, 5).Round().RequireGrad()
				if name == "first" {
					x, w = r.Normals(0, 3, 3, 4).Round().RequireGrad(), r.Normals(0, 3, 5, 3).Round().RequireGrad()
				}
				var seen []*Tensor
				for range 2 { // the second time there is a gradient already
					y := f(x, w, turn, &seen)
					y.Mul(y).Mean().Backward()
				}
				return append(seen, x.Grad(), w.Grad())
			}
			got, want := run((*Tensor).T), run(func(t *Tensor) *Tensor { return t.T().Contiguous().AddScalar(0) })
			if len(got) != len(want) {
				t.Fatalf("got %d gradients, want %d", len(got), len(want))
			}
			for i, g := range got {
				if !g.AllClose(want[i], 1e-5, 1e-3) {
					t.Errorf("gradient %d: got %v, want %v", i, g, want[i])
				}
			}
		})
	}
	// Asked for by itself, it is given.
	w := Of([]float32{1, 2, 3, 4}, 2, 2).RequireGrad()
	v := w.T()
	if g := Grad(Ones(1, 2).MatMul(v).Sum(), v); fmt.Sprint(g[0]) != fmt.Sprint(Ones(2, 2)) {
		t.Errorf("of the transpose: %v", g)
	}
}
