package dl

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// numbered is a float64 tensor of 0, 1, 2 ...
func numbered(shape ...int) *Tensor {
	t := New(Float64, shape...)
	for i := range t.Size() {
		t.set(i, float64(i))
	}
	return t
}

// upTo is 0, 1, ... n-1.
func upTo(n int) (x []float64) {
	for i := range n {
		x = append(x, float64(i))
	}
	return x
}

// views are ways to look at numbered(2, 3, 4), or a part of it, with the shape and the elements as NumPy 1.24 gives
// them for the expression beside.
var views = []struct {
	numpy string
	view  func(x *Tensor) *Tensor
	shape Shape
	want  []float64
}{
	{"x[:, 1:3]", func(x *Tensor) *Tensor { return x.Slice(1, 1, 3) }, Shape{2, 2, 4}, []float64{4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23}},
	{"x[1:]", func(x *Tensor) *Tensor { return x.Narrow(0, 1, 1) }, Shape{1, 3, 4}, []float64{12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}},
	{"x[:, :, 3:3]", func(x *Tensor) *Tensor { return x.Slice(-1, 3, 3) }, Shape{2, 3, 0}, nil},
	{"x[:, -2:]", func(x *Tensor) *Tensor { return x.Slice(1, -2, x.Dim(1)) }, Shape{2, 2, 4}, []float64{4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23}},
	{"x[:, :, :-3]", func(x *Tensor) *Tensor { return x.Slice(2, 0, -3) }, Shape{2, 3, 1}, []float64{0, 4, 8, 12, 16, 20}},
	{"torch.narrow(x, 2, -2, 1)", func(x *Tensor) *Tensor { return x.Narrow(2, -2, 1) }, Shape{2, 3, 1}, []float64{2, 6, 10, 14, 18, 22}},
	{"x[:, ::2, 1::2]", func(x *Tensor) *Tensor { return x.Every(1, 2).Slice(2, 1, 4).Every(2, 2) }, Shape{2, 2, 2}, []float64{1, 3, 9, 11, 13, 15, 21, 23}},
	{"x[::5, ::5]", func(x *Tensor) *Tensor { return x.Every(0, 5).Every(1, 5) }, Shape{1, 1, 4}, []float64{0, 1, 2, 3}},
	{"x[:, :, ::2][:, :, 2:]", func(x *Tensor) *Tensor { return x.Every(2, 2).Slice(2, 2, 2) }, Shape{2, 3, 0}, nil},
	{"x[:, :0].diagonal(-1, 1, 2)", func(x *Tensor) *Tensor { return x.Slice(1, 0, 0).Diagonal(-1) }, Shape{2, 0}, nil},
	{"x.diagonal(9, 1, 2)", func(x *Tensor) *Tensor { return x.Diagonal(9) }, Shape{2, 0}, nil},
	{"x.diagonal(-9, 1, 2)", func(x *Tensor) *Tensor { return x.Diagonal(-9) }, Shape{2, 0}, nil},
	{"x[-1]", func(x *Tensor) *Tensor { return x.Index(-1) }, Shape{3, 4}, []float64{12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}},
	{"x[:, :, 2]", func(x *Tensor) *Tensor { return x.Select(2, 2) }, Shape{2, 3}, []float64{2, 6, 10, 14, 18, 22}},
	{"x.transpose(2, 0, 1)", func(x *Tensor) *Tensor { return x.Transpose(2, 0, 1) }, Shape{4, 2, 3},
		[]float64{0, 4, 8, 12, 16, 20, 1, 5, 9, 13, 17, 21, 2, 6, 10, 14, 18, 22, 3, 7, 11, 15, 19, 23}},
	{"x[0].T", func(x *Tensor) *Tensor { return x.Index(0).T() }, Shape{4, 3}, []float64{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}},
	{"x[0].T[1:3, 1]", func(x *Tensor) *Tensor { return x.Index(0).T().Slice(0, 1, 3).Select(1, 1) }, Shape{2}, []float64{5, 6}},
	{"np.broadcast_to(x[:, :1, :2], (2, 2, 2))", func(x *Tensor) *Tensor { return x.Slice(1, 0, 1).Slice(2, 0, 2).Expand(2, 2, 2) }, Shape{2, 2, 2}, []float64{0, 1, 0, 1, 12, 13, 12, 13}},
	{"np.broadcast_to(x[0, 0], (2, 4))", func(x *Tensor) *Tensor { return x.Index(0).Index(0).Expand(2, -1) }, Shape{2, 4}, []float64{0, 1, 2, 3, 0, 1, 2, 3}},
	{"x.diagonal(0, 1, 2)", func(x *Tensor) *Tensor { return x.Diagonal(0) }, Shape{2, 3}, []float64{0, 5, 10, 12, 17, 22}},
	{"x.diagonal(2, 1, 2)", func(x *Tensor) *Tensor { return x.Diagonal(2) }, Shape{2, 2}, []float64{2, 7, 14, 19}},
	{"x.diagonal(-1, 1, 2)", func(x *Tensor) *Tensor { return x.Diagonal(-1) }, Shape{2, 2}, []float64{4, 9, 16, 21}},
	{"x[:, None]", func(x *Tensor) *Tensor { return x.Unsqueeze(1) }, Shape{2, 1, 3, 4}, upTo(24)},
	{"x.transpose(0, 2, 1)[:, :, :, None]", func(x *Tensor) *Tensor { return x.T().Unsqueeze(-1) }, Shape{2, 4, 3, 1},
		[]float64{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, 12, 16, 20, 13, 17, 21, 14, 18, 22, 15, 19, 23}},
	{"x[:1].squeeze()", func(x *Tensor) *Tensor { return x.Slice(0, 0, 1).Squeeze() }, Shape{3, 4}, upTo(12)},
	{"x[:, :1].squeeze(1)", func(x *Tensor) *Tensor { return x.Slice(1, 0, 1).Squeeze(1) }, Shape{2, 4}, []float64{0, 1, 2, 3, 12, 13, 14, 15}},
	{"x[:, 1:].reshape(2, 8)", func(x *Tensor) *Tensor { return x.Slice(1, 1, 3).Reshape(2, 8) }, Shape{2, 8}, []float64{4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23}},
	{"x[:, 1:].reshape(-1)", func(x *Tensor) *Tensor { return x.Slice(1, 1, 3).Reshape(-1) }, Shape{16}, []float64{4, 5, 6, 7, 8, 9, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23}},
	{"x[0].T.reshape(-1)", func(x *Tensor) *Tensor { return x.Index(0).T().Flatten(0) }, Shape{12}, []float64{0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}},
	{"np.split(x, [2], 1)[1]", func(x *Tensor) *Tensor { return x.Split(1, 2)[1] }, Shape{2, 1, 4}, []float64{8, 9, 10, 11, 20, 21, 22, 23}},
	{"torch.chunk(x, 2, 2)[1]", func(x *Tensor) *Tensor { return x.Chunk(2, 2)[1] }, Shape{2, 3, 2}, []float64{2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23}},
	{"torch.unbind(x, 1)[2]", func(x *Tensor) *Tensor { return x.Unbind(1)[2] }, Shape{2, 4}, []float64{8, 9, 10, 11, 20, 21, 22, 23}},
}

// Views have the shapes and elements of NumPy's, in every dtype, read in every way.
func TestViewsAreThoseOfNumPy(t *testing.T) {
	for _, c := range views {
		for d := range places {
			want, whole := c.want, numbered(2, 3, 4).To(d)
			if d == Bool {
				want = nil
				for _, v := range c.want {
					want = append(want, map[bool]float64{true: 1}[v != 0])
				}
			}
			v := c.view(whole)
			if !v.shape.Equal(c.shape) {
				t.Errorf("%s: shape %v, want %v", c.numpy, v.shape, c.shape)
				continue
			}
			other := Float64
			if d == Float64 {
				other = Float32
			}
			for how, got := range map[string]*Tensor{"as it is": v, "Contiguous": v.Contiguous(), "Clone": v.Clone(), "To": v.To(other), "Detach": v.Detach(), "Reshape": v.Reshape(-1)} {
				if x := Values[float64](got); !slices.Equal(x, want) {
					t.Errorf("%s, %v, %s: %v, want %v", c.numpy, d, how, x, want)
				}
			}
			for i, w := range want {
				if v.at(i) != w {
					t.Errorf("%s, %v: element %d is %v, want %v", c.numpy, d, i, v.at(i), w)
				}
			}
			if v.String() != v.Contiguous().String() {
				t.Errorf("%s, %v: printed as %v", c.numpy, d, v)
			}
			if d != Float64 || v.Size() == 0 {
				continue
			}
			if share := v.storage == whole.storage; share == strings.HasSuffix(c.numpy, ".reshape(-1)") {
				t.Errorf("%s: shares the memory: %v", c.numpy, share)
			}
			if v.IsContiguous() != v.layout().dense() {
				t.Errorf("%s: contiguous: %v", c.numpy, v.IsContiguous())
			}
			if err := Try(func() { v.Float64s() }); (err == nil) != v.IsContiguous() || err != nil && !strings.Contains(err.Error(), "Contiguous()") {
				t.Errorf("%s: Float64s: %v", c.numpy, err)
			}
		}
	}
}

// Every operation gives for a view what it gives for a copy, and the same gradient, and the gradient of what was seen
// is right.
func TestOperationsTakeViews(t *testing.T) {
	a, b, row := input(1, 4, 3), input(2, 4, 3), input(3, 3)
	image := input(4, 1, 5, 5, 2)
	for _, op := range []struct {
		name string
		f    func(x *Tensor) *Tensor // of [4, 3]
	}{
		{"ReLU", (*Tensor).ReLU},
		{"Add", func(x *Tensor) *Tensor { return x.Add(b) }},
		{"Mul row", func(x *Tensor) *Tensor { return x.Mul(row) }},
		{"Mul, second", func(x *Tensor) *Tensor { return b.Mul(x) }},
		{"Maximum itself", func(x *Tensor) *Tensor { return x.Maximum(x.MulScalar(-1)) }},
		{"Sum", func(x *Tensor) *Tensor { return x.Sum(0) }},
		{"Max", func(x *Tensor) *Tensor { return x.Max(1) }},
		{"Softmax", func(x *Tensor) *Tensor { return x.Softmax(0) }},
		{"MatMul", func(x *Tensor) *Tensor { return x.MatMul(b.T()) }},
		{"MatMul, second", func(x *Tensor) *Tensor { return b.T().MatMul(x) }},
		{"MatMul itself", func(x *Tensor) *Tensor { return x.MatMul(x.T()) }},
		{"Affine", func(x *Tensor) *Tensor { return Affine(x, b.T(), nil, FuseReLU) }},
		{"Affine, weights", func(x *Tensor) *Tensor { return Affine(b, x.T(), x.Select(1, 0), FuseGELU) }},
		{"Conv2D", func(x *Tensor) *Tensor {
			return Conv2D(x.Reshape(1, 4, 3, 1), image.Slice(0, 0, 1).Slice(1, 0, 2).Slice(2, 0, 2).Slice(3, 0, 1).Transpose(2, 1, 3, 0), nil, ConvOptions{Fuse: FuseReLU})
		}},
		{"MaxPool2D", func(x *Tensor) *Tensor {
			return MaxPool2D(x.Reshape(1, 4, 3, 1), PoolOptions{Size: [2]int{2, 2}, Stride: [2]int{1, 1}})
		}},
		{"AvgPool2D", func(x *Tensor) *Tensor {
			return AvgPool2D(x.Reshape(1, 4, 3, 1), PoolOptions{Size: [2]int{2, 2}, Stride: [2]int{1, 1}})
		}},
		{"LayerNorm", func(x *Tensor) *Tensor { return LayerNorm(x, x.Index(0), x.Index(1), 1e-3) }},
		{"BatchNorm", func(x *Tensor) *Tensor {
			return BatchNorm(x, x.Index(0), x.Index(1), New(Float64, 3), New(Float64, 3), BatchNormOptions{Training: true, Momentum: 0.9})
		}},
		{"Dropout", func(x *Tensor) *Tensor { return Dropout(x, 0.5, NewRand(1)) }},
		{"Embedding", func(x *Tensor) *Tensor { return Embedding(x, Of([]int32{3, 1, 0, 2}, 2, 2).T()) }},
		{"MSE", func(x *Tensor) *Tensor { return MSE(x, b) }},
		{"MSE, target", func(x *Tensor) *Tensor { return MSE(b, x) }},
		{"SparseCrossEntropy", func(x *Tensor) *Tensor {
			return SparseCrossEntropy(x, Of([]int32{2, 1, 0, 1, 9, 9, 9, 9}, 2, 4).Index(0))
		}},
		{"CrossEntropy", func(x *Tensor) *Tensor { return CrossEntropy(x, b.Abs()) }},
		{"Attention", func(x *Tensor) *Tensor {
			return Attention(x.Unsqueeze(0), b.Unsqueeze(0), x.Unsqueeze(0), AttentionOptions{})
		}},
		{"SelfAttention", func(x *Tensor) *Tensor { return SelfAttention(x.Unsqueeze(0), AttentionOptions{Causal: true}) }},
		{"Where", func(x *Tensor) *Tensor { return Where(x.Gt(b), x, b) }},
		{"Concat", func(x *Tensor) *Tensor { return Concat(1, x, b, x) }},
		{"Stack", func(x *Tensor) *Tensor { return Stack(x, b) }},
		{"Pad", func(x *Tensor) *Tensor { return x.Pad([]int{1, 0}, []int{0, 2}) }},
		{"Rows", func(x *Tensor) *Tensor { return x.Rows([]int{3, 0, 3}) }},
		{"To", func(x *Tensor) *Tensor { return x.To(Float32).To(x.dtype) }},
		{"Expand", func(x *Tensor) *Tensor { return x.Unsqueeze(1).Expand(2, 4, 3, 3) }},
		{"Diagonal", func(x *Tensor) *Tensor { return x.Diagonal(-1) }},
		{"Reshape", func(x *Tensor) *Tensor { return x.Reshape(2, 6).Square() }},
		{"Var", func(x *Tensor) *Tensor { return x.Var(0) }},
	} {
		for name, view := range map[string]func(x *Tensor) *Tensor{
			"transposed": func(x *Tensor) *Tensor { return x.T().Contiguous().T() },
			"part": func(x *Tensor) *Tensor {
				return x.Pad([]int{1, 2}, []int{1, 1}).Slice(0, 1, 5).Slice(1, 2, 5)
			},
			"every other": func(x *Tensor) *Tensor { return Concat(2, x.Unsqueeze(2), x.Unsqueeze(2)).Select(2, 0) },
		} {
			for _, d := range []DType{Float64, Float32} {
				f := func(x *Tensor) *Tensor {
					a, b, row, image = a.To(d), b.To(d), row.To(d), image.To(d)
					if d == Float32 && op.name == "BatchNorm" {
						return x
					}
					return op.f(x)
				}
				x := a.To(d).Clone().RequireGrad()
				want := f(x)
				wantGrad := Grad(weigh(want), x)[0]
				seen := view(x)
				if seen.IsContiguous() {
					t.Fatalf("%s is no view", name)
				}
				got := f(seen)
				gotGrad := Grad(weigh(got), x)[0]
				tolerance := map[DType]float64{Float64: 1e-12, Float32: 1e-5}[d]
				for i, w := range [][2]*Tensor{{want, got}, {wantGrad, gotGrad}} {
					if err := agree(w[0], w[1], tolerance); err != nil {
						t.Errorf("%s of a %s view, %v, %s: %v", op.name, name, d, []string{"result", "gradient"}[i], err)
					}
				}
			}
		}
	}
}

// agree compares two tensors.
func agree(want, got *Tensor, tolerance float64) error {
	if !want.shape.Equal(got.shape) {
		return fmt.Errorf("shape %v, want %v", got.shape, want.shape)
	}
	for i := range want.Size() {
		if w, g := want.at(i), got.at(i); !(max(w-g, g-w) <= tolerance*(1+max(w, -w))) {
			return fmt.Errorf("element %d is %v, want %v", i, g, w)
		}
	}
	return nil
}

// The gradients of views are those of central differences, also where a view is seen twice or through another.
func TestGradientsOfViews(t *testing.T) {
	for _, c := range views {
		if c.shape.Size() == 0 {
			continue
		}
		if err := CheckGradients(func(xs ...*Tensor) *Tensor {
			v := c.view(xs[0])
			return weigh(v.Square()).Add(weigh(v)).Add(weigh(xs[0].T()))
		}, input(1, 2, 3, 4)); err != nil {
			t.Errorf("%s: %v", c.numpy, err)
		}
	}
}

// Products broadcast the axes before their matrices and read transposed ones where they lie.
func TestMatMulBroadcasts(t *testing.T) {
	for _, c := range []struct{ a, b, want Shape }{
		{Shape{2, 3, 4}, Shape{2, 4, 5}, Shape{2, 3, 5}}, {Shape{6, 1, 3, 4}, Shape{2, 4, 5}, Shape{6, 2, 3, 5}},
		{Shape{1, 3, 4}, Shape{7, 4, 5}, Shape{7, 3, 5}}, {Shape{3, 4}, Shape{2, 2, 4, 5}, Shape{2, 2, 3, 5}},
		{Shape{2, 1, 3, 4}, Shape{1, 3, 4, 5}, Shape{2, 3, 3, 5}}, {Shape{2, 2, 1, 1}, Shape{1, 5}, Shape{2, 2, 1, 5}},
		{Shape{0, 3, 4}, Shape{1, 4, 5}, Shape{0, 3, 5}},
	} {
		for turned := range 4 {
			a, b := input(1, c.a...), input(2, c.b...)
			lie := func(x *Tensor, turn bool) *Tensor { // as a transposed view of the same elements
				if turn {
					return x.T().Contiguous().T()
				}
				return x
			}
			for _, d := range []DType{Float64, Float32} {
				a, b := a.To(d), b.To(d)
				got := lie(a, turned&1 != 0).MatMul(lie(b, turned&2 != 0))
				want := New(d, c.want...)
				ea, eb := a.Expand(append(c.want[:len(c.want)-2:len(c.want)-2], c.a[len(c.a)-2:]...)...), b.Expand(append(c.want[:len(c.want)-2:len(c.want)-2], c.b[len(c.b)-2:]...)...)
				m, k, n := ea.Dim(-2), ea.Dim(-1), eb.Dim(-1)
				for i := range want.Size() {
					sum := 0.0
					for j := range k {
						sum += ea.at((i/n)*k+j) * eb.at(i/(n*m)*k*n+j*n+i%n)
					}
					want.set(i, sum)
				}
				if err := agree(want, got, 1e-5); err != nil {
					t.Errorf("%v x %v, turned %d, %v: %v", c.a, c.b, turned, d, err)
				}
			}
			if c.want.Size() == 0 {
				continue
			}
			if err := CheckGradients(func(xs ...*Tensor) *Tensor {
				return weigh(lie(xs[0], turned&1 != 0).MatMul(lie(xs[1], turned&2 != 0)))
			}, a, b); err != nil {
				t.Errorf("%v x %v, turned %d: %v", c.a, c.b, turned, err)
			}
		}
	}
	if err := Try(func() { Zeros(2, 3, 4).MatMul(Zeros(3, 4, 5)) }); err == nil || !strings.Contains(err.Error(), "equal or 1") {
		t.Error(err)
	}
}

// Large tensors are moved by several threads and in squares, without changing an element.
func TestLargeViewsMove(t *testing.T) {
	defer SetThreads(Threads())
	for _, threads := range []int{1, 3} {
		SetThreads(threads)
		for _, shape := range []Shape{{700, 901}, {3, 301, 257}, {1, 1 << 18}, {65, 33, 5, 7}, {2, 1 << 16, 3}} {
			x := numbered(shape...)
			n := len(shape)
			for i := range n {
				for j := range i {
					axes := make([]int, n)
					for k := range axes {
						axes[k] = k
					}
					axes[i], axes[j] = j, i
					v := x.Transpose(axes...)
					got := v.Contiguous().f64()
					for e, g := range got {
						if g != v.at(e) {
							t.Fatalf("%v transposed %v, element %d: %v, want %v", shape, axes, e, g, v.at(e))
						}
					}
				}
				v := x.Slice(i, shape[i]/3, shape[i]-shape[i]/4)
				for e, g := range v.Contiguous().f64() {
					if g != v.at(e) {
						t.Fatalf("%v sliced along %d, element %d", shape, i, e)
					}
				}
			}
		}
	}
}
