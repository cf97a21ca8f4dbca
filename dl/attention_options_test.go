package dl

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// attentionCase is a geometry and options whose mask is made for it.
type attentionCase struct {
	batch, queries, keys, heads, kv, size int
	o                                     AttentionOptions
	mask                                  Shape
	shown                                 bool // the mask is of Bool
}

func (c attentionCase) String() string {
	return fmt.Sprintf("%d×%d queries, %d keys, %d/%d heads of %d, %+v, mask %v", c.batch, c.queries, c.keys, c.heads, c.kv, c.size, c.o, c.mask)
}

// run returns gradients of q, k, v and of the mask, if it has one, and the result.
func (c attentionCase) run(dtype DType) []*Tensor {
	q := input(1, c.batch, c.queries, c.heads*c.size).MulScalar(4).To(dtype).RequireGrad()
	k, v := input(2, c.batch, c.keys, c.kv*c.size).To(dtype).RequireGrad(), input(3, c.batch, c.keys, c.kv*c.size).To(dtype).RequireGrad()
	xs, o := []*Tensor{q, k, v}, c.o
	o.Heads, o.KVHeads, o.Rand = c.heads, c.kv, NewRand(7)
	if c.mask != nil {
		o.Mask = input(4, c.mask...).MulScalar(3).To(dtype)
		if c.shown {
			o.Mask = o.Mask.Gt(Scalar(0.5).To(dtype))
		} else {
			xs = append(xs, o.Mask.RequireGrad())
		}
	}
	y := Attention(q, k, v, o)
	return append(Grad(weigh(y), xs...), y)
}

var attentionCases = []attentionCase{
	{1, 70, 600, 2, 2, 8, AttentionOptions{Causal: true}, nil, false},
	{2, 130, 300, 4, 2, 16, AttentionOptions{Causal: true, Window: 50}, nil, false},
	{1, 600, 600, 2, 1, 8, AttentionOptions{Causal: true, Window: 1}, nil, false},
	{2, 90, 300, 2, 2, 8, AttentionOptions{Causal: true, Window: 300}, nil, false},
	{3, 40, 290, 6, 3, 5, AttentionOptions{Lengths: []int{290, 0, 7}}, nil, false},
	{3, 80, 290, 2, 2, 8, AttentionOptions{Causal: true, Offsets: []int{210, 0, 100}, Lengths: []int{290, 80, 150}}, nil, false},
	{2, 33, 65, 3, 3, 4, AttentionOptions{Scale: 0.25, Slopes: ALiBiSlopes(3)}, nil, false},
	{2, 70, 300, 4, 4, 4, AttentionOptions{Causal: true, Slopes: ALiBiSlopes(4), Offsets: []int{5, 200}}, nil, false},
	{2, 70, 300, 4, 2, 4, AttentionOptions{}, Shape{70, 300}, true},
	{2, 70, 300, 4, 2, 4, AttentionOptions{}, Shape{2, 1, 300}, true},
	{2, 70, 70, 4, 1, 4, AttentionOptions{Causal: true}, Shape{2, 4, 70, 70}, true},
	{2, 70, 300, 4, 2, 4, AttentionOptions{}, Shape{70, 300}, false},
	{2, 70, 300, 4, 2, 4, AttentionOptions{Slopes: ALiBiSlopes(4)}, Shape{2, 70, 1}, false},
	{2, 70, 70, 4, 2, 4, AttentionOptions{Causal: true, Window: 9}, Shape{1, 4, 70, 70}, false},
	{2, 70, 300, 4, 2, 4, AttentionOptions{Dropout: 0.3}, nil, false},
	{2, 70, 70, 4, 4, 4, AttentionOptions{Causal: true, Dropout: 0.5, Slopes: ALiBiSlopes(4)}, Shape{2, 1, 1, 70}, true},
	{2, 1, 300, 4, 2, 8, AttentionOptions{Causal: true, Lengths: []int{300, 20}, Offsets: []int{299, 19}}, nil, false}, // as in generation
	{2, 2, 300, 4, 2, 8, AttentionOptions{Causal: true, Window: 20}, Shape{2, 300}, false},
}

// With every option, the float32 form, by blocks, agrees with the definition in float64, forward and backward.
func TestAttentionOptionsByBlocks(t *testing.T) {
	for _, c := range attentionCases {
		want, got := c.run(Float64), c.run(Float32)
		for n, w := range want {
			for i := range w.Size() {
				if g := got[n].at(i); !(math.Abs(g-w.at(i)) <= 3e-5*(1+math.Abs(w.at(i)))) {
					t.Errorf("%v: result %d, element %d: %v, want %v", c, n, i, g, w.at(i))
					break
				}
			}
		}
	}
}

// The definition's gradients agree with differences, and with those of the attention made of other operations.
func TestAttentionOptionsGradients(t *testing.T) {
	shown := Of([]bool{true, false, true, false, false, false, true, true, true}, 3, 3)
	for name, c := range map[string]struct {
		o      AttentionOptions
		t, s   int
		masked bool
	}{
		"grouped":           {AttentionOptions{Heads: 4, KVHeads: 2}, 2, 3, false},
		"shown":             {AttentionOptions{Heads: 2, Mask: shown}, 3, 3, false}, // the second query sees nothing
		"added":             {AttentionOptions{Heads: 2}, 2, 3, true},
		"window and scale":  {AttentionOptions{Heads: 2, Causal: true, Window: 2, Scale: 0.3}, 2, 4, false},
		"lengths":           {AttentionOptions{Heads: 2, Lengths: []int{0, 2}}, 2, 3, false},
		"offsets, slopes":   {AttentionOptions{Heads: 2, Causal: true, Offsets: []int{0, 2}, Slopes: ALiBiSlopes(2)}, 2, 4, false},
		"dropout":           {AttentionOptions{Heads: 2, Dropout: 0.4}, 2, 3, false},
		"dropout and added": {AttentionOptions{Heads: 2, Dropout: 0.4}, 2, 3, true},
	} {
		t.Run(name, func(t *testing.T) {
			kv := max(1, c.o.KVHeads)
			if c.o.KVHeads == 0 {
				kv = c.o.Heads
			}
			xs := []*Tensor{input(1, 2, c.t, 2*c.o.Heads), input(2, 2, c.s, 2*kv), input(3, 2, c.s, 2*kv)}
			if c.masked {
				xs = append(xs, input(4, 1, 2, c.t, c.s))
			}
			f := func(xs ...*Tensor) *Tensor {
				o := c.o
				o.Rand = NewRand(5)
				if c.masked {
					o.Mask = xs[3]
				}
				return weigh(Attention(xs[0], xs[1], xs[2], o))
			}
			for _, x := range xs {
				x.RequireGrad()
			}
			if err := CheckGradients(f, xs...); err != nil {
				t.Error(err)
			}
			grads := Grad(f(xs...), xs...)
			for k, g := range derived(f, xs...) {
				if err := closeTo(g, grads[k], 1e-9); err != nil {
					t.Errorf("recorded gradient %d: %v", k, err)
				}
			}
		})
	}
}

// Keys and values are read from a part of a cache, and heads from columns of a tensor, without copies.
func TestAttentionReadsViews(t *testing.T) {
	cache := input(1, 2, 40, 2*12).To(Float32)
	q := input(2, 2, 3, 12).To(Float32)
	k, v := cache.Slice(1, 0, 17).Slice(2, 0, 12), cache.Slice(1, 0, 17).Slice(2, 12, 24)
	o := AttentionOptions{Heads: 3, Causal: true}
	want := Attention(q, k.Contiguous(), v.Contiguous(), o).Float32s()
	if got := Attention(q, k, v, o).Float32s(); !slices.Equal(got, want) {
		t.Errorf("%v of views, %v of copies", got, want)
	}
	arena := NewArena()
	step := func() { Attention(q, k, v, o) }
	for range 3 {
		arena.Run(step)
	}
	if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n >= 1 && countable() {
		t.Errorf("%v allocations", n)
	}
	// A packed tensor of grouped heads is that of its parts.
	qkv := input(3, 2, 9, (4+2*2)*3).To(Float32)
	o = AttentionOptions{Heads: 4, KVHeads: 2, Causal: true}
	got := SelfAttention(qkv, o).Float32s()
	if want := Attention(qkv.Slice(2, 0, 12), qkv.Slice(2, 12, 18), qkv.Slice(2, 18, 24), o).Float32s(); !slices.Equal(got, want) {
		t.Errorf("%v together, %v apart", got, want)
	}
}

// A training step with every option allocates nothing, and gives the same on every number of threads.
func TestAttentionOptionsAllocateNothing(t *testing.T) {
	defer SetThreads(Threads())
	mask := input(2, 4, 70, 70).To(Float32).RequireGrad()
	shown := mask.Detach().Gt(Scalar(-0.5)).Reshape(1, 4, 70, 70)
	qkv := input(1, 3, 70, (4+2*2)*8).To(Float32).RequireGrad()
	r := NewRand(1)
	state := r.State()
	o := AttentionOptions{Heads: 4, KVHeads: 2, Causal: true, Window: 40, Slopes: ALiBiSlopes(4), Lengths: []int{70, 20, 50}, Dropout: 0.1, Rand: r}
	step := func() {
		qkv.ZeroGrad()
		mask.ZeroGrad()
		first, second := o, o
		first.Mask, second.Mask = mask, shown
		SelfAttention(qkv, first).Add(SelfAttention(qkv, second)).Sum().Backward()
	}
	mask = mask.Detach().Reshape(1, 4, 70, 70).RequireGrad()
	var want [2][]float32
	arena := NewArena()
	for threads := 1; threads <= 3; threads++ {
		SetThreads(threads)
		if err := r.SetState(state); err != nil {
			t.Fatal(err)
		}
		arena.Run(step)
		got := [2][]float32{slices.Clone(qkv.Grad().Float32s()), slices.Clone(mask.Grad().Float32s())}
		if threads == 1 {
			want = got
		} else if !slices.Equal(got[0], want[0]) || !slices.Equal(got[1], want[1]) {
			t.Errorf("%d threads give other gradients than one", threads)
		}
	}
	for range 3 {
		arena.Run(step)
	}
	if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n >= 1 && countable() {
		t.Errorf("%v allocations a step", n)
	}
}

func TestAttentionOptionErrors(t *testing.T) {
	q, k := Zeros(2, 3, 4), Zeros(2, 5, 4)
	for want, o := range map[string]AttentionOptions{
		"a multiple":                                 {Heads: 4, KVHeads: 3},
		"1 heads of 2 channels have keys":            {Heads: 2, KVHeads: 1},
		"a mask is [T, S]":                           {Mask: New(Bool, 3, 4)},
		"here of [N, H, T, S] = [2 1 3 5]":           {Mask: Zeros(2, 3, 3, 5)},
		"a mask is of Bool":                          {Mask: New(Int32, 3, 5)},
		"there are 1 Lengths for 2 samples":          {Lengths: []int{1}},
		"Lengths of sample 1 is 6; there are 5 keys": {Lengths: []int{1, 6}},
		"Offsets of sample 0 is -1":                  {Offsets: []int{-1, 6}},
		"Window is 2 and Causal false":               {Window: 2},
		"Scale is -1":                                {Scale: -1},
		"Dropout is 1":                               {Dropout: 1},
		"there are 3 Slopes for 1 heads":             {Slopes: []float64{1, 2, 3}},
	} {
		err := Try(func() { Attention(q, k, k, o) })
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "attention_options_test.go") {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
	if err := Try(func() { ALiBiSlopes(0) }); err == nil {
		t.Error("no heads have slopes")
	}
}

// The slopes are those of the paper's code.
func TestALiBiSlopes(t *testing.T) {
	for heads, want := range map[int][]float64{1: {1. / 256}, 4: {1. / 4, 1. / 16, 1. / 64, 1. / 256}, 3: {1. / 16, 1. / 256, 1. / 4}} {
		if got := ALiBiSlopes(heads); !slices.Equal(got, want) {
			t.Errorf("%d heads: %v, want %v", heads, got, want)
		}
	}
}
