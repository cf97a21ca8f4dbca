package train

import (
	"errors"
	"math"
	"os"
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

// line is a model of one weight matrix, of ones.
func line(t *testing.T, in, out int) *nn.Model {
	m, err := nn.Sequential(dl.Shape{in}, nn.Dense{Units: out, NoBias: true, WeightInit: nn.Ones})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFrozenParametersCollectNoGradients(t *testing.T) {
	m, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 3}, nn.Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	w := m.Parameter("dense.weight")
	w.Frozen = true
	before := slices.Clone(w.Value.Float32s())
	set := data.FromTensors(dl.Ones(8, 2), dl.Zeros(8, 1))
	trainer := &Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.1}}
	if _, err := trainer.Fit(t.Context(), set, Options{Epochs: 200, BatchSize: 8}); err != nil {
		t.Fatal(err)
	}
	if w.Value.Grad() != nil || w.Value.RequiresGrad() || !slices.Equal(w.Value.Float32s(), before) {
		t.Errorf("a frozen parameter has the gradient %v", w.Value.Grad())
	}
	w.Frozen = false
	again := &Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 1e-3}}
	if _, err := again.Fit(t.Context(), set, Options{BatchSize: 8}); err != nil {
		t.Fatal(err)
	}
	for i, v := range w.Value.Float32s() {
		if math.Abs(float64(v-before[i])) > 1e-6 { // the loss is 0: so are the gradients
			t.Errorf("its first step moves it from %v to %v", before, w.Value)
		}
	}
	nn.Freeze(m)
	if _, err := trainer.Fit(t.Context(), set, Options{}); err == nil || !strings.Contains(err.Error(), "all parameters are frozen") {
		t.Errorf("nothing to train: %v", err)
	}
}

func TestFitForgetsGradientsOfBefore(t *testing.T) {
	m := line(t, 1, 2)
	dl.MSE(m.Forward(dl.Ones(8, 1)), dl.Full(1000, 8, 2)).Backward() // a cell that looks at gradients
	for i := range m.Parameters()[0].Value.Float32s() {
		m.Parameters()[0].Value.Float32s()[i] = 0
	}
	trainer := &Trainer{Model: m, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.1}}
	if _, err := trainer.Fit(t.Context(), data.FromTensors(dl.Ones(8, 1), dl.Zeros(8, 2)), Options{}); err != nil {
		t.Fatal(err)
	}
	if got := m.Parameters()[0].Value.Float32s(); got[0] != 0 || got[1] != 0 {
		t.Errorf("weights %v, want 0", got)
	}
}

// A training that was spoiled by its last step, or whose validation is, is an error, and no good file is overwritten.
func TestSpoiledWeightsAreNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	trainer := newTrainer(t)
	checkpoint := []Callback{Checkpoint{Path: path}}
	fitted(t, trainer, Options{Callbacks: checkpoint})
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	nan := data.FromTensors(dl.Full(math.NaN(), 10, 2), dl.New(dl.Int32, 10))
	if _, err := trainer.Fit(t.Context(), clouds(300), Options{Validation: nan, Callbacks: checkpoint}); err == nil || !strings.Contains(err.Error(), "evaluating: the loss is NaN") {
		t.Errorf("validation: %v", err)
	}
	trainer.Optimizer = &optim.SGD{LearningRate: 1e300}
	for _, o := range []Options{{BatchSize: 300, Callbacks: checkpoint}, {BatchSize: 240, ValidationSplit: 0.2, Callbacks: checkpoint}} {
		if _, err := trainer.Fit(t.Context(), clouds(300), o); err == nil || !strings.Contains(err.Error(), "may be too high") {
			t.Errorf("got %v", err)
		}
	}
	if now, err := os.ReadFile(path); err != nil || !slices.Equal(good, now) {
		t.Error("the good checkpoint is overwritten")
	}
	trainer.Model.Parameters()[0].Value.Float32s()[0] = float32(math.NaN())
	if r, err := trainer.Evaluate(t.Context(), clouds(30)); err == nil || !math.IsNaN(r.Get("loss")) {
		t.Errorf("evaluating: %v %v", r, err)
	}
	if _, err := trainer.Confusion(t.Context(), clouds(30)); err == nil {
		t.Error("a confusion matrix of NaN")
	}
	mistakes, err := trainer.Mistakes(t.Context(), clouds(30))
	if err != nil || len(mistakes) != 30 || mistakes[0].Predicted != -1 {
		t.Errorf("mistakes: %v %v", mistakes, err)
	}
}

func TestARateOfZeroTrainsNothing(t *testing.T) {
	trainer := newTrainer(t)
	h := fitted(t, trainer, Options{Epochs: 3, Callbacks: []Callback{RateByEpoch(func(epoch int) float64 { return []float64{2e-4, 1e-4, 0}[epoch-1] })}})
	if !slices.Equal(h.Get("learning_rate"), []float64{2e-4, 1e-4, 0}) {
		t.Errorf("rates %v", h.Get("learning_rate"))
	}
}

func TestTheSeedMayBeSetUntilFit(t *testing.T) {
	run := func(look bool) []float64 {
		trainer := newTrainer(t)
		if look {
			if _, err := trainer.Evaluate(t.Context(), clouds(30)); err != nil {
				t.Fatal(err)
			}
			if err := trainer.Save(filepath.Join(t.TempDir(), "early")); err != nil {
				t.Fatal(err)
			}
		}
		trainer.Seed = 99
		return fitted(t, trainer, Options{}).Get("loss")
	}
	if a, b := run(true), run(false); !slices.Equal(a, b) {
		t.Errorf("losses %v, without looking before %v", a, b)
	}
}

// Targets [N] beside outputs [N, 1] are compared one by one, by losses of one's own, too.
func TestFlatTargetsAreComparedOneByOne(t *testing.T) {
	set := data.FromTensors(dl.Of([]float32{1, 2, 3}, 3, 1), dl.Of([]float32{1, 2, 3}))
	for name, loss := range map[string]nn.Loss{
		"own": {Name: "own", Of: func(y, t *dl.Tensor) *dl.Tensor { return y.Sub(t).Square().Mean() }}, "mse": nn.MSE, "mae": nn.MAE,
	} {
		trainer := &Trainer{Model: line(t, 1, 1), Loss: loss, Optimizer: &optim.SGD{}}
		if r, err := trainer.Evaluate(t.Context(), set); err != nil || r.Get("loss") != 0 {
			t.Errorf("%s: the loss of equal values is %v, %v", name, r.Get("loss"), err)
		}
	}
}

// Labels [N, 1] are labels [N], whether the model ends in its activation or hides it.
func TestLabelsInAColumn(t *testing.T) {
	b, err := data.All(clouds(300))
	if err != nil {
		t.Fatal(err)
	}
	var losses []float64
	for _, labels := range []*dl.Tensor{b.Y, b.Y.Reshape(300, 1)} {
		for _, wrapped := range []bool{false, true} {
			trainer := newTrainer(t)
			if wrapped {
				trainer.Model = &wrapper{Inner: trainer.Model.(*nn.Model)}
			}
			h, err := trainer.Fit(t.Context(), data.FromTensors(b.X, labels), Options{Epochs: 2})
			if err != nil {
				t.Fatal(err)
			}
			losses = append(losses, h.Last("loss"))
		}
	}
	for _, l := range losses {
		if math.Abs(l-losses[0]) > 1e-4 {
			t.Errorf("losses %v differ", losses)
		}
	}
}

type wrapper struct{ Inner *nn.Model }

func (w *wrapper) Forward(x *dl.Tensor) *dl.Tensor { return w.Inner.Forward(x) }
func (w *wrapper) Parameters() []*nn.Parameter     { return nn.ParametersOf(w) }

// A model that is surely wrong learns, wrapped or not: probabilities are not cut off where they still mean something.
func TestASurelyWrongModelLearns(t *testing.T) {
	for _, c := range []struct {
		logit float32
		loss  nn.Loss
		head  nn.Layer
	}{
		{40, nn.SparseCrossEntropy, nn.Softmax},
		{300, nn.SparseCrossEntropy, nn.Softmax}, // the other probability is 0 in float32
		{40, nn.BinaryCrossEntropy, nn.Sigmoid},  // the probability is 1 in float32
	} {
		var plain []float64
		for _, wrapped := range []bool{false, true} {
			units, target := 2, dl.Of([]int32{1})
			if c.head == nn.Sigmoid {
				units, target = 1, dl.Zeros(1, 1)
			}
			m, err := nn.Sequential(dl.Shape{1}, nn.Dense{Units: units, NoBias: true}, c.head)
			if err != nil {
				t.Fatal(err)
			}
			m.Parameters()[0].Value.Fill(0)
			m.Parameters()[0].Value.Set(float64(c.logit), 0, 0)
			trainer := &Trainer{Model: m, Loss: c.loss, Optimizer: &optim.SGD{LearningRate: float64(c.logit) / 40}}
			if wrapped {
				trainer.Model = &wrapper{m}
			}
			h, err := trainer.Fit(t.Context(), data.FromTensors(dl.Ones(1, 1), target), Options{Epochs: 60})
			losses := h.Get("loss")
			if err != nil || math.Abs(losses[0]-float64(c.logit)) > 0.01 || h.Last("loss") > 1 {
				t.Errorf("%s, wrapped %v: losses from %v to %v, %v", c.loss.Name, wrapped, losses[0], h.Last("loss"), err)
			}
			if wrapped && !slices.Equal(losses, plain) {
				t.Errorf("%s: losses of a wrapped model %v, of the model itself %v", c.loss.Name, losses, plain)
			}
			plain = losses
		}
	}
}

func TestOutputsThatAreNoProbabilitiesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		layers []nn.Layer
		loss   nn.Loss
		says   string
	}{
		"no Softmax":       {[]nn.Layer{nn.Dense{Units: 3}}, nn.SparseCrossEntropy, "nn.SparseCrossEntropyLogits"},
		"Sigmoid":          {[]nn.Layer{nn.Dense{Units: 3, Activation: nn.Sigmoid}}, nn.SparseCrossEntropy, "sum to"},
		"one-hot, nothing": {[]nn.Layer{nn.Dense{Units: 3}}, nn.CategoricalCrossEntropy, "nn.CategoricalCrossEntropyLogits"},
		"Softmax twice":    {[]nn.Layer{nn.Dense{Units: 3, Activation: nn.Softmax}}, nn.SparseCrossEntropyLogits, "nn.SparseCrossEntropyLogits: the outputs are those of a Softmax"},
		"Sigmoid twice":    {[]nn.Layer{nn.Dense{Units: 3}, nn.Sigmoid}, nn.BinaryFocalLogits, "or use nn.BinaryFocal ("},
		"no Sigmoid":       {[]nn.Layer{nn.Dense{Units: 3}}, nn.BinaryCrossEntropy, "nn.BinaryCrossEntropyLogits"},
	} {
		m, err := nn.Sequential(dl.Shape{2}, c.layers...)
		if err != nil {
			t.Fatal(err)
		}
		trainer := &Trainer{Model: m, Loss: c.loss, Optimizer: &optim.SGD{}}
		set := clouds(30)
		if !strings.HasPrefix(c.loss.Name, "sparse") {
			set = data.OneHot(set, 3)
		}
		if _, err := trainer.Fit(t.Context(), set, Options{}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 3})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropyLogits, Optimizer: &optim.Adam{LearningRate: 0.05}, Metrics: []metric.Metric{metric.Accuracy{}}}
	if h := fitted(t, trainer, Options{Epochs: 5}); h.Last("accuracy") < 0.9 {
		t.Errorf("PyTorch's habit:\n%v", h)
	}
}

func TestATokenModelTrains(t *testing.T) {
	const length, vocabulary = 6, 7
	r := dl.NewRand(4)
	tokens, next := dl.New(dl.Int32, 64, length), dl.New(dl.Int32, 64, length)
	for i := range tokens.Int32s() { // each token is followed by the one three further
		if i%length == 0 {
			tokens.Int32s()[i] = int32(r.IntN(vocabulary))
		} else {
			tokens.Int32s()[i] = next.Int32s()[i-1]
		}
		next.Int32s()[i] = (tokens.Int32s()[i] + 3) % vocabulary
	}
	dl.Seed(1)
	m, err := nn.Sequential(dl.Shape{length}, nn.Embedding{Vocabulary: vocabulary, Units: 16}, nn.PositionalEmbedding{},
		nn.TransformerBlock{Heads: 2, Causal: true}, nn.Dense{Units: vocabulary, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	trainer := &Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.AdamW{LearningRate: 0.01}, Metrics: []metric.Metric{metric.Accuracy{}}}
	set := data.FromTensors(tokens, next)
	h, err := trainer.Fit(t.Context(), set, Options{Epochs: 20, BatchSize: 16, ValidationSplit: 0.25})
	if err != nil || h.Last("val_accuracy") != 1 {
		t.Fatalf("%v\n%v", err, h)
	}
	if p, err := trainer.Predict(t.Context(), set); err != nil || !slices.Equal(p.Shape(), dl.Shape{64, length, vocabulary}) {
		t.Errorf("%v %v", p, err)
	}
	// A shorter sequence, and a batch of sequences of any length up to that.
	if y := m.Predict(dl.Of([]int32{1, 4}, 1, 2)); !slices.Equal(metric.PredictedClasses(y), []int{4, 0}) {
		t.Errorf("predicted %v", metric.PredictedClasses(y))
	}
	if err := dl.Try(func() { m.Predict(dl.New(dl.Int32, 1, length+1)) }); err == nil || !strings.Contains(err.Error(), "at most 6 positions") {
		t.Errorf("too long: %v", err)
	}
	var value *dl.ValueError
	if err := dl.Try(func() { (&nn.Dense{Units: 3}).Forward(dl.Ones(1, 2)) }); !errors.As(err, &value) || !strings.Contains(err.Error(), "nn.Build") {
		t.Errorf("not built: %v", err)
	}
}
