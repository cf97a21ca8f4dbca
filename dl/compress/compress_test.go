package compress

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/data/generate"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

func sequential(t testing.TB, input dl.Shape, layers ...nn.Layer) *nn.Model {
	t.Helper()
	dl.Seed(3)
	m, err := nn.Sequential(input, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func spirals() data.Dataset { return generate.Spirals(600, 3, 1, 0.05, dl.NewRand(1)) }

func fit(t testing.TB, m *nn.Model, epochs int, step func(s *train.Step) *dl.Tensor, callbacks ...train.Callback) *train.History {
	t.Helper()
	trainer := &train.Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.01}, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1, Step: step}
	h, err := trainer.Fit(t.Context(), spirals(), train.Options{Epochs: epochs, BatchSize: 32, Callbacks: callbacks})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func mlp(t testing.TB, units int) *nn.Model {
	return sequential(t, dl.Shape{2}, nn.Dense{Units: units, Activation: nn.ReLU}, nn.Dense{Units: units, Activation: nn.ReLU}, nn.Dense{Units: 3, Activation: nn.Softmax})
}

// The values are of PyTorch 2.6: torch.nn.functional.kl_div(log_softmax(s/T), log_softmax(t/T), reduction="batchmean",
// log_target=True).
func TestDivergence(t *testing.T) {
	s, teacher := dl.Of([]float64{1, -2, 0.5, 0, 3, -1}, 2, 3), dl.Of([]float64{0.2, 0.4, -1, 2, 2.5, 0}, 2, 3)
	for temperature, want := range map[float64]float64{1: 0.7789905071258545, 4: 0.06134103238582611} {
		if got := Divergence(s, teacher, temperature).Item(); math.Abs(got-want) > 1e-6 {
			t.Errorf("at %v: %v, want %v", temperature, got, want)
		}
		if err := dl.CheckGradients(func(xs ...*dl.Tensor) *dl.Tensor { return Divergence(xs[0], teacher, temperature) }, s.Clone()); err != nil {
			t.Error(err)
		}
	}
}

// A student that sees the teacher alone becomes as good as it is on this data.
func TestDistillation(t *testing.T) {
	teacher := mlp(t, 32)
	fit(t, teacher, 40, nil)
	student := mlp(t, 16)
	step, err := Distillation{Teacher: teacher, Share: 1, Temperature: 2}.Step(student)
	if err != nil {
		t.Fatal(err)
	}
	h := fit(t, student, 40, step)
	if a, b := h.Get("divergence")[0], h.Last("divergence"); !(b < a/4) {
		t.Errorf("the divergence fell from %v to %v", a, b)
	}
	table, err := Compare(t.Context(), spirals(), Candidate{"teacher", teacher}, Candidate{"student", student})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := table.Rows[0].Accuracy, table.Rows[1].Accuracy; a < 0.88 || b < a-0.08 { // 0.95 and 0.94
		t.Errorf("accuracy of the teacher %v, of the student %v", a, b)
	}
}

// Weights become zero along the schedule, and stay so when the model was saved, loaded and trained further.
func TestPruning(t *testing.T) {
	m := mlp(t, 32)
	fit(t, m, 10, nil)
	h := fit(t, m, 10, nil, Pruning{Sparsity: 0.8, From: 10, To: 120, Every: 10})
	if s := Sparsity(m); math.Abs(s-0.8) > 0.01 {
		t.Errorf("the sparsity is %v, not 0.8", s)
	}
	if a := h.Last("accuracy"); a < 0.9 {
		t.Errorf("accuracy %v", a)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	again, err := nn.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	before := Sparsity(again)
	fit(t, again, 2, nil, Pruning{})
	if after := Sparsity(again); before != Sparsity(m) || after != before {
		t.Errorf("sparsity %v, loaded %v, trained further %v", Sparsity(m), before, after)
	}
	fit(t, again, 1, nil)
	if after := Sparsity(again); after > 0.5*before {
		t.Errorf("without a Pruning the sparsity stays %v", after)
	}
}

// The schedule is that of Zhu and Gupta: final + (initial - final) * (1 - progress)^3.
func TestSchedule(t *testing.T) {
	p := &pruner{Pruning: Pruning{Sparsity: 0.9, From: 100, To: 300, Every: 50}, first: 0.1}
	want := map[int]float64{100: 0.1, 150: 0.9 - 0.8*0.421875, 200: 0.8, 250: 0.9 - 0.8*0.015625, 300: 0.9}
	for step := range 400 {
		got, now := p.due(step)
		if w, ok := want[step]; ok != now || ok && math.Abs(got-w) > 1e-12 {
			t.Errorf("step %d: %v, %v, want %v, %v", step, got, now, w, ok)
		}
	}
}

func TestPrune(t *testing.T) {
	m := sequential(t, dl.Shape{4}, nn.Dense{Units: 2}, nn.Dense{Units: 2})
	copy(m.Layers[0].(*nn.Dense).Weight.Value.Float32s(), []float32{1, -8, 3, -4, 5, -6, 7, 2})
	copy(m.Layers[1].(*nn.Dense).Weight.Value.Float32s(), []float32{9, 9, 9, 9})
	share, err := Prune(m, Pruning{Sparsity: 0.5, ByParameter: true})
	if err != nil || share != 0.5 {
		t.Fatalf("%v, %v", share, err)
	}
	if got, want := m.Layers[0].(*nn.Dense).Weight.Value, dl.Of([]float32{0, -8, 0, 0, 5, -6, 7, 0}, 4, 2); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if share, err = Prune(m, Pruning{Sparsity: 0.75}); err != nil || share != 0.75 {
		t.Fatalf("%v, %v", share, err)
	}
	if s := Sparsity(m); s != 0.75 {
		t.Errorf("the sparsity is %v", s)
	}
}

// Filters and neurons that do nothing are removed without a trace.
func TestRemoveUnits(t *testing.T) {
	m := sequential(t, dl.Shape{8, 8, 2}, nn.Conv2D{Filters: 6, Kernel: [2]int{3, 3}, NoBias: true}, nn.BatchNorm{}, nn.ReLU, nn.MaxPool2D{},
		nn.Conv2D{Filters: 4, Kernel: [2]int{3, 3}, Padding: nn.Same, Activation: nn.ReLU}, nn.Dropout{Rate: 0.3}, nn.Flatten{},
		nn.Dense{Units: 10, Activation: nn.ReLU}, nn.Dense{Units: 3, Activation: nn.Softmax})
	for i, units := range map[int][]int{0: {1, 2, 5}, 4: {0, 3}, 7: {0, 1, 5, 8, 9}} {
		var w *dl.Tensor
		switch l := m.Layers[i].(type) {
		case *nn.Conv2D:
			w = l.Weight.Value
		case *nn.Dense:
			w = l.Weight.Value
		}
		n := w.Dim(w.Rank() - 1)
		for k := range w.Size() {
			for _, u := range units {
				if k%n == u {
					w.Float32s()[k] = 0
				}
			}
		}
	}
	x := dl.NewRand(1).Normals(0, 1, 5, 8, 8, 2)
	small, err := RemoveUnits(m, 0.5, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !small.Forward(x).AllClose(m.Forward(x), 1e-5, 1e-6) {
		t.Errorf("%v\nwas %v", small.Forward(x), m.Forward(x))
	}
	if got := []int{small.Layers[0].(*nn.Conv2D).Filters, small.Layers[4].(*nn.Conv2D).Filters, small.Layers[7].(*nn.Dense).Units, small.Layers[8].(*nn.Dense).Units}; got[0] != 3 || got[1] != 2 || got[2] != 5 || got[3] != 3 {
		t.Errorf("units %v", got)
	}
	before := m.Layers[0].(*nn.Conv2D).Weight.Value.Clone()
	small.Layers[0].(*nn.Conv2D).Weight.Value.Float32s()[0] = 77
	if !m.Layers[0].(*nn.Conv2D).Weight.Value.Equal(before) {
		t.Error("the model shares weights with what was made of it")
	}
	path := filepath.Join(t.TempDir(), "small.safetensors")
	if err := small.Save(path); err != nil {
		t.Fatal(err)
	}
	if again, err := nn.Load(path); err != nil || !again.Forward(x).Equal(small.Forward(x)) {
		t.Errorf("loaded: %v", err)
	}
}

// A matrix of a rank is given back by factors of that rank, and approximated best by fewer.
func TestLowRank(t *testing.T) {
	r := dl.NewRand(2)
	m := sequential(t, dl.Shape{20}, nn.Dense{Units: 30, Activation: nn.ReLU}, nn.Dense{Units: 3})
	w := r.Normals(0, 1, 20, 4).MatMul(r.Normals(0, 1, 4, 30))
	m.Layers[0].(*nn.Dense).Weight.Value.CopyFrom(w)
	x := r.Normals(0, 1, 7, 20)
	same, err := LowRank(m, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(same.Layers) != 3 || !same.Forward(x).AllClose(m.Forward(x), 1e-4, 1e-3) {
		t.Errorf("%d layers, %v\nwas %v", len(same.Layers), same.Forward(x), m.Forward(x))
	}
	fewer, err := LowRank(m, 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	product := fewer.Layers[0].(*nn.Dense).Weight.Value.Detach().MatMul(fewer.Layers[1].(*nn.Dense).Weight.Value.Detach())
	_, s, _ := w.SVD()
	if left, want := product.Sub(w).Norm(2).Item(), s.At(3); math.Abs(left-want) > 1e-3*want { // Eckart and Young
		t.Errorf("the error is %v, the next singular value %v", left, want)
	}
}

func TestMistakes(t *testing.T) {
	m := mlp(t, 4)
	recurrent := sequential(t, dl.Shape{5, 2}, nn.LSTM{Units: 3}, nn.Dense{Units: 2})
	pruned := func(p Pruning) func() error {
		return func() error { _, err := p.Start(&train.Run{Model: m}); return err }
	}
	for want, f := range map[string]func() error{
		"the Sparsity is 1;":       pruned(Pruning{Sparsity: 1}),
		"the Sparsity is NaN":      pruned(Pruning{Sparsity: math.NaN()}),
		"steps from 9 to 3":        pruned(Pruning{From: 9, To: 3}),
		"no weights that can be":   pruned(Pruning{Skip: func(string) bool { return true }}),
		"Prune: the Sparsity":      func() error { _, err := Prune(m, Pruning{Sparsity: -1}); return err },
		"the share is 1;":          func() error { _, err := RemoveUnits(m, 1, nil); return err },
		"layer lstm is a *nn.LSTM": func() error { _, err := RemoveUnits(recurrent, 0.5, nil); return err },
		"the rank is 0":            func() error { _, err := LowRank(m, 0, nil); return err },
		"no Teacher":               func() error { _, err := Distillation{}.Step(m); return err },
		"the Temperature is -1":    func() error { _, err := Distillation{Teacher: m, Temperature: -1}.Step(m); return err },
		"the Share is 2":           func() error { _, err := Distillation{Teacher: m, Share: 2}.Step(m); return err },
		"there is no data":         func() error { _, err := Compare(t.Context(), nil); return err },
		"empty has no model":       func() error { _, err := Compare(t.Context(), spirals(), Candidate{Name: "empty"}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := dl.Try(func() { Divergence(dl.Zeros(2, 3), dl.Zeros(2, 4), 1) }); err == nil {
		t.Error("logits of other shapes are accepted")
	}
}

func TestTable(t *testing.T) {
	table := &Table{Rows: []Row{{Name: "<first>", Accuracy: 0.98, Parameters: 100, Bytes: 400, Latency: 2000}, {Name: "pruned", Accuracy: 0.975, Parameters: 100, Zeros: 0.9, Bytes: 400, Latency: 2000}}}
	for _, want := range []string{"-0.0050", "90.0 %", "multiplied like other weights", "2µs"} {
		if !strings.Contains(table.String(), want) || !strings.Contains(table.HTML(), want) {
			t.Errorf("%q is missing:\n%s", want, table)
		}
	}
	if strings.Contains(table.HTML(), "<first>") {
		t.Error("a name is not escaped")
	}
}
