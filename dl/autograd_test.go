package dl

import (
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A gradient may be given, of any shape: the leaves get its product with the
// Jacobian.
func TestBackwardWithAGradient(t *testing.T) {
	x := Of([]float64{1, 2, 3, 4}, 2, 2).RequireGrad()
	x.Square().BackwardWith(BackwardOptions{Gradient: Of([]float64{1, 10, 100, 1000}, 2, 2)})
	near(t, "leaf", x.Grad(), 0, 2, 40, 600, 8000)
	g := Of([]float64{1, 2, 3, 4}, 2, 2)
	near(t, "transposed", GradWith(GradOptions{Gradient: g.T()}, x.MulScalar(2), x)[0], 0, 2, 6, 4, 8)
	near(t, "the given gradient is left alone", g, 0, 1, 2, 3, 4)
	y := x.MulScalar(2)
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { y.BackwardWith(BackwardOptions{Gradient: New(Float64, 4)}) }, "Backward: shapes [2 2] and [4]: the gradient must have the shape"},
		{func() { y.BackwardWith(BackwardOptions{Gradient: Zeros(2, 2)}) }, "Backward: float64 and float32: the gradient must have the dtype"},
		{func() { y.Backward() }, "or give the gradient"},
		{func() { GradWith(GradOptions{Gradient: New(Float64, 4)}, y, x) }, "Grad: shapes [2 2] and [4]"},
	} {
		if err := Try(c.f); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "autograd_test.go:") {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// everything is a loss that goes through all operations that write over what
// they get backwards.
func everything(x, w, k, gamma *Tensor) *Tensor {
	h := Conv2D(x, k, nil, ConvOptions{Fuse: FuseReLU})
	h = MaxPool2D(h, PoolOptions{Size: [2]int{2, 2}})
	h = Affine(h.Flatten(1), w, nil, FuseGELU)
	h = h.Add(LayerNorm(h, gamma, gamma, 1e-3)).Add(h)
	return MSE(h, h.Mul(h)).Add(SparseCrossEntropy(h, Of([]int32{1, 0})))
}

func everythingInputs(d DType) []*Tensor {
	return []*Tensor{input(1, 2, 5, 5, 1).To(d), input(2, 12, 4).To(d), input(3, 2, 2, 1, 3).To(d), positive(4, 4).To(d)}
}

// A record that is retained gives the same gradients again; one that was used
// says so.
func TestRetainedGraph(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		xs := everythingInputs(d)
		for _, x := range xs {
			x.RequireGrad()
		}
		want := Grad(everything(xs[0], xs[1], xs[2], xs[3]), xs...)
		loss := everything(xs[0], xs[1], xs[2], xs[3])
		for range 2 {
			for i, g := range GradWith(GradOptions{RetainGraph: true}, loss, xs...) {
				near(t, "retained", g, 0, Values[float64](want[i])...)
			}
			loss.BackwardWith(BackwardOptions{RetainGraph: true})
		}
		loss.Backward()
		for i, x := range xs {
			near(t, "three times", x.Grad(), 1e-5, Values[float64](want[i].MulScalar(3))...)
		}
		err := Try(func() { loss.Backward() })
		var value *ValueError
		if !errors.As(err, &value) || !strings.Contains(err.Error(), "was used by an earlier Backward; compute it again, or use RetainGraph (autograd_test.go:") {
			t.Errorf("after the last: %v", err)
		}
		y := xs[0].Square()
		z := y.Sum()
		z.Backward()
		if err := Try(func() { y.Mean().Backward() }); err == nil || !strings.Contains(err.Error(), "[2 5 5 1]") {
			t.Errorf("a part that was used: %v", err)
		}
	})
}

// The gradient of an inner tensor is that of its elements, whatever is fused
// into the operation that made it.
func TestGradOfFusedResults(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		of := func(v []float64, shape ...int) *Tensor { return Of(v, shape...).To(d) }
		x, w := of([]float64{-1, -2, 3, -4}, 1, 1, 4, 1).RequireGrad(), of([]float64{1}, 1, 1, 1, 1).RequireGrad()
		pooled := func() (h, y *Tensor) {
			h = Conv2D(x, w, nil, ConvOptions{Fuse: FuseReLU})
			return h, MaxPool2D(h, PoolOptions{Size: [2]int{1, 2}}).Mul(of([]float64{5, 7}, 1, 1, 2, 1)).Sum()
		}
		h, y := pooled()
		near(t, "pooled", Grad(y, h)[0], 0, 5, 0, 7, 0)
		h, y = pooled()
		for i, want := range [][]float64{{5, 0, 7, 0}, {0, 0, 7, 0}} {
			near(t, "with its own operands", GradWith(GradOptions{RetainGraph: true}, y, h, x)[i], 0, want...)
		}
		var seen *Tensor
		h.OnGrad(func(g *Tensor) *Tensor { seen = g; return nil })
		y.Backward()
		near(t, "seen by a hook", seen, 0, 5, 0, 7, 0)
		near(t, "behind the hook", x.Grad(), 0, 0, 0, 7, 0)

		a := Affine(of([]float64{-1}, 1, 1), of([]float64{1}, 1, 1).RequireGrad(), nil, FuseReLU)
		a.Backward()
		near(t, "the root's own", a.Grad(), 0, 1)
		b := Affine(of([]float64{-1}, 1, 1), of([]float64{1}, 1, 1).RequireGrad(), nil, FuseGELU)
		near(t, "of GELU", Grad(b.MulScalar(3).Sum(), b)[0], 0, 3)
	})
}

// Grad of Grad: derivatives of any order, products with Jacobian and Hessian.
func TestHigherDerivatives(t *testing.T) {
	x := Of([]float64{2, -3}).RequireGrad()
	y := x.Pow(4).Sum()
	for _, want := range [][]float64{{32, -108}, {48, 108}, {48, -72}, {24, 24}, {0, 0}} {
		g := GradWith(GradOptions{CreateGraph: true}, y, x)[0]
		near(t, "derivative of x^4", g, 1e-12, want...)
		if y = g.Sum(); !y.RequiresGrad() {
			break
		}
	}

	// The products of the whole network are those of differences of gradients.
	xs := everythingInputs(Float64)
	for _, x := range xs {
		x.RequireGrad()
	}
	vs := everythingInputs(Float64)
	for i, v := range vs {
		vs[i] = v.MulScalar(float64(i) - 1.5)
	}
	f := func() *Tensor { return everything(xs[0], xs[1], xs[2], xs[3]) }
	grads := GradWith(GradOptions{CreateGraph: true}, f(), xs...)
	along := New(Float64)
	for i, g := range grads {
		along = along.Add(g.Mul(vs[i]).Sum())
	}
	hessian := Grad(along, xs...)
	const h = 1e-6
	shifted := func(by float64) []*Tensor {
		for i, x := range xs {
			x.CopyFrom(x.Detach().Add(vs[i].MulScalar(by)))
		}
		return Grad(f(), xs...)
	}
	plus := shifted(h)
	minus := shifted(-2 * h)
	shifted(h)
	for i := range xs {
		for k, got := range Values[float64](hessian[i]) {
			want := (plus[i].at(k) - minus[i].at(k)) / (2 * h)
			if math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
				t.Fatalf("Hessian-vector product %d, element %d: %v, numerically %v", i, k, got, want)
			}
		}
	}
}

// J*v is the derivative of J^T*u by u, times v.
func TestJacobianVectorProduct(t *testing.T) {
	x, w, v := input(1, 3, 4).RequireGrad(), input(2, 4, 2), input(3, 3, 4)
	f := func(x *Tensor) *Tensor { return x.MatMul(w).Tanh() }
	u := New(Float64, 3, 2).RequireGrad()
	back := GradWith(GradOptions{Gradient: u, CreateGraph: true}, f(x), x)[0]
	got := GradWith(GradOptions{Gradient: v}, back, u)[0]
	const h = 1e-6
	want := f(x.Detach().Add(v.MulScalar(h))).Sub(f(x.Detach().Sub(v.MulScalar(h)))).MulScalar(0.5 / h)
	near(t, "product", got, 1e-6, Values[float64](want)...)
}

// A gradient penalty (Gulrajani et al., 2017) trains: its gradient agrees with
// differences, through convolution, pooling and dense layers.
func TestGradientPenalty(t *testing.T) {
	xs := everythingInputs(Float64)[:3]
	penalty := func(xs ...*Tensor) *Tensor {
		x := xs[0]
		h := Conv2D(x, xs[2], nil, ConvOptions{Fuse: FuseReLU, Padding: Same, Stride: [2]int{1, 2}})
		h = AvgPool2D(h, PoolOptions{Size: [2]int{2, 2}, Stride: [2]int{1, 1}}).Tanh().Flatten(1).Slice(1, 0, 12)
		score := Affine(h, xs[1], nil, FuseGELU).Sum()
		g := GradWith(GradOptions{CreateGraph: true}, score, x)[0]
		norm := g.Flatten(1).Square().Sum(1).AddScalar(1e-6).Sqrt()
		return norm.AddScalar(-1).Square().Mean()
	}
	if err := CheckGradients(penalty, xs...); err != nil {
		t.Error(err)
	}
}

// What cannot be differentiated twice says so by name.
func TestNoSecondDerivative(t *testing.T) {
	x := input(1, 3).RequireGrad()
	y := Checkpoint(func(xs ...*Tensor) *Tensor { return xs[0].Exp() }, x).Sum()
	if err := Try(func() { GradWith(GradOptions{CreateGraph: true}, y, x) }); err == nil ||
		!strings.Contains(err.Error(), "Checkpoint: its gradient cannot be differentiated again (CreateGraph)") {
		t.Errorf("%v", err)
	}
}

// Grad changes nothing for others: neither Grads nor what goroutines record
// that share tensors with it.
func TestGradBesideATraining(t *testing.T) {
	train := func(w *Tensor) []float64 {
		var losses []float64
		for i := range 300 {
			w.ZeroGrad()
			loss := MSE(Of([]float64{1, 2, float64(i % 3)}, 1, 3).MatMul(w).Tanh(), Of([]float64{0.5, -0.5}, 1, 2))
			loss.Backward()
			losses = append(losses, loss.Item())
		}
		return losses
	}
	want := train(input(1, 3, 2).RequireGrad())
	w := input(1, 3, 2).RequireGrad()
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 3 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				x := input(2, 1, 3).RequireGrad()
				g := Grad(x.MatMul(w).Square().Sum(), x)[0]
				if g.hasNaN() || x.Grad() != nil {
					t.Error("wrong gradient beside a training")
				}
			}
		})
	}
	got := train(w)
	close(stop)
	wait.Wait()
	if !slices.Equal(got, want) {
		t.Errorf("losses %v beside Grad, %v alone", got[:3], want[:3])
	}
}

// A gradient that was given stays as it is, and leaves get memory of their own, whatever Backward does with it on its
// way.
func TestGivenGradientStays(t *testing.T) {
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"Concat": func(x *Tensor) *Tensor { return Concat(0, x.ReLU(), x.Square()) },
		"Add":    func(x *Tensor) *Tensor { return Concat(0, x, x).Add(Concat(0, x, x).ReLU()) },
		"Sub":    func(x *Tensor) *Tensor { return Concat(0, x, x).Sub(Concat(0, x, x).Neg()) },
		"same":   func(x *Tensor) *Tensor { return Concat(0, x.Neg(), x).ReLU().Reshape(6, 2).Reshape(4, 3) },
		"view":   func(x *Tensor) *Tensor { return Concat(0, x, x, x).ReLU().Slice(0, 1, 5) },
		"Affine": func(x *Tensor) *Tensor { return Affine(Concat(0, x, x), Eye(3), nil, FuseReLU).Reshape(4, 3) },
		"Rows":   func(x *Tensor) *Tensor { return x.ReLU().Rows([]int{1, 0, 0, 1}) },
	} {
		r := NewRand(4) // here: the order of a map's elements is not seeded
		x := r.Normals(0, 1, 2, 3).RequireGrad()
		dy := r.Normals(0, 1, 4, 3)
		before, want := dy.Clone().Float32s(), Grad(f(x).Mul(dy).Sum(), x)[0].Float32s()
		y := f(x)
		y.BackwardWith(BackwardOptions{Gradient: dy})
		g := GradWith(GradOptions{Gradient: dy}, f(x), x)[0]
		if !slices.Equal(dy.Float32s(), before) {
			t.Errorf("%s: the given gradient was changed", name)
		}
		if !slices.Equal(y.Grad().Float32s(), before) {
			t.Errorf("%s: the result's gradient is %v", name, y.Grad())
		}
		for i, v := range want {
			if d := x.Grad().Float32s()[i] - v; d > 1e-5 || d < -1e-5 || g.Float32s()[i] != x.Grad().Float32s()[i] {
				t.Errorf("%s: gradients %v and %v, want %v", name, x.Grad(), g, want)
				break
			}
		}
		dy.Fill(100)
		if x.Grad().At(0, 0) != float64(g.Float32s()[0]) {
			t.Errorf("%s: the leaf shares the given gradient's memory", name)
		}
	}
}
