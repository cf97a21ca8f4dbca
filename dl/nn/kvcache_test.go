package nn

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// generator is a small model of one's own with several inputs: tokens and caches.
type generator struct {
	Tokens    *Embedding
	Positions *PositionalEmbedding // nil: the layers turn by positions
	Layers    *TransformerEncoder
	Out       *Dense
}

func (g *generator) Parameters() []*Parameter { return ParametersOf(g) }

func (g *generator) Logits(tokens *dl.Tensor, lengths []int, caches []*KVCache) *dl.Tensor {
	x := g.Tokens.Forward(tokens)
	if g.Positions != nil {
		var offsets []int
		if caches != nil {
			offsets = caches[0].Lengths()
		}
		x = g.Positions.ForwardAt(x, offsets)
	}
	return g.Out.Forward(g.Layers.Call(x, StackOptions{Lengths: lengths, Caches: caches}))
}

func newGenerator(layer TransformerEncoderLayer, positions bool) *generator {
	dl.Seed(3)
	layer.Causal, layer.NormFirst = true, true
	g := &generator{Tokens: Build(Embedding{Vocabulary: 20, Units: 16, WeightInit: Normal{StdDev: 1}}, 12),
		Layers: Build(TransformerEncoder{Layer: layer, Layers: 2, FinalNorm: true}, 12, 16), Out: Build(Dense{Units: 20}, 12, 16)}
	if positions {
		g.Positions = Build(PositionalEmbedding{WeightInit: Normal{StdDev: 1}}, 12, 16)
	}
	return g
}

var generators = map[string]func() *generator{
	"learned positions": func() *generator { return newGenerator(TransformerEncoderLayer{Heads: 4}, true) },
	"rotary, grouped": func() *generator {
		return newGenerator(TransformerEncoderLayer{Heads: 4, KVHeads: 2, Rotary: &Rotary{}, Gated: true, Activation: SiLU, RMSNorm: true, NoBias: true}, false)
	},
	"interleaved rotary of a part, window": func() *generator {
		return newGenerator(TransformerEncoderLayer{Heads: 2, Rotary: &Rotary{Interleaved: true, Size: 4, Base: 100}, Window: 3}, false)
	},
	"ALiBi": func() *generator {
		return newGenerator(TransformerEncoderLayer{Heads: 4, KVHeads: 1, ALiBi: true}, false)
	},
}

// Logits with a cache, of a batch of prompts of different lengths and then position by position, are those without.
func TestCachedLogitsAreThoseWithout(t *testing.T) {
	text := [][]int32{{3, 1, 4, 1, 5, 9, 2, 6, 5, 3}, {2, 7, 1, 8, 2, 8, 1, 8}}
	prompts := []int{5, 3} // the rest is fed one by one
	for name, make := range generators {
		t.Run(name, func(t *testing.T) {
			g := make()
			dl.NoGrad(func() {
				var want [2]*dl.Tensor
				for i, tokens := range text {
					want[i] = g.Logits(dl.Of(tokens, 1, len(tokens)), nil, nil)
				}
				caches := g.Layers.NewCaches(2, 10)
				batch := dl.Of(append(slices.Clone(text[0][:5]), append(slices.Clone(text[1][:3]), 0, 0)...), 2, 5)
				logits := g.Logits(batch, prompts, caches)
				compare := func(sample, place int, got *dl.Tensor) {
					t.Helper()
					for k, w := range want[sample].Index(0).Index(place).Contiguous().Float32s() {
						if g := got.At(k); math.Abs(g-float64(w)) > 1e-4 {
							t.Errorf("sample %d, position %d, logit %d: %v with a cache, %v without", sample, place, k, g, w)
							return
						}
					}
				}
				for sample, n := range prompts {
					for place := range n {
						compare(sample, place, logits.Index(sample).Index(place))
					}
				}
				for step := range 5 {
					next := dl.Of([]int32{text[0][5+step], text[1][3+step]}, 2, 1)
					logits := g.Logits(next, nil, caches)
					for sample, n := range prompts {
						compare(sample, n+step, logits.Index(sample).Index(0))
					}
				}
				if got := caches[1].Lengths(); !slices.Equal(got, []int{10, 8}) {
					t.Errorf("the cache has %v positions", got)
				}
				// What was generated is taken back, and another sample's positions go on.
				back := caches[0].Rows(1, 1, 0)
				back.Truncate(9)
				if got := back.Lengths(); !slices.Equal(got, []int{8, 8, 9}) {
					t.Errorf("after Rows and Truncate: %v", got)
				}
				if got, want := back.Keys().At(1, 7, 0), caches[0].Keys().At(1, 7, 0); got != want {
					t.Errorf("the copy has the key %v, the cache %v", got, want)
				}
			})
		})
	}
}

// A decoder with caches, whose memory is needed once, computes what it does without.
func TestCachedDecoder(t *testing.T) {
	dl.Seed(5)
	d := Build(TransformerDecoder{Layer: TransformerDecoderLayer{Heads: 2, Context: 6}, Layers: 2}, 7, 8)
	x, memory, lengths := dl.Randn(2, 7, 8), dl.Randn(2, 5, 6), []int{5, 3}
	dl.NoGrad(func() {
		want := d.Call(x, memory, DecoderOptions{MemoryLengths: lengths})
		caches, memories := d.NewCaches(2, 7, 5)
		for i := range 7 {
			y := d.Call(x.Slice(1, i, i+1), memory, DecoderOptions{MemoryLengths: lengths, Caches: caches, MemoryCaches: memories})
			near(t, "a position", y, want.Slice(1, i, i+1), 1e-5)
			memory = nil
		}
	})
}

// What is appended is written where it will be read: the past is not copied.
func TestCacheIsViews(t *testing.T) {
	c := NewKVCache(1, 4, 2)
	c.Append(dl.Ones(1, 1, 2), dl.Ones(1, 1, 2), nil)
	first := c.Keys()
	c.Append(dl.Full(2, 1, 2, 2), dl.Full(3, 1, 2, 2), nil)
	c.Keys().Set(9, 0, 0, 0)
	if first.At(0, 0, 0) != 9 {
		t.Error("the keys were copied")
	}
	if got := c.Values().Float32s(); !slices.Equal(got, []float32{1, 1, 3, 3, 3, 3}) || c.Capacity() != 4 {
		t.Errorf("values %v, capacity %d", got, c.Capacity())
	}
}

func TestCacheErrors(t *testing.T) {
	a := Build(MultiHeadAttention{Heads: 2, Causal: true}, 5, 4)
	all := Build(MultiHeadAttention{Heads: 2}, 5, 4)
	x := dl.Ones(2, 3, 4)
	quiet := func(f func()) func() { return func() { dl.NoGrad(f) } }
	for want, f := range map[string]func(){
		"the cache has room for 2":          quiet(func() { a.Call(x, nil, AttendOptions{Cache: a.NewCache(2, 2)}) }),
		"here [1, T, 4]":                    quiet(func() { a.Call(x, nil, AttendOptions{Cache: a.NewCache(1, 9)}) }),
		"the length of sample 1 is 4":       quiet(func() { a.Call(x, nil, AttendOptions{Cache: a.NewCache(2, 9), Lengths: []int{1, 4}}) }),
		"there are 1 lengths for 2 samples": quiet(func() { a.Call(x, nil, AttendOptions{Cache: a.NewCache(2, 9), Lengths: []int{1}}) }),
		"only causal attention":             quiet(func() { all.Call(x, nil, AttendOptions{Cache: all.NewCache(2, 9)}) }),
		"a cache holds no gradients":        func() { a.Call(x, nil, AttendOptions{Cache: a.NewCache(2, 9)}) },
		"nn.NewKVCache":                     func() { NewKVCache(0, 1, 1) },
		"there is no sample 2 of 2":         func() { NewKVCache(2, 1, 1).Rows(2) },
		"-1 positions":                      func() { NewKVCache(2, 1, 1).Truncate(-1) },
		"a context [N, S, C]":               func() { a.Call(x, dl.Ones(4), AttendOptions{}) },
		"sequences [N, T, D] are needed":    func() { a.Forward(dl.Ones(4)) },
		"has no parameters yet":             func() { (&TransformerEncoderLayer{}).Forward(x) },
		"a memory is needed":                func() { Build(TransformerDecoderLayer{Heads: 2}, 3, 4).Call(x, nil, DecodeOptions{}) },
		"1 caches for 2 layers": func() {
			Build(TransformerEncoder{Layer: TransformerEncoderLayer{Heads: 2}, Layers: 2}, 3, 4).Call(x, StackOptions{Caches: []*KVCache{nil}})
		},
		"sample 1 has the positions 3 to 5": func() { Build(PositionalEmbedding{}, 5, 4).ForwardAt(x, []int{2, 3}) },
		"there are 3 offsets for 2 samples": func() { Build(SinusoidalEmbedding{}, 5, 4).ForwardAt(x, []int{2, 3, 4}) },
		"give one, or a cache that a call":  func() { Build(MultiHeadAttention{Heads: 2, Context: 3}, 5, 4).Forward(x) },
		"Rotary turns positions of one":     func() { Build(MultiHeadAttention{Heads: 2, Rotary: &Rotary{}}, 5, 4).Call(x, x, AttendOptions{}) },
	} {
		err := dl.Try(f)
		var shape *dl.ShapeError
		var value *dl.ValueError
		if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &shape) && !errors.As(err, &value) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for want, layer := range map[string]Layer{
		"KVHeads is 3; it must divide the 4 Heads":       MultiHeadAttention{Heads: 4, KVHeads: 3},
		"Window is 2 and Causal false":                   MultiHeadAttention{Heads: 2, Window: 2},
		"Dropout is 1":                                   MultiHeadAttention{Heads: 2, Dropout: 1},
		"Context is -1":                                  MultiHeadAttention{Heads: 2, Context: -1},
		"Rotary turns 3 of the 2 channels":               MultiHeadAttention{Heads: 2, Rotary: &Rotary{Size: 3}},
		"Rotary has 2 Frequencies; 1 are needed":         MultiHeadAttention{Heads: 2, Rotary: &Rotary{Frequencies: []float64{1, 2}}},
		"Rotary has Base -1":                             MultiHeadAttention{Heads: 2, Rotary: &Rotary{Base: -1}},
		"with Context there are two":                     MultiHeadAttention{Heads: 2, Context: 3, Rotary: &Rotary{}},
		"Hidden is -2":                                   TransformerEncoderLayer{Heads: 2, Hidden: -2},
		"self_attn: Heads is 3; it must divide":          TransformerEncoderLayer{Heads: 3},
		"Layers is 0":                                    TransformerEncoder{Layer: TransformerEncoderLayer{Heads: 2}},
		"layers.0: self_attn: Heads is 0":                TransformerEncoder{Layers: 1},
		"has no method Forward(x *dl.Tensor) *dl.Tensor": TransformerDecoderLayer{Heads: 2},
	} {
		if _, err := Sequential(dl.Shape{3, 4}, layer); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A module of several inputs has parameters with paths, is saved and loaded, and is switched to training and back.
func TestModulesOfSeveralInputs(t *testing.T) {
	dl.Seed(1)
	layer := TransformerEncoderLayer{Heads: 2, Hidden: 6, Dropout: 0.2, AttentionDropout: 0.3, HiddenDropout: 0.1}
	make := func() *Transformer {
		return Build(Transformer{Encoder: TransformerEncoder{Layer: layer, Layers: 1, FinalNorm: true},
			Decoder: TransformerDecoder{Layer: TransformerDecoderLayer{Heads: 2, Hidden: 6, Dropout: 0.2}, Layers: 2, FinalNorm: true}}, 5, 4)
	}
	m := make()
	all := NamedParameters(m)
	if len(all) != 12+2*18+2+2 || all[0].Name != "encoder.layers.0.self_attn.weight" {
		t.Errorf("%d parameters, the first is %s", len(all), all[0].Name)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := SaveParameters(path, m); err != nil {
		t.Fatal(err)
	}
	same := make()
	if err := LoadParameters(path, same); err != nil {
		t.Fatal(err)
	}
	source, target := dl.Randn(2, 5, 4), dl.Randn(2, 3, 4)
	want := m.Call(source, target, []int{5, 2}, nil).Float32s()
	if got := same.Call(source, target, []int{5, 2}, nil).Float32s(); !slices.Equal(got, want) {
		t.Errorf("the loaded one computes %v, the saved one %v", got, want)
	}
	SetTraining(m, true)
	SetRand(m, dl.NewRand(4))
	first := m.Call(source, target, nil, nil).Float32s()
	if second := m.Call(source, target, nil, nil).Float32s(); slices.Equal(first, second) {
		t.Error("nothing is dropped at random in training")
	}
	SetRand(m, dl.NewRand(4))
	if again := m.Call(source, target, nil, nil).Float32s(); !slices.Equal(first, again) {
		t.Error("the same seed drops something else")
	}
	use, done := InUse(m)
	if got := use.(*Transformer).Call(source, target, []int{5, 2}, nil).Float32s(); !slices.Equal(got, want) {
		t.Errorf("in use while it is training, it computes %v, not %v", got, want)
	}
	done()
	weightsOf(m).Lock(context.Background()) // nothing holds them
	weightsOf(m).Unlock()
}

// A built layer that is made of others can be used again, with its parameters.
func TestComposedLayersAreUsedAgain(t *testing.T) {
	for _, layer := range []Layer{TransformerEncoderLayer{Heads: 2}, TransformerBlock{Heads: 2}, TransformerEncoder{Layer: TransformerEncoderLayer{Heads: 2}, Layers: 2}} {
		m := must(Sequential(dl.Shape{3, 4}, layer))
		built := m.Layers[0].(Layer)
		twice, err := Sequential(dl.Shape{3, 4}, built, built)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := twice.Summary().Total, m.Summary().Total; got != want {
			t.Errorf("%T: %d parameters in two places, %d in one", layer, got, want)
		}
	}
}

// A mask that a layer in front starts hides padding from attention, as lengths do.
func TestMasksReachAttention(t *testing.T) {
	for name, layers := range map[string][]Layer{
		"attention": {MultiHeadAttention{Heads: 2}}, "layer": {TransformerEncoderLayer{Heads: 2}}, "block": {TransformerBlock{Heads: 2}},
		"chain":  {TransformerEncoder{Layer: TransformerEncoderLayer{Heads: 2}, Layers: 2}},
		"masked": {Residual{Layers: []Layer{LayerNorm{}, MultiHeadAttention{Heads: 2}}}, MultiHeadAttention{Heads: 2}},
	} {
		dl.Seed(2)
		m := must(Sequential(dl.Shape{4, 4}, append([]Layer{Masking{}}, layers...)...))
		x := dl.Randn(2, 4, 4)
		x.SetSlice(1, 3, 4, dl.Zeros(2, 1, 4))
		long, short := m.Predict(x), m.Predict(x.Slice(1, 0, 3))
		near(t, name, long.Slice(1, 0, 3), short, 1e-5)
	}
}
