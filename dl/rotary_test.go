package dl

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// The cases of testdata/operations_attention.py.
func init() {
	attends := func(o AttentionOptions) op {
		o.Heads = 2
		return three(func(q, k, v *Tensor) *Tensor { return Attention(q, k, v, o) })
	}
	masked := func(x []*Tensor) []*Tensor {
		return []*Tensor{Attention(x[0], x[1], x[2], AttentionOptions{Heads: 2, Mask: x[3]})}
	}
	rotary := func(o RotaryOptions) op { return one(func(x *Tensor) *Tensor { return Rotary(x, o) }) }
	for name, f := range map[string]op{
		"Attention grouped": attends(AttentionOptions{KVHeads: 1}), "Attention scale": attends(AttentionOptions{Scale: 0.3}),
		"Attention shown to all": masked, "Attention shown by sample": masked, "Attention padding": masked,
		"Attention added": masked, "Attention added to keys": masked, "Attention added to queries": masked,
		"Attention causal": attends(AttentionOptions{Causal: true}), "Attention window": attends(AttentionOptions{Causal: true, Window: 2}),
		"Attention offsets": attends(AttentionOptions{Causal: true, Offsets: []int{0, 2}}),
		"Attention lengths": attends(AttentionOptions{Lengths: []int{4, 2}}), "Attention slopes": attends(AttentionOptions{Slopes: ALiBiSlopes(2)}),
		"SelfAttention grouped": one(func(x *Tensor) *Tensor {
			return SelfAttention(x, AttentionOptions{Heads: 2, KVHeads: 1, Causal: true})
		}),
		"Rotary": rotary(RotaryOptions{Heads: 2}), "Rotary interleaved": rotary(RotaryOptions{Heads: 2, Interleaved: true, Base: 500, Offset: 7}),
		"Rotary of a part":     rotary(RotaryOptions{Heads: 2, Size: 4, Offset: 2, Scale: 4}),
		"Rotary of some heads": rotary(RotaryOptions{Heads: 3, Turned: 2}), "Rotary of samples": rotary(RotaryOptions{Heads: 2, Offsets: []int{4, 1}}),
		"Rotary of Llama 3": one(func(x *Tensor) *Tensor {
			return Rotary(x, RotaryOptions{Scale: 0.01, Frequencies: Llama3Frequencies(16, 500000, 8, 1, 4, 8192)})
		}),
		"Sinusoids": none(func() *Tensor { return Sinusoids(7, 6) }),
	} {
		operations["dl."+name] = f
	}
	noGradients["Sinusoids"] = "of numbers"
}

// Products of turned queries and keys depend on the distance of their positions alone.
func TestRotaryIsRelative(t *testing.T) {
	q, k := input(1, 1, 1, 8), input(2, 1, 1, 8)
	product := func(p, at int, interleaved bool) float64 {
		o := RotaryOptions{Interleaved: interleaved, Offset: p}
		shifted := o
		shifted.Offset = at
		return Rotary(q, o).Mul(Rotary(k, shifted)).Sum().Item()
	}
	for _, interleaved := range []bool{false, true} {
		if a, b := product(3, 10, interleaved), product(103, 110, interleaved); math.Abs(a-b) > 1e-12 {
			t.Errorf("%v at a distance of 7, %v at the same one", a, b)
		}
	}
}

// A step allocates nothing, and a view is read in place.
func TestRotaryAllocatesNothing(t *testing.T) {
	qkv := input(1, 2, 5, 12).To(Float32).RequireGrad()
	offsets := []int{3, 0}
	arena := NewArena()
	step := func() {
		qkv.ZeroGrad()
		Rotary(qkv.Slice(2, 4, 12), RotaryOptions{Heads: 2, Offsets: offsets}).Sum().Backward()
	}
	for range 3 {
		arena.Run(step)
	}
	if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n >= 1 && countable() {
		t.Errorf("%v allocations", n)
	}
	view, part := qkv.Detach().Slice(2, 4, 12), RotaryOptions{Heads: 2, Offset: 1}
	if got, want := Rotary(view, part).Float32s(), Rotary(view.Contiguous(), part).Float32s(); !slices.Equal(got, want) {
		t.Errorf("%v of a view, %v of a copy", got, want)
	}
}

func TestRotaryErrors(t *testing.T) {
	x := Zeros(2, 3, 12)
	for want, f := range map[string]func(){
		"x [N, T, D] whose D 5 heads can share": func() { Rotary(x, RotaryOptions{Heads: 5}) },
		"3 of the 3 channels of a head":         func() { Rotary(x, RotaryOptions{Heads: 4}) },
		"14 of the 12 channels":                 func() { Rotary(x, RotaryOptions{Size: 14}) },
		"3 of 2 heads are to be turned":         func() { Rotary(x, RotaryOptions{Heads: 2, Turned: 3}) },
		"Scale is -1":                           func() { Rotary(x, RotaryOptions{Scale: -1}) },
		"Base is -1":                            func() { Rotary(x, RotaryOptions{Base: -1}) },
		"2 Frequencies for 12 channels":         func() { Rotary(x, RotaryOptions{Frequencies: []float64{1, 2}}) },
		"Offset is -1":                          func() { Rotary(x, RotaryOptions{Offset: -1}) },
		"there are 1 Offsets for 2 samples":     func() { Rotary(x, RotaryOptions{Offsets: []int{1}}) },
		"the offset of sample 1 is -2":          func() { Rotary(x, RotaryOptions{Offsets: []int{1, -2}}) },
		"Llama3Frequencies: size 3 is even":     func() { Llama3Frequencies(3, 10000, 8, 1, 4, 8192) },
		"Rotary: int32":                         func() { Rotary(New(Int32, 1, 1, 2), RotaryOptions{}) },
	} {
		if err := Try(f); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "rotary_test.go") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
