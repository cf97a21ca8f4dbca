package dl

import "testing"

// A pooling that applies the gradient of the ReLU in front of it leaves the gradients as they are without that,
// also where the result of the ReLU has other uses, before or after the pooling.
func TestPoolingAfterReLU(t *testing.T) {
	r := NewRand(5)
	x, w, b := r.Normals(0, 1, 2, 9, 9, 3), r.Normals(0, 0.5, 2, 2, 3, 17), r.Normals(0, 0.1, 17)
	size := [2]int{2, 2}
	uses := map[string]func(y *Tensor) *Tensor{
		"alone": func(y *Tensor) *Tensor { return MaxPool2D(y, size, size, false).Square().Mean() },
		"twice": func(y *Tensor) *Tensor {
			return MaxPool2D(y, size, size, false).Sum().Add(MaxPool2D(y, [2]int{3, 3}, size, true).Sum())
		},
		"used before": func(y *Tensor) *Tensor { return y.AddScalar(1).Sum().Add(MaxPool2D(y, size, size, false).Sum()) },
		"used after":  func(y *Tensor) *Tensor { return MaxPool2D(y, size, size, false).Sum().Add(y.AddScalar(1).Sum()) },
		"flat before": func(y *Tensor) *Tensor { return y.Flatten(1).Square().Sum().Add(MaxPool2D(y, size, size, false).Sum()) },
	}
	for name, use := range uses {
		t.Run(name, func(t *testing.T) {
			fused := Grad(use(Conv2D(x, w.RequireGrad(), b.RequireGrad(), ConvOptions{Activation: ActReLU})), w, b)
			plain := Grad(use(Conv2D(x, w, b, ConvOptions{}).ReLU()), w, b)
			for i := range fused {
				for j, v := range fused[i].f32() {
					if d := v - plain[i].f32()[j]; max(d, -d) > 1e-4*(1+max(v, -v)) {
						t.Fatalf("gradient %d, element %d: %v, without fusion %v", i, j, v, plain[i].f32()[j])
					}
				}
			}
		})
	}
}

// The gradient that CreateGraph records is the one without, for every dtype, and so is its own gradient.
func TestPoolingDerivativesOfEveryType(t *testing.T) {
	for _, d := range []DType{Float32, Float64} {
		x := NewRand(5).Normals(0, 1, 2, 5, 7, 3).To(d).RequireGrad()
		f := func(x *Tensor) *Tensor { return MaxPool2D(x, [2]int{3, 2}, [2]int{2, 2}, true).Square().Sum() }
		want := Grad(f(x), x)[0]
		got := GradWith(GradOptions{CreateGraph: true}, f(x), x)[0]
		if !got.shape.Equal(want.shape) || got.Sub(want).Abs().Max().Item() > 1e-6 {
			t.Fatalf("%v: gradients differ:\n%v\n%v", d, got, want)
		}
		second := Grad(got.Sum(), x)[0] // twice the windows in which an element is the largest
		if largest := second.Max().Item(); largest < 2 || second.Sum().Item() != float64(2*2*3*4*3) {
			t.Errorf("%v: second derivatives %v", d, second)
		}
	}
}
