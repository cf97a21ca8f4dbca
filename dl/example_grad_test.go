package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// The gradient of a gradient is the second derivative: of x^3 it is 6x.
func ExampleGradWith() {
	x := dl.Of([]float64{1, 2}).RequireGrad()
	first := dl.GradWith(dl.GradOptions{CreateGraph: true}, x.Pow(3).Sum(), x)[0]
	second := dl.Grad(first.Sum(), x)[0]
	fmt.Println(dl.Values[float64](first), dl.Values[float64](second))
	// Output: [3 12] [6 12]
}

// The product of the Hessian of f and a vector is the gradient of the
// gradient's product with it; the Hessian itself is never made.
func ExampleGradWith_hessianVectorProduct() {
	x, v := dl.Of([]float64{1, 2}).RequireGrad(), dl.Of([]float64{10, 1})
	f := x.Square().Mul(x.Rows([]int{1, 0})).Sum() // x0²x1 + x1²x0
	gradient := dl.GradWith(dl.GradOptions{CreateGraph: true}, f, x)[0]
	fmt.Println(dl.Values[float64](dl.Grad(gradient.Mul(v).Sum(), x)[0]))
	// Output: [46 62]
}

// The product of the Jacobian and a vector: of squares it is 2xv.
func ExampleGradWith_jacobianVectorProduct() {
	x, v := dl.Of([]float64{1, 2, 3}).RequireGrad(), dl.Of([]float64{1, 10, 100})
	u := dl.New(dl.Float64, 3).RequireGrad() // any value: the product is linear in it
	back := dl.GradWith(dl.GradOptions{Gradient: u, CreateGraph: true}, x.Square(), x)[0]
	fmt.Println(dl.Values[float64](dl.GradWith(dl.GradOptions{Gradient: v}, back, u)[0]))
	// Output: [2 40 600]
}

// A gradient penalty: the loss contains the length of a gradient.
func ExampleGradOptions() {
	w := dl.Of([]float64{3, 4}, 2, 1).RequireGrad()
	x := dl.Of([]float64{1, 1}, 1, 2).RequireGrad()
	score := x.MatMul(w).Sum()
	gradient := dl.GradWith(dl.GradOptions{CreateGraph: true}, score, x)[0]
	penalty := gradient.Square().Sum().Sqrt().AddScalar(-1).Square()
	penalty.Backward()
	fmt.Printf("%.0f %.1f\n", penalty.Item(), dl.Values[float64](w.Grad()))
	// Output: 16 [4.8 6.4]
}

// Rows of a Jacobian are gradients of the elements of the result.
func ExampleTensor_BackwardWith() {
	x := dl.Of([]float64{1, 2}).RequireGrad()
	y := x.Square()
	for i := range 2 {
		x.ZeroGrad()
		row := dl.New(dl.Float64, 2)
		row.Set(1, i)
		y.BackwardWith(dl.BackwardOptions{Gradient: row, RetainGraph: i == 0})
		fmt.Println(dl.Values[float64](x.Grad()))
	}
	// Output:
	// [2 0]
	// [0 4]
}

// A hook limits the gradient that flows back from a result.
func ExampleTensor_OnGrad() {
	x := dl.Of([]float64{1, 20}).RequireGrad()
	y := x.Square()
	y.OnGrad(func(g *dl.Tensor) *dl.Tensor { return g.Clip(-1, 1) })
	y.Square().Sum().Backward()
	fmt.Println(dl.Values[float64](x.Grad()))
	// Output: [2 40]
}

// A parameter is updated as soon as its gradient is complete, while Backward
// still works on the layers before it.
func ExampleTensor_AfterGrad() {
	w := dl.Of([]float64{2}).RequireGrad()
	w.AfterGrad(func(w *dl.Tensor) {
		dl.NoGrad(func() { w.CopyFrom(w.Sub(w.Grad().MulScalar(0.1))) })
		w.ZeroGrad()
	})
	for range 2 {
		w.Square().Sum().Backward()
		fmt.Printf("%.2f\n", w.Item())
	}
	// Output:
	// 1.60
	// 1.28
}

// straight rounds, and lets the gradient through as if it did not (Bengio,
// Léonard and Courville, 2013).
type straight struct{}

func (straight) Forward(xs ...*dl.Tensor) *dl.Tensor {
	y := xs[0].Clone()
	for i, v := range y.Float32s() {
		y.Float32s()[i] = float32(int(v + 0.5))
	}
	return y
}

func (straight) Backward(dy *dl.Tensor) []*dl.Tensor { return []*dl.Tensor{dy} }

// An operation of one's own has a forward and a backward function.
func ExampleApply() {
	x := dl.Of([]float32{0.4, 1.7}).RequireGrad()
	y := dl.Apply(straight{}, x)
	y.Square().Sum().Backward()
	fmt.Println(dl.Values[float64](y), dl.Values[float64](x.Grad()))
	// Output: [0 2] [0 4]
}

// The results within a checkpointed block are not kept but computed again.
func ExampleCheckpoint() {
	x, w := dl.Of([]float64{1, 2}).RequireGrad(), dl.Of([]float64{3, 4}).RequireGrad()
	block := func(xs ...*dl.Tensor) *dl.Tensor { return xs[0].Mul(w).Square() }
	dl.Checkpoint(block, x).Sum().Backward()
	fmt.Println(dl.Values[float64](x.Grad()), dl.Values[float64](w.Grad()))
	// Output: [18 64] [6 32]
}

// Where a NaN comes from.
func ExampleDetectAnomalies() {
	x := dl.Of([]float64{1, 0}).RequireGrad().SetName("scale")
	err := dl.Try(func() {
		dl.DetectAnomalies(func() { x.AddScalar(-1).Log().Sum() })
	})
	a := err.(*dl.AnomalyError)
	fmt.Println(a.Op, a.Detail)
	// Output: Log a NaN was born in its result of shape [2]
}
