package dl

import (
	"fmt"
	"math"
	"testing"
)

// input is a float64 tensor of distinct values away from 0 and 1, where some
// operations have kinks.
func input(seed uint64, shape ...int) *Tensor {
	r := NewRand(seed)
	t := New(Float64, shape...)
	for i := range t.f64() {
		v := 0.2 + 0.7*r.Float64()
		if r.Float64() < 0.5 {
			v = -v
		}
		t.f64()[i] = v
	}
	return t
}

func positive(seed uint64, shape ...int) *Tensor {
	t := input(seed, shape...)
	for i, v := range t.f64() {
		t.f64()[i] = math.Abs(v)
	}
	return t
}

// weigh makes a scalar of y in which every element counts differently.
func weigh(y *Tensor) *Tensor {
	w := New(y.dtype, y.shape...)
	for i := range w.Size() {
		w.set(i, math.Sin(float64(i)+1))
	}
	return y.Mul(w).Sum()
}

// The gradient of every operation agrees with central differences.
func TestGradients(t *testing.T) {
	one := func(f func(x *Tensor) *Tensor) func(xs ...*Tensor) *Tensor {
		return func(xs ...*Tensor) *Tensor { return weigh(f(xs[0])) }
	}
	two := func(f func(x, y *Tensor) *Tensor) func(xs ...*Tensor) *Tensor {
		return func(xs ...*Tensor) *Tensor { return weigh(f(xs[0], xs[1])) }
	}
	labels := Of([]int32{2, 0, 1})
	target := New(Float64, 3, 4)
	for i := range target.f64() {
		target.f64()[i] = []float64{0.1, 0.2, 0.3, 0.4}[i%4]
	}
	bits := Of([]float64{1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1}, 3, 4)
	cond := Of([]bool{true, false, true, true, false, false, true, false, true, false, false, true}, 3, 4)
	mat := func() *Tensor { return input(1, 3, 4) }
	for _, c := range []struct {
		name string
		f    func(xs ...*Tensor) *Tensor
		xs   []*Tensor
	}{
		{"Neg", one((*Tensor).Neg), []*Tensor{mat()}},
		{"Exp", one((*Tensor).Exp), []*Tensor{mat()}},
		{"Log", one((*Tensor).Log), []*Tensor{positive(1, 3, 4)}},
		{"Sqrt", one((*Tensor).Sqrt), []*Tensor{positive(1, 3, 4)}},
		{"Square", one((*Tensor).Square), []*Tensor{mat()}},
		{"Abs", one((*Tensor).Abs), []*Tensor{mat()}},
		{"Tanh", one((*Tensor).Tanh), []*Tensor{mat()}},
		{"Sigmoid", one((*Tensor).Sigmoid), []*Tensor{mat()}},
		{"ReLU", one((*Tensor).ReLU), []*Tensor{mat()}},
		{"GELU", one((*Tensor).GELU), []*Tensor{mat()}},
		{"LeakyReLU", one(func(x *Tensor) *Tensor { return x.LeakyReLU(0.1) }), []*Tensor{mat()}},
		{"Pow", one(func(x *Tensor) *Tensor { return x.Pow(2.5) }), []*Tensor{positive(2, 3, 4)}},
		{"Pow 0", one(func(x *Tensor) *Tensor { return x.Pow(0).Add(x) }), []*Tensor{New(Float64, 3, 4)}},
		{"AddScalar", one(func(x *Tensor) *Tensor { return x.AddScalar(3).Square() }), []*Tensor{mat()}},
		{"MulScalar", one(func(x *Tensor) *Tensor { return x.MulScalar(3) }), []*Tensor{mat()}},
		{"Clip", one(func(x *Tensor) *Tensor { return x.Clip(-0.5, 0.5) }), []*Tensor{mat()}},
		{"Softmax", one(func(x *Tensor) *Tensor { return x.Softmax(-1) }), []*Tensor{mat()}},
		{"Softmax axis 1 of 3", one(func(x *Tensor) *Tensor { return x.Softmax(1) }), []*Tensor{input(1, 2, 3, 2)}},
		{"LogSoftmax", one(func(x *Tensor) *Tensor { return x.LogSoftmax(0) }), []*Tensor{mat()}},
		{"Add", two((*Tensor).Add), []*Tensor{mat(), input(2, 3, 4)}},
		{"Add broadcast", two((*Tensor).Add), []*Tensor{input(1, 2, 1, 4), input(2, 3, 1)}},
		{"Add twice", one(func(x *Tensor) *Tensor { return x.Add(x) }), []*Tensor{mat()}},
		{"Sub", two((*Tensor).Sub), []*Tensor{mat(), input(2, 4)}},
		{"Mul", two((*Tensor).Mul), []*Tensor{mat(), input(2, 3, 1)}},
		{"Mul same", one(func(x *Tensor) *Tensor { return x.Mul(x) }), []*Tensor{mat()}},
		{"Div", two((*Tensor).Div), []*Tensor{mat(), positive(2, 4)}},
		{"Maximum", two((*Tensor).Maximum), []*Tensor{mat(), input(2, 3, 4)}},
		{"Minimum", two((*Tensor).Minimum), []*Tensor{mat(), input(2, 3, 4)}},
		{"Where", two(func(a, b *Tensor) *Tensor { return Where(cond, a, b) }), []*Tensor{mat(), input(2, 3, 4)}},
		{"MatMul", two((*Tensor).MatMul), []*Tensor{mat(), input(2, 4, 5)}},
		{"MatMul batched", two((*Tensor).MatMul), []*Tensor{input(1, 2, 3, 4), input(2, 2, 4, 2)}},
		{"MatMul shared", two((*Tensor).MatMul), []*Tensor{input(1, 2, 3, 4), input(2, 4, 2)}},
		{"MatMul first shared", two((*Tensor).MatMul), []*Tensor{input(1, 3, 4), input(2, 2, 4, 2)}},
		{"MatMul twice", two(func(a, b *Tensor) *Tensor { return a.MatMul(b).Add(a.MatMul(b).Square()) }), []*Tensor{input(1, 2, 3, 4), input(2, 4, 2)}},
		{"Sum", one(func(x *Tensor) *Tensor { return x.Sum().Square() }), []*Tensor{mat()}},
		{"Sum axes", one(func(x *Tensor) *Tensor { return x.Sum(0, -1) }), []*Tensor{input(1, 2, 3, 2)}},
		{"Mean", one(func(x *Tensor) *Tensor { return x.Mean(1) }), []*Tensor{mat()}},
		{"Var", one(func(x *Tensor) *Tensor { return x.Var(0) }), []*Tensor{mat()}},
		{"Var all", one(func(x *Tensor) *Tensor { return x.Var() }), []*Tensor{mat()}},
		{"Max", one(func(x *Tensor) *Tensor { return x.Max(1) }), []*Tensor{mat()}},
		{"Min", one(func(x *Tensor) *Tensor { return x.Min() }), []*Tensor{mat()}},
		{"Reshape", one(func(x *Tensor) *Tensor { return x.Reshape(2, -1).Square() }), []*Tensor{mat()}},
		{"Flatten", one(func(x *Tensor) *Tensor { return x.Flatten(1).Square() }), []*Tensor{input(1, 2, 2, 3)}},
		{"T", one((*Tensor).T), []*Tensor{mat()}},
		{"Transpose", one(func(x *Tensor) *Tensor { return x.Transpose(2, 0, 1) }), []*Tensor{input(1, 2, 3, 4)}},
		{"Slice", one(func(x *Tensor) *Tensor { return x.Slice(1, 1, 3) }), []*Tensor{mat()}},
		{"Rows", one(func(x *Tensor) *Tensor { return x.Rows([]int{2, 0, 2}) }), []*Tensor{mat()}},
		{"Index", one(func(x *Tensor) *Tensor { return x.Index(1) }), []*Tensor{mat()}},
		{"Concat", two(func(a, b *Tensor) *Tensor { return Concat(1, a, b, a) }), []*Tensor{mat(), input(2, 3, 2)}},
		{"Stack", two(func(a, b *Tensor) *Tensor { return Stack(a, b, a, b) }), []*Tensor{mat(), input(2, 3, 4)}},
		{"Pad", one(func(x *Tensor) *Tensor { return x.Pad([]int{1, 0}, []int{0, 2}).AddScalar(1).Square() }), []*Tensor{mat()}},
		{"To", one(func(x *Tensor) *Tensor { return x.To(Float64).Square().To(x.dtype) }), []*Tensor{mat()}},
		{"Affine", func(xs ...*Tensor) *Tensor { return weigh(Affine(xs[0], xs[1], xs[2], NoFusion)) }, []*Tensor{mat(), input(2, 4, 5), input(3, 5)}},
		{"Affine ReLU", func(xs ...*Tensor) *Tensor { return weigh(Affine(xs[0], xs[1], xs[2], FuseReLU)) }, []*Tensor{mat(), input(2, 4, 5), input(3, 5)}},
		{"Affine GELU", func(xs ...*Tensor) *Tensor { return weigh(Affine(xs[0], xs[1], xs[2], FuseGELU)) }, []*Tensor{mat(), input(2, 4, 5), input(3, 5)}},
		{"AffineAdd", func(xs ...*Tensor) *Tensor { return weigh(AffineAdd(xs[3], xs[0], xs[1], xs[2])) }, []*Tensor{mat(), input(2, 4, 5), input(3, 5), input(4, 3, 5)}},
		{"Affine without bias", two(func(x, w *Tensor) *Tensor { return Affine(x, w, nil, FuseReLU) }), []*Tensor{mat(), input(2, 4, 5)}},
		{"Conv2D", func(xs ...*Tensor) *Tensor {
			return weigh(Conv2D(xs[0], xs[1], xs[2], ConvOptions{Fuse: FuseReLU}))
		}, []*Tensor{input(1, 2, 5, 5, 2), input(2, 3, 2, 2, 3), input(3, 3)}},
		{"Conv2D GELU", func(xs ...*Tensor) *Tensor {
			return weigh(Conv2D(xs[0], xs[1], nil, ConvOptions{Fuse: FuseGELU}))
		}, []*Tensor{input(1, 1, 4, 4, 2), input(2, 2, 2, 2, 3)}},
		{"Conv2D same, stride", func(xs ...*Tensor) *Tensor {
			return weigh(Conv2D(xs[0], xs[1], nil, ConvOptions{Stride: [2]int{2, 1}, Padding: Same}))
		}, []*Tensor{input(1, 1, 5, 4, 2), input(2, 3, 3, 2, 2)}},
		{"MaxPool2D", one(func(x *Tensor) *Tensor { return MaxPool2D(x, PoolOptions{Size: [2]int{2, 2}}) }), []*Tensor{input(1, 2, 4, 4, 2)}},
		{"MaxPool2D same, overlapping", one(func(x *Tensor) *Tensor {
			return MaxPool2D(x, PoolOptions{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: Same})
		}), []*Tensor{input(1, 1, 5, 5, 2)}},
		{"AvgPool2D", one(func(x *Tensor) *Tensor { return AvgPool2D(x, PoolOptions{Size: [2]int{2, 2}, Stride: [2]int{1, 1}}) }), []*Tensor{input(1, 1, 4, 4, 2)}},
		{"AvgPool2D same", one(func(x *Tensor) *Tensor {
			return AvgPool2D(x, PoolOptions{Size: [2]int{2, 2}, Stride: [2]int{2, 2}, Padding: Same})
		}), []*Tensor{input(1, 1, 5, 5, 2)}},
		{"BatchNorm training", func(xs ...*Tensor) *Tensor {
			return weigh(BatchNorm(xs[0], xs[1], xs[2], New(Float64, 3), New(Float64, 3), BatchNormOptions{Training: true, Momentum: 0.9}))
		}, []*Tensor{input(1, 5, 3), input(2, 3), input(3, 3)}},
		{"BatchNorm and ReLU, training", func(xs ...*Tensor) *Tensor {
			return weigh(BatchNorm(xs[0], xs[1], xs[2], New(Float64, 3), New(Float64, 3), BatchNormOptions{Training: true, ReLU: true}))
		}, []*Tensor{input(1, 4, 2, 3), input(2, 3), input(3, 3)}},
		{"BatchNorm and ReLU, inference", func(xs ...*Tensor) *Tensor {
			return weigh(BatchNorm(xs[0], xs[1], xs[2], input(5, 3), positive(6, 3), BatchNormOptions{ReLU: true}))
		}, []*Tensor{input(1, 4, 2, 3), input(2, 3), input(3, 3)}},
		{"BatchNorm inference", func(xs ...*Tensor) *Tensor {
			return weigh(BatchNorm(xs[0], xs[1], xs[2], input(5, 3), positive(6, 3), BatchNormOptions{}))
		}, []*Tensor{input(1, 5, 3), input(2, 3), input(3, 3)}},
		{"LayerNorm", func(xs ...*Tensor) *Tensor { return weigh(LayerNorm(xs[0], xs[1], xs[2], 1e-3)) },
			[]*Tensor{input(1, 5, 2, 3), input(2, 3), input(3, 3)}},
		{"Embedding", one(func(x *Tensor) *Tensor { return Embedding(x, Of([]int32{2, 0, 2, 1, 2, 0}, 3, 2)) }), []*Tensor{mat()}},
		{"Attention", func(xs ...*Tensor) *Tensor { return weigh(Attention(xs[0], xs[1], xs[2], AttentionOptions{Heads: 2})) },
			[]*Tensor{input(1, 2, 3, 4), input(2, 2, 5, 4), input(3, 2, 5, 4)}},
		{"Attention causal", func(xs ...*Tensor) *Tensor {
			return weigh(Attention(xs[0], xs[1], xs[2], AttentionOptions{Heads: 2, Causal: true}))
		},
			[]*Tensor{input(1, 2, 5, 4), input(2, 2, 5, 4), input(3, 2, 5, 4)}},
		{"Attention of itself", one(func(x *Tensor) *Tensor { return Attention(x, x, x, AttentionOptions{Causal: true}) }), []*Tensor{input(1, 1, 3, 4)}},
		{"SelfAttention", one(func(x *Tensor) *Tensor { return SelfAttention(x, AttentionOptions{Heads: 2}) }), []*Tensor{input(1, 2, 3, 12)}},
		{"SelfAttention causal", one(func(x *Tensor) *Tensor { return SelfAttention(x, AttentionOptions{Heads: 2, Causal: true}).Square() }), []*Tensor{input(1, 2, 4, 12)}},
		{"Add rows", two((*Tensor).Add), []*Tensor{input(1, 2, 3, 4), input(2, 3, 4)}},
		{"Mul rows", two((*Tensor).Mul), []*Tensor{input(1, 2, 3, 4), input(2, 4)}},
		{"Sub column", two((*Tensor).Sub), []*Tensor{mat(), input(2, 3, 1)}},
		{"Div column", two((*Tensor).Div), []*Tensor{mat(), positive(2, 3, 1)}},
		{"Residual sum", one(func(x *Tensor) *Tensor { y := x.Square(); return y.Add(y.Tanh()).Mul(y) }), []*Tensor{mat()}},
		{"SparseCrossEntropy of sequences", func(xs ...*Tensor) *Tensor {
			return SparseCrossEntropy(xs[0], Of([]int32{2, 0, 1, 1, 3, 0}, 2, 3)).MulScalar(2)
		}, []*Tensor{input(1, 2, 3, 4)}},
		{"Dropout", one(func(x *Tensor) *Tensor { return Dropout(x, 0.4, NewRand(7)) }), []*Tensor{mat()}},
		{"MSE", func(xs ...*Tensor) *Tensor { return MSE(xs[0], target) }, []*Tensor{mat()}},
		{"MSE of two results", func(xs ...*Tensor) *Tensor { return MSE(xs[0].Square(), xs[1]) }, []*Tensor{mat(), input(2, 3, 4)}},
		{"MAE of two results", func(xs ...*Tensor) *Tensor { return MAE(xs[0].Square(), xs[0].MulScalar(3)) }, []*Tensor{positive(1, 3, 4)}},
		{"MAE", func(xs ...*Tensor) *Tensor { return MAE(xs[0], target).MulScalar(2) }, []*Tensor{mat()}},
		{"BinaryCrossEntropy", func(xs ...*Tensor) *Tensor { return BinaryCrossEntropy(xs[0], bits) }, []*Tensor{positive(1, 3, 4)}},
		{"BinaryCrossEntropyLogits", func(xs ...*Tensor) *Tensor { return BinaryCrossEntropyLogits(xs[0], bits) }, []*Tensor{mat()}},
		{"LinearCrossEntropy", func(xs ...*Tensor) *Tensor {
			return LinearCrossEntropy(xs[0], xs[1], Of([]int32{2, 0, 1, 1, 3}), 2).MulScalar(2)
		}, []*Tensor{input(1, 5, 3), input(2, 4, 3)}},
		{"SparseCrossEntropy", func(xs ...*Tensor) *Tensor { return SparseCrossEntropy(xs[0], labels) }, []*Tensor{mat()}},
		{"CrossEntropy", func(xs ...*Tensor) *Tensor { return CrossEntropy(xs[0], target).MulScalar(3) }, []*Tensor{mat()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := CheckGradients(c.f, c.xs...); err != nil {
				t.Error(err)
			}
			// The gradient as recorded operations is the same, and so is its own
			// gradient.
			for k, g := range derived(c.f, c.xs...) {
				near(t, fmt.Sprintf("recorded gradient %d", k), g, 1e-9, Values[float64](Grad(c.f(c.xs...), c.xs...)[k])...)
			}
			if err := CheckGradients(func(xs ...*Tensor) *Tensor {
				sum := New(Float64)
				for _, x := range xs {
					sum = sum.Add(x.Square().Sum()) // or some would not depend on x
				}
				for _, g := range derived(c.f, xs...) {
					sum = sum.Add(weigh(g.Add(g.Square())))
				}
				return sum
			}, c.xs...); err != nil {
				t.Errorf("second derivative: %v", err)
			}
			if c.name == "Clip" || c.name == "Maximum" || c.name == "Minimum" {
				return // float32 steps are too coarse beside a kink
			}
			// float32 takes the fast kernels: its gradients are those of float64.
			for _, x := range c.xs {
				x.RequireGrad()
			}
			grads := Grad(c.f(c.xs...), c.xs...)
			slim := make([]*Tensor, len(c.xs))
			for i, x := range c.xs {
				slim[i] = x.Detach().To(Float32).RequireGrad()
			}
			var got []*Tensor
			err := Try(func() {
				y := c.f(slim...)
				got = Grad(y, slim...)
			})
			if err != nil {
				t.Fatal(err)
			}
			for k := range grads {
				for i := range grads[k].Size() {
					if w, g := grads[k].at(i), got[k].at(i); math.Abs(w-g) > 1e-4*(1+math.Abs(w)) {
						t.Fatalf("float32 gradient of input %d, element %d: %g, float64 has %g", k, i, g, w)
					}
				}
			}
		})
	}
}

// derived are the gradients of f, recorded.
func derived(f func(xs ...*Tensor) *Tensor, xs ...*Tensor) []*Tensor {
	for _, x := range xs {
		if !x.requires {
			x.RequireGrad()
		}
	}
	return GradWith(GradOptions{CreateGraph: true}, f(xs...), xs...)
}
