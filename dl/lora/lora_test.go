package lora

import (
	"encoding/json"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

const gpt2 = "../lm/testdata/gpt2"

// recorded is what testdata/lora.py has written.
type recorded struct {
	Linear []struct {
		InFirst                                     bool
		X, W, Bias, A, B, DY, Y, DX, DA, DB, Merged []float32
	}
	Tokens, Labels        [][]int32
	Logits, After, Losses []float32
	Gradients             map[string][]float32
}

func record(t testing.TB) (r recorded) {
	b, err := os.ReadFile("testdata/lora.json")
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil || len(r.Linear) != 2 || len(r.Losses) != 6 || len(r.Gradients) != 8 {
		t.Fatal("testdata/lora.json", err)
	}
	return r
}

func rows(r [][]int32) *dl.Tensor { return dl.Of(slices.Concat(r...), len(r), len(r[0])) }

func near(t testing.TB, what string, got *dl.Tensor, want []float32, tolerance float64) {
	t.Helper()
	values := got.Contiguous().Float32s()
	if len(values) != len(want) {
		t.Fatalf("%s is %v, recorded are %d values", what, got.Shape(), len(want))
	}
	for i, v := range values {
		if d := math.Abs(float64(v - want[i])); !(d <= tolerance*(1+math.Abs(float64(want[i])))) {
			t.Fatalf("%s is %v at %d, recorded is %v", what, v, i, want[i])
		}
	}
}

func model(t testing.TB) *lm.GPT2 {
	t.Helper()
	m, _, err := lm.LoadGPT2(gpt2, lm.LoadOptions{Copy: true})
	if err != nil {
		t.Fatal(err)
	}
	m.Config.ResidPdrop, m.Config.EmbdPdrop, m.Config.AttnPdrop = 0, 0, 0
	return m
}

func llama(t testing.TB) *lm.Llama {
	t.Helper()
	m, _, err := lm.LoadLlama("../lm/testdata/qwen2", lm.LoadOptions{Copy: true})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fill gives the additions values, so that they are not 0.
func fill(a *Adapters) {
	r := dl.NewRand(5)
	for _, l := range a.Layers {
		l.B.Value.CopyFrom(r.Normals(0, 0.3, l.B.Value.Shape()...))
	}
}

func TestLinearIsTheRecordedOne(t *testing.T) {
	for _, c := range record(t).Linear {
		base := &lm.Linear{Weight: nn.NewParameter("w", dl.Of(c.W, 7, 5)), Bias: nn.NewParameter("b", dl.Of(c.Bias)), InFirst: c.InFirst}
		if c.InFirst {
			base.Weight = nn.NewParameter("w", dl.Of(c.W, 5, 7))
		}
		nn.Freeze(base)
		config := Config{Rank: 2, Alpha: 3, Rand: dl.NewRand(1)}
		l := newLinear(base, 5, 7, 2, "m", &config)
		l.A.Value.CopyFrom(dl.Of(c.A, 2, 5))
		l.B.Value.CopyFrom(dl.Of(c.B, 7, 2))
		x := dl.Of(c.X, 2, 3, 5).RequireGrad()
		y := l.Forward(x)
		near(t, "the result", y, c.Y, 1e-5)
		y.BackwardWith(dl.BackwardOptions{Gradient: dl.Of(c.DY, 2, 3, 7)})
		near(t, "the gradient of x", x.Grad(), c.DX, 1e-5)
		near(t, "the gradient of A", l.A.Value.Grad(), c.DA, 1e-5)
		near(t, "the gradient of B", l.B.Value.Grad(), c.DB, 1e-5)
		if base.Weight.Value.Grad() != nil || base.Bias.Value.Grad() != nil {
			t.Error("the frozen matrix has a gradient")
		}
		near(t, "the result of rows", l.Forward(x.Reshape(6, 5)), c.Y, 1e-5)
		near(t, "the result of more axes", l.Forward(x.Reshape(2, 1, 3, 5)), c.Y, 1e-5)
		l.addTo(base, 1)
		l.merged = true
		near(t, "the merged matrix", base.Weight.Value, c.Merged, 1e-5)
		near(t, "the merged result", l.Forward(x), c.Y, 1e-5)
	}
}

// An adapter as peft writes it, its logits, the gradients of a loss with masks, and what gradient descent makes of it.
func TestAdapterOfPeftIsTheRecordedOne(t *testing.T) {
	m, r := model(t), record(t)
	a, err := Load("testdata/adapter", m)
	if err != nil {
		t.Fatal(err)
	}
	if c := a.Config; len(a.Layers) != 4 || c.Rank != 3 || c.Alpha != 12 || c.Base != "gpt2" || !slices.Equal(c.Targets, []string{"c_attn", "mlp.c_proj"}) {
		t.Fatalf("%+v, %d layers", c, len(a.Layers))
	}
	tokens, labels := rows(r.Tokens), rows(r.Labels)
	near(t, "logits", m.Forward(tokens), r.Logits, 1e-4)
	trained := nn.Trainable(m)
	if len(trained) != 8 {
		t.Fatalf("%d tensors are trained, want 8", len(trained))
	}
	opt := &optim.SGD{LearningRate: 0.05}
	for step, want := range r.Losses {
		loss := lm.Loss(m, tokens, labels, lm.LossOptions{Rows: 5 * (step % 2)})
		if d := loss.Item() - float64(want); math.Abs(d) > 1e-5 {
			t.Fatalf("step %d: the loss is %v, recorded is %v", step, loss.Item(), want)
		}
		loss.Backward()
		if step == 0 {
			for i, s := range a.slots {
				near(t, s.Name+" A", a.Layers[i].A.Value.Grad(), r.Gradients[s.Name+".lora_A.weight"], 1e-4)
				near(t, s.Name+" B", a.Layers[i].B.Value.Grad(), r.Gradients[s.Name+".lora_B.weight"], 1e-4)
			}
		}
		opt.Step(trained)
		for _, p := range trained {
			p.ZeroGrad()
		}
	}
	near(t, "logits after training", m.Forward(tokens), r.After, 1e-3)
}

// What training may change is the additions: the weights stay bit for bit, and take no memory for gradients.
func TestNothingElseIsTrained(t *testing.T) {
	for name, m := range map[string]lm.Decoder{"gpt2": model(t), "llama": llama(t)} {
		a, err := Add(m, Config{Rank: 2, Targets: []string{AllLinear}, Dropout: 0.1, Rand: dl.NewRand(3)})
		if err != nil {
			t.Fatal(err)
		}
		nn.SetTraining(m, true)
		before := map[string][]float32{}
		for _, p := range lm.StateDict(m) {
			before[p.Name] = slices.Clone(p.Value.Float32s())
		}
		trained := nn.Trainable(m)
		if len(trained) != 2*len(a.Layers) || len(a.Parameters()) != len(trained) {
			t.Fatalf("%s: %d tensors are trained, of %d layers", name, len(trained), len(a.Layers))
		}
		tokens := dl.Of([]int32{3, 1, 4, 1, 5, 9, 2, 6}, 1, 8)
		targets := dl.Of([]int32{1, 4, 1, 5, 9, 2, 6, lm.Ignored}, 1, 8)
		opt := &optim.AdamW{LearningRate: 0.02}
		var first, last float64
		for step := range 30 {
			loss := lm.Loss(m, tokens, targets, lm.LossOptions{})
			if last = loss.Item(); step == 0 {
				first = last
			}
			loss.Backward()
			for _, p := range lm.StateDict(m) {
				if p.Value.Grad() != nil {
					t.Fatalf("%s: %s has a gradient", name, p.Name)
				}
			}
			opt.Step(trained)
			for _, p := range trained {
				p.ZeroGrad()
			}
		}
		if !(last < 0.7*first) {
			t.Errorf("%s: the loss went from %.3f to %.3f", name, first, last)
		}
		for _, p := range lm.StateDict(m) {
			if !slices.Equal(before[p.Name], p.Value.Float32s()) {
				t.Errorf("%s: %s has changed", name, p.Name)
			}
		}
	}
}

// New additions add nothing, A is within PyTorch's bound of 0 and not alike, and the same seed draws the same.
func TestAdditionsBeginAtZero(t *testing.T) {
	m := model(t)
	tokens := rows(record(t).Tokens)
	before := m.Forward(tokens).Detach().Clone()
	a, err := Add(m, Config{Rand: dl.NewRand(7), Targets: []string{AllLinear}})
	if err != nil {
		t.Fatal(err)
	}
	if !m.Forward(tokens).AllClose(before, 0, 0) {
		t.Error("new additions change the logits")
	}
	for _, l := range a.Layers {
		in, _ := l.Sizes()
		bound, largest, sum := 1/math.Sqrt(float64(in)), 0.0, 0.0
		for _, v := range l.A.Value.Float32s() {
			largest = max(largest, math.Abs(float64(v)))
			sum += float64(v) * float64(v)
		}
		mean := sum / float64(l.A.Value.Size())
		if largest > bound || largest < 0.8*bound || math.Abs(mean-bound*bound/3) > 0.12*bound*bound {
			t.Errorf("A of %d inputs: up to %.3f (bound %.3f), mean square %.4f", in, largest, bound, mean)
		}
	}
	b, err := Add(model(t), Config{Rand: dl.NewRand(7), Targets: []string{AllLinear}})
	if err != nil || !slices.Equal(a.Layers[3].A.Value.Float32s(), b.Layers[3].A.Value.Float32s()) {
		t.Error("the same seed draws other values", err)
	}
}

func TestMergedIsTheSame(t *testing.T) {
	for name, m := range map[string]lm.Decoder{"gpt2": model(t), "llama": llama(t)} {
		tokens := dl.Of([]int32{3, 1, 4, 1, 5, 9, 2, 6}, 2, 4)
		plain := m.Forward(tokens).Detach().Clone()
		a, err := Add(m, Config{Rank: 2, Alpha: 4, Targets: []string{AllLinear}, Rand: dl.NewRand(3)})
		if err != nil {
			t.Fatal(err)
		}
		fill(a)
		apart := m.Forward(tokens).Detach().Clone()
		if apart.AllClose(plain, 0.01, 0.01) {
			t.Fatalf("%s: additions change nothing", name)
		}
		if err := a.Merge(); err != nil {
			t.Fatal(err)
		}
		if merged := m.Forward(tokens); !merged.AllClose(apart, 1e-5, 1e-5) {
			t.Errorf("%s: merged logits differ by %g", name, merged.Sub(apart).Abs().Max().Item())
		}
		if err := a.Merge(); err != nil || !strings.Contains(a.String(), "merged") {
			t.Error(err, a)
		}
		a.Unmerge()
		if again := m.Forward(tokens); !again.AllClose(apart, 1e-5, 1e-5) {
			t.Errorf("%s: logits after Unmerge differ by %g", name, again.Sub(apart).Abs().Max().Item())
		}
		if err := lm.Save(t.TempDir(), m); err == nil {
			t.Error("a model with additions was saved without them")
		}
		if err := a.MergeAndUnload(); err != nil {
			t.Fatal(err)
		}
		for _, s := range lm.Projections(m) {
			if _, ok := (*s.At).(*lm.Linear); !ok {
				t.Errorf("%s: %T stands at %s", name, *s.At, s.Name)
			}
		}
		for _, p := range lm.StateDict(m) {
			if p.Frozen {
				t.Errorf("%s is frozen still", p.Name)
			}
		}
		dir := t.TempDir()
		if err := lm.Save(dir, m); err != nil {
			t.Fatal(err)
		}
		loaded, _, err := lm.Load(dir, lm.LoadOptions{})
		if err != nil || !loaded.Forward(tokens).AllClose(apart, 1e-5, 1e-5) {
			t.Errorf("%s: the saved model computes otherwise: %v", name, err)
		}
		if err := a.Merge(); err == nil {
			t.Error("adapters that are off were merged")
		}
	}
}

func TestUnloadedIsAsBefore(t *testing.T) {
	m := model(t)
	lm.TrainLast(m, 1)
	frozen := map[string]bool{}
	for _, p := range lm.StateDict(m) {
		frozen[p.Name] = p.Frozen
	}
	tokens := rows(record(t).Tokens)
	before := m.Forward(tokens).Detach().Clone()
	a, err := Add(m, Config{})
	if err != nil {
		t.Fatal(err)
	}
	fill(a)
	a.Unload()
	a.Unload()
	if !m.Forward(tokens).AllClose(before, 0, 0) {
		t.Error("the logits are not as before")
	}
	now := map[string]bool{}
	for _, p := range lm.StateDict(m) {
		now[p.Name] = p.Frozen
	}
	if !maps.Equal(frozen, now) {
		t.Error("what is frozen is not as before")
	}
}

// A folder has peft's files and names, and computes the same in another copy of the model.
func TestSavedAdaptersAreLoaded(t *testing.T) {
	tokens := rows(record(t).Tokens)
	for name, c := range map[string]Config{
		"targets":  {Rank: 3, Alpha: 6, Dropout: 0.05, Targets: []string{"c_attn", "h.1.mlp.c_fc"}},
		"pattern":  {Rank: 2, Pattern: `.*h\.[01]\.mlp\.c_(fc|proj)`, RankStabilized: true, Base: "models/gpt2"},
		"all":      {Targets: []string{AllLinear}, ModulesToSave: []string{"ln_f", "wpe"}},
		"defaults": {},
	} {
		m := model(t)
		a, err := Add(m, c)
		if err != nil {
			t.Fatal(name, err)
		}
		fill(a)
		for _, p := range a.saved {
			p.Value.CopyFrom(p.Value.MulScalar(1.5).Detach())
		}
		dir := filepath.Join(t.TempDir(), "new", name)
		if err := a.Save(dir); err != nil {
			t.Fatal(name, err)
		}
		var config map[string]any
		b, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
		if err == nil {
			err = json.Unmarshal(b, &config)
		}
		if err != nil || config["peft_type"] != "LORA" || config["task_type"] != "CAUSAL_LM" || config["r"] != float64(a.Config.Rank) ||
			config["fan_in_fan_out"] != true || config["bias"] != "none" {
			t.Errorf("%s: %v %v", name, err, config)
		}
		tensors, meta, err := dl.LoadSafetensors(filepath.Join(dir, "adapter_model.safetensors"))
		if err != nil || meta["format"] != "pt" {
			t.Fatal(name, err, meta)
		}
		for _, n := range tensors {
			if !strings.HasPrefix(n.Name, "base_model.model.transformer.") {
				t.Errorf("%s: the file has a tensor %s", name, n.Name)
			}
		}
		other := model(t)
		loaded, err := Load(dir, other)
		if err != nil {
			t.Fatal(name, err)
		}
		if !other.Forward(tokens).AllClose(m.Forward(tokens), 0, 0) {
			t.Errorf("%s: the loaded adapters compute otherwise", name)
		}
		if loaded.Config.Rank != a.Config.Rank || loaded.Config.Alpha != a.Config.Alpha || loaded.Config.Base != a.Config.Base ||
			loaded.Config.Pattern != a.Config.Pattern || !slices.Equal(loaded.Config.Targets, a.Config.Targets) || len(loaded.Parameters()) != len(a.Parameters()) {
			t.Errorf("%s: %+v was saved, %+v loaded", name, a.Config, loaded.Config)
		}
	}
}

// The head of a BERT is trained in full beside its additions.
func TestHeadOfBERT(t *testing.T) {
	m, _, err := lm.LoadBERT("../lm/testdata/bert_classes", lm.LoadOptions{Copy: true})
	if err != nil {
		t.Fatal(err)
	}
	a, err := Add(m, Config{Rank: 2, ModulesToSave: []string{"classifier"}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.Config.Targets, []string{"query", "value"}) || task(m) != "SEQ_CLS" {
		t.Error(a.Config.Targets, task(m))
	}
	if got := len(nn.Trainable(m)); got != 2*len(a.Layers)+2 {
		t.Errorf("%d tensors are trained", got)
	}
	dir := t.TempDir()
	if err := a.Save(dir); err != nil {
		t.Fatal(err)
	}
	other, _, err := lm.LoadBERT("../lm/testdata/bert_classes", lm.LoadOptions{Copy: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir, other); err != nil {
		t.Error(err)
	}
}
