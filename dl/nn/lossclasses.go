package nn

import (
	"math"

	"modelbook/dl"
)

// Losses of classes beside the cross-entropies.
var (
	// NLL is minus the logarithm at the class numbers [N, ...] of outputs [N, ..., C] that are logarithms of
	// probabilities, as PyTorch's NLLLoss.
	NLL = Loss{Name: "nll", values: nll, weighted: true}

	// BinaryFocal is BinaryCrossEntropy times (1-p)^Gamma, where p is the probability of what is true: samples that are
	// right already count little (Lin et al., 2017). With Options.Alpha targets of 1 count Alpha times and those of 0
	// 1-Alpha times (0.25 in the paper and torchvision; none is Keras's default).
	BinaryFocal = Loss{Name: "binary_focal", Head: Sigmoid, FromLogits: logitsOf(binaryFocal), values: binaryFocal, uses: "Gamma Alpha", binary: true}

	// CategoricalFocal is CategoricalCrossEntropy whose classes count (1-p)^Gamma times Options.Alpha; 0: 0.25, as in
	// Keras.
	CategoricalFocal = Loss{Name: "categorical_focal", Head: Softmax, FromLogits: logitsOf(categoricalFocal), values: categoricalFocal, uses: "Gamma Alpha", weighted: true}

	// SparseFocal is CategoricalFocal of class numbers.
	SparseFocal = Loss{Name: "sparse_focal", Head: Softmax, FromLogits: logitsOf(sparseFocal), values: sparseFocal, uses: "Gamma Alpha", weighted: true}

	// BinaryFocalLogits is BinaryFocal of models that end without an activation, as torchvision's sigmoid_focal_loss.
	BinaryFocalLogits = ofLogits(BinaryFocal, "binary_focal_logits")

	// KLDivergence is the sum of t*ln(t/p) over the classes of the last axis, for probabilities p and t. Its mean over
	// the samples is PyTorch's "batchmean".
	KLDivergence = Loss{Name: "kl_divergence", Head: Softmax, FromLogits: logitsOf(divergence), values: divergence}

	// JensenShannon is the mean of the two divergences of probabilities p and t from their mean: symmetric, and at most
	// ln 2.
	JensenShannon = Loss{Name: "jensen_shannon", values: jensenShannon}

	// Hinge is max(0, 1 - t*x), for targets of -1 and 1, or of 0 and 1, as Keras's.
	Hinge = Loss{Name: "hinge", values: hinge}

	// SquaredHinge is the square of Hinge before the mean.
	SquaredHinge = Loss{Name: "squared_hinge", values: squaredHinge}

	// CategoricalHinge is max(0, 1 + the largest output of a wrong class - that of the right one), for one-hot targets, as
	// Keras's.
	CategoricalHinge = Loss{Name: "categorical_hinge", values: categoricalHinge}

	// SoftMargin is ln(1 + exp(-t*x)), for targets of -1 and 1, or of 0 and 1.
	SoftMargin = Loss{Name: "soft_margin", values: softMargin}

	// HingeEmbedding is the output, a distance, where the target is 1, and max(0, Margin - x) where it is -1 or 0, as
	// PyTorch's.
	HingeEmbedding = Loss{Name: "hinge_embedding", values: hingeEmbedding, uses: "Margin"}

	// MultiMargin is the mean over the classes of max(0, Margin - x[class] + x[other]), 0 for the class itself, for outputs
	// [N, ..., C] and class numbers, as PyTorch's.
	MultiMargin = Loss{Name: "multi_margin", values: multiMargin, uses: "Margin"}

	// MultiLabelMargin is the sum over all pairs of a class that is there and one that is not of max(0, 1 - (x[there] -
	// x[not])), divided by the number of classes, as PyTorch's; targets are 1 for what is there, and 0 (PyTorch takes
	// lists of class numbers).
	MultiLabelMargin = Loss{Name: "multi_label_margin", values: multiLabelMargin}

	// MultiLabelSoftMargin is the mean over the classes of the binary cross-entropy of logits, as PyTorch's.
	MultiLabelSoftMargin = Loss{Name: "multi_label_soft_margin", values: multiLabelSoftMargin}
)

// logitsOf is the mean of values of logits.
func logitsOf(values func(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor) func(logits, target *dl.Tensor) *dl.Tensor {
	return func(logits, target *dl.Tensor) *dl.Tensor { return values(logits, target, true, LossOptions{}).Mean() }
}

func nll(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	for i, v := range floats(output) {
		if v > 0 {
			dl.PanicValue("nn.NLL", "the output %v at place %d is no logarithm of a probability: apply LogSoftmax, or use SparseCrossEntropyLogits", v, i)
		}
	}
	return ofLogs("nn.NLL", output, target, o)
}

func binaryFocal(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor {
	const name = "nn.BinaryFocal"
	sameShape(name, output, target)
	t := smooth(target.To(output.DType()), o.LabelSmoothing, 2)
	rest := t.Neg().AddScalar(1)
	var p, yes, no *dl.Tensor
	if logits {
		p, yes, no = output.Sigmoid(), output.Neg().Softplus().Neg(), output.Softplus().Neg()
	} else {
		probable(name, Sigmoid, output)
		p, yes, no = output, output.Clip(smallest, 1).Log(), output.Neg().AddScalar(1).Clip(smallest, 1).Log()
	}
	values := yes.Mul(t).Add(no.Mul(rest)).Neg()
	if gamma := positiveOr(o.Gamma, 2); gamma > 0 {
		wrong := p.Mul(rest).Add(p.Neg().AddScalar(1).Mul(t)) // 1 less the probability of what is true
		values = values.Mul(wrong.Clip(smallest, 1).Pow(gamma))
	}
	if o.Alpha != 0 {
		values = values.Mul(t.MulScalar(o.Alpha).Add(rest.MulScalar(1 - o.Alpha)))
	}
	return perPlace(values)
}

// positiveOr is v, the default when v is 0, and 0 when v is negative.
func positiveOr(v, byDefault float64) float64 {
	if v == 0 {
		return byDefault
	}
	return max(v, 0)
}

func categoricalFocal(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor {
	const name = "nn.CategoricalFocal"
	sameShape(name, output, target)
	logs := logProbabilities(name, output, logits)
	p := output
	if logits {
		p = logs.Exp()
	}
	t := o.perClass(name, smooth(target.To(output.DType()), o.LabelSmoothing, output.Dim(-1)))
	values := logs.Mul(t)
	if gamma := positiveOr(o.Gamma, 2); gamma > 0 {
		values = values.Mul(p.Neg().AddScalar(1).Clip(smallest, 1).Pow(gamma))
	}
	return values.Sum(-1).MulScalar(-positiveOr(o.Alpha, 0.25))
}

func sparseFocal(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor {
	labels := classLabels("nn.SparseFocal", output, target, o)
	return categoricalFocal(output, labels.OneHot(output.Dim(-1)), logits, o)
}

func divergence(output, target *dl.Tensor, logits bool, _ LossOptions) *dl.Tensor {
	const name = "nn.KLDivergence"
	sameShape(name, output, target)
	t := target.To(output.DType())
	probableTargets(name, t)
	return timesLog(t).Sub(logProbabilities(name, output, logits).Mul(t)).Sum(-1)
}

// timesLog is t*ln(t), 0 where t is 0.
func timesLog(t *dl.Tensor) *dl.Tensor { return t.Mul(t.Clip(smallest, math.Inf(1)).Log()) }

// probableTargets panics unless targets are probabilities.
func probableTargets(name string, target *dl.Tensor) {
	for i, p := range floats(target) {
		if !(p >= 0 && p <= 1) {
			dl.PanicValue(name, "the target %v at place %d is not a probability", p, i)
		}
	}
}

func jensenShannon(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	const name = "nn.JensenShannon"
	sameShape(name, output, target)
	t := target.To(output.DType())
	if output.Rank() < 2 {
		dl.PanicShape(name, "outputs are [N, ..., classes]", output)
	}
	probableRows(name, output)
	probableTargets(name, t)
	// half the entropies of both, less that of the mean
	both := timesLog(output).Add(timesLog(t)).MulScalar(0.5)
	return both.Sub(timesLog(output.Add(t).MulScalar(0.5))).Sum(-1)
}

// signs are targets of -1 and 1, or of 0 and 1, as -1 and 1.
func signs(name string, output, target *dl.Tensor) *dl.Tensor {
	sameShape(name, output, target)
	signs := undefinedLike(target, dl.Float64)
	numbers := signs.Float64s()
	for i, v := range doubles(target) {
		switch v {
		case 0, -1:
			numbers[i] = -1
		case 1:
			numbers[i] = 1
		default:
			dl.PanicValue(name, "the target %v at place %d is neither -1 (or 0) nor 1", v, i)
		}
	}
	return signs.To(output.DType())
}

func margins(name string, output, target *dl.Tensor) *dl.Tensor {
	return output.Mul(signs(name, output, target)).Neg().AddScalar(1).ReLU()
}

func hinge(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	return perPlace(margins("nn.Hinge", output, target))
}

func squaredHinge(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	return perPlace(margins("nn.SquaredHinge", output, target).Square())
}

func categoricalHinge(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	const name = "nn.CategoricalHinge"
	sameShape(name, output, target)
	if output.Rank() < 2 || output.Dim(-1) == 0 {
		dl.PanicShape(name, "outputs are [N, ..., classes]", output)
	}
	t := target.To(output.DType())
	wrong := output.Mul(t.Neg().AddScalar(1)).Max(-1)
	return wrong.Sub(output.Mul(t).Sum(-1)).AddScalar(1).ReLU()
}

func softMargin(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	return perPlace(output.Mul(signs("nn.SoftMargin", output, target)).Neg().Softplus())
}

func hingeEmbedding(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	t := signs("nn.HingeEmbedding", output, target)
	yes := t.AddScalar(1).MulScalar(0.5)
	far := output.Neg().AddScalar(positiveOr(o.Margin, 1)).ReLU()
	return perPlace(output.Mul(yes).Add(far.Mul(yes.Neg().AddScalar(1))))
}

func multiMargin(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	labels := classLabels("nn.MultiMargin", output, target, o)
	right := output.Gather(-1, labels.Unsqueeze(-1))
	others := labels.OneHot(output.Dim(-1)).To(output.DType()).Neg().AddScalar(1)
	return output.Sub(right).AddScalar(positiveOr(o.Margin, 1)).ReLU().Mul(others).Mean(-1)
}

func multiLabelMargin(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	const name = "nn.MultiLabelMargin"
	sameShape(name, output, target)
	if output.Rank() < 2 || output.Dim(-1) == 0 {
		dl.PanicShape(name, "outputs are [N, ..., classes]", output)
	}
	for i, v := range doubles(target) {
		if v != 0 && v != 1 {
			dl.PanicValue(name, "the target %v at place %d is neither 0 nor 1", v, i)
		}
	}
	t := target.To(output.DType())
	pairs := t.Unsqueeze(-1).Mul(t.Neg().AddScalar(1).Unsqueeze(-2)) // [there, not]
	short := output.Unsqueeze(-2).Sub(output.Unsqueeze(-1)).AddScalar(1).ReLU()
	return short.Mul(pairs).Sum(-1).Sum(-1).MulScalar(1 / float64(output.Dim(-1)))
}

func multiLabelSoftMargin(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	sameShape("nn.MultiLabelSoftMargin", output, target)
	return binaryValues(output, target, true, o)
}
