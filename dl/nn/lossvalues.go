package nn

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/internal/persample"
)

// smallest keeps the logarithm of a probability of a class finite. It is the smallest normal float32, not Keras's 1e-7,
// below which a model that is surely wrong would have no gradient.
const smallest = 0x1p-126

// reduce makes one number of the values of samples.
func (l Loss) reduce(values, target, weight *dl.Tensor) *dl.Tensor {
	o := &l.Options
	weight, share := l.weigh(values, target, weight)
	switch {
	case weight == nil && o.Reduction == Sum:
		return values.Sum()
	case weight == nil:
		return values.Mean()
	case o.Reduction == Sum:
		return values.Mul(weight).Sum()
	}
	total := share.Sum().Item()
	if total == 0 { // no sample counts
		total = 1
	}
	return values.Mul(weight).Sum().MulScalar(1 / total)
}

// weigh returns by what the values are multiplied, nil where all count the same, and by the sum of what their mean is
// divided.
func (l Loss) weigh(values, target, weight *dl.Tensor) (factors, share *dl.Tensor) {
	o := &l.Options
	if weight != nil {
		weight = spread(weight, values)
	}
	share = weight // what the mean is divided by, where it is not weight
	if own := o.weights(values, target, o.ClassWeights); own != nil {
		share = own
		if weight != nil {
			share = own.Mul(weight)
		}
		if l.weighted { // the values have the weights of the classes in them
			if counted := o.weights(values, target, nil); counted != nil && weight != nil {
				weight = weight.Mul(counted)
			} else if counted != nil {
				weight = counted
			} else if weight == nil {
				weight = fullLike(values, 1)
			}
		} else {
			weight = share
		}
	}
	return weight, share
}

// Total is what [Loss.Compute] divides by with the Reduction Mean: the sum of the weights, or the number of values. The
// losses of the parts of a batch, each times its total, divided by the sum of these, are the loss of the batch.
func (l Loss) Total(output, target *dl.Tensor, logits bool, weight *dl.Tensor) float64 {
	values := l.Values(output, target, logits)
	if _, share := l.weigh(values, l.alike(output, target), weight); share != nil {
		return share.Sum().Item()
	}
	return float64(values.Size())
}

// spread gives weights the shape of the values: a weight for each sample counts for all its places.
func spread(weight, values *dl.Tensor) *dl.Tensor {
	weight = weight.To(values.DType())
	if weight.Shape().Equal(values.Shape()) {
		return weight
	}
	if weight.Size() == values.Dim(0) {
		weight = weight.Reshape(-1)
		for weight.Rank() < values.Rank() {
			weight = weight.Unsqueeze(-1)
		}
		return weight.Expand(values.Shape()...)
	}
	if weight.Size() == values.Size() {
		return weight.Reshape(values.Shape()...)
	}
	dl.PanicShape("nn.Loss", "a weight for each sample or for each value of the loss is needed", weight, values)
	return nil
}

// weights are those that the options, or other weights of classes, give to the samples of a target, nil when all count
// the same.
func (o *LossOptions) weights(values, target *dl.Tensor, ofClasses []float64) *dl.Tensor {
	if ofClasses == nil && o.Ignore == nil {
		return nil
	}
	weights := undefinedLike(values, dl.Float64)
	w, all := weights.Float64s(), doubles(target)
	columns := len(all) / max(len(w), 1)
	if columns*len(w) != len(all) || columns == 0 && len(w) > 0 {
		dl.PanicShape("nn.Loss", "the options of a loss need class numbers or one-hot targets", values, target)
	}
	for i := range w {
		class := classNumber(all[i*columns:][:columns])
		w[i] = 0
		switch {
		case slices.Contains(o.Ignore, class):
		case ofClasses == nil:
			w[i] = 1
		case class < 0 || class >= len(ofClasses):
			dl.PanicShape("nn.Loss", fmt.Sprintf("sample %d has class %d, there are weights for %d classes", i, class, len(ofClasses)), target)
		default:
			w[i] = ofClasses[class]
		}
	}
	return weights.To(values.DType())
}

// classNumber is the class of a target: its number, or the largest of a one-hot row.
func classNumber(row []float64) int {
	if len(row) == 1 {
		return int(math.Round(row[0]))
	}
	return slices.Index(row, slices.Max(row))
}

// perPlace is the mean over the last axis, if it is not the samples' own: a value for each sample or place.
func perPlace(x *dl.Tensor) *dl.Tensor {
	if x.Rank() < 2 {
		return x
	}
	return x.Mean(-1)
}

func sameShape(name string, output, target *dl.Tensor) {
	if !output.Shape().Equal(target.Shape()) {
		dl.PanicShape(name, "outputs and targets must have the same shape", output, target)
	}
}

func squares(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	sameShape("nn.MSE", output, target)
	return perPlace(output.Sub(target.To(output.DType())).Square())
}

func distances(output, target *dl.Tensor, _ bool, _ LossOptions) *dl.Tensor {
	sameShape("nn.MAE", output, target)
	return perPlace(output.Sub(target.To(output.DType())).Abs())
}

// huber is d*d/2 up to delta, and delta*(d-delta/2) beyond: with c the smaller of d and delta, c*(d-c/2).
func huber(output, target *dl.Tensor, _ bool, o LossOptions) *dl.Tensor {
	sameShape("nn.Huber", output, target)
	delta := o.Delta
	if delta == 0 {
		delta = 1
	}
	d := output.Sub(target.To(output.DType())).Abs()
	c := d.Sub(d.AddScalar(-delta).ReLU())
	return perPlace(c.Mul(d.Sub(c.MulScalar(0.5))))
}

// probable panics unless outputs are probabilities of a class: where a model ends without its activation, the loss
// would be small for whatever it says.
func probable(name string, head Activation, output *dl.Tensor) {
	for i, p := range floats(output) {
		if p < 0 || p > 1 {
			dl.PanicValue(name, "the output %v at place %d is not a probability: end the model in nn.%s, or use %sLogits", p, i, title(head), name)
		}
	}
}

// probableRows panics unless each row of outputs is the probabilities of all classes.
func probableRows(name string, output *dl.Tensor) {
	probable(name, Softmax, output)
	columns := output.Dim(-1)
	values := floats(output)
	for i := 0; i < len(values); i += columns {
		sum := 0.0
		for _, p := range values[i : i+columns] {
			sum += float64(p)
		}
		if math.Abs(sum-1) > 1e-3 {
			dl.PanicValue(name, "the outputs of row %d sum to %.4g, not to 1: end the model in nn.Softmax, or use %sLogits", i/columns, sum, name)
		}
	}
}

func title(a Activation) string {
	return map[Activation]string{Softmax: "Softmax", Sigmoid: "Sigmoid"}[a]
}

func binaryCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	probable("nn.BinaryCrossEntropy", Sigmoid, output)
	return dl.BinaryCrossEntropy(output, target.To(output.DType()))
}

func binaryValues(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor {
	sameShape("nn.BinaryCrossEntropy", output, target)
	t := smooth(target.To(output.DType()), o.LabelSmoothing, 2)
	if !logits {
		probable("nn.BinaryCrossEntropy", Sigmoid, output)
		if positive := perColumn("PositiveWeights", o.PositiveWeights, output); positive != nil {
			return perPlace(positiveValues(output.Clip(smallest, 1).Log(), output.Neg().AddScalar(1).Clip(smallest, 1).Log(), t, positive))
		}
		return perPlace(persample.BinaryCrossEntropy(output, t).(*dl.Tensor))
	}
	if positive := perColumn("PositiveWeights", o.PositiveWeights, output); positive != nil {
		return perPlace(positiveValues(output.Neg().Softplus().Neg(), output.Softplus().Neg(), t, positive))
	}
	// Not by |x|, which has no slope at 0, where a model may begin.
	return perPlace(output.Neg().Softplus().Mul(t).Add(output.Softplus().Mul(t.Neg().AddScalar(1))))
}

// positiveValues are -w*t*ln p - (1-t)*ln(1-p) of two logarithms.
func positiveValues(yes, no, t, weights *dl.Tensor) *dl.Tensor {
	return yes.Mul(t).Mul(weights).Add(no.Mul(t.Neg().AddScalar(1))).Neg()
}

// perColumn are settings for the columns of outputs, one for all or one for each, nil for none.
func perColumn(option string, values []float64, output *dl.Tensor) *dl.Tensor {
	if values == nil {
		return nil
	}
	if n := len(values); n != 1 && (output.Rank() == 0 || n != output.Dim(-1)) {
		dl.PanicShape("nn.Loss", fmt.Sprintf("%d %s are given, one or one for each column is needed", n, option), output)
	}
	return vectorOf(output, values...)
}

// smooth spreads a share of the true class's 1 over all classes.
func smooth(t *dl.Tensor, share float64, classes int) *dl.Tensor {
	if share == 0 {
		return t
	}
	return t.MulScalar(1 - share).AddScalar(share / float64(classes))
}

// logProbabilities are the logarithms of the probabilities of the classes.
func logProbabilities(name string, output *dl.Tensor, logits bool) *dl.Tensor {
	if output.Rank() < 2 {
		dl.PanicShape(name, "outputs are [N, ..., classes]", output)
	}
	if logits {
		return output.LogSoftmax(-1)
	}
	probableRows(name, output)
	return output.Clip(smallest, 1).Log()
}

func categoricalValues(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor {
	const name = "nn.CategoricalCrossEntropy"
	if !output.Shape().Equal(target.Shape()) {
		dl.PanicShape(name, "outputs [N, ..., classes] need one-hot targets of the same shape; for class numbers use nn.SparseCrossEntropy", output, target)
	}
	t := o.perClass(name, smooth(target.To(output.DType()), o.LabelSmoothing, output.Dim(-1)))
	return logProbabilities(name, output, logits).Mul(t).Sum(-1).Neg()
}

func categoricalLogits(logits, target *dl.Tensor) *dl.Tensor {
	if logits.Rank() != 2 {
		return categoricalValues(logits, target, true, LossOptions{}).Mean()
	}
	return dl.CrossEntropy(logits, target)
}

func crossEntropy(output, target *dl.Tensor) *dl.Tensor {
	return categoricalValues(output, target, false, LossOptions{}).Mean()
}

func sparseValues(output, target *dl.Tensor, logits bool, o LossOptions) *dl.Tensor {
	const name = "nn.SparseCrossEntropy"
	return ofLogs(name, logProbabilities(name, output, logits), target, o)
}

// ofLogs are the values of logarithms of probabilities and class numbers.
func ofLogs(name string, logs, target *dl.Tensor, o LossOptions) *dl.Tensor {
	labels := classLabels(name, logs, target, o)
	if o.LabelSmoothing > 0 {
		t := smooth(labels.OneHot(logs.Dim(-1)).To(logs.DType()), o.LabelSmoothing, logs.Dim(-1))
		return logs.Mul(o.perClass(name, t)).Sum(-1).Neg()
	}
	values := logs.Gather(-1, labels.Unsqueeze(-1)).Squeeze(-1).Neg() // a class of probability 0 elsewhere does not matter
	if o.ClassWeights != nil {
		values = values.Mul(o.classWeights(name, logs).Take(labels))
	}
	return values
}

// classLabels are the class numbers of a target, [N, ...] for outputs [N, ..., classes]. What is to be ignored may be no
// class, and becomes class 0.
func classLabels(name string, output, target *dl.Tensor, o LossOptions) *dl.Tensor {
	if output.Rank() < 2 {
		dl.PanicShape(name, "outputs are [N, ..., classes]", output)
	}
	classes := output.Dim(-1)
	rows := output.Shape()[:output.Rank()-1]
	if target.Size() != rows.Size() || target.Rank() == 0 || target.Dim(0) != output.Dim(0) {
		dl.PanicShape(name, "outputs [N, ..., classes] need a class number for each row, [N, ...]", output, target)
	}
	if target.DType().IsFloat() {
		dl.PanicDType(name, "targets are class numbers; use To(dl.Int32), or nn.CategoricalCrossEntropy for one-hot rows", target)
	}
	labels := target.To(dl.Int32).Contiguous()
	if len(o.Ignore) > 0 {
		own := undefinedLike(labels, dl.Int32) // they are written to
		copy(own.Int32s(), labels.Int32s())
		labels = own
	}
	numbers := labels.Int32s()
	for i, class := range numbers {
		switch {
		case slices.Contains(o.Ignore, int(class)):
			numbers[i] = 0
		case class < 0 || int(class) >= classes:
			dl.PanicShape(name, fmt.Sprintf("label %d of row %d is not in 0..%d; what does not count is named in LossOptions.Ignore", class, i, classes-1), output, target)
		}
	}
	return labels.Reshape(rows...)
}

// perClass gives rows of probabilities of classes the weights of the classes.
func (o *LossOptions) perClass(name string, t *dl.Tensor) *dl.Tensor {
	if o.ClassWeights == nil {
		return t
	}
	return t.Mul(o.classWeights(name, t))
}

func (o *LossOptions) classWeights(name string, t *dl.Tensor) *dl.Tensor {
	if len(o.ClassWeights) != t.Dim(-1) {
		dl.PanicShape(name, fmt.Sprintf("there are ClassWeights for %d classes", len(o.ClassWeights)), t)
	}
	return vectorOf(t, o.ClassWeights...)
}

func sparseCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	return sparseValues(output, target, false, LossOptions{}).Mean()
}
