package nn

import (
	"math"
	"testing"

	"modelbook/dl"
)

func init() {
	weights := []float64{0.5, 2, 1}
	aligned := func(c CTC, lengths, sizes []int) any {
		return func(x, y *dl.Tensor) *dl.Tensor { return c.Of(x, y, lengths, sizes) }
	}
	area("losses", map[string]any{
		"SparseCrossEntropyLogits smoothing":               SparseCrossEntropyLogits.With(LossOptions{LabelSmoothing: 0.2}),
		"SparseCrossEntropyLogits weights":                 SparseCrossEntropyLogits.With(LossOptions{ClassWeights: weights}),
		"SparseCrossEntropyLogits weights and smoothing":   SparseCrossEntropyLogits.With(LossOptions{ClassWeights: weights, LabelSmoothing: 0.2}),
		"SparseCrossEntropyLogits ignore":                  SparseCrossEntropyLogits.With(LossOptions{Ignore: []int{-100}}),
		"SparseCrossEntropyLogits everything":              SparseCrossEntropyLogits.With(LossOptions{ClassWeights: weights, LabelSmoothing: 0.1, Ignore: []int{0}}),
		"SparseCrossEntropyLogits sum":                     SparseCrossEntropyLogits.With(LossOptions{ClassWeights: weights, Reduction: Sum}),
		"SparseCrossEntropyLogits places":                  SparseCrossEntropyLogits.With(LossOptions{ClassWeights: weights}),
		"SparseCrossEntropyLogits large":                   kinked{SparseCrossEntropyLogits, "one class has all the probability"},
		"CategoricalCrossEntropyLogits soft":               CategoricalCrossEntropyLogits,
		"CategoricalCrossEntropyLogits soft and smoothing": CategoricalCrossEntropyLogits.With(LossOptions{LabelSmoothing: 0.3}),
		"CategoricalCrossEntropyLogits soft, weights, sum": CategoricalCrossEntropyLogits.With(LossOptions{ClassWeights: weights, Reduction: Sum}),
		"CategoricalCrossEntropyLogits weights":            CategoricalCrossEntropyLogits.With(LossOptions{ClassWeights: weights}),
		"BinaryCrossEntropyLogits positive":                BinaryCrossEntropyLogits.With(LossOptions{PositiveWeights: []float64{3}}),
		"BinaryCrossEntropyLogits positive columns":        BinaryCrossEntropyLogits.With(LossOptions{PositiveWeights: []float64{3, 0.5, 1.5}}),
		"BinaryCrossEntropyLogits positive large":          kinked{BinaryCrossEntropyLogits.With(LossOptions{PositiveWeights: []float64{3}}), "differences lose the digits"},
		"BinaryCrossEntropy positive":                      BinaryCrossEntropy.With(LossOptions{PositiveWeights: []float64{3}}),
		"NLL":                                              NLL,
		"NLL weights, ignore":                              NLL.With(LossOptions{ClassWeights: weights, Ignore: []int{1}}),
		"BinaryFocalLogits":                                BinaryFocalLogits,
		"BinaryFocalLogits options":                        BinaryFocalLogits.With(LossOptions{Gamma: 1.5, Alpha: 0.25}),
		"BinaryFocalLogits large":                          kinked{BinaryFocalLogits, "differences lose the digits"},
		"BinaryFocal":                                      BinaryFocal,
		"CategoricalFocal":                                 CategoricalFocal,
		"CategoricalFocal options":                         CategoricalFocal.With(LossOptions{Gamma: 0.5, Alpha: 1}),
		"SparseFocal":                                      SparseFocal,
		"MAPE":                                             MAPE,
		"MSLE":                                             MSLE,
		"LogCosh":                                          LogCosh,
		"LogCosh large":                                    kinked{LogCosh, "differences lose the digits"},
		"Huber delta":                                      Huber.With(LossOptions{Delta: 0.5}),
		"SmoothL1":                                         SmoothL1,
		"SmoothL1 delta":                                   SmoothL1.With(LossOptions{Delta: 0.5}),
		"Quantile":                                         Quantile,
		"Quantile 0.9":                                     Quantile.With(LossOptions{Quantiles: []float64{0.9}}),
		"Quantile several":                                 Quantile.With(LossOptions{Quantiles: []float64{0.1, 0.5, 0.9}}),
		"Poisson":                                          Poisson,
		"PoissonNLL":                                       PoissonNLL,
		"CosineSimilarity":                                 CosineSimilarity,
		"KLDivergence":                                     KLDivergence,
		"KLDivergence zeros":                               KLDivergence,
		"JensenShannon":                                    JensenShannon,
		"JensenShannon zeros":                              JensenShannon,
		"Hinge":                                            Hinge,
		"Hinge signs":                                      Hinge,
		"SquaredHinge":                                     SquaredHinge,
		"CategoricalHinge":                                 CategoricalHinge,
		"SoftMargin":                                       SoftMargin,
		"HingeEmbedding":                                   HingeEmbedding,
		"HingeEmbedding margin":                            HingeEmbedding.With(LossOptions{Margin: 0.4}),
		"MultiMargin":                                      MultiMargin,
		"MultiMargin margin":                               MultiMargin.With(LossOptions{Margin: 0.3}),
		"MultiLabelMargin":                                 MultiLabelMargin,
		"MultiLabelSoftMargin":                             MultiLabelSoftMargin,
		"Dice":                                             Dice,
		"Dice smooth":                                      Dice.With(LossOptions{Smooth: 2}),
		"Dice nothing":                                     Dice,
		"Tversky":                                          Tversky.With(LossOptions{Alpha: 0.3, Beta: 0.7}),
		"Jaccard":                                          Jaccard,

		"GaussianNLL":            GaussianNLL{}.Of,
		"GaussianNLL full":       GaussianNLL{Full: true, Reduction: Sum}.Of,
		"GaussianNLL small":      kinked{GaussianNLL{Epsilon: 0.5}.Of, "small variances have the gradient of the least one"},
		"CosineEmbedding":        CosineEmbedding{}.Of,
		"CosineEmbedding margin": CosineEmbedding{Margin: -0.5}.Of,
		"MarginRanking":          MarginRanking{Margin: 0.3}.Of,
		"Contrastive":            Contrastive{Margin: 3}.Of,
		"Triplet":                Triplet{}.Of,
		"Triplet options":        Triplet{Margin: 0.4, Norm: 3, Swap: true, Reduction: Sum}.Of,
		"Triplet distance": Triplet{Margin: 0.5, Distance: func(a, b *dl.Tensor) *dl.Tensor {
			return cosine(a, b).Neg().AddScalar(1)
		}}.Of,
		"TripletSemiHard":    TripletSemiHard{}.Of,
		"InfoNCE":            InfoNCE{}.Of,
		"InfoNCE symmetric":  InfoNCE{Temperature: 0.5, Symmetric: true}.Of,
		"NTXent":             NTXent{}.Of,
		"NTXent temperature": NTXent{Temperature: 0.1}.Of,
		"CTC":                aligned(CTC{}, nil, nil),
		"CTC lengths":        aligned(CTC{}, []int{6, 4, 3}, []int{3, 2, 1}),
		"CTC no labels":      aligned(CTC{}, []int{6, 4, 3}, []int{3, 2, 0}),
		"CTC blank, sum":     aligned(CTC{Blank: 3, Reduction: Sum}, []int{6, 5, 3}, []int{3, 2, 1}),
		"CTC zero infinity":  aligned(CTC{ZeroInfinity: true}, []int{6, 2, 3}, []int{3, 2, 1}),
		"CTC infinity": func(x, y *dl.Tensor) *dl.Tensor {
			return CTC{}.Values(x, y, []int{6, 2, 3}, []int{3, 2, 1})
		},
		"CTC large": kinked{aligned(CTC{}, nil, []int{3, 2, 1}), "one class has all the probability"},
	})
}

// Certain and impossible outputs, and outputs of any size, have finite values and gradients.
func TestLossesOfCertainOutputsAreFinite(t *testing.T) {
	labels := dl.Of([]int32{0, 1})
	sure, wrong := dl.Of([]float32{1, 0, 0, 1}, 2, 2), dl.Of([]float32{0, 1, 1, 0}, 2, 2)
	large := dl.Of([]float32{1e30, -1e30, -1e4, 1e4}, 2, 2)
	for _, c := range []struct {
		loss            Loss
		outputs, target *dl.Tensor
	}{
		{SparseCrossEntropy, wrong, labels}, {CategoricalCrossEntropy, wrong, sure}, {BinaryCrossEntropy, wrong, sure},
		{BinaryCrossEntropy.With(LossOptions{PositiveWeights: []float64{2}}), wrong, sure},
		{BinaryFocal, wrong, sure}, {BinaryFocal, sure, sure}, {BinaryFocal.With(LossOptions{Gamma: 0.5}), sure, sure},
		{CategoricalFocal, wrong, sure}, {CategoricalFocal.With(LossOptions{Gamma: 0.5}), sure, sure}, {SparseFocal, wrong, labels},
		{KLDivergence, wrong, sure}, {JensenShannon, wrong, sure}, {JensenShannon, sure, sure},
		{Dice, dl.Zeros(2, 2), dl.Zeros(2, 2)}, {Jaccard, wrong, sure}, {Tversky, sure, sure},
		{Poisson, dl.Zeros(2, 2), sure}, {CosineSimilarity, dl.Zeros(2, 2), sure}, {MAPE, sure, dl.Zeros(2, 2)}, {MSLE, wrong, sure},
		{SparseCrossEntropyLogits, large, labels}, {SparseCrossEntropyLogits.With(LossOptions{LabelSmoothing: 0.1}), large.MulScalar(1e-20), labels},
		{BinaryCrossEntropyLogits.With(LossOptions{PositiveWeights: []float64{2}}), large, sure}, {BinaryFocalLogits, large, sure},
		{SoftMargin, large, sure}, {LogCosh, large, sure}, {MultiLabelSoftMargin, large, sure},
	} {
		x := c.outputs.Clone().RequireGrad()
		l := c.loss.Compute(x, c.target, false, nil)
		l.Backward()
		if v := l.Item(); math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s of %v is %v", c.loss.Name, c.outputs, v)
		}
		for _, g := range x.Grad().Float32s() {
			if math.IsNaN(float64(g)) || math.IsInf(float64(g), 0) {
				t.Errorf("%s of %v has the gradient %v", c.loss.Name, c.outputs, x.Grad())
				break
			}
		}
	}
	for name, f := range map[string]func(a, b *dl.Tensor) *dl.Tensor{
		"InfoNCE": InfoNCE{}.Of, "NTXent": NTXent{}.Of, "Triplet": func(a, b *dl.Tensor) *dl.Tensor { return Triplet{}.Of(a, a, a) },
		"TripletSemiHard": func(a, b *dl.Tensor) *dl.Tensor { return TripletSemiHard{}.Of(a, dl.Of([]int32{0, 0})) },
		"Contrastive":     func(a, b *dl.Tensor) *dl.Tensor { return Contrastive{}.Of(a, a, dl.Of([]int32{0, 1})) },
	} {
		x := dl.Zeros(2, 3).RequireGrad()
		l := f(x, dl.Zeros(2, 3))
		l.Backward()
		for _, v := range append(x.Grad().Float32s(), float32(l.Item())) {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Errorf("%s of zeros: %v, gradient %v", name, l, x.Grad())
				break
			}
		}
	}
}

// Options that a loss does not have, wrong settings and wrong targets say so.
func TestWrongLossesAreRefused(t *testing.T) {
	two, labels := dl.Full(0.5, 2, 2), dl.Of([]int32{0, 1})
	for name, f := range map[string]func(){
		"a Gamma of MSE":         func() { MSE.With(LossOptions{Gamma: 2}) },
		"a Delta of MSE":         func() { MSE.With(LossOptions{Delta: 2}) },
		"a Margin of one's own":  func() { Loss{Name: "own", PerSample: dl.MSE}.With(LossOptions{Margin: 2}) },
		"a quantile of 1":        func() { Quantile.With(LossOptions{Quantiles: []float64{1}}) },
		"three quantiles of two": func() { Quantile.With(LossOptions{Quantiles: []float64{0.1, 0.5, 0.9}}).Compute(two, two, false, nil) },
		"a negative weight":      func() { BinaryCrossEntropy.With(LossOptions{PositiveWeights: []float64{-1}}) },
		"three positive weights": func() {
			BinaryCrossEntropy.With(LossOptions{PositiveWeights: []float64{1, 2, 3}}).Compute(two, two, false, nil)
		},
		"weights of one class": func() {
			SparseCrossEntropy.With(LossOptions{ClassWeights: []float64{1}}).Compute(two, dl.Of([]int32{0, 0}), false, nil)
		},
		"NLL of logits":           func() { NLL.Compute(two, labels, false, nil) },
		"NLL of class 2":          func() { NLL.Compute(two.Log(), dl.Of([]int32{0, 2}), false, nil) },
		"NLL of class -100":       func() { NLL.Compute(two.Log(), dl.Of([]int32{0, -100}), false, nil) },
		"focal of class 2":        func() { SparseFocal.Compute(two, dl.Of([]int32{0, 2}), false, nil) },
		"margin of class 2":       func() { MultiMargin.Compute(two, dl.Of([]int32{0, 2}), false, nil) },
		"hinge of 0.5":            func() { Hinge.Compute(two, two, false, nil) },
		"multi-label of 0.5":      func() { MultiLabelMargin.Compute(two, two, false, nil) },
		"divergence from 2":       func() { KLDivergence.Compute(two, dl.Full(2, 2, 2), false, nil) },
		"divergence of logits":    func() { KLDivergence.Compute(dl.Full(2, 2, 2), two, false, nil) },
		"dice of logits":          func() { Dice.Compute(dl.Full(2, 2, 2), two, false, nil) },
		"a negative rate":         func() { Poisson.Compute(dl.Full(-1, 2, 2), two, false, nil) },
		"a negative variance":     func() { GaussianNLL{}.Of(two, two, dl.Full(-1, 2, 2)) },
		"vectors of other shapes": func() { InfoNCE{}.Of(two, dl.Ones(2, 3)) },
		"a temperature below 0":   func() { NTXent{Temperature: -1}.Of(two, two) },
		"triplets of one axis":    func() { Triplet{}.Of(dl.Ones(3), dl.Ones(3), dl.Ones(3)) },
		"labels that are floats":  func() { TripletSemiHard{}.Of(two, dl.Ones(2)) },
		"pairs of three kinds":    func() { Contrastive{}.Of(two, two, dl.Of([]int32{1, 2})) },
		"CTC of two axes":         func() { CTC{}.Of(two, labels.Reshape(2, 1), nil, nil) },
		"CTC of the blank":        func() { CTC{}.Of(dl.Ones(1, 3, 3), dl.Of([]int32{0, 1}, 1, 2), nil, nil) },
		"CTC of class 3":          func() { CTC{}.Of(dl.Ones(1, 3, 3), dl.Of([]int32{3}, 1, 1), nil, nil) },
		"CTC of 4 steps of 3":     func() { CTC{}.Of(dl.Ones(1, 3, 3), dl.Of([]int32{1}, 1, 1), []int{4}, nil) },
		"CTC of two lengths":      func() { CTC{}.Of(dl.Ones(1, 3, 3), dl.Of([]int32{1}, 1, 1), nil, []int{1, 1}) },
		"CTC with blank 3":        func() { CTC{Blank: 3}.Of(dl.Ones(1, 3, 3), dl.Of([]int32{1}, 1, 1), nil, nil) },
	} {
		if dl.Try(f) == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The options of every loss are kept in its file.
func TestLossesWithOptionsAreKept(t *testing.T) {
	x, target := dl.Full(0.25, 2, 2), dl.Of([]float32{1, 0, 0, 1}, 2, 2)
	for _, l := range []Loss{BinaryFocal.With(LossOptions{Gamma: 3, Alpha: 0.3}), Tversky.With(LossOptions{Alpha: 0.2, Beta: 0.9, Smooth: 1}),
		Quantile.With(LossOptions{Quantiles: []float64{0.2, 0.8}}), HingeEmbedding.With(LossOptions{Margin: 0.5}),
		BinaryCrossEntropy.With(LossOptions{PositiveWeights: []float64{4}}), SmoothL1.With(LossOptions{Delta: 0.2})} {
		var again Loss
		if err := again.UnmarshalBinary(must(l.MarshalBinary())); err != nil {
			t.Errorf("%s: %v", l.Name, err)
		} else if a, b := l.Compute(x, target, false, nil).Item(), again.Compute(x, target, false, nil).Item(); a != b {
			t.Errorf("%s: %v, from its file %v", l.Name, a, b)
		}
	}
}

// Outputs of 0, where a model whose last weights begin at 0 stands, have the gradient of a difference: also of the values
// of samples, which are computed where samples have weights.
func TestLossesOfOutputsThatAreZero(t *testing.T) {
	labels, rows := dl.Of([]int64{0, 2}), dl.Of([]float64{1, 0, 0, 0, 1, 1}, 2, 3)
	signs := dl.Of([]float64{1, -1, -1, -1, 1, 1}, 2, 3)
	for _, c := range []struct {
		loss   Loss
		target *dl.Tensor
	}{
		{MSE, rows}, {Huber, rows}, {SmoothL1, rows}, {LogCosh, rows}, {PoissonNLL, rows}, {SoftMargin, signs}, {MultiLabelSoftMargin, rows},
		{BinaryCrossEntropyLogits, rows}, {BinaryCrossEntropyLogits.With(LossOptions{PositiveWeights: []float64{2}}), rows},
		{BinaryCrossEntropyLogits.With(LossOptions{LabelSmoothing: 0.1}), rows}, {BinaryFocalLogits, rows},
		{SparseCrossEntropyLogits, labels}, {SparseCrossEntropyLogits.With(LossOptions{LabelSmoothing: 0.1}), labels}, {CategoricalCrossEntropyLogits, labels.OneHot(3)},
	} {
		for name, f := range map[string]func(x *dl.Tensor) *dl.Tensor{
			"mean":    func(x *dl.Tensor) *dl.Tensor { return c.loss.Compute(x, c.target, false, nil) },
			"weights": func(x *dl.Tensor) *dl.Tensor { return c.loss.Compute(x, c.target, false, dl.Of([]float64{1, 3})) },
			"values":  func(x *dl.Tensor) *dl.Tensor { return c.loss.Values(x, c.target, false).Sum() },
		} {
			if err := dl.CheckGradients(func(xs ...*dl.Tensor) *dl.Tensor { return f(xs[0]) }, dl.New(dl.Float64, 2, 3)); err != nil {
				t.Errorf("%s, %s: %v", c.loss.Name, name, err)
			}
		}
	}
}
