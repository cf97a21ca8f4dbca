package lm_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/internal/mistakes"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

func sure[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	smallGPT2  = lm.GPT2Config{VocabSize: 13, NPositions: 8, NEmbd: 4, NLayer: 1, NHead: 2}
	smallLlama = lm.LlamaConfig{VocabSize: 13, HiddenSize: 4, IntermediateSize: 8, NumHiddenLayers: 2, NumAttentionHeads: 2, MaxPositionEmbeddings: 8}
	smallBERT  = lm.BERTConfig{VocabSize: 13, HiddenSize: 4, NumHiddenLayers: 1, NumAttentionHeads: 2, IntermediateSize: 8, MaxPositionEmbeddings: 8}
)

func aGPT2() *lm.GPT2   { return sure(smallGPT2.New()) }
func aLlama() *lm.Llama { return sure(smallLlama.New()) }
func aBERT() *lm.BERT   { return sure(smallBERT.New()) }

// alphabet is a Codec whose tokens are the letters a to m.
type alphabet struct{}

func (alphabet) EncodeIDs(text string) (ids []int) {
	for _, r := range text {
		ids = append(ids, int(r-'a'))
	}
	return ids
}

func (alphabet) Decode(ids []int) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteRune('a' + rune(id))
	}
	return b.String()
}

func someTokens() *dl.Tensor { return dl.Of([]int32{1, 2, 3}, 1, 3) }

func folderOf(m lm.Model) string {
	if err := lm.Save("model", m); err != nil {
		panic(err)
	}
	return "model"
}

func ggufFile() string {
	if err := lm.SaveGGUF("x.gguf", aLlama(), gguf.F32, nil); err != nil {
		panic(err)
	}
	return "x.gguf"
}

func session() *lm.Session {
	s := lm.NewSession(aGPT2(), 1, 8)
	if err := s.Prompt([][]int{{1, 2}}); err != nil {
		panic(err)
	}
	return s
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Embed": lm.Embed, "FromGGUF": lm.FromGGUF, "Generate": lm.Generate, "Load": lm.Load, "LoadBERT": lm.LoadBERT,
			"LoadBERTAs": lm.LoadBERTAs, "LoadGGUF": lm.LoadGGUF, "LoadGPT2": lm.LoadGPT2, "LoadLlama": lm.LoadLlama,
			"Loss": lm.Loss, "NewSession": lm.NewSession, "Perplexity": lm.Perplexity, "Projections": lm.Projections,
			"Save": lm.Save, "SaveGGUF": lm.SaveGGUF, "StateDict": lm.StateDict, "Stream": lm.Stream,
			"TrainLast": lm.TrainLast,
		},
		Types: []reflect.Type{
			reflect.TypeFor[lm.BERT](), reflect.TypeFor[lm.BERTConfig](), reflect.TypeFor[lm.BERTLayer](),
			reflect.TypeFor[lm.Cache](), reflect.TypeFor[lm.CallOptions](), reflect.TypeFor[lm.Codec](),
			reflect.TypeFor[lm.Decoder](), reflect.TypeFor[lm.EmbedOptions](), reflect.TypeFor[lm.GGUFOptions](), reflect.TypeFor[lm.TokenTable](),
			reflect.TypeFor[lm.GPT2](), reflect.TypeFor[lm.GPT2Block](), reflect.TypeFor[lm.GPT2Config](),
			reflect.TypeFor[lm.Linear](), reflect.TypeFor[lm.Llama](), reflect.TypeFor[lm.LlamaConfig](),
			reflect.TypeFor[lm.LlamaLayer](), reflect.TypeFor[lm.LoadOptions](), reflect.TypeFor[lm.LossOptions](),
			reflect.TypeFor[lm.Model](), reflect.TypeFor[lm.Norm](), reflect.TypeFor[lm.Options](),
			reflect.TypeFor[lm.PerplexityOptions](), reflect.TypeFor[lm.Pooling](), reflect.TypeFor[lm.Quantized](),
			reflect.TypeFor[lm.RopeScaling](), reflect.TypeFor[lm.Session](), reflect.TypeFor[lm.Slot](),
			reflect.TypeFor[lm.Text](), reflect.TypeFor[lm.TextOptions](), reflect.TypeFor[lm.Tokens](),
		},
		Skip: map[string]string{
			"TokenTable.Forward": "of package quant", "TokenTable.LookUp": "of package quant", "TokenTable.Parameters": "of package quant", "TokenTable.Sizes": "of package quant",
			"Quantized.Forward": "of package quant", "Quantized.Parameters": "of package quant", "Quantized.Quantized": "of package quant",
			"Codec.EncodeIDs": "the caller's own", "Codec.Decode": "the caller's own",
			"GPT2Config.New": "its zero value makes a large model: see TestConfigurations", "BERTConfig.New": "its zero value makes a large model: see TestConfigurations",
		},
		Unlisted: map[string]string{
			"*.Parameters receiver": "parameters are of what the model has", "*.SetTraining receiver": "training is of what the model has",
			"*.SetRand receiver": "random numbers are of what the model has; nil and a zero Rand are the default source",
		},
		Any: map[string]string{
			"Cache.Capacity receiver": "it tells its size", "Cache.Lengths receiver": "it tells its lengths", "Cache.Truncate receiver": "it forgets what there is",
			"GPT2.Context receiver": "it is a field of Config", "GPT2.End receiver": "it is a field of Config", "GPT2.Vocabulary receiver": "it is a field of Config",
			"Llama.Context receiver": "it is a field of Config", "Llama.End receiver": "it is a field of Config", "Llama.Vocabulary receiver": "it is a field of Config",
			"{Architectures}": "what a file calls the model; BERT's choose a head",
			"{Seed}":          "every number is a seed", "Tokens.MarshalJSON receiver": "they are written as they are", "Linear.Sizes {Bias}": "it has no sizes of its own",
			"{BOSTokenID}": "it is kept for the file", "{EOSTokenID}": "tokens that never come end no text", "{StopStrings}": "texts that never come end no text",
		},
	}
	for _, name := range []string{"Call", "Context", "End", "Forward", "Hidden", "NewCache", "Parameters", "Vocabulary"} {
		s.Skip["Decoder."+name] = "of each model below"
		if name == "Hidden" || name == "Parameters" {
			s.Skip["Model."+name] = "of each model below"
		}
	}
	ctx := context.Background()
	s.Args = map[string]func() []any{
		"Generate":             func() []any { return []any{ctx, aGPT2(), [][]int{{1, 2}}, lm.Options{MaxNew: 2}} },
		"Stream":               func() []any { return []any{ctx, aGPT2(), []int{1, 2}, lm.Options{MaxNew: 2}} },
		"Embed":                func() []any { return []any{aGPT2(), someTokens(), lm.CallOptions{}, lm.EmbedOptions{}} },
		"Load":                 func() []any { return []any{folderOf(aGPT2()), lm.LoadOptions{}} },
		"LoadGPT2":             func() []any { return []any{folderOf(aGPT2()), lm.LoadOptions{}} },
		"LoadLlama":            func() []any { return []any{folderOf(aLlama()), lm.LoadOptions{}} },
		"LoadBERT":             func() []any { return []any{folderOf(aBERT()), lm.LoadOptions{}} },
		"LoadBERTAs":           func() []any { return []any{folderOf(aBERT()), lm.BertForSequenceClassification, 3, lm.LoadOptions{}} },
		"LoadGGUF":             func() []any { return []any{ggufFile(), lm.GGUFOptions{}} },
		"FromGGUF":             func() []any { return []any{sure(gguf.Open(ggufFile())), lm.GGUFOptions{}} },
		"SaveGGUF":             func() []any { return []any{"y.gguf", aLlama(), gguf.F32, []gguf.Pair(nil)} },
		"Loss":                 func() []any { return []any{aGPT2(), someTokens(), someTokens(), lm.LossOptions{}} },
		"Perplexity":           func() []any { return []any{ctx, aGPT2(), []int{1, 2, 3}, lm.PerplexityOptions{}} },
		"Save":                 func() []any { return []any{"saved", aGPT2()} },
		"NewSession":           func() []any { return []any{aGPT2(), 1, 8} },
		"Session.Prompt":       func() []any { return []any{lm.NewSession(aGPT2(), 1, 8), [][]int{{1, 2}}} },
		"Session.Step":         func() []any { return []any{session(), []int{1}} },
		"Session.Logits":       func() []any { return []any{session(), 0} },
		"Session.Reorder":      func() []any { return []any{session(), []int{0}} },
		"Tokens.UnmarshalJSON": func() []any { return []any{new(lm.Tokens), []byte("[1,2]")} },
		"Text.Generate": func() []any {
			return []any{lm.Text{Model: aGPT2(), Codec: alphabet{}}, ctx, "ab", lm.TextOptions{Options: lm.Options{MaxNew: 2}}}
		},
		"Text.Stream": func() []any {
			return []any{lm.Text{Model: aGPT2(), Codec: alphabet{}}, ctx, "ab", lm.TextOptions{Options: lm.Options{MaxNew: 2}}}
		},
		"Linear.Forward": func() []any { return []any{&lm.Linear{Weight: nn.NewParameter("w", dl.Ones(2, 3))}, dl.Ones(4, 3)} },
		"Norm.Forward":   func() []any { return []any{&lm.Norm{Weight: nn.NewParameter("w", dl.Ones(3))}, dl.Ones(4, 3)} },
	}
	for name, m := range map[string]func() any{"GPT2": func() any { return aGPT2() }, "Llama": func() any { return aLlama() }, "BERT": func() any { return aBERT() }} {
		s.Args[name+".Forward"] = func() []any { return []any{m(), someTokens()} }
		s.Args[name+".Call"] = func() []any { return []any{m(), someTokens(), lm.CallOptions{}} }
		s.Args[name+".Hidden"] = s.Args[name+".Call"]
		if name != "BERT" {
			s.Args[name+".NewCache"] = func() []any { return []any{m(), 1, 8} }
		}
	}
	s.Good(aGPT2, aLlama, aBERT, func() lm.Decoder { return aGPT2() }, func() lm.Model { return aGPT2() }, func() lm.Codec { return alphabet{} }, session,
		func() *lm.Cache { return aGPT2().NewCache(1, 8) }, func() lm.Text { return lm.Text{Model: aGPT2(), Codec: alphabet{}} },
		func() lm.GPT2Config { return smallGPT2 }, func() lm.LlamaConfig { return smallLlama }, func() lm.BERTConfig { return smallBERT },
		func() lm.Linear { return lm.Linear{Weight: nn.NewParameter("w", dl.Ones(2, 3))} },
		func() lm.Norm { return lm.Norm{Weight: nn.NewParameter("w", dl.Ones(3))} },
		func() lm.RopeScaling {
			return lm.RopeScaling{RopeType: "llama3", Factor: 8, LowFreqFactor: 1, HighFreqFactor: 4, OriginalMaxPositionEmbeddings: 8}
		},
		func() *nn.Parameter { return nn.NewParameter("w", dl.Ones(2, 3)) })
	s.Bad("of a GPT-2", func() *lm.Cache { return aGPT2().NewCache(1, 8) })
	s.Bad("of a Llama", func() *lm.Cache { return aLlama().NewCache(1, 8) })
	s.Bad("of two samples", func() *lm.Cache { return aGPT2().NewCache(2, 8) })
	s.Test(t)
}

// Configurations that cannot be are errors, before memory is taken.
func TestConfigurations(t *testing.T) {
	for i, change := range []func(c *lm.GPT2Config, b *lm.BERTConfig){
		func(c *lm.GPT2Config, b *lm.BERTConfig) { c.VocabSize, b.VocabSize = 1<<40, 1<<40 },
		func(c *lm.GPT2Config, b *lm.BERTConfig) {
			c.VocabSize, c.NEmbd, b.VocabSize, b.HiddenSize = 1<<24, 1<<24, 1<<24, 1<<24
		},
		func(c *lm.GPT2Config, b *lm.BERTConfig) { c.NLayer, b.NumHiddenLayers = -1, -1 },
		func(c *lm.GPT2Config, b *lm.BERTConfig) { c.NHead, b.NumAttentionHeads = 3, 3 },
		func(c *lm.GPT2Config, b *lm.BERTConfig) { c.InitializerRange, b.InitializerRange = -1, -1 },
		func(c *lm.GPT2Config, b *lm.BERTConfig) { c.ResidPdrop, b.HiddenDropoutProb = 1, 1 },
		func(c *lm.GPT2Config, b *lm.BERTConfig) { c.ActivationFunction, b.HiddenAct = "x", "x" },
		func(c *lm.GPT2Config, b *lm.BERTConfig) { c.ModelType, b.Architectures = "llama", []string{"x"} },
	} {
		c, b := smallGPT2, smallBERT
		change(&c, &b)
		if m, err := c.New(); err == nil {
			t.Errorf("%d: a GPT-2 of %+v: %v", i, c, m.Config)
		}
		if m, err := b.New(); err == nil {
			t.Errorf("%d: a BERT of %+v: %v", i, b, m.Config)
		}
	}
}
