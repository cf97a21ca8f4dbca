package dl

import (
	"slices"
	"testing"
)

// block is what is computed twice: with dropout, other random numbers, running
// statistics and parameters that are no operands.
type block struct {
	w, gamma, beta, mean, variance *Tensor
	r                              *Rand
}

func newBlock(seed uint64, d DType) *block {
	b := &block{w: input(seed, 6, 6).To(d), gamma: positive(seed+1, 6).To(d), beta: input(seed+2, 6).To(d), mean: Zeros(6), variance: Ones(6), r: NewRand(seed)}
	for _, p := range b.parameters() {
		p.RequireGrad()
	}
	return b
}

func (b *block) parameters() []*Tensor { return []*Tensor{b.w, b.gamma, b.beta} }

func (b *block) forward(xs ...*Tensor) *Tensor {
	h := Affine(xs[0], b.w, nil, FuseGELU)
	h = BatchNorm(h, b.gamma, b.beta, b.mean, b.variance, BatchNormOptions{Training: true, Momentum: 0.9})
	h = Dropout(h, 0.4, b.r)
	return h.Add(xs[0]).Add(b.r.Normals(0, 0.1, h.Shape()...).To(h.DType()))
}

// A checkpointed model has the same loss, gradients and statistics, bit for
// bit, with and without an arena, and nested.
func TestCheckpointChangesNoNumber(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		x := input(9, 8, 6).To(d).RequireGrad()
		run := func(arena *Arena, how string) (all []float64) {
			one, two := newBlock(1, d), newBlock(5, d)
			for range 2 {
				step := func() {
					x.ZeroGrad()
					h := x
					switch how {
					case "plain":
						h = two.forward(one.forward(h))
					case "nested":
						h = Checkpoint(func(xs ...*Tensor) *Tensor { return Checkpoint(two.forward, Checkpoint(one.forward, xs...)) }, h)
					default:
						h = Checkpoint(two.forward, Checkpoint(one.forward, h))
					}
					loss := weigh(h)
					loss.Backward()
					all = append(all, loss.Item())
				}
				if arena != nil {
					arena.Run(step)
				} else {
					step()
				}
			}
			for _, p := range append(append(one.parameters(), two.parameters()...), x) {
				all = append(all, Values[float64](p.Grad())...)
			}
			for _, b := range []*block{one, two} {
				all = append(append(all, Values[float64](b.mean)...), Values[float64](b.variance)...)
				all = append(all, b.r.Float64())
			}
			return all
		}
		want := run(nil, "plain")
		for _, how := range []string{"plain", "checkpointed", "nested"} {
			for _, arena := range []*Arena{nil, NewArena()} {
				if got := run(arena, how); !slices.Equal(got, want) {
					t.Errorf("%s, arena %v: other numbers", how, arena != nil)
				}
			}
		}
	})
}

// Grad finds parameters that a checkpointed function uses, and touches no
// tensor's own gradient.
func TestGradThroughCheckpoint(t *testing.T) {
	b := newBlock(1, Float64)
	x := input(9, 8, 6).RequireGrad()
	b.r = NewRand(3)
	want := Grad(weigh(b.forward(x)), x, b.w, b.beta)
	b.r = NewRand(3)
	got := Grad(weigh(Checkpoint(b.forward, x)), x, b.w, b.beta)
	for i := range want {
		near(t, "gradient", got[i], 1e-12, Values[float64](want[i])...)
	}
	if x.Grad() != nil || b.w.Grad() != nil {
		t.Error("Grad left a gradient")
	}
	b.r = NewRand(3)
	got = Grad(weigh(Checkpoint(b.forward, x.Detach())), b.w)
	near(t, "of a parameter alone", got[0], 1e-12, Values[float64](want[1])...)
	if Checkpoint(func(xs ...*Tensor) *Tensor { return xs[0].Exp() }, x.Detach()).RequiresGrad() {
		t.Error("recorded without a reason")
	}
}

// A deep model holds less memory.
func TestCheckpointSavesMemory(t *testing.T) {
	w := input(1, 64, 64).To(Float32).RequireGrad()
	x := input(2, 256, 64).To(Float32)
	held := func(checkpointed bool) int64 {
		arena := NewArena()
		for range 2 {
			w.ZeroGrad()
			arena.Run(func() {
				h := x
				f := func(xs ...*Tensor) *Tensor {
					y := xs[0]
					for range 8 {
						y = Affine(y, w, nil, NoFusion).Tanh().MulScalar(1.1)
					}
					return y
				}
				for range 8 {
					if checkpointed {
						h = Checkpoint(f, h)
					} else {
						h = f(h)
					}
				}
				h.Square().Mean().Backward()
			})
		}
		if arena.inner != nil {
			return arena.held + arena.inner.held
		}
		return arena.held
	}
	plain, less := held(false), held(true)
	if less > plain/3 {
		t.Errorf("%d bytes with Checkpoint, %d without", less, plain)
	}
}
