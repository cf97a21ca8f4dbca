package dl

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// convBefore are convolutions of every kind that has a way back of its own, for images of so many channels.
var convBefore = []struct {
	name string
	x, w []int
	o    ConvOptions
	bias bool
}{
	{"depthwise", []int{3, 9, 7, 20}, []int{3, 3, 1, 20}, ConvOptions{Padding: Pad2D(1, 1), Groups: 20}, false},
	{"depthwise, stride, bias and ReLU", []int{3, 9, 8, 16}, []int{3, 2, 1, 16}, ConvOptions{Stride: [2]int{2, 3}, Groups: 16, Fuse: FuseReLU}, true},
	{"pointwise, many pixels", []int{9, 16, 17, 24}, []int{1, 1, 24, 40}, ConvOptions{}, false},
	{"pointwise, many pixels, bias", []int{9, 16, 17, 3}, []int{1, 1, 3, 5}, ConvOptions{}, true},
	{"pointwise, few pixels", []int{2, 4, 4, 24}, []int{1, 1, 24, 40}, ConvOptions{}, true},
	{"pointwise, ReLU", []int{9, 16, 17, 8}, []int{1, 1, 8, 16}, ConvOptions{Fuse: FuseReLU}, true},
	{"Winograd", []int{4, 10, 9, 32}, []int{3, 3, 32, 64}, ConvOptions{Padding: Pad2D(1, 1)}, false},
	{"Winograd, bias and ReLU", []int{4, 10, 10, 32}, []int{3, 3, 32, 32}, ConvOptions{Fuse: FuseReLU}, true},
	{"Winograd, shared", []int{4, 12, 12, 192}, []int{3, 3, 192, 192}, ConvOptions{Padding: Pad2D(1, 1)}, true},
	{"gathered", []int{4, 4, 4, 64}, []int{3, 3, 64, 64}, ConvOptions{Stride: [2]int{2, 2}, Padding: Pad2D(1, 1)}, true},
	{"windows", []int{3, 11, 12, 20}, []int{3, 3, 20, 12}, ConvOptions{Stride: [2]int{2, 1}, Padding: Pad2D(1, 1)}, true},
	{"windows, ReLU", []int{3, 11, 12, 20}, []int{3, 3, 20, 12}, ConvOptions{Fuse: FuseReLU}, false},
	{"groups", []int{3, 11, 12, 12}, []int{3, 3, 4, 9}, ConvOptions{Groups: 3, Dilation: [2]int{2, 1}}, false},
	{"one channel", []int{3, 11, 12, 1}, []int{3, 3, 1, 8}, ConvOptions{}, true},
}

// What a norm does to a gradient may be left to the convolution in front of it, and nobody can tell: every gradient is that
// of the two one after the other, which a hook between them asks for.
func TestNormLeftToConvolution(t *testing.T) {
	for _, c := range convBefore {
		for _, relu := range []bool{false, true} {
			for _, training := range []bool{true, false} {
				name := fmt.Sprintf("%s, then ReLU %v, training %v", c.name, relu, training)
				run := func(hooked, retained bool) (all [][]float32) {
					r := NewRand(5)
					x, w := r.Normals(0.3, 1, c.x...).RequireGrad(), r.Normals(0, 0.4, c.w...).RequireGrad()
					f := c.w[len(c.w)-1]
					operands := []*Tensor{x, w, r.Normals(1, 0.5, f).RequireGrad(), r.Normals(0, 0.5, f).RequireGrad()}
					if c.x[3] == 1 {
						x = x.Detach() // the way back of few channels
						operands[0] = w
					}
					var bias *Tensor
					if c.bias {
						bias = r.Normals(0, 0.5, f).RequireGrad()
						operands = append(operands, bias)
					}
					between := Conv2D(x, w, bias, c.o)
					saw := 0
					if hooked {
						between.OnGrad(func(g *Tensor) *Tensor { saw++; return g })
					}
					y := BatchNorm(between, operands[2], operands[3], Full(0.1, f), Full(2, f), BatchNormOptions{Training: training, ReLU: relu})
					loss := y.Mul(r.Normals(0, 1, y.Shape()...)).Sum()
					if retained {
						loss.BackwardWith(BackwardOptions{RetainGraph: true})
						for _, o := range operands {
							o.ZeroGrad()
						}
					}
					loss.Backward()
					if hooked && saw != 1 {
						t.Errorf("%s: the hook saw %d gradients", name, saw)
					}
					for _, o := range operands {
						all = append(all, slices.Clone(o.Grad().Float32s()))
					}
					return all
				}
				want := run(true, false)
				for _, retained := range []bool{false, true} {
					for i, got := range run(false, retained) {
						if !nearly(got, want[i]) {
							t.Errorf("%s, retained %v: the gradient of operand %d is %.6v, want %.6v", name, retained, i, got[:min(4, len(got))], want[i][:min(4, len(got))])
						}
					}
				}
			}
		}
	}
}

// nearly reports whether two lists are the same but for rounding.
func nearly(got, want []float32) bool {
	most := 0.0
	for _, v := range want {
		most = max(most, math.Abs(float64(v)))
	}
	for i, v := range want {
		if d := math.Abs(float64(got[i] - v)); !(d <= 1e-4*(most+1)) {
			return false
		}
	}
	return len(got) == len(want)
}

// Others that read the result of the convolution add their gradients, whether they come before the norm or after it.
func TestNormLeftAndOthersAdd(t *testing.T) {
	for _, before := range []bool{false, true} {
		run := func(hooked bool) []float32 {
			r := NewRand(5)
			x, w := r.Normals(0, 1, 2, 6, 6, 8), r.Normals(0, 1, 3, 3, 1, 8).RequireGrad()
			between := Conv2D(x, w, nil, ConvOptions{Groups: 8})
			if hooked {
				between.OnGrad(func(g *Tensor) *Tensor { return g })
			}
			norm := func() *Tensor {
				return BatchNorm(between, Ones(8), Zeros(8), Zeros(8), Ones(8), BatchNormOptions{Training: true}).Mul(r.Normals(0, 1, between.Shape()...)).Sum()
			}
			other := func() *Tensor { return between.Tanh().Mul(between).Sum() }
			var loss *Tensor
			if before {
				o := other()
				loss = norm().Add(o)
			} else {
				n := norm()
				loss = n.Add(other())
			}
			loss.Backward()
			return w.Grad().Float32s()
		}
		if got, want := run(false), run(true); !nearly(got, want) {
			t.Errorf("before %v: %v, want %v", before, got, want)
		}
	}
}

// A gradient that the caller gave stays the caller's.
func TestNormLeavesGivenGradient(t *testing.T) {
	r := NewRand(5)
	x, w := r.Normals(0, 1, 2, 6, 6, 8), r.Normals(0, 1, 1, 1, 8, 8).RequireGrad()
	y := BatchNorm(Conv2D(x, w, nil, ConvOptions{}), Ones(8), Zeros(8), Zeros(8), Ones(8), BatchNormOptions{Training: true, ReLU: true})
	given := r.Normals(0, 1, y.Shape()...)
	before := slices.Clone(given.Float32s())
	y.BackwardWith(BackwardOptions{Gradient: given})
	if !slices.Equal(given.Float32s(), before) {
		t.Error("Backward changed the gradient that it was given")
	}
}

// The gradients of a pointwise convolution with a norm behind it do not depend on the number of threads.
func TestNormLeftOnThreads(t *testing.T) {
	defer SetThreads(Threads())
	var want [][]float32
	for _, n := range []int{1, 2, 3, 5} {
		SetThreads(n)
		r := NewRand(5)
		x, w, b := r.Normals(0, 1, 10, 17, 16, 24).RequireGrad(), r.Normals(0, 1, 1, 1, 24, 40).RequireGrad(), Zeros(40).RequireGrad()
		gamma := Ones(24).RequireGrad()
		before := BatchNorm(x, gamma, Zeros(24), Zeros(24), Ones(24), BatchNormOptions{Training: true, ReLU: true})
		y := BatchNorm(Conv2D(before, w, b, ConvOptions{}), Ones(40), Zeros(40), Zeros(40), Ones(40), BatchNormOptions{Training: true, ReLU: true})
		y.Mul(r.Normals(0, 1, y.Shape()...)).Sum().Backward()
		got := [][]float32{x.Grad().Float32s(), w.Grad().Float32s(), b.Grad().Float32s(), gamma.Grad().Float32s()}
		if n == 1 {
			want = got
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("%d threads: gradient %d differs", n, i)
			}
		}
	}
}

// A convolution takes the sums for the norm before it, and nobody can tell, whoever else reads what it reads.
func TestSumsForNormBefore(t *testing.T) {
	for _, c := range convBefore {
		for _, readers := range []string{"one", "one before", "one behind", "twice"} {
			for _, relu := range []bool{false, true} {
				run := func(hooked, retained bool) (all [][]float32) {
					r := NewRand(5)
					channels, f := c.x[3], c.w[len(c.w)-1]
					x, w := r.Normals(0.3, 1, c.x...).RequireGrad(), r.Normals(0, 0.4, c.w...).RequireGrad()
					operands := []*Tensor{x, w, r.Normals(1, 0.5, channels).RequireGrad(), r.Normals(0, 0.5, channels).RequireGrad()}
					var bias *Tensor
					if c.bias {
						bias = r.Normals(0, 0.5, f)
					}
					norm := BatchNorm(x, operands[2], operands[3], Full(0.1, channels), Full(2, channels), BatchNormOptions{Training: true, ReLU: relu})
					if hooked {
						norm.OnGrad(func(g *Tensor) *Tensor { return g })
					}
					behind := func() *Tensor {
						y := BatchNorm(Conv2D(norm, w, bias, c.o), Ones(f), Zeros(f), Zeros(f), Ones(f), BatchNormOptions{Training: true, ReLU: true})
						return y.Mul(r.Normals(0, 1, y.Shape()...)).Sum()
					}
					other := func() *Tensor { return norm.Tanh().Mul(norm).Sum() }
					var loss *Tensor
					switch readers {
					case "one":
						loss = behind()
					case "one before":
						o := other()
						loss = behind().Add(o)
					case "one behind":
						loss = behind()
						loss = loss.Add(other())
					default:
						loss = behind()
						loss = loss.Add(behind())
					}
					if retained {
						loss.BackwardWith(BackwardOptions{RetainGraph: true})
						for _, o := range operands {
							o.ZeroGrad()
						}
					}
					loss.Backward()
					for _, o := range operands {
						all = append(all, slices.Clone(o.Grad().Float32s()))
					}
					return all
				}
				want := run(true, false)
				for _, retained := range []bool{false, true} {
					var got [][]float32
					NewArena().Run(func() { got = run(false, retained) })
					for i := range got {
						if !nearly(got[i], want[i]) {
							t.Errorf("%s, read by %s, ReLU %v, retained %v: the gradient of operand %d is %.6v, want %.6v", c.name, readers, relu, retained, i,
								got[i][:min(4, len(got[i]))], want[i][:min(4, len(got[i]))])
						}
					}
				}
			}
		}
	}
}
