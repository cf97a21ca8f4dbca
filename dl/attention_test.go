package dl

import (
	"math"
	"strings"
	"testing"
)

// Longer sequences take several blocks of queries and keys: the float32 form,
// by blocks, agrees with the definition in float64, forward and backward.
func TestAttentionByBlocks(t *testing.T) {
	for _, c := range []struct {
		batch, queries, keys, heads, size int
		causal                            bool
	}{
		{2, 128, 128, 4, 32, true}, {1, 128, 128, 1, 32, false}, {1, 300, 300, 2, 20, true}, {1, 70, 600, 3, 7, false},
		{1, 600, 600, 1, 16, true}, {1, 1, 1, 2, 1, true}, {3, 65, 65, 1, 33, true}, {1, 5, 257, 1, 64, false},
	} {
		d := c.heads * c.size
		run := func(dtype DType) []*Tensor {
			q, k, v := input(1, c.batch, c.queries, d).MulScalar(4).To(dtype).RequireGrad(), input(2, c.batch, c.keys, d).To(dtype).RequireGrad(), input(3, c.batch, c.keys, d).To(dtype).RequireGrad()
			y := Attention(q, k, v, AttentionOptions{Heads: c.heads, Causal: c.causal})
			return append(Grad(weigh(y), q, k, v), y)
		}
		want, got := run(Float64), run(Float32)
		for n, w := range want {
			for i := range w.Size() {
				if g := got[n].at(i); !(math.Abs(g-w.at(i)) <= 2e-5*(1+math.Abs(w.at(i)))) {
					t.Fatalf("%+v: result %d, element %d: %v, want %v", c, n, i, g, w.at(i))
				}
			}
		}
	}
}

// Queries, keys and values side by side are those apart.
func TestSelfAttentionReadsInPlace(t *testing.T) {
	qkv := input(1, 2, 9, 3*8).To(Float32)
	q, k, v := qkv.Slice(2, 0, 8), qkv.Slice(2, 8, 16), qkv.Slice(2, 16, 24)
	got, want := SelfAttention(qkv, AttentionOptions{Heads: 2, Causal: true}).Float32s(), Attention(q, k, v, AttentionOptions{Heads: 2, Causal: true}).Float32s()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("element %d: %v, %v apart", i, got[i], want[i])
		}
	}
}

// What is done by threads is the same for every number of them, and allocates
// nothing in an arena.
func TestThreadsChangeNoNumber(t *testing.T) {
	defer SetThreads(Threads())
	tokens := New(Int32, 8, 50)
	for i := range tokens.i32() {
		tokens.i32()[i] = int32(i * i % 50)
	}
	labels := tokens.Reshape(-1)
	table, gamma, beta := input(1, 50, 96).To(Float32), positive(2, 96).To(Float32), input(3, 96).To(Float32)
	mean, variance := Zeros(96), Ones(96)
	triple := Zeros(96, 3*96) // x beside x beside x
	for i := range 96 {
		for k := range 3 {
			triple.Set(1, i, k*96+i)
		}
	}
	parameters := []*Tensor{table.RequireGrad(), gamma.RequireGrad(), beta.RequireGrad()}
	step := func() float64 {
		for _, p := range parameters {
			p.ZeroGrad()
		}
		r := NewRand(4)
		x := Embedding(table, tokens)
		x = x.Add(LayerNorm(x, gamma, beta, 1e-5).GELU())
		x = Affine(x.Reshape(-1, 96), triple, nil, NoFusion).Reshape(8, 50, -1)
		x = SelfAttention(x, AttentionOptions{Heads: 2, Causal: true})
		x = BatchNorm(Dropout(x.Add(gamma).Tanh(), 0.1, r), gamma, beta, mean, variance, BatchNormOptions{Training: true, Momentum: 0.9})
		loss := SparseCrossEntropy(x.Reshape(-1, 96), labels)
		loss.Backward()
		return loss.Item()
	}
	var loss float64
	var grads [][]float32
	for threads := 1; threads <= 3; threads++ {
		SetThreads(threads)
		mean.CopyFrom(Zeros(96))
		variance.CopyFrom(Ones(96))
		l := step()
		for i, p := range parameters {
			if threads == 1 {
				loss = l
				grads = append(grads, append([]float32(nil), p.Grad().f32()...))
				continue
			}
			for k, v := range p.Grad().f32() {
				if v != grads[i][k] || l != loss {
					t.Fatalf("%d threads: gradient %d, element %d: %v, loss %v, with one %v, %v", threads, i, k, v, l, grads[i][k], loss)
				}
			}
		}
	}
	arena := NewArena()
	inArena := func() { step() }
	for range 3 {
		arena.Run(inArena)
	}
	if n := testing.AllocsPerRun(20, func() { arena.Run(inArena) }); n > 5 && countable() { // NewRand and the sizes handed to Reshape
		t.Errorf("%v allocations a step", n)
	}
}

func TestAttentionErrors(t *testing.T) {
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { Attention(Zeros(2, 3, 4), Zeros(2, 5, 4), Zeros(2, 4, 4), AttentionOptions{Heads: 2}) }, "[2 3 4] and [2 5 4] and [2 4 4]: q [N, T, D]"},
		{func() {
			Attention(Zeros(2, 6, 4), Zeros(2, 5, 4), Zeros(2, 5, 4), AttentionOptions{Heads: 2, Causal: true})
		}, "as many keys as queries"},
		{func() { SelfAttention(Zeros(2, 3, 12), AttentionOptions{Heads: 3, Causal: true}) }, "4 channels cannot be shared by 3 heads"},
		{func() { SelfAttention(Zeros(2, 3, 4), AttentionOptions{Causal: true}) }, "qkv [N, T, 3*D]"},
		{func() { Embedding(Zeros(4, 2), Of([]int32{1, 4})) }, "token 4 at place 1 is not in 0..3"},
		{func() { Embedding(Zeros(4, 2), Of([]float32{1})) }, "tokens are integers"},
		{func() { LayerNorm(Zeros(2, 3), Zeros(3), Zeros(2), 1e-5) }, "an element for each of the last axis"},
		{func() { SparseCrossEntropy(Zeros(2, 3, 4), Of([]int32{1, 2, 3})) }, "logits [..., classes]"},
	} {
		if err := Try(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
