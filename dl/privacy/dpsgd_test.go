package privacy

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// circles are two classes, inside and outside of a circle.
func circles(n int, seed uint64) data.Dataset {
	r := dl.NewRand(seed)
	x := r.Uniforms(-1, 1, n, 2)
	labels := make([]int32, n)
	for i, v := 0, x.Float32s(); i < n; i++ {
		if v[2*i]*v[2*i]+v[2*i+1]*v[2*i+1] < 0.6 {
			labels[i] = 1
		}
	}
	return data.FromTensors(x, dl.Of(labels))
}

func classifier(t testing.TB, layers ...nn.Layer) *train.Trainer {
	t.Helper()
	dl.Seed(1)
	if layers == nil {
		layers = []nn.Layer{nn.Dense{Units: 16, Activation: nn.Tanh}, nn.Dense{Units: 2, Activation: nn.Softmax}}
	}
	m, err := nn.Sequential(dl.Shape{2}, layers...)
	if err != nil {
		t.Fatal(err)
	}
	return &train.Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.SGD{LearningRate: 0.5}, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1}
}

// A step is the clipped gradients of the samples that were drawn, computed one by one, plus the noise, by the
// expected size.
func TestAStepIsWhatItIsSaidToBe(t *testing.T) {
	const n, size, clip, noise, seed = 40, 20, 1.4, 0.7, 99
	d := circles(n, 1)
	tr := classifier(t)
	tr.Optimizer = &optim.SGD{LearningRate: 1}
	model := tr.Model.(*nn.Model)
	parameters := nn.Trainable(model)
	var want [][]float64
	for _, p := range parameters {
		want = append(want, dl.Values[float64](p))
	}
	// The same draws: those of all batches of the epoch, then the noise of the first step.
	s, err := newSource(seed)
	if err != nil {
		t.Fatal(err)
	}
	drawn := poisson{rate: size / float64(n), steps: n / size, source: s}.Batches(n, nil)[0]
	all, err := data.All(d)
	if err != nil {
		t.Fatal(err)
	}
	clipped := 0
	for _, i := range drawn {
		nn.SparseCrossEntropy.Compute(model.Forward(all.X.Narrow(0, i, 1)), all.Y.Narrow(0, i, 1), false, nil).Backward()
		norm := optim.GradientNorm(parameters)
		factor := min(1, clip/norm)
		if norm > clip {
			clipped++
		}
		for k, p := range parameters {
			for e, g := range p.Grad().Float32s() {
				want[k][e] -= factor * float64(g) / size
			}
			p.ZeroGrad()
		}
	}
	for k := range parameters {
		drawnNoise := make([]float32, len(want[k]))
		(&piece{drawnNoise, s.seed()}).hide(1, 1)
		for e := range want[k] {
			want[k][e] -= clip * noise * float64(drawnNoise[e]) / size
		}
	}
	p := &DPSGD{Clip: clip, Noise: noise, Delta: 1e-3, InsecureSeed: seed}
	h, err := p.Fit(context.Background(), tr, d, train.Options{BatchSize: size, StepsPerEpoch: 1})
	if err != nil {
		t.Fatal(err)
	}
	for k, q := range parameters {
		for e, got := range q.Float32s() {
			if math.Abs(float64(got)-want[k][e]) > 1e-5 {
				t.Fatalf("element %d of %s is %v, not %v", e, q.Name(), got, want[k][e])
			}
		}
	}
	if got := h.Last("epsilon"); got != Epsilon(Steps{size / float64(n), noise, 1}, 1e-3) || got != p.Spent() {
		t.Errorf("epsilon %v", got)
	}
	if got := h.Last("clipped"); math.Abs(got-float64(clipped)/float64(len(drawn))) > 1e-9 || clipped == 0 || clipped == len(drawn) {
		t.Errorf("clipped %v, want %d of %d", got, clipped, len(drawn))
	}
	if !train.Measured(h.Last("loss")) || !train.Measured(h.Last("accuracy")) {
		t.Error("loss and accuracy are missing")
	}
}

// It learns, the history has what was spent, and validation data is measured.
func TestItLearns(t *testing.T) {
	tr := classifier(t)
	tr.Optimizer = &optim.Adam{LearningRate: 0.03}
	p := &DPSGD{Noise: 1, Delta: 1e-4, InsecureSeed: 5}
	const epochs, size, n = 20, 200, 2000
	h, err := p.Fit(context.Background(), tr, circles(n, 1), train.Options{Epochs: epochs, BatchSize: size, Validation: circles(500, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Last("val_accuracy"); got < 0.85 {
		t.Errorf("accuracy %v", got)
	}
	spent := h.Get("epsilon")
	if len(spent) != epochs {
		t.Fatalf("epsilon of %d epochs", len(spent))
	}
	for i, e := range spent {
		if want := Epsilon(Steps{float64(size) / n, 1, (i + 1) * n / size}, 1e-4); math.Abs(e-want) > 1e-9 {
			t.Errorf("epoch %d: epsilon %v, want %v", i+1, e, want)
		}
	}
	if tr.Step != nil {
		t.Error("the Trainer is left with a Step")
	}
	if s := p.String(); !strings.Contains(s, "200 steps, epsilon") {
		t.Error(s)
	}
}

// Steps to which no sample was drawn add noise like all others, and count.
func TestStepsWithoutSamples(t *testing.T) {
	tr := classifier(t)
	seen := 0
	p := &DPSGD{Noise: 1, Delta: 1e-2, InsecureSeed: 2}
	h, err := p.Fit(context.Background(), tr, circles(60, 1), train.Options{Epochs: 2, BatchSize: 1, Callbacks: []train.Callback{steps{&seen}}})
	if err != nil {
		t.Fatal(err)
	}
	if a := p.Accountant().History(); len(a) != 1 || a[0].Count != 120 || seen != 120 {
		t.Errorf("%d steps, %v", seen, a)
	}
	if !train.Measured(h.Last("loss")) {
		t.Error("no loss")
	}
	// All of the data without a sample in any step: only noise.
	s, _ := newSource(1)
	empty := 0
	for _, b := range (poisson{rate: 1. / 60, steps: 1000, source: s}).Batches(60, nil) {
		if len(b) == 0 {
			empty++
		}
	}
	if want := 1000 * math.Pow(59./60, 60); math.Abs(float64(empty)-want) > 5*math.Sqrt(want) {
		t.Errorf("%d of 1000 batches are empty, about %.0f should be", empty, want)
	}
}

type steps struct{ n *int }

func (s steps) Start(*train.Run) (train.Observer, error) {
	return stepsObserver{train.Observe{}, s.n}, nil
}

type stepsObserver struct {
	train.Observe
	n *int
}

func (s stepsObserver) Batch(*train.Run) error { *s.n++; return nil }

// Each sample is in a batch with the same probability, whatever others are.
func TestSamplesAreDrawnByThemselves(t *testing.T) {
	const n, batches, rate = 20, 20000, 0.3
	s, _ := newSource(3)
	var alone [n]float64
	var both [n][n]float64
	for _, b := range (poisson{rate: rate, steps: batches, source: s}).Batches(n, nil) {
		for i, v := range b {
			alone[v]++
			for _, w := range b[:i] {
				both[w][v]++
			}
		}
	}
	near := func(got, p float64) bool { return math.Abs(got-batches*p) < 5*math.Sqrt(batches*p*(1-p)) }
	for i := range n {
		if !near(alone[i], rate) {
			t.Errorf("sample %d is in %v of %d batches", i, alone[i], batches)
		}
		for j := i + 1; j < n; j++ {
			if !near(both[i][j], rate*rate) {
				t.Errorf("samples %d and %d are in %v of %d batches together", i, j, both[i][j], batches)
			}
		}
	}
	a, err1 := newSource(0)
	b, err2 := newSource(0)
	if err1 != nil || err2 != nil || a.Uint64() == b.Uint64() {
		t.Error("two sources of secret seeds begin alike", err1, err2)
	}
	// The noise is normal.
	var sum, square float64
	for range 100000 {
		v := s.NormFloat64()
		sum, square = sum+v, square+v*v
	}
	if math.Abs(sum/1e5) > 0.02 || math.Abs(square/1e5-1) > 0.03 {
		t.Errorf("mean %v, variance %v", sum/1e5, square/1e5)
	}
}

// With Epsilon alone the noise is found; with both the training stops in time.
func TestBudgets(t *testing.T) {
	d := circles(200, 1)
	p := &DPSGD{Epsilon: 2, Delta: 1e-3}
	if _, err := p.Fit(context.Background(), classifier(t), d, train.Options{Epochs: 3, BatchSize: 20}); err != nil {
		t.Fatal(err)
	}
	if got := p.Spent(); got > 2 || got < 1.99 || p.Noise < 0.3 {
		t.Errorf("epsilon %v with noise %v", got, p.Noise)
	}
	p = &DPSGD{Epsilon: 2, Noise: 1, Delta: 1e-3}
	tr := classifier(t)
	h, err := p.Fit(context.Background(), tr, d, train.Options{Epochs: 100, BatchSize: 20})
	if err != nil {
		t.Fatal(err)
	}
	count := p.Accountant().History()[0].Count
	if got := p.Spent(); got > 2 || Epsilon(Steps{0.1, 1, count + 1}, 1e-3) <= 2 || h.Last("epsilon") != got || len(h.Epochs) >= 100 {
		t.Errorf("epsilon %v after %d steps in %d epochs", got, count, len(h.Epochs))
	}
	if _, err := p.Fit(context.Background(), tr, d, train.Options{BatchSize: 20}); err == nil || !strings.Contains(err.Error(), "is spent") {
		t.Errorf("a budget that is spent: %v", err)
	}
}

// A checkpoint knows the steps.
func TestCheckpointsKnowTheSteps(t *testing.T) {
	d, path := circles(100, 1), filepath.Join(t.TempDir(), "a.ckpt")
	tr := classifier(t)
	p := &DPSGD{Noise: 2, Delta: 1e-3}
	if _, err := p.Fit(context.Background(), tr, d, train.Options{Epochs: 2, BatchSize: 20}); err != nil {
		t.Fatal(err)
	}
	if err := tr.Save(path); err != nil {
		t.Fatal(err)
	}
	again, q := classifier(t), &DPSGD{Noise: 2, Delta: 1e-3}
	if err := again.Load(path); err != nil {
		t.Fatal(err)
	}
	h, err := q.Fit(context.Background(), again, d, train.Options{Epochs: 1, BatchSize: 20})
	if err != nil {
		t.Fatal(err)
	}
	if want := Epsilon(Steps{0.2, 2, 15}, 1e-3); q.Spent() != want || h.Last("epsilon") != want || len(h.Get("epsilon")) != 3 {
		t.Errorf("epsilon %v, want %v; history %v", q.Spent(), want, h.Get("epsilon"))
	}
}

// centred makes each sample depend on the others of its batch.
type centred struct{ Inner *nn.Model }

func (c *centred) Parameters() []*nn.Parameter { return nn.ParametersOf(c) }
func (c *centred) Forward(x *dl.Tensor) *dl.Tensor {
	y := c.Inner.Forward(x)
	return y.Sub(y.Mean(0))
}

// turned takes the first axis for another one.
type turned struct{ Inner *nn.Model }

func (c *turned) Parameters() []*nn.Parameter { return nn.ParametersOf(c) }
func (c *turned) Forward(x *dl.Tensor) *dl.Tensor {
	both := dl.Stack(x, x.MulScalar(2)) // [2, N, 2]
	y := c.Inner.Forward(both.Reshape(2*x.Dim(0), 2))
	return y.Reshape(2, x.Dim(0), 2).Sum(0)
}

// What cannot be private is refused before anything is computed.
func TestRefusals(t *testing.T) {
	d := circles(64, 1)
	inner, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	logits := func(m nn.Module) *train.Trainer {
		return &train.Trainer{Model: m, Loss: nn.SparseCrossEntropyLogits, Optimizer: &optim.SGD{}}
	}
	regular := classifier(t)
	regular.Model.Parameters()[0].Regularizer = nn.L2(0.1)
	stepped := classifier(t)
	stepped.Step = func(*train.Step) *dl.Tensor { return nil }
	lost := classifier(t)
	lost.Loss = nn.Loss{Name: "own", Of: dl.MSE}
	for _, c := range []struct {
		words string
		p     DPSGD
		t     *train.Trainer
		d     data.Dataset
		o     train.Options
	}{
		{"delta is 0", DPSGD{Noise: 1}, nil, nil, train.Options{}},
		{"delta is 2", DPSGD{Noise: 1, Delta: 2}, nil, nil, train.Options{}},
		{"give Noise", DPSGD{Delta: 1e-3}, nil, nil, train.Options{}},
		{"Noise is -1", DPSGD{Noise: -1, Delta: 1e-3}, nil, nil, train.Options{}},
		{"Clip is -1", DPSGD{Noise: 1, Clip: -1, Delta: 1e-3}, nil, nil, train.Options{}},
		{"Epsilon is -1", DPSGD{Noise: 1, Epsilon: -1, Delta: 1e-3}, nil, nil, train.Options{}},
		{"use nn.GroupNorm", DPSGD{Noise: 1, Delta: 1e-3}, classifier(t, nn.Dense{Units: 2}, nn.BatchNorm{}), nil, train.Options{}},
		{"WeightDecay", DPSGD{Noise: 1, Delta: 1e-3}, regular, nil, train.Options{}},
		{"Step of its own", DPSGD{Noise: 1, Delta: 1e-3}, stepped, nil, train.Options{}},
		{"one number for a batch", DPSGD{Noise: 1, Delta: 1e-3}, lost, nil, train.Options{}},
		{"Sampler must be nil", DPSGD{Noise: 1, Delta: 1e-3}, nil, nil, train.Options{Sampler: data.Weighted{}}},
		{"Accumulate", DPSGD{Noise: 1, Delta: 1e-3}, nil, nil, train.Options{Accumulate: 2}},
		{"NoShuffle", DPSGD{Noise: 1, Delta: 1e-3}, nil, nil, train.Options{NoShuffle: true}},
		{"more than the 64 samples", DPSGD{Noise: 1, Delta: 1e-3}, nil, nil, train.Options{BatchSize: 65}},
		{"depend on each other", DPSGD{Noise: 1, Delta: 1e-3}, logits(&centred{inner}), nil, train.Options{}},
		{"depend on each other", DPSGD{Noise: 1, Delta: 1e-3}, logits(&turned{inner}), nil, train.Options{}},
		{"the Trainer has no Model", DPSGD{Noise: 1, Delta: 1e-3}, &train.Trainer{}, nil, train.Options{}},
		{"no targets", DPSGD{Noise: 1, Delta: 1e-3}, nil, data.FromTensors(dl.Zeros(4, 2), nil), train.Options{BatchSize: 2}},
	} {
		if c.t == nil {
			c.t = classifier(t)
		}
		if c.d == nil {
			c.d = d
		}
		before := fmt.Sprint(c.p.Accountant().History())
		_, err := c.p.Fit(context.Background(), c.t, c.d, c.o)
		if err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", c.words, err)
		}
		if after := fmt.Sprint(c.p.Accountant().History()); after != before {
			t.Errorf("%s: steps were counted: %v", c.words, after)
		}
	}
	var none DPSGD
	if _, err := none.Fit(context.Background(), nil, d, train.Options{}); err == nil {
		t.Error("no Trainer")
	}
	for words, f := range map[string]func(){
		"it is a probability, the expected": func() { Epsilon(Steps{2, 1, 1}, 1e-5) },
		"the noise is -1":                   func() { Epsilon(Steps{0.1, -1, 1}, 1e-5) },
		"there are -1 steps":                func() { Epsilon(Steps{0.1, 1, -1}, 1e-5) },
		"delta is NaN":                      func() { Epsilon(Steps{0.1, 1, 1}, math.NaN()) },
		"the order is 1":                    func() { Divergence(0.1, 1, 1) },
		"epsilon is 0":                      func() { Noise(0.1, 10, 0, 1e-5) },
		"it is not below 0":                 func() { new(Accountant).Delta(-1) },
		"is not below 0":                    func() { MostAdvantage(-1, 0) },
	} {
		if err := dl.Try(f); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

// Tokens and weights, by layers of several kinds, and an optimizer with moments.
func TestTokensAndWeights(t *testing.T) {
	const n, length = 60, 6
	r := dl.NewRand(1)
	tokens, targets, weights := make([]int32, n*length), make([]float32, n), make([]float32, n)
	for i := range n {
		for k := range length {
			tokens[i*length+k] = int32(1 + r.IntN(9))
			targets[i] += float32(tokens[i*length+k]) / 30
		}
		weights[i] = 0.5 + float32(i%2)
	}
	d := data.FromColumns(
		data.Column{Role: data.Input, Values: dl.Of(tokens, n, length)},
		data.Column{Role: data.Target, Values: dl.Of(targets, n, 1)},
		data.Column{Name: "w", Role: data.Weight, Values: dl.Of(weights)},
	)
	dl.Seed(1)
	m, err := nn.Sequential(dl.Shape{length}, nn.Embedding{Vocabulary: 10, Units: 8}, nn.GRU{Units: 8}, nn.LayerNorm{}, nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	tr := &train.Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.Adam{LearningRate: 0.02}}
	p := &DPSGD{Noise: 0.1, Delta: 1e-2, InsecureSeed: 1}
	h, err := p.Fit(context.Background(), tr, d, train.Options{Epochs: 15, BatchSize: 20})
	if err != nil {
		t.Fatal(err)
	}
	if loss := h.Get("loss"); !(h.Last("loss") < loss[0]/2) {
		t.Errorf("loss %v", loss)
	}
}
