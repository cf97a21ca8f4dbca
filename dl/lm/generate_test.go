package lm

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func TestGeneratedIsRecorded(t *testing.T) {
	ctx := context.Background()
	for _, name := range decoders {
		m, r := open(t, name), record(t, name)
		prompts := r.Generated["prompts"]
		for what, o := range map[string]Options{
			"greedy": {MaxNew: 24}, "penalty": {MaxNew: 24, RepetitionPenalty: 1.8}, "beams": {MaxNew: 12, Beams: 3},
			"beams_long": {MaxNew: 12, Beams: 4, LengthPenalty: 2}, "beams_early": {MaxNew: 12, Beams: 2, EarlyStopping: true},
		} {
			got, err := Generate(ctx, m, prompts, o) // of different lengths, in one batch
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range r.Generated[what] {
				if !slices.Equal(got[i], want) {
					t.Errorf("%s %s: prompt %d goes on as %v, recorded is %v", name, what, i, got[i], want)
				}
			}
		}
		var streamed []int
		for id, err := range Stream(ctx, m, prompts[0], Options{MaxNew: 24}) {
			if err != nil {
				t.Fatal(err)
			}
			streamed = append(streamed, id)
		}
		if !slices.Equal(streamed, r.Generated["greedy"][0]) {
			t.Errorf("%s: the stream is %v", name, streamed)
		}
	}
}

func TestProbabilitiesAreRecorded(t *testing.T) {
	b, err := os.ReadFile("testdata/models.json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Processed struct {
			Logits []float32
			IDs    []int
			Cases  []struct {
				Options struct {
					Temperature, Penalty float64
					TopK                 int     `json:"top_k"`
					TopP                 float64 `json:"top_p"`
					MinP                 float64 `json:"min_p"`
				}
				Probabilities []float64
			}
		}
	}
	if err := json.Unmarshal(b, &all); err != nil || len(all.Processed.Cases) < 8 {
		t.Fatal(err)
	}
	for _, c := range all.Processed.Cases {
		o := Options{Temperature: c.Options.Temperature, RepetitionPenalty: c.Options.Penalty, TopK: c.Options.TopK, TopP: c.Options.TopP, MinP: c.Options.MinP}
		if o.Temperature == 0 {
			o.Temperature = 1
		}
		logits := slices.Clone(all.Processed.Logits)
		s := newSampler(&o, nil, 0, len(logits))
		s.note(all.Processed.IDs...)
		s.process(all.Processed.IDs, logits)
		got := make([]float64, len(logits))
		list, sum := s.probabilities(logits)
		for _, c := range list {
			got[c.id] = c.p / sum
		}
		for i, want := range c.Probabilities {
			if math.Abs(got[i]-want) > 2e-6 {
				t.Errorf("%+v: token %d has the probability %v, recorded is %v", c.Options, i, got[i], want)
			}
		}
		// What is drawn is distributed so.
		counts := make([]float64, len(logits))
		const n = 20000
		for range n {
			s.found = 0
			id, err := s.choose(nil, slices.Clone(all.Processed.Logits))
			if err != nil {
				t.Fatal(err)
			}
			counts[id]++
		}
		for i, want := range c.Probabilities {
			if d := math.Abs(counts[i]/n - want); d > 4*math.Sqrt(want*(1-want)/n)+1e-9+1e-6 {
				t.Errorf("%+v: token %d was drawn %v times of %d, its probability is %v", c.Options, i, counts[i], n, want)
			}
		}
	}
}

func TestSeedsRepeat(t *testing.T) {
	m := open(t, "gpt2")
	draw := func(seed uint64, prompts ...[]int) [][]int {
		out, err := Generate(context.Background(), m, prompts, Options{MaxNew: 20, Temperature: 1, Seed: seed, Stop: []int{}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	one, again, other := draw(1, []int{3, 4}), draw(1, []int{3, 4}), draw(2, []int{3, 4})
	if !slices.Equal(one[0], again[0]) || slices.Equal(one[0], other[0]) || len(one[0]) != 20 {
		t.Error(one, again, other)
	}
	if both := draw(1, []int{3, 4}, []int{3, 4}); !slices.Equal(both[0], one[0]) || slices.Equal(both[0], both[1]) {
		t.Error("samples of a batch draw the same, or other than alone:", both)
	}
}

// words has letters as tokens, the last ones bytes of a letter of two.
type words struct{}

func (words) EncodeIDs(s string) (ids []int) {
	for _, b := range []byte(s) {
		ids = append(ids, int(b)-'a')
	}
	return ids
}

func (words) Decode(ids []int) string {
	var b strings.Builder
	for _, id := range ids {
		switch id {
		case 27:
			b.WriteByte(0xc3)
		case 28:
			b.WriteByte(0xa9)
		default:
			b.WriteByte(byte('a' + id))
		}
	}
	return strings.ToValidUTF8(b.String(), "\ufffd")
}

func TestTextIsStreamed(t *testing.T) {
	ids := []int{0, 1, 27, 28, 2, 3, 4, 5}
	for _, c := range []struct {
		stop []string
		want []string
	}{
		{nil, []string{"a", "b", "é", "c", "d", "e", "f"}},
		{[]string{"cde"}, []string{"a", "b", "é"}},
		{[]string{"cdx"}, []string{"a", "b", "é", "cde", "f"}},
		{[]string{"fg"}, []string{"a", "b", "é", "c", "d", "e", "f"}},
		{[]string{"é"}, []string{"a", "b"}},
	} {
		p := pieces{codec: words{}, stop: c.stop}
		var got []string
		ended := false
		for _, id := range ids {
			var part string
			if part, ended = p.add(id); part != "" {
				got = append(got, part)
			}
			if ended {
				break
			}
		}
		if !ended {
			if rest := p.flush(); rest != "" {
				got = append(got, rest)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("with %q: %q, not %q", c.stop, got, c.want)
		}
	}
	text := Text{open(t, "llama"), words{}}
	whole, err := text.Generate(context.Background(), "mga", TextOptions{Options: Options{MaxNew: 12}})
	if err != nil || whole == "" {
		t.Fatal(whole, err)
	}
	at := len(whole) / 2
	cut, err := text.Generate(context.Background(), "mga", TextOptions{Options: Options{MaxNew: 12}, StopStrings: []string{whole[at : at+2]}})
	if err != nil || cut != whole[:strings.Index(whole, whole[at:at+2])] {
		t.Errorf("%q ends as %q before %q (%v)", whole, cut, whole[at:at+2], err)
	}
}

func TestGenerationEnds(t *testing.T) {
	m := open(t, "gpt2")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	var last error
	for _, err := range Stream(ctx, m, []int{1}, Options{Stop: []int{}}) {
		if last = err; err == nil {
			if n++; n == 5 {
				cancel()
			}
		}
	}
	if !errors.Is(last, context.Canceled) || n != 5 {
		t.Errorf("%d tokens, then %v", n, last)
	}
	out, err := Generate(context.Background(), m, [][]int{{1, 2, 3}, {4}}, Options{Stop: []int{}})
	if err != nil || len(out[0]) != 61 || len(out[1]) != 63 {
		t.Errorf("the context of 64 is not filled: %d and %d (%v)", len(out[0]), len(out[1]), err)
	}
	least, err := Generate(context.Background(), m, [][]int{{8, 8, 18, 7, 17, 10}}, Options{MaxNew: 10, MinNew: 8})
	if err != nil || len(least[0]) < 8 || slices.Contains(least[0][:8], 2) {
		t.Errorf("with MinNew 8: %v %v", least, err)
	}
	never, err := Generate(context.Background(), m, [][]int{{1}}, Options{MaxNew: 9, Process: func(tokens []int, logits []float32) { logits[len(tokens)] = 1e9 }})
	if err != nil || !slices.Equal(never[0], []int{1, 2}) {
		t.Errorf("Process makes %v (%v)", never, err)
	}
}

func TestMistakesTeach(t *testing.T) {
	m := open(t, "gpt2")
	ctx := context.Background()
	for _, c := range []struct {
		want    string
		prompts [][]int
		o       Options
	}{
		{"no prompts", nil, Options{}},
		{"has no tokens", [][]int{{}}, Options{}},
		{"the vocabulary has 0 to 28", [][]int{{29}}, Options{}},
		{"the model has 64 positions", [][]int{make([]int, 65)}, Options{}},
		{"Temperature", [][]int{{1}}, Options{Temperature: -1}},
		{"TopP", [][]int{{1}}, Options{TopP: 2}},
		{"MinP", [][]int{{1}}, Options{MinP: math.NaN()}},
		{"TopK", [][]int{{1}}, Options{TopK: -1}},
		{"Beams", [][]int{{1}}, Options{Beams: 30}},
		{"nothing is drawn", [][]int{{1}}, Options{Beams: 2, Temperature: 1}},
		{"RepetitionPenalty", [][]int{{1}}, Options{RepetitionPenalty: -2}},
		{"Stop", [][]int{{1}}, Options{Stop: []int{99}}},
	} {
		if _, err := Generate(ctx, m, c.prompts, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v %+v: %v, which does not say %q", c.prompts, c.o, err, c.want)
		}
	}
	calls := map[string]func(){
		"tokens [N, T]":        func() { m.Forward(dl.New(dl.Int32, 3)) },
		"the model has 64":     func() { m.Forward(dl.New(dl.Int32, 1, 65)) },
		"use To(dl.Int32)":     func() { m.Forward(dl.Zeros(1, 3)) },
		"is not in 0..28":      func() { m.Forward(dl.Of([]int32{29}, 1, 1)) },
		"2 lengths":            func() { m.Call(dl.New(dl.Int32, 1, 3), CallOptions{Lengths: []int{1, 2}}) },
		"length of sample 0":   func() { m.Call(dl.New(dl.Int32, 1, 3), CallOptions{Lengths: []int{4}}) },
		"the cache is for 2":   func() { m.Call(dl.New(dl.Int32, 1, 3), CallOptions{Cache: m.NewCache(2, 5)}) },
		"has room for 2":       func() { m.Call(dl.New(dl.Int32, 1, 3), CallOptions{Cache: m.NewCache(1, 2)}) },
		"a cache of 0 samples": func() { m.NewCache(0, 2) },
		"has 16 channels":      func() { (*Projections(m)[0].At).Forward(dl.Zeros(1, 2, 3)) },
	}
	for want, f := range calls {
		if err := dl.Try(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, which does not say %q", err, want)
		}
	}
	for _, c := range []struct {
		want string
		make func() error
	}{
		{"must divide NEmbd", func() error { _, err := GPT2Config{NHead: 7}.New(); return err }},
		{"NLayer", func() error { _, err := GPT2Config{NLayer: -1}.Count(); return err }},
		{"activation", func() error { _, err := GPT2Config{ActivationFunction: "x"}.Count(); return err }},
		{"VocabSize", func() error { _, err := LlamaConfig{}.Count(); return err }},
		{"architecture", func() error { _, err := BERTConfig{Architectures: []string{"x"}}.Count(); return err }},
		{"config.json", func() error { _, _, err := Load(t.TempDir(), LoadOptions{}); return err }},
		{"lm.LoadBERT", func() error { _, _, err := Load("testdata/bert_mlm", LoadOptions{}); return err }},
		{"model_type", func() error { _, _, err := LoadLlama("testdata/gpt2", LoadOptions{}); return err }},
	} {
		if err := c.make(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, which does not say %q", err, c.want)
		}
	}
}
