package dl

import (
	"math"
	"testing"
)

func init() {
	group := func(n int) op {
		return three(func(x, g, b *Tensor) *Tensor { return GroupNorm(x, g, b, n, 1e-3) })
	}
	operations["dl.GroupNorm"], operations["dl.GroupNorm of images"], operations["dl.GroupNorm of rows"] = group(2), group(3), group(2)
	local := func(size int, alpha, beta, k float64) op {
		return one(func(x *Tensor) *Tensor { return LocalResponseNorm(x, size, alpha, beta, k) })
	}
	operations["dl.LocalResponseNorm"], operations["dl.LocalResponseNorm of even size"] = local(3, 0.9, 1.25, 2), local(4, 2, 0.75, 1)
	operations["dl.LocalResponseNorm of all channels"] = local(9, 2, -0.5, 0.1)
	operations["dl.GroupNorm of instances"] = one(func(x *Tensor) *Tensor { return GroupNorm(x, nil, nil, 3, 1e-3) })
	operations["dl.RMSNorm"] = two(func(x, g *Tensor) *Tensor { return RMSNorm(x, g, 1e-3) })
}

// The float32 kernels compute what the loops in float64 do: for few and many channels, samples of several chunks, and
// gradients that are added to others.
func TestNormsInFloat32(t *testing.T) {
	r := NewRand(1)
	for _, shape := range []Shape{{2, 1000, 3}, {3, 7, 5, 32}, {1, 70, 600}, {5, 600}, {2, 40000, 4}} {
		c := shape[len(shape)-1]
		x, gamma, beta, dy := r.Normals(3, 2, shape...), r.Normals(1, 1, c), r.Normals(0, 1, c), r.Normals(0, 1, shape...)
		for name, f := range map[string]func(x, g, b *Tensor) *Tensor{
			"GroupNorm":    func(x, g, b *Tensor) *Tensor { return GroupNorm(x, g, b, c/(c/max(1, c/4)), 1e-5) },
			"InstanceNorm": func(x, g, b *Tensor) *Tensor { return GroupNorm(x, nil, nil, c, 1e-5).Mul(g).Add(b) },
			"one group":    func(x, g, b *Tensor) *Tensor { return GroupNorm(x, g, b, 1, 1e-5) },
			"BatchNorm": func(x, g, b *Tensor) *Tensor {
				return BatchNorm(x, g, b, Zeros(c), Ones(c), BatchNormOptions{Training: true})
			},
			"RMSNorm": func(x, g, b *Tensor) *Tensor { return RMSNorm(x, g, 1e-5).Add(b) },
		} {
			if name == "GroupNorm" && c%(c/(c/max(1, c/4))) != 0 || name == "InstanceNorm" && len(shape) == 2 {
				continue
			}
			var ys, grads [2][]*Tensor
			for k, d := range []DType{Float64, Float32} {
				xs := []*Tensor{x.Detach().To(d).Clone().RequireGrad(), gamma.Detach().To(d).Clone().RequireGrad(), beta.Detach().To(d).Clone().RequireGrad()}
				y := f(xs[0], xs[1], xs[2])
				y.Mul(dy.To(d)).Sum().Add(xs[0].Sum()).Backward() // x has another gradient, too
				ys[k] = []*Tensor{y}
				for _, x := range xs {
					grads[k] = append(grads[k], x.Grad())
				}
			}
			if err := closeTo(ys[1][0], ys[0][0], 1e-4); err != nil {
				t.Errorf("%s of %v: %v", name, shape, err)
			}
			for i, g := range grads[1] {
				scale := 1 + math.Sqrt(float64(x.Size()/c))/10 // sums of many terms
				if i == 0 {
					scale = 1
				}
				if err := closeTo(g.MulScalar(1/scale), grads[0][i].MulScalar(1/scale), 2e-4); err != nil {
					t.Errorf("%s of %v: gradient %d: %v", name, shape, i, err)
				}
			}
		}
	}
}

// A constant channel far from 0 becomes exactly beta, and a channel far from 0 keeps its digits.
func TestNormsFarFromZero(t *testing.T) {
	x := Full(1e7, 2, 50, 4)
	for name, y := range map[string]*Tensor{
		"GroupNorm": GroupNorm(x, Ones(4), Full(0.5, 4), 2, 1e-5), "InstanceNorm": GroupNorm(x, nil, Full(0.5, 4), 4, 1e-5),
		"LayerNorm": LayerNorm(x, Ones(4), Full(0.5, 4), 1e-5),
		"BatchNorm": BatchNorm(x, Ones(4), Full(0.5, 4), Zeros(4), Ones(4), BatchNormOptions{Training: true}),
	} {
		for _, v := range y.Float32s() {
			if v != 0.5 {
				t.Errorf("%s of a constant: %v", name, v)
				break
			}
		}
	}
	near := Of([]float32{1e7, 1e7 + 1, 1e7 + 2, 1e7 + 3}, 1, 4, 1)
	want := 1.5 / math.Sqrt(1.25)
	for _, y := range []*Tensor{GroupNorm(near, nil, nil, 1, 1e-12), BatchNorm(near, Ones(1), Zeros(1), Zeros(1), Ones(1), BatchNormOptions{Training: true, Epsilon: 1e-12})} {
		if v := float64(y.Float32s()[3]); math.Abs(v-want) > 1e-5 {
			t.Errorf("%v, want %v", v, want)
		}
	}
	if v := RMSNorm(Full(1e15, 1, 3), Ones(3), 1e-6).Float32s()[0]; math.Abs(float64(v)-1) > 1e-6 {
		t.Errorf("RMSNorm of 1e15: %v", v)
	}
}

// The moments of a channel are those of all its rows, however these change from chunk to chunk: a constant has variance 0,
// a channel that jumps half-way the variance of its jump, one far from 0 keeps its digits.
func TestBatchNormOfChangingRows(t *testing.T) {
	const rows = 30000
	x := New(Float32, rows, 3)
	for i := range rows {
		jump := 1e4
		if i < rows/3 {
			jump = -1e4
		}
		for k, v := range []float64{1e7, jump, 4096 + float64(i%2)} {
			put(x, 3*i+k, v)
		}
	}
	mean, variance := Zeros(3), Zeros(3)
	BatchNorm(x, Ones(3), Zeros(3), mean, variance, BatchNormOptions{Training: true, Momentum: 1e-300})
	const unbiased = float64(rows) / (rows - 1)
	for k, want := range [3][2]float64{{1e7, 0}, {1e4 / 3, 8e8 / 9 * unbiased}, {4096.5, 0.25 * unbiased}} {
		if m, v := get(mean, k), get(variance, k); math.Abs(m-want[0]) > 1e-6*want[0] || math.Abs(v-want[1]) > 1e-6*want[1] {
			t.Errorf("channel %d: mean %v, variance %v, want %v", k, m, v, want)
		}
	}
}
