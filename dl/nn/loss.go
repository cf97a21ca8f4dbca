package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
)

// Loss measures how wrong outputs are as one number, the mean over the batch unless its Options say otherwise, that
// training makes small.
//
// Of takes the model's outputs as they are. FromLogits, where present, takes the outputs of a model without its last
// activation, Head: together they can be computed faster and without losing digits, and Trainer does so, also for models
// of your own that end in Head. A loss of your own needs a name and Of, or PerSample, with which sample weights, masks
// and Options work, too.
type Loss struct {
	Name       string
	Of         func(output, target *dl.Tensor) *dl.Tensor
	Head       Activation
	FromLogits func(logits, target *dl.Tensor) *dl.Tensor
	PerSample  func(output, target *dl.Tensor) *dl.Tensor // a value for each sample, or each place of a sequence
	Options    LossOptions

	values   func(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor // PerSample of the losses here
	uses     string                                                                 // the options that are only for some losses, by name
	weighted bool                                                                   // values count the classes as ClassWeights says
	binary   bool                                                                   // targets are 0 and 1, probabilities of class 1 or the classes themselves
}

// LossOptions change a loss: see [Loss.With]. The zero value changes nothing.
type LossOptions struct {
	Reduction      Reduction
	ClassWeights   []float64 // how much samples of each class count; needs class numbers or one-hot targets
	Ignore         []int     // class numbers that do not count, such as those of padding; nor do they in a Trainer's metrics
	LabelSmoothing float64   // the share of the true class's 1 that is spread over all classes
	Delta          float64   // of Huber and SmoothL1: the difference beyond which the loss is linear; 0: 1

	PositiveWeights []float64 // of BinaryCrossEntropy: how much targets of 1 count, one for all columns or one for each
	Gamma           float64   // of the focal losses: the power of what is missing to certainty; 0: 2; negative: 0
	Alpha           float64   // of the focal losses: the weight of class 1, or of all; of Tversky: that of false positives
	Beta            float64   // of Tversky: the weight of false negatives
	Margin          float64   // of MultiMargin and HingeEmbedding; 0: 1
	Quantiles       []float64 // of Quantile, one for all columns or one for each; nil: the median
	Smooth          float64   // of Dice, Tversky and Jaccard: added above and below the fraction; 0: 1e-7
}

// plain says whether the options change nothing.
func (o *LossOptions) plain() bool {
	return o.Reduction == Mean && o.ClassWeights == nil && o.Ignore == nil && o.LabelSmoothing == 0 && o.Delta == 0 &&
		o.PositiveWeights == nil && o.Gamma == 0 && o.Alpha == 0 && o.Beta == 0 && o.Margin == 0 && o.Quantiles == nil && o.Smooth == 0
}

// set are the names of options that are only for some losses and are not at their defaults.
func (o *LossOptions) set() (names []string) {
	for _, option := range []struct {
		name string
		set  bool
	}{
		{"Delta", o.Delta != 0}, {"PositiveWeights", o.PositiveWeights != nil}, {"Gamma", o.Gamma != 0}, {"Alpha", o.Alpha != 0}, {"Beta", o.Beta != 0},
		{"Margin", o.Margin != 0}, {"Quantiles", o.Quantiles != nil}, {"Smooth", o.Smooth != 0},
	} {
		if option.set {
			names = append(names, option.name)
		}
	}
	return names
}

// Reduction is how the values of the samples become one number.
type Reduction uint8

const (
	Mean Reduction = iota // the sum of values times weights, divided by the sum of the weights (PyTorch's weighted mean)
	// Sum is that of the values times weights, as Keras's. The value of a sample is a mean over its columns where the loss
	// is one of numbers; PyTorch's sum of these is as many times as large as there are columns.
	Sum
)

// check refuses what is no reduction.
func (r Reduction) check(op string) {
	if r > Sum {
		dl.PanicValue(op, "there is no Reduction %d: it is nn.Mean or nn.Sum", r)
	}
}

// String is for messages and tables.
func (r Reduction) String() string { return [...]string{"mean", "sum"}[min(r, 1)] }

var (
	// MSE is the mean of the squared differences; output and target have the same shape. Here, and in the other losses of
	// numbers, targets of outputs [N, 1] may be [N], such as a column of a table, and whole numbers.
	MSE = Loss{Name: "mse", Of: dl.MSE, values: squares}

	// MAE is the mean of the absolute differences; output and target have the same shape.
	MAE = Loss{Name: "mae", Of: dl.MAE, values: distances}

	// Huber is half the squared difference where that is below Options.Delta, and linear beyond.
	Huber = Loss{Name: "huber", values: huber, uses: "Delta"}

	// BinaryCrossEntropy compares probabilities of class 1 with targets in [0, 1] of the same shape; of probabilities
	// [N, 1] they may be the class numbers 0 and 1, [N], as of a table's column.
	BinaryCrossEntropy = Loss{Name: "binary_cross_entropy", Of: binaryCrossEntropy, Head: Sigmoid,
		FromLogits: dl.BinaryCrossEntropyLogits, values: binaryValues, uses: "PositiveWeights", binary: true}

	// CategoricalCrossEntropy compares probabilities [N, ..., C] with one-hot targets of the
	// same shape.
	CategoricalCrossEntropy = Loss{Name: "categorical_cross_entropy", Of: crossEntropy, Head: Softmax,
		FromLogits: categoricalLogits, values: categoricalValues, weighted: true}

	// SparseCrossEntropy compares probabilities [N, ..., C] with class numbers [N, ...].
	SparseCrossEntropy = Loss{Name: "sparse_cross_entropy", Of: sparseCrossEntropy, Head: Softmax,
		FromLogits: dl.SparseCrossEntropy, values: sparseValues, weighted: true}

	// The same losses for models that end without an activation, as PyTorch's CrossEntropyLoss and BCEWithLogitsLoss
	// take them. Softmax or Sigmoid must then be applied to what the model predicts.
	SparseCrossEntropyLogits      = ofLogits(SparseCrossEntropy, "sparse_cross_entropy_logits")
	CategoricalCrossEntropyLogits = ofLogits(CategoricalCrossEntropy, "categorical_cross_entropy_logits")
	BinaryCrossEntropyLogits      = ofLogits(BinaryCrossEntropy, "binary_cross_entropy_logits")
)

// ofLogits is a loss whose Of takes logits. Outputs that are seen to be those of its activation are refused: a loss that
// applies it a second time falls, too, but slowly and not far.
func ofLogits(l Loss, name string) Loss {
	values, of := l.values, l.FromLogits
	refuse := func(output *dl.Tensor) {
		if output == nil {
			return // refused below
		}
		if _, activated := gradient.Logits(output, l.Head == Sigmoid).(*dl.Tensor); activated {
			dl.PanicValue("nn."+pascal(name), "the outputs are those of a %s: leave it away and apply it to predictions alone, or use nn.%s", title(l.Head), pascal(l.Name))
		}
	}
	return Loss{Name: name, uses: l.uses, weighted: l.weighted, binary: l.binary,
		Of: func(output, target *dl.Tensor) *dl.Tensor {
			refuse(output)
			return of(output, target)
		},
		values: func(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
			refuse(output)
			return values(output, target, true, o)
		}}
}

// pascal is the name of a loss in Go: SparseCrossEntropy of sparse_cross_entropy.
func pascal(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// losses are those that a name stands for.
func losses() []Loss {
	return []Loss{MSE, MAE, Huber, BinaryCrossEntropy, CategoricalCrossEntropy, SparseCrossEntropy,
		SparseCrossEntropyLogits, CategoricalCrossEntropyLogits, BinaryCrossEntropyLogits,
		MAPE, MSLE, LogCosh, SmoothL1, Quantile, Poisson, PoissonNLL, CosineSimilarity,
		NLL, BinaryFocal, BinaryFocalLogits, CategoricalFocal, SparseFocal, KLDivergence, JensenShannon,
		Hinge, SquaredHinge, CategoricalHinge, SoftMargin, HingeEmbedding, MultiMargin, MultiLabelMargin, MultiLabelSoftMargin,
		Dice, Tversky, Jaccard}
}

// check refuses options that no loss can have.
func (o *LossOptions) check() {
	const op = "nn.Loss.With"
	o.Reduction.check(op)
	if !(o.LabelSmoothing >= 0 && o.LabelSmoothing < 1) || !(o.Delta >= 0) {
		dl.PanicValue(op, "LabelSmoothing %v must lie from 0 to below 1, Delta %v not below 0", o.LabelSmoothing, o.Delta)
	}
	for i, q := range o.Quantiles {
		if !(q > 0 && q < 1) {
			dl.PanicValue(op, "the quantile %d is %v; it must lie between 0 and 1", i, q)
		}
	}
	for class, w := range o.ClassWeights {
		if !(w >= 0) || math.IsInf(w, 0) {
			dl.PanicValue(op, "the weight %v of class %d is below 0, or no finite number", w, class)
		}
	}
	for i, w := range o.PositiveWeights {
		if !(w >= 0) || math.IsInf(w, 0) {
			dl.PanicValue(op, "the weight %v of class 1 in column %d is below 0, or no finite number", w, i)
		}
	}
	for _, option := range []struct {
		name  string
		value float64
	}{{"Delta", o.Delta}, {"Gamma", o.Gamma}, {"Alpha", o.Alpha}, {"Beta", o.Beta}, {"Margin", o.Margin}, {"Smooth", o.Smooth}} {
		finite(op, option.name, option.value)
	}
}

// With is the loss with options.
func (l Loss) With(o LossOptions) Loss {
	o.check()
	for _, name := range o.set() {
		if l.values == nil || !slices.Contains(strings.Fields(l.uses), name) {
			dl.PanicValue("nn.Loss.With", "the loss %q has no %s", l.Name, name)
		}
	}
	if l.values == nil && l.PerSample == nil && !o.plain() {
		dl.PanicValue("nn.Loss.With", "the loss %q gives one number for a batch; options need its PerSample", l.Name)
	}
	l.Options = o
	return l
}

// Defined says whether the loss can be computed.
func (l Loss) Defined() bool { return l.Of != nil || l.PerSample != nil || l.values != nil }

// Weighable says whether the loss has a value for each sample, so that samples can count differently.
func (l Loss) Weighable() bool { return l.PerSample != nil || l.values != nil }

// Compute is the loss of a batch. logits says that output is that of a model without the activation Head. weight, or
// nil, says how much each sample counts, [N], or each place of a sequence, of the shape of the loss's values.
func (l Loss) Compute(output, target *dl.Tensor, logits bool, weight *dl.Tensor) *dl.Tensor {
	target = l.alike(output, target)
	if weight == nil && l.Options.plain() {
		switch {
		case logits && l.FromLogits != nil:
			return l.FromLogits(output, target)
		case l.Of != nil:
			return l.Of(output, target)
		}
	}
	return l.reduce(l.Values(output, target, logits), target, weight)
}

// Values is the loss of each sample, [N], or of each place of a sequence.
func (l Loss) Values(output, target *dl.Tensor, logits bool) *dl.Tensor {
	target = l.alike(output, target)
	if !l.Options.plain() {
		l.Options.check()
	}
	switch {
	case l.values != nil:
		return l.values(output, target, logits, l.Options)
	case l.PerSample != nil:
		if logits {
			output = l.Head.Apply(output)
		}
		return l.PerSample(output, target)
	}
	dl.PanicValue("nn.Loss", "the loss %q gives one number for a batch; sample weights, masks and options need its PerSample", l.Name)
	return nil
}

// alike gives targets [N] the shape of outputs [N, 1]: without that they would be combined each with each. Integers are
// class numbers, and stay what they are for losses of classes; those of two classes and of numbers take them as numbers.
func (l *Loss) alike(output, target *dl.Tensor) *dl.Tensor {
	l.refuse(output, target)
	if target == nil || target.Rank() != 1 || output.Rank() != 2 || output.Dim(1) != 1 || target.Dim(0) != output.Dim(0) {
		return target
	}
	switch {
	case target.DType().IsFloat():
		return target.Reshape(-1, 1)
	case l.binary:
		l.checkBinary(target)
		return target.To(output.DType()).Reshape(-1, 1)
	case l.values != nil && !l.weighted:
		return target.To(output.DType()).Reshape(-1, 1)
	}
	return target
}

// checkBinary refuses class numbers that are not 0 or 1.
func (l *Loss) checkBinary(classes *dl.Tensor) {
	for i, c := range classes.To(dl.Int32).Contiguous().Int32s() {
		if c != 0 && c != 1 {
			dl.PanicValue("nn.Loss", "the classes of %s are 0 and 1, and sample %d is of class %d; for more than two there is nn.SparseCrossEntropy, with a column for each", l.Name, i, c)
		}
	}
}

// MarshalBinary writes the loss's name and options, for gob and for saved sessions. A loss of your own is a function,
// which no file can hold: that is an error.
func (l Loss) MarshalBinary() ([]byte, error) {
	if !l.Defined() {
		return nil, nil
	}
	same := func(known Loss) bool {
		return known.Name == l.Name && pointer(known.Of) == pointer(l.Of) && pointer(known.values) == pointer(l.values) && l.PerSample == nil
	}
	if !slices.ContainsFunc(losses(), same) {
		return nil, fmt.Errorf("nn: the loss %q is a function of your own, which cannot be written", l.Name)
	}
	if l.Options.plain() {
		return []byte(l.Name), nil
	}
	options, err := json.Marshal(l.Options)
	return append([]byte(l.Name+" "), options...), err
}

func pointer(f any) uintptr { return reflect.ValueOf(f).Pointer() }

// UnmarshalBinary makes l the loss of that name, with its options.
func (l *Loss) UnmarshalBinary(b []byte) error {
	if len(b) == 0 {
		*l = Loss{}
		return nil
	}
	name, options, optional := bytes.Cut(b, []byte(" "))
	i := slices.IndexFunc(losses(), func(known Loss) bool { return known.Name == string(name) })
	if i < 0 {
		return fmt.Errorf("nn: there is no loss %.40q", name)
	}
	loss := losses()[i]
	if optional {
		d := json.NewDecoder(bytes.NewReader(options))
		d.DisallowUnknownFields()
		if err := d.Decode(&loss.Options); err != nil {
			return fmt.Errorf("nn: the options of the loss %q: %w", loss.Name, err)
		}
		if err := dl.Try(func() { loss = loss.With(loss.Options) }); err != nil {
			return err
		}
	}
	*l = loss
	return nil
}
