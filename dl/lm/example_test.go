package lm_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// tiny is a model with random weights.
func tiny() *lm.GPT2 {
	dl.Seed(1)
	m, err := lm.GPT2Config{VocabSize: 26, NPositions: 32, NEmbd: 16, NLayer: 2, NHead: 2, InitializerRange: 0.3}.New()
	if err != nil {
		panic(err)
	}
	return m
}

func folder() (dir string, remove func()) {
	dir, err := os.MkdirTemp("", "lm")
	if err != nil {
		panic(err)
	}
	return dir, func() { os.RemoveAll(dir) }
}

func ExampleGPT2Config_Count() {
	small, _ := lm.GPT2Config{}.Count()
	medium, _ := lm.GPT2Config{NEmbd: 1024, NLayer: 24, NHead: 16}.Count()
	fmt.Println(small, medium)
	// Output: 124439808 354823168
}

func ExampleLlamaConfig() {
	smol := lm.LlamaConfig{VocabSize: 49152, HiddenSize: 576, IntermediateSize: 1536, NumHiddenLayers: 30,
		NumAttentionHeads: 9, NumKeyValueHeads: 3, TieWordEmbeddings: true}
	fmt.Println(smol.Count())
	// Output: 134515008 <nil>
}

func ExampleBERTConfig() {
	m, err := lm.BERTConfig{VocabSize: 30, HiddenSize: 8, NumHiddenLayers: 1, NumAttentionHeads: 2, IntermediateSize: 16,
		Architectures: []string{lm.BertForSequenceClassification}, NumLabels: 3}.New()
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Forward(dl.Of([]int32{1, 7, 2}, 1, 3)).Shape())
	// Output: [1 3]
}

// Gradients flow, and in use a cache computes each position once.
func ExampleDecoder() {
	var m lm.Decoder = tiny()
	tokens := dl.Of([]int32{3, 1, 4, 1, 5}, 1, 5)
	loss := dl.SparseCrossEntropy(m.Forward(tokens.Slice(1, 0, 4)).Reshape(4, -1), tokens.Slice(1, 1, 5).Reshape(-1))
	loss.Backward()
	dl.NoGrad(func() {
		cache := m.NewCache(1, 8)
		m.Call(tokens.Slice(1, 0, 4), lm.CallOptions{Cache: cache})
		last := m.Call(tokens.Slice(1, 4, 5), lm.CallOptions{Cache: cache, Last: true})
		fmt.Println(cache.Lengths(), last.AllClose(m.Call(tokens, lm.CallOptions{Last: true}), 1e-4, 1e-4))
	})
	// Output: [5] true
}

func ExampleGenerate() {
	m, ctx := tiny(), context.Background()
	likeliest, _ := lm.Generate(ctx, m, [][]int{{3, 1, 4}, {1, 5}}, lm.Options{MaxNew: 4})
	drawn, _ := lm.Generate(ctx, m, [][]int{{3, 1, 4}}, lm.Options{MaxNew: 6, Temperature: 0.8, TopK: 20, TopP: 0.9, Seed: 7})
	beams, _ := lm.Generate(ctx, m, [][]int{{3, 1, 4}}, lm.Options{MaxNew: 6, Beams: 3})
	fmt.Println(len(likeliest), len(likeliest[0]), len(drawn[0]) <= 6, len(beams[0]) <= 6)
	_, err := lm.Generate(ctx, m, [][]int{{99}}, lm.Options{})
	fmt.Println(err)
	// Output:
	// 2 4 true true
	// lm.Session.Prompt: token 0 of prompt 0 is 99; the vocabulary has 0 to 25
}

func ExampleStream() {
	n := 0
	for _, err := range lm.Stream(context.Background(), tiny(), []int{3, 1, 4}, lm.Options{MaxNew: 5, Stop: []int{}}) {
		if err != nil {
			panic(err)
		}
		n++ // show it
	}
	fmt.Println(n)
	// Output: 5
}

// letters has the letters a to z as tokens.
type letters struct{}

func (letters) EncodeIDs(s string) (ids []int) {
	for _, r := range s {
		ids = append(ids, int(r-'a'))
	}
	return ids
}

func (letters) Decode(ids []int) (s string) {
	for _, id := range ids {
		s += string(rune('a' + id))
	}
	return s
}

func ExampleText() {
	t := lm.Text{Model: tiny(), Codec: letters{}}
	whole, err := t.Generate(context.Background(), "abc", lm.TextOptions{Options: lm.Options{MaxNew: 8, Stop: []int{}}})
	streamed := ""
	for part, err := range t.Stream(context.Background(), "abc", lm.TextOptions{Options: lm.Options{MaxNew: 8, Stop: []int{}}}) {
		if err != nil {
			panic(err)
		}
		streamed += part
	}
	fmt.Println(len(whole), whole == streamed, err)
	// Output: 8 true <nil>
}

// A loop of one's own, here one that takes the second likeliest token.
func ExampleSession() {
	s := lm.NewSession(tiny(), 1, 16)
	err := s.Prompt([][]int{{3, 1, 4}})
	for range 3 {
		_, places := dl.Of(s.Logits(0)).TopK(2, 0)
		err = errors.Join(err, s.Step([]int{int(places.At(1))}))
	}
	fmt.Println(s.Lengths(), err)
	// Output: [6] <nil>
}

func ExampleLoadGPT2() {
	dir, remove := folder()
	defer remove()
	if err := lm.Save(dir, tiny()); err != nil { // or save_pretrained(dir) of transformers
		panic(err)
	}
	m, diff, err := lm.LoadGPT2(dir, lm.LoadOptions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Config.NLayer, diff)
	fmt.Println(lm.StateDict(m)[4].Name, lm.StateDict(m)[4].Value.Shape())
	// Output:
	// 2 all names match
	// transformer.h.0.attn.c_attn.weight [16 48]
}

// twice is a matrix with something beside it.
type twice struct{ *lm.Linear }

func (t twice) Forward(x *dl.Tensor) *dl.Tensor { return t.Linear.Forward(x).MulScalar(2) }

// What stands in the place of a matrix computes in its place.
func ExampleProjections() {
	m := tiny()
	x := dl.Of([]int32{3, 1}, 1, 2)
	before := m.Forward(x)
	for _, slot := range lm.Projections(m)[:1] {
		*slot.At = twice{(*slot.At).(*lm.Linear)}
		fmt.Println(slot.Name)
	}
	fmt.Println(m.Forward(x).AllClose(before, 1e-3, 1e-3))
	// Output:
	// transformer.h.0.attn.c_attn
	// false
}

func ExampleEmbed() {
	texts := dl.Of([]int32{3, 1, 4, 2, 7, 0}, 2, 3)
	vectors := lm.Embed(tiny(), texts, lm.CallOptions{Lengths: []int{3, 2}}, lm.EmbedOptions{Normalize: true})
	fmt.Printf("%v %.3f\n", vectors.Shape(), vectors.MatMul(vectors.T()).At(1, 1))
	// Output: [2 16] 1.000
}

func ExampleLoadGGUF() {
	dir, remove := folder()
	defer remove()
	path := filepath.Join(dir, "tiny.gguf")
	if err := lm.SaveGGUF(path, tiny(), gguf.F16, []gguf.Pair{{Key: "general.name", Value: "tiny"}}); err != nil {
		panic(err)
	}
	m, f, err := lm.LoadGGUF(path, lm.GGUFOptions{})
	if err != nil {
		panic(err)
	}
	defer f.Close()
	w, _ := f.Tensor("blk.0.attn_qkv.weight")
	fmt.Println(f.Metadata["general.name"], w.Type, w.Shape, nn.Module(m) != nil)
	// Output: tiny F16 [48 16] true
}
