package dl

import "testing"

// A pooling that applies the gradient of the ReLU in front of it leaves the gradients as they are without that,
// also where the result of the ReLU has other uses, before or after the pooling.
func TestPoolingAfterReLU(t *testing.T) {
	r := NewRand(5)
	x, w, b := r.Normals(0, 1, 2, 9, 9, 3), r.Normals(0, 0.5, 2, 2, 3, 17), r.Normals(0, 0.1, 17)
	size := [2]int{2, 2}
	uses := map[string]func(y *Tensor) *Tensor{
		"alone": func(y *Tensor) *Tensor { return MaxPool2D(y, PoolOptions{Size: size, Stride: size}).Square().Mean() },
		"twice": func(y *Tensor) *Tensor {
			return MaxPool2D(y, PoolOptions{Size: size, Stride: size}).Sum().Add(MaxPool2D(y, PoolOptions{Size: [2]int{3, 3}, Stride: size, Padding: Same}).Sum())
		},
		"used before": func(y *Tensor) *Tensor {
			return y.AddScalar(1).Sum().Add(MaxPool2D(y, PoolOptions{Size: size, Stride: size}).Sum())
		},
		"used after": func(y *Tensor) *Tensor {
			return MaxPool2D(y, PoolOptions{Size: size, Stride: size}).Sum().Add(y.AddScalar(1).Sum())
		},
		"flat before": func(y *Tensor) *Tensor {
			return y.Flatten(1).Square().Sum().Add(MaxPool2D(y, PoolOptions{Size: size, Stride: size}).Sum())
		},
	}
	for name, use := range uses {
		t.Run(name, func(t *testing.T) {
			fused := Grad(use(Conv2D(x, w.RequireGrad(), b.RequireGrad(), ConvOptions{Fuse: FuseReLU})), w, b)
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

// Windows with a padding by numbers are PyTorch's: max_pool2d, and avg_pool2d with count_include_pad=False. What lies
// over the edge is part of no window, also where images are negative.
func TestPoolingPaddedByNumbers(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		x := Arange(9).AddScalar(-10).Reshape(1, 3, 3, 1).To(d) // -10 to -2
		o := PoolOptions{Size: [2]int{3, 3}, Stride: [2]int{2, 1}, Padding: Pad2D(1, 1)}
		near(t, "largest", MaxPool2D(x, o), 0, -6, -5, -5, -3, -2, -2)
		near(t, "mean", AvgPool2D(x, o), 1e-6, -8, -7.5, -7, -5, -4.5, -4)
		// Channels beside one another, and windows that overlap: as if minus infinity stood around.
		r := NewRand(3)
		for _, c := range []int{1, 3, 17, 40} {
			x := r.Normals(0, 1, 2, 7, 6, c).To(d).RequireGrad()
			side, top := Full(-1e30, 2, 7, 1, c).To(d), Full(-1e30, 2, 2, 8, c).To(d)
			around := Concat(1, top, Concat(2, side, x, side), top)
			a := MaxPool2D(x, PoolOptions{Size: [2]int{4, 3}, Stride: [2]int{1, 2}, Padding: Pad2D(2, 1)})
			b := MaxPool2D(around, PoolOptions{Size: [2]int{4, 3}, Stride: [2]int{1, 2}})
			near(t, "around", a, 0, Values[float64](b)...)
			near(t, "gradient around", Grad(weigh(a), x)[0], 1e-6, Values[float64](Grad(weigh(b), x)[0])...)
		}
	})
	if err := CheckGradients(func(xs ...*Tensor) *Tensor {
		return AvgPool2D(xs[0], PoolOptions{Size: [2]int{3, 2}, Padding: Pad2D(1, 1)}).Square().Sum()
	}, input(1, 1, 5, 4, 2)); err != nil {
		t.Error(err)
	}
	for _, pad := range []Padding{Pad2D(2, 0), Pad2D(0, 2), Pad2D(-1, 0)} {
		if err := Try(func() { MaxPool2D(Zeros(1, 5, 5, 1), PoolOptions{Size: [2]int{3, 3}, Padding: pad}) }); err == nil {
			t.Errorf("a padding of %v is taken", pad)
		}
	}
	if y := MaxPool2D(Zeros(1, 4, 6, 1), PoolOptions{}); !y.Shape().Equal(Shape{1, 2, 3, 1}) {
		t.Errorf("without options: %v", y.Shape())
	}
}

// The gradient that CreateGraph records is the one without, for every dtype, and so is its own gradient.
func TestPoolingDerivativesOfEveryType(t *testing.T) {
	for _, d := range []DType{Float32, Float64} {
		x := NewRand(5).Normals(0, 1, 2, 5, 7, 3).To(d).RequireGrad()
		f := func(x *Tensor) *Tensor {
			return MaxPool2D(x, PoolOptions{Size: [2]int{3, 2}, Stride: [2]int{2, 2}, Padding: Same}).Square().Sum()
		}
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
