package lm

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// Loss is the loss of nn that ignores targets, as PyTorch's, all at once and in parts, with its gradients.
func TestLossIgnoresWhatDoesNotCount(t *testing.T) {
	for _, name := range decoders {
		m, r := open(t, name), record(t, name)
		x := tensor(r.Tokens).Slice(1, 0, 8).Contiguous()
		y := tensor(r.Tokens).Slice(1, 1, 9).Clone()
		masks := map[string][]int{"all count": nil, "a prompt and padding": {0, 1, 2, 8, 9, 10, 11, 12, 15}}
		for what, at := range masks {
			target := y.Clone()
			for _, i := range at {
				target.Int32s()[i] = Ignored
			}
			gradients := func(loss func() *dl.Tensor) (value float64, all [][]float32) {
				for _, p := range nn.Trainable(m) {
					p.ZeroGrad()
				}
				l := loss()
				l.Backward()
				for _, p := range nn.Trainable(m) {
					all = append(all, slices.Clone(p.Grad().Float32s()))
				}
				return l.Item(), all
			}
			wanted := nn.SparseCrossEntropyLogits.With(nn.LossOptions{Ignore: []int{Ignored}})
			want, dWant := gradients(func() *dl.Tensor { return wanted.Compute(m.Forward(x), target, true, nil) })
			for _, rows := range []int{0, 1, 3, 100} {
				got, d := gradients(func() *dl.Tensor { return Loss(m, x, target, LossOptions{Rows: rows}) })
				if math.Abs(got-want) > 1e-5 {
					t.Errorf("%s, %s, %d rows: the loss is %v, want %v", name, what, rows, got, want)
				}
				for i := range d {
					for k := range d[i] {
						if math.Abs(float64(d[i][k]-dWant[i][k])) > 1e-4 {
							t.Fatalf("%s, %s, %d rows: parameter %d has the gradient %v at %d, want %v", name, what, rows, i, d[i][k], k, dWant[i][k])
						}
					}
				}
			}
			if got := Loss(m, x.To(dl.Int64), target.To(dl.Int64), LossOptions{}).Item(); math.Abs(got-want) > 1e-5 {
				t.Errorf("%s: with int64 the loss is %v, want %v", name, got, want)
			}
		}
	}
}

// Padding changes nothing.
func TestPaddingDoesNotCount(t *testing.T) {
	m := open(t, "gpt2")
	short := Loss(m, dl.Of([]int32{3, 1, 4}, 1, 3), dl.Of([]int32{1, 4, 2}, 1, 3), LossOptions{}).Item()
	for _, pad := range []int32{0, 7} {
		x, y := dl.Of([]int32{3, 1, 4, pad, pad}, 1, 5), dl.Of([]int32{1, 4, 2, Ignored, -1}, 1, 5)
		if got := Loss(m, x, y, LossOptions{}).Item(); math.Abs(got-short) > 1e-6 {
			t.Errorf("padded with %d the loss is %v, without %v", pad, got, short)
		}
		if got := Loss(m, x, y, LossOptions{Lengths: []int{3}}).Item(); math.Abs(got-short) > 1e-6 {
			t.Errorf("with lengths, padded with %d, the loss is %v, without %v", pad, got, short)
		}
	}
}

func TestLossMistakes(t *testing.T) {
	m := open(t, "gpt2")
	x := dl.Of([]int32{3, 1, 4}, 1, 3)
	for what, f := range map[string]func(){
		"no target counts":       func() { Loss(m, x, dl.Of([]int32{-1, -100, -1}, 1, 3), LossOptions{}) },
		"the same shape":         func() { Loss(m, x, dl.Of([]int32{1, 2}, 1, 2), LossOptions{}) },
		"integer type":           func() { Loss(m, x, dl.Ones(1, 3), LossOptions{}) },
		"has 0 to 28":            func() { Loss(m, x, dl.Of([]int32{1, 2, 29}, 1, 3), LossOptions{}) },
		"Rows is -1":             func() { Loss(m, x, x, LossOptions{Rows: -1}) },
		"tokens [N, T]":          func() { Loss(m, x.Reshape(3), x, LossOptions{}) },
		"3 layers; the model":    func() { TrainLast(m, 3) },
		"-1 layers; the model":   func() { TrainLast(m, -1) },
		"length of sample 0 is ": func() { Loss(m, x, x, LossOptions{Lengths: []int{4}}) },
	} {
		if err := dl.Try(f); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("the error is %v, want one that says %q", err, what)
		}
	}
}

// Perplexity tells each token once, from the piece that it stands in.
func TestPerplexityTellsEachTokenOnce(t *testing.T) {
	m, ctx := open(t, "llama"), context.Background()
	r := dl.NewRand(2)
	text := make([]int, 23)
	for i := range text {
		text[i] = r.IntN(m.Vocabulary())
	}
	// by what comes before a token in its piece, without Loss
	byHand := func(size, stride int) float64 {
		sum := 0.0
		for at := 1; at < len(text); at++ {
			begin := 0
			for begin+size < at {
				begin += stride
			}
			begin = min(begin, len(text)-1-size)
			ids := make([]int32, 0, size)
			for _, id := range text[begin:at] {
				ids = append(ids, int32(id))
			}
			logits := m.Call(dl.Of(ids, 1, len(ids)), CallOptions{Last: true})
			sum -= logits.LogSoftmax(-1).At(0, text[at])
		}
		return math.Exp(sum / float64(len(text)-1))
	}
	for _, c := range []struct{ size, stride, batch int }{{22, 22, 1}, {8, 8, 1}, {8, 8, 3}, {8, 3, 1}, {8, 3, 2}, {5, 1, 4}} {
		nn.SetTraining(m, true)
		got, err := Perplexity(ctx, m, text, PerplexityOptions{Context: c.size, Stride: c.stride, Batch: c.batch})
		if want := byHand(c.size, c.stride); err != nil || math.Abs(got-want) > 1e-3*want {
			t.Errorf("pieces of %d every %d: %v (%v), want %v", c.size, c.stride, got, err, want)
		}
	}
	whole, err := Perplexity(ctx, m, text, PerplexityOptions{})
	if want := byHand(22, 22); err != nil || math.Abs(whole-want) > 1e-3*want {
		t.Errorf("without options %v (%v), want %v", whole, err, want)
	}
	if !m.(*Llama).training {
		t.Error("the model is no longer training")
	}
	for what, o := range map[string]PerplexityOptions{"Context is": {Context: 1 << 20}, "Stride is": {Context: 4, Stride: 5}, "Batch is": {Batch: -1}} {
		if _, err := Perplexity(ctx, m, text, o); err == nil || !strings.Contains(err.Error(), what) {
			t.Error(what, err)
		}
	}
	if _, err := Perplexity(ctx, m, text[:1], PerplexityOptions{}); err == nil {
		t.Error("a text of one token is no error")
	}
	if _, err := Perplexity(ctx, m, []int{1, 2, 1 << 20}, PerplexityOptions{}); err == nil {
		t.Error("a token that is none is no error")
	}
	ended, end := context.WithCancel(ctx)
	end()
	if _, err := Perplexity(ended, m, text, PerplexityOptions{}); err != context.Canceled {
		t.Error(err)
	}
}

// The last layers get gradients, and nothing below them.
func TestTrainLast(t *testing.T) {
	bert, _, err := LoadBERT("testdata/bert_classes", LoadOptions{Copy: true})
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]Model{"gpt2": open(t, "gpt2"), "llama": open(t, "llama"), "bert": bert} {
		layers := map[string]string{"gpt2": "transformer.h.", "llama": "model.layers.", "bert": "bert.encoder.layer."}[name]
		for _, last := range []int{1, 0, 2} {
			TrainLast(m, last)
			for _, p := range StateDict(m) {
				n, inLayer := layerOf(p.Name)
				embedded := strings.Contains(p.Name, "embed") || strings.Contains(p.Name, ".wte.") || strings.Contains(p.Name, ".wpe.")
				if want := embedded || inLayer && n < 2-last; p.Frozen != want || inLayer != strings.HasPrefix(p.Name, layers) {
					t.Errorf("%s, last %d: %s is frozen: %v", name, last, p.Name, p.Frozen)
				}
			}
		}
		TrainLast(m, 1)
		d, ok := m.(Decoder)
		if !ok {
			continue
		}
		Loss(d, dl.Of([]int32{3, 1, 4}, 1, 3), dl.Of([]int32{1, 4, 2}, 1, 3), LossOptions{}).Backward()
		for _, p := range StateDict(m) {
			if (p.Value.Grad() == nil) != p.Frozen {
				t.Errorf("%s: %s has a gradient: %v, is frozen: %v", name, p.Name, p.Value.Grad() != nil, p.Frozen)
			}
		}
	}
}
