package nn

import (
	"math"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// The mean of the values of samples is the loss, and so are the gradients, of probabilities and of logits.
func TestLossesAreMeansOfTheirValues(t *testing.T) {
	r := dl.NewRand(1)
	labels := dl.Of([]int32{0, 2, 1, 3})
	for _, loss := range losses() {
		output := r.Normals(0, 1, 4, 4)
		target := labels
		switch name := loss.Name; {
		case strings.HasPrefix(name, "sparse"), name == "multi_margin":
		case name == "nll":
			output = output.LogSoftmax(-1)
		case strings.HasPrefix(name, "categorical"), strings.Contains(name, "hinge"), strings.Contains(name, "margin"):
			target = labels.OneHot(4)
		case name == "kl_divergence", name == "jensen_shannon":
			output, target = output.Softmax(-1), r.Normals(0, 1, 4, 4).Softmax(-1)
		case name == "poisson", name == "dice", name == "tversky", name == "jaccard":
			output, target = output.Sigmoid(), r.Uniforms(0, 1, 4, 4)
		default:
			target = r.Uniforms(0, 1, 4, 4)
		}
		for _, logits := range []bool{false, true} {
			if logits && loss.FromLogits == nil {
				continue
			}
			of := func(values bool) (float64, []float32) {
				x := output.Clone().RequireGrad()
				y := x
				if !logits {
					y = loss.Head.Apply(x)
				}
				var l *dl.Tensor
				if values {
					l = loss.Values(y, target, logits).Mean()
				} else {
					l = loss.Compute(y, target, logits, nil)
				}
				l.Backward()
				return l.Item(), x.Grad().Float32s()
			}
			a, da := of(false)
			b, db := of(true)
			if math.Abs(a-b) > 1e-5 {
				t.Errorf("%s, logits %v: %v, the mean of the values %v", loss.Name, logits, a, b)
			}
			for i := range da {
				if math.Abs(float64(da[i]-db[i])) > 1e-5 {
					t.Errorf("%s, logits %v: gradients %v and %v", loss.Name, logits, da, db)
					break
				}
			}
		}
	}
}

func TestLossOptions(t *testing.T) {
	logits := dl.Of([]float32{1, 0, 0, 2, 0, 0}, 2, 3)
	labels := dl.Of([]int32{0, 1})
	first, second := -1+math.Log(math.E+2), math.Log(math.Exp(2)+2) // -ln softmax at the labels
	smooth := func(share float64) float64 {
		rest := func(top float64) float64 { // the mean over the classes
			log := math.Log(math.Exp(top) + 2)
			return (3*log - top) / 3
		}
		return ((1-share)*first + share*rest(1) + (1-share)*second + share*rest(2)) / 2
	}
	for name, c := range map[string]struct {
		o    LossOptions
		want float64
	}{
		"mean":          {LossOptions{}, (first + second) / 2},
		"sum":           {LossOptions{Reduction: Sum}, first + second},
		"class weights": {LossOptions{ClassWeights: []float64{3, 1, 1}}, (3*first + second) / 4}, // PyTorch's weighted mean
		"weights, sum":  {LossOptions{ClassWeights: []float64{3, 1, 1}, Reduction: Sum}, 3*first + second},
		"ignore":        {LossOptions{Ignore: []int{1}}, first},
		"ignore all":    {LossOptions{Ignore: []int{1, 0}}, 0},
		"smoothing":     {LossOptions{LabelSmoothing: 0.1}, smooth(0.1)},
	} {
		sparse := SparseCrossEntropy.With(c.o)
		categorical := CategoricalCrossEntropy.With(c.o)
		for kind, got := range map[string]float64{
			"sparse logits":             sparse.Compute(logits, labels, true, nil).Item(),
			"sparse probabilities":      sparse.Compute(logits.Softmax(-1), labels, false, nil).Item(),
			"sparse, a column":          sparse.Compute(logits, labels.Reshape(2, 1), true, nil).Item(),
			"categorical logits":        categorical.Compute(logits, labels.OneHot(3), true, nil).Item(),
			"categorical probabilities": categorical.Compute(logits.Softmax(-1), labels.OneHot(3), false, nil).Item(),
		} {
			if math.Abs(got-c.want) > 1e-5 {
				t.Errorf("%s, %s: %v, want %v", name, kind, got, c.want)
			}
		}
		var again Loss
		if err := again.UnmarshalBinary(must(sparse.MarshalBinary())); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := again.Compute(logits, labels, true, nil).Item(); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%s: %v after it was saved, want %v", name, got, c.want)
		}
	}
	ignored := SparseCrossEntropy.With(LossOptions{Ignore: []int{-100}}) // PyTorch's ignore_index
	if got := ignored.Compute(logits, dl.Of([]int32{0, -100}), true, nil).Item(); math.Abs(got-first) > 1e-5 {
		t.Errorf("-100 is ignored: %v", got)
	}
	if got := SparseCrossEntropy.Compute(logits, labels, true, dl.Of([]float32{1, 3})).Item(); math.Abs(got-(first+3*second)/4) > 1e-5 {
		t.Errorf("sample weights: %v", got)
	}
	huber := Huber.With(LossOptions{Delta: 2})
	if got := huber.Values(dl.Of([]float32{1, 5, -4}, 3, 1), dl.Zeros(3, 1), false).Float32s(); !slices.Equal(got, []float32{0.5, 8, 6}) {
		t.Errorf("Huber: %v", got)
	}
}

func TestWrongTargetsAreRefused(t *testing.T) {
	p := dl.Full(1.0/3, 3, 3)
	for name, f := range map[string]func(){
		"one label for three rows": func() { SparseCrossEntropy.Of(p, dl.Of([]int32{1})) },
		"labels [1, 3]":            func() { SparseCrossEntropy.Of(p, dl.Of([]int32{1, 2, 0}, 1, 3)) },
		"float labels":             func() { SparseCrossEntropy.Of(p, dl.Of([]float32{1, 2, 0})) },
		"a flat target":            func() { CategoricalCrossEntropy.Of(p, dl.Of([]float32{1, 0, 0})) },
		"a column":                 func() { CategoricalCrossEntropy.Of(p, dl.Zeros(3, 1)) },
		"a class without weight": func() {
			SparseCrossEntropy.With(LossOptions{ClassWeights: []float64{1}}).Compute(p, dl.Of([]int32{0, 1, 2}), false, nil)
		},
		"options of a loss of a mean": func() { Loss{Name: "own", Of: dl.MSE}.With(LossOptions{Reduction: Sum}) },
		"a smoothing of 1":            func() { SparseCrossEntropy.With(LossOptions{LabelSmoothing: 1}) },
	} {
		if dl.Try(f) == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// Labels in a column are labels.
	q := dl.Of([]float32{0.2, 0.5, 0.3, 0.7, 0.2, 0.1, 0.1, 0.1, 0.8}, 3, 3)
	labels := dl.Of([]int32{1, 0, 2})
	want := -(math.Log(0.5) + math.Log(0.7) + math.Log(0.8)) / 3
	for _, l := range []*dl.Tensor{labels, labels.Reshape(3, 1), labels.To(dl.Int64)} {
		if got := SparseCrossEntropy.Of(q, l).Item(); math.Abs(got-want) > 1e-6 {
			t.Errorf("labels %v: %v, want %v", l.Shape(), got, want)
		}
	}
	three := q.Reshape(1, 3, 3)
	if got := CategoricalCrossEntropy.FromLogits(three.Log(), labels.OneHot(3).Reshape(1, 3, 3)).Item(); math.Abs(got-want) > 1e-6 {
		t.Errorf("one-hot sequences: %v, want %v", got, want)
	}
}

// Probabilities of 0 and 1 have PyTorch's values and gradients, with weights and options, too.
func TestBinaryCrossEntropyOfSureSamples(t *testing.T) {
	p := dl.Of([]float32{1, 0, 1, 0, 0.25}, 5, 1).RequireGrad()
	target := dl.Of([]float32{0, 1, 1, 0, 1}, 5, 1)
	values := BinaryCrossEntropy.Values(p, target, false)
	for i, want := range []float64{100, 100, 0, 0, 1.3862944} {
		if v := values.At(i); math.Abs(v-want) > 1e-5 {
			t.Errorf("value %d: %v, want %v", i, v, want)
		}
	}
	// The weighted mean: the sum of weights is 10.
	g := dl.Grad(BinaryCrossEntropy.Compute(p, target, false, dl.Of([]float32{1, 2, 1, 1, 5})), p)[0]
	for i, want := range []float64{1e11, -2e11, 0, 0, -2} {
		if v := g.At(i, 0); math.Abs(v-want) > 1e-5*math.Abs(want) {
			t.Errorf("gradient %d: %v, want %v", i, v, want)
		}
	}
	double := dl.Of([]float64{0.2, 0.7, 0.5}, 3, 1).RequireGrad()
	if err := dl.CheckGradients(func(xs ...*dl.Tensor) *dl.Tensor {
		return BinaryCrossEntropy.With(LossOptions{LabelSmoothing: 0.1, Reduction: Sum}).Compute(xs[0], dl.Of([]float64{1, 0, 1}, 3, 1), false, nil)
	}, double); err != nil {
		t.Error(err)
	}
}
