package lora

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// savedDir is where a folder goes for testdata/saved.py.
var savedDir = flag.String("saved", "", "where to write a fine-tuned model, for testdata/saved.py")

// PyTorch has read a GPT-2 that was fine-tuned by additions, merged, and written by lm.Save: its logits, which saved.py
// computed from the files alone, are those of the model here. (The steps of training differ in their last bits from one
// kind of processor to another, and so do the weights; the logits agree within 1e-4.)
func TestPyTorchReadsWhatWasFineTuned(t *testing.T) {
	m := model(t)
	a, err := Load("testdata/adapter", m)
	if err != nil {
		t.Fatal(err)
	}
	tokens := dl.Of([]int32{3, 1, 4, 1, 5, 9, 2, 6}, 1, 8)
	before := m.Forward(tokens).Detach().Clone()
	trained, opt := nn.Trainable(m), &optim.SGD{LearningRate: 0.05}
	for range 5 {
		lm.Loss(m, tokens, dl.Of([]int32{lm.Ignored, lm.Ignored, 1, 5, 9, 2, 6, 5}, 1, 8), lm.LossOptions{}).Backward()
		opt.Step(trained)
		for _, p := range trained {
			p.ZeroGrad()
		}
	}
	if err := a.MergeAndUnload(); err != nil {
		t.Fatal(err)
	}
	dir := *savedDir
	if dir == "" {
		dir = t.TempDir()
	}
	if err := lm.Save(dir, m); err != nil {
		t.Fatal(err)
	}
	if *savedDir != "" {
		return
	}
	var record struct {
		Torch  string
		Logits []float32
	}
	b, err := os.ReadFile("testdata/saved.json")
	if err == nil {
		err = json.Unmarshal(b, &record)
	}
	if err != nil || record.Torch == "" {
		t.Fatal(err, record.Torch)
	}
	again, _, err := lm.LoadGPT2(dir, lm.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	logits := again.Forward(tokens)
	near(t, "logits of the saved model", logits, record.Logits, 1e-4)
	if logits.AllClose(before, 0.01, 0.01) {
		t.Error("the training has changed nothing")
	}
}
