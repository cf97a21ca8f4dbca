package train

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
)

// A step function that does what a Trainer does by itself gives the same training.
func TestAStepOfOnesOwn(t *testing.T) {
	plain := newTrainer(t)
	want := fitted(t, plain, Options{Epochs: 2, ValidationSplit: 0.2})
	own := newTrainer(t)
	model := own.Model.(*nn.Model)
	own.Loss = nn.Loss{}
	own.Step = func(s *Step) *dl.Tensor {
		logits := model.Logits(s.Batch.X)
		s.Output(logits.Softmax(-1))
		if s.Training {
			s.Report("half", 0.5)
		}
		return dl.SparseCrossEntropy(logits, s.Batch.Y)
	}
	got := fitted(t, own, Options{Epochs: 2, ValidationSplit: 0.2})
	for _, name := range []string{"loss", "accuracy", "val_loss", "val_accuracy"} {
		if !slices.Equal(got.Get(name), want.Get(name)) {
			t.Errorf("%s: %v, the Trainer's own %v", name, got.Get(name), want.Get(name))
		}
	}
	if !slices.Equal(weights(own), weights(plain)) || !slices.Equal(got.Get("half"), []float64{0.5, 0.5}) {
		t.Errorf("the weights differ, or %v", got.Get("half"))
	}
}

// rivals are two models that play against each other, trained by a step that calls Backward itself.
type rivals struct{ Maker, Judge *nn.Model }

func (r *rivals) Parameters() []*nn.Parameter { return nn.ParametersOf(r) }

func TestAStepMayTrainByItself(t *testing.T) {
	dl.Seed(4)
	model := func(in int, layers ...nn.Layer) *nn.Model {
		m, err := nn.Sequential(dl.Shape{in}, layers...)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	r := &rivals{model(2, nn.Dense{Units: 8, Activation: nn.Tanh}, nn.Dense{Units: 1}), model(1, nn.Dense{Units: 8, Activation: nn.Tanh}, nn.Dense{Units: 1})}
	maker, judge := &optim.Adam{LearningRate: 0.01}, &optim.Adam{LearningRate: 0.01}
	random := dl.NewRand(1)
	trainer := &Trainer{Model: r, Optimizer: &optim.SGD{}, Step: func(s *Step) *dl.Tensor {
		n := s.Batch.Len()
		fake := r.Maker.Forward(random.Normals(0, 1, n, 2))
		loss := dl.BinaryCrossEntropyLogits(r.Judge.Forward(s.Batch.X), dl.Ones(n, 1)).
			Add(dl.BinaryCrossEntropyLogits(r.Judge.Forward(fake.Detach()), dl.Zeros(n, 1)))
		loss.Backward()
		judge.Step(nn.Trainable(r.Judge))
		for _, p := range r.Parameters() {
			p.Value.ZeroGrad()
		}
		dl.BinaryCrossEntropyLogits(r.Judge.Forward(fake), dl.Ones(n, 1)).Backward()
		maker.Step(nn.Trainable(r.Maker))
		for _, p := range r.Parameters() {
			p.Value.ZeroGrad()
		}
		s.Report("judge", loss.Item())
		return nil
	}}
	h, err := trainer.Fit(t.Context(), data.FromTensors(random.Normals(3, 0.5, 128, 1), nil), Options{Epochs: 30, BatchSize: 32})
	if err != nil || len(h.Get("judge")) != 30 {
		t.Fatalf("%v\n%v", err, h)
	}
	if mean := r.Maker.Predict(random.Normals(0, 1, 500, 2)).Mean().Item(); mean < 1.5 {
		t.Errorf("it makes %v, shown were 3, and it began at 0", mean)
	}
}

// Gradients summed over four batches of 8 are those of a batch of 32.
func TestAccumulate(t *testing.T) {
	run := func(batch, accumulate int, samples int) ([]float32, int) {
		dl.Seed(1)
		m, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 4, Activation: nn.Tanh}, nn.Dense{Units: 3, Activation: nn.Softmax})
		if err != nil {
			t.Fatal(err)
		}
		trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{LearningRate: 0.5}}
		if _, err := trainer.Fit(t.Context(), clouds(samples), Options{Epochs: 3, BatchSize: batch, Accumulate: accumulate, NoShuffle: true}); err != nil {
			t.Fatal(err)
		}
		return weights(trainer), trainer.Optimizer.State().Step
	}
	for _, samples := range []int{64, 48} { // the last step of an epoch is one of fewer batches
		want, steps := run(32, 1, samples)
		got, n := run(8, 4, samples)
		for i := range want {
			if math.Abs(float64(want[i]-got[i])) > 1e-5 || n != steps {
				t.Fatalf("%d samples: %v in %d steps, whole batches make %v in %d", samples, got[i], n, want[i], steps)
			}
		}
	}
}

// A sample of weight 2 counts as if it were there twice, one of weight 0 as if it were not.
func TestSampleWeights(t *testing.T) {
	b, err := data.All(clouds(6))
	if err != nil {
		t.Fatal(err)
	}
	weighted := data.FromColumns(data.Column{Role: data.Input, Values: b.X}, data.Column{Role: data.Target, Values: b.Y},
		data.Column{Name: "weight", Role: data.Weight, Values: dl.Of([]float32{2, 0, 1, 1, 0, 1})})
	twice := data.Subset(clouds(6), []int{0, 0, 2, 3, 5})
	var measured []float64
	var plain float64
	run := func(d data.Dataset) []float32 {
		dl.Seed(1)
		m, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 3, Activation: nn.Softmax})
		if err != nil {
			t.Fatal(err)
		}
		trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{LearningRate: 1},
			Metrics: []metric.Metric{metric.Accuracy{}, metric.Weighted{Metric: metric.Accuracy{}}}}
		h, err := trainer.Fit(t.Context(), d, Options{Epochs: 5, NoShuffle: true, Validation: d})
		if err != nil {
			t.Fatal(err)
		}
		measured = append(append([]float64{}, h.Get("weighted_accuracy")...), h.Get("val_weighted_accuracy")...)
		results, err := trainer.Evaluate(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		measured = append(measured, results.Get("weighted_accuracy"))
		plain = results.Get("accuracy")
		return weights(trainer)
	}
	a := run(weighted)
	measuredWeighted := measured
	c := run(twice)
	if !slices.Equal(measured, measuredWeighted) || measured[10] != plain {
		t.Errorf("accuracy by weights %v, of samples that are there twice %v (%v)", measuredWeighted, measured, plain)
	}
	for i := range a {
		if math.Abs(float64(a[i]-c[i])) > 1e-5 {
			t.Fatalf("weights %v, of samples that are there twice %v", a, c)
		}
	}
	trainer := newTrainer(t)
	trainer.Loss = nn.Loss{Name: "own", Of: func(y, _ *dl.Tensor) *dl.Tensor { return y.Mean() }}
	if _, err := trainer.Fit(t.Context(), weighted, Options{}); err == nil || !strings.Contains(err.Error(), "PerSample") {
		t.Errorf("a loss that cannot be weighted: %v", err)
	}
}

// Sequences of different lengths train and are measured as if there were no padding.
func TestPaddingDoesNotCount(t *testing.T) {
	s := &data.Sequences{Pad: 6}
	r := dl.NewRand(5)
	places := 0
	for range 40 {
		n := 1 + r.IntN(5)
		places += n
		tokens, next := make([]int32, n), make([]int32, n)
		for i := range tokens {
			tokens[i] = int32(r.IntN(6))
			next[i] = (tokens[i] + 1) % 6
		}
		s.Tokens, s.Targets = append(s.Tokens, tokens), append(s.Targets, next)
	}
	dl.Seed(2)
	m, err := nn.Sequential(dl.Shape{5}, nn.Embedding{Vocabulary: 7, Units: 8}, nn.Dense{Units: 7, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.05}, Metrics: []metric.Metric{metric.Accuracy{}}}
	h, err := trainer.Fit(t.Context(), s, Options{Epochs: 30, BatchSize: 8})
	if err != nil || h.Last("accuracy") != 1 {
		t.Fatalf("%v\n%v", err, h)
	}
	// Nobody has taught it what comes after padding.
	if p := m.Predict(dl.Of([]int32{6}, 1, 1)).At(0, 0, 6); p > 0.5 {
		t.Errorf("it has learned the padding: %v", p)
	}
}

// A training with groups goes on from a checkpoint as if there had been no break, also from one that a callback of a
// session's training loads before its first Fit.
func TestGroupsGoOnFromACheckpoint(t *testing.T) {
	make := func() *Trainer {
		trainer := newTrainer(t)
		part := trainer.Model.(*nn.Model).Layers[0]
		trainer.Optimizer = &optim.AdamW{LearningRate: 0.01, Groups: []optim.Group{{Parameters: nn.Trainable(part), RateFactor: 0.1, WeightDecay: -1}}}
		return trainer
	}
	whole, first, second := make(), make(), make()
	fitted(t, whole, Options{Epochs: 4})
	fitted(t, first, Options{Epochs: 2})
	path := filepath.Join(t.TempDir(), "checkpoint")
	if err := first.Save(path); err != nil {
		t.Fatal(err)
	}
	if err := second.Load(path); err != nil {
		t.Fatal(err)
	}
	fitted(t, second, Options{Epochs: 2})
	if !slices.Equal(weights(whole), weights(second)) {
		t.Error("the training does not go on as it was")
	}
}

// Places that a mask hides count for no metric; of the others those of a sequence have its weight.
func TestMaskedPlacesHaveWeights(t *testing.T) {
	predicted := dl.Of([]int32{0, 1, 1, 1, 0, 0}, 2, 3).OneHot(2).To(dl.Float32)
	d := data.FromColumns(data.Column{Role: data.Input, Values: dl.Zeros(2, 1)},
		data.Column{Role: data.Target, Values: dl.Of([]int32{0, 1, 0, 0, 0, 1}, 2, 3)}, // right: yes yes no, no yes no
		data.Column{Name: "mask", Role: data.Mask, Values: dl.Of([]float32{1, 0, 1, 1, 1, 0}, 2, 3)},
		data.Column{Name: "weight", Role: data.Weight, Values: dl.Of([]float32{3, 1})})
	model, err := nn.Sequential(dl.Shape{1}, nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &Trainer{Model: model, Optimizer: &optim.SGD{}, Metrics: []metric.Metric{metric.Accuracy{}, metric.Weighted{Metric: metric.Accuracy{}}},
		Step: func(s *Step) *dl.Tensor {
			s.Output(predicted)
			return model.Forward(s.Batch.X).Sum()
		}}
	r, err := trainer.Evaluate(t.Context(), d)
	if err != nil || r.Get("accuracy") != 2.0/4 || r.Get("weighted_accuracy") != (3.0+1)/(3+3+1+1) {
		t.Errorf("%v %v", r, err)
	}
}

func TestAStreamTrains(t *testing.T) {
	all, err := data.All(clouds(300))
	if err != nil {
		t.Fatal(err)
	}
	stream := &data.Stream{Sample: clouds(3).Spec(), Open: func() (data.Source, error) { return &source{all: all}, nil }}
	streamed, listed := newTrainer(t), newTrainer(t)
	a, err := streamed.Fit(t.Context(), stream, Options{Epochs: 2, Validation: clouds(30)})
	if err != nil {
		t.Fatal(err)
	}
	b := fitted(t, listed, Options{Epochs: 2, NoShuffle: true, Validation: clouds(30)})
	if !slices.Equal(a.Get("val_loss"), b.Get("val_loss")) {
		t.Errorf("losses %v, of the same samples in a list %v", a.Get("val_loss"), b.Get("val_loss"))
	}
	if h, err := newTrainer(t).Fit(t.Context(), stream, Options{StepsPerEpoch: 3, Epochs: 2}); err != nil || len(h.Epochs) != 2 {
		t.Errorf("%v %v", h, err)
	}
	if r, err := streamed.Evaluate(t.Context(), stream); err != nil || !(r.Get("loss") > 0) {
		t.Errorf("%v %v", r, err)
	}
	if _, err := newTrainer(t).Fit(t.Context(), stream, Options{ValidationSplit: 0.2}); err == nil {
		t.Error("a stream is split")
	}
}

// source reads a batch as a stream.
type source struct {
	all data.Batch
	at  int
}

func (s *source) Next(b data.Batch) (int, error) {
	n := min(b.Len(), s.all.Len()-s.at)
	copy(b.X.Float32s(), s.all.X.Float32s()[2*s.at:2*(s.at+n)])
	copy(b.Y.Int32s(), s.all.Y.Int32s()[s.at:s.at+n])
	s.at += n
	return n, nil
}

// One parameter in two places: one step, one moment.
type tied struct{ A, B *nn.Parameter }

func (m *tied) Parameters() []*nn.Parameter { return nn.ParametersOf(m) }
func (m *tied) Forward(x *dl.Tensor) *dl.Tensor {
	return x.Mul(m.A.Value).Add(x.Mul(m.B.Value))
}

func TestATiedParameterTakesOneStep(t *testing.T) {
	w := nn.NewParameter("w", dl.Ones(1))
	trainer := &Trainer{Model: &tied{w, w}, Optimizer: &optim.SGD{LearningRate: 0.1},
		Loss: nn.Loss{Name: "sum", Of: func(y, _ *dl.Tensor) *dl.Tensor { return y.Mean() }}}
	path := t.TempDir() + "/tied"
	if _, err := trainer.Fit(t.Context(), data.FromTensors(dl.Ones(1, 1), dl.Ones(1, 1)), Options{}); err != nil {
		t.Fatal(err)
	}
	if got := w.Value.Item(); math.Abs(got-0.8) > 1e-6 {
		t.Errorf("1 moved to %v, want 0.8", got)
	}
	if err := trainer.Save(path); err != nil {
		t.Error(err)
	}
	if err := trainer.Load(path); err != nil {
		t.Error(err)
	}
}

func TestAFloat64ModelTrains(t *testing.T) {
	for name, o := range map[string]optim.Optimizer{"sgd": &optim.SGD{LearningRate: 0.1, Momentum: 0.5}, "adam": &optim.Adam{LearningRate: 0.05}, "rmsprop": &optim.RMSprop{LearningRate: 0.1}} {
		dl.Seed(1)
		m, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 3})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Parameters() {
			p.Value = p.Value.To(dl.Float64).Detach().RequireGrad()
		}
		b, err := data.All(clouds(60))
		if err != nil {
			t.Fatal(err)
		}
		set := data.FromColumns(data.Column{Role: data.Input, Values: b.X.To(dl.Float64)}, data.Column{Role: data.Target, Values: b.Y})
		trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropyLogits, Optimizer: o, Metrics: []metric.Metric{metric.Accuracy{}}}
		h, err := trainer.Fit(t.Context(), set, Options{Epochs: 10, Callbacks: []Callback{EarlyStopping{Monitor: "loss", Patience: 20, RestoreBest: true}}})
		if err != nil || h.Last("accuracy") < 0.9 {
			t.Fatalf("%s: %v\n%v", name, err, h)
		}
		path := t.TempDir() + "/float64"
		if err := trainer.Save(path); err != nil {
			t.Fatal(err)
		}
		if err := trainer.Load(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		again, err := nn.Load(path)
		x := dl.Ones(1, 2).To(dl.Float64)
		if err != nil || again.Predict(x).At(0, 1) != m.Predict(x).At(0, 1) {
			t.Errorf("%s: as a model: %v", name, err)
		}
	}
}

// BenchmarkFrozen shows what a training step costs when all but the last layer are frozen.
func BenchmarkFrozen(b *testing.B) {
	for _, c := range []struct {
		name   string
		frozen int
	}{{"none", 0}, {"all_but_last", 3}} {
		b.Run(c.name, func(b *testing.B) {
			m, err := nn.Sequential(dl.Shape{28, 28, 1}, nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: nn.ReLU}, nn.Flatten{},
				nn.Dense{Units: 128, Activation: nn.ReLU}, nn.Dense{Units: 10, Activation: nn.Softmax})
			if err != nil {
				b.Fatal(err)
			}
			for _, layer := range m.Layers[:c.frozen] {
				nn.Freeze(layer)
			}
			trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{}}
			set := data.FromTensors(dl.NewRand(1).Uniforms(0, 1, 64*20, 28, 28, 1), dl.New(dl.Int32, 64*20))
			for b.Loop() {
				if _, err := trainer.Fit(b.Context(), set, Options{BatchSize: 64}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(64*20*float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// BenchmarkTokens trains a small GPT on tokens with Trainer.Fit.
func BenchmarkTokens(b *testing.B) {
	block := nn.TransformerBlock{Heads: 4, Causal: true}
	m, err := nn.Sequential(dl.Shape{64}, nn.Embedding{Vocabulary: 256, Units: 64}, nn.PositionalEmbedding{}, block, block,
		nn.LayerNorm{}, nn.Dense{Units: 256, Activation: nn.Softmax})
	if err != nil {
		b.Fatal(err)
	}
	r := dl.NewRand(1)
	tokens := make([]int32, 16*8*65)
	for i := range tokens {
		tokens[i] = int32(r.IntN(256))
	}
	all := dl.Of(tokens, 16*8, 65)
	set := data.FromTensors(all.Slice(1, 0, 64), all.Slice(1, 1, 65))
	trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.AdamW{}}
	for b.Loop() {
		if _, err := trainer.Fit(b.Context(), set, Options{BatchSize: 16}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(16*8*64*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
