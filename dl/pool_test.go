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
