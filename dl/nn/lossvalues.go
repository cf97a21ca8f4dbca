package nn

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
)

// smallest keeps the logarithm of a probability of a class finite. It is the smallest normal float32, not Keras's 1e-7,
// below which a model that is surely wrong would have no gradient.
const smallest = 0x1p-126

// reduce makes one number of the values of samples.
func (l Loss) reduce(values, target, weight *dl.Tensor) *dl.Tensor {
	o := &l.Options
	if own := o.weights(values, target); own != nil {
		if weight != nil {
			own = own.Mul(spread(weight, values))
		}
		weight = own
	} else if weight != nil {
		weight = spread(weight, values)
	}
	switch {
	case weight == nil && o.Reduction == Sum:
		return values.Sum()
	case weight == nil:
		return values.Mean()
	case o.Reduction == Sum:
		return values.Mul(weight).Sum()
	}
	total := weight.Sum().Item()
	if total == 0 { // no sample counts
		total = 1
	}
	return values.Mul(weight).Sum().MulScalar(1 / total)
}

// spread gives weights the shape of the values: a weight for each sample counts for all its places.
func spread(weight, values *dl.Tensor) *dl.Tensor {
	weight = weight.To(values.DType())
	if weight.Shape().Equal(values.Shape()) {
		return weight
	}
	if weight.Size() == values.Dim(0) {
		shape := make([]int, values.Rank())
		for i := range shape {
			shape[i] = 1
		}
		shape[0] = values.Dim(0)
		return weight.Reshape(shape...).Add(dl.New(values.DType(), values.Shape()...))
	}
	if weight.Size() == values.Size() {
		return weight.Reshape(values.Shape()...)
	}
	dl.PanicShape("nn.Loss", "a weight for each sample or for each value of the loss is needed", weight, values)
	return nil
}

// weights are those that the options give to the samples of a target, nil when all count the same.
func (o *LossOptions) weights(values, target *dl.Tensor) *dl.Tensor {
	if o.ClassWeights == nil && o.Ignore == nil {
		return nil
	}
	classes := classNumbers(values, target)
	w := make([]float64, len(classes))
	for i, class := range classes {
		switch {
		case slices.Contains(o.Ignore, class):
		case o.ClassWeights == nil:
			w[i] = 1
		case class < 0 || class >= len(o.ClassWeights):
			dl.PanicShape("nn.Loss", fmt.Sprintf("sample %d has class %d, there are weights for %d classes", i, class, len(o.ClassWeights)), target)
		default:
			w[i] = o.ClassWeights[class]
		}
	}
	return dl.Of(w, values.Shape()...).To(values.DType())
}

// classNumbers are the classes of a target: numbers, one-hot rows, or shares of class 1.
func classNumbers(values, target *dl.Tensor) []int {
	n := values.Size()
	all := dl.Values[float64](target)
	classes := make([]int, n)
	switch {
	case len(all) == n:
		for i, v := range all {
			classes[i] = int(math.Round(v))
		}
	case n > 0 && len(all)%n == 0:
		columns := len(all) / n
		for i := range classes {
			row := all[i*columns : (i+1)*columns]
			classes[i] = slices.Index(row, slices.Max(row))
		}
	default:
		dl.PanicShape("nn.Loss", "the options of a loss need class numbers or one-hot targets", values, target)
	}
	return classes
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

func squares(output, target *dl.Tensor, _ bool, _ *LossOptions) *dl.Tensor {
	sameShape("nn.MSE", output, target)
	return perPlace(output.Sub(target.To(output.DType())).Square())
}

func distances(output, target *dl.Tensor, _ bool, _ *LossOptions) *dl.Tensor {
	sameShape("nn.MAE", output, target)
	return perPlace(output.Sub(target.To(output.DType())).Abs())
}

// huber is d*d/2 up to delta, and delta*(d-delta/2) beyond: with c the smaller of d and delta, c*(d-c/2).
func huber(output, target *dl.Tensor, _ bool, o *LossOptions) *dl.Tensor {
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
	for i, p := range dl.Values[float32](output) {
		if p < 0 || p > 1 {
			dl.PanicValue(name, "the output %v at place %d is not a probability: end the model in nn.%s, or use %sLogits", p, i, title(head), name)
		}
	}
}

// probableRows panics unless each row of outputs is the probabilities of all classes.
func probableRows(name string, output *dl.Tensor) {
	probable(name, Softmax, output)
	columns := output.Dim(-1)
	values := dl.Values[float32](output)
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

func binaryValues(output, target *dl.Tensor, logits bool, o *LossOptions) *dl.Tensor {
	sameShape("nn.BinaryCrossEntropy", output, target)
	t := smooth(target.To(output.DType()), o.LabelSmoothing, 2)
	if logits { // max(x, 0) - x*t + ln(1+exp(-|x|))
		return perPlace(output.ReLU().Sub(output.Mul(t)).Add(output.Abs().Neg().Exp().AddScalar(1).Log()))
	}
	probable("nn.BinaryCrossEntropy", Sigmoid, output)
	return perPlace(dl.Apply(&binaryOf{target: t}, output))
}

// binaryOf is dl.BinaryCrossEntropy of single probabilities, with its bounds.
type binaryOf struct{ p, target *dl.Tensor }

func (b *binaryOf) Forward(xs ...*dl.Tensor) *dl.Tensor {
	b.p = xs[0]
	bounded := func(p *dl.Tensor) *dl.Tensor { return p.Log().Clip(-100, 0) }
	return b.target.Mul(bounded(b.p)).Add(b.target.Neg().AddScalar(1).Mul(bounded(b.p.Neg().AddScalar(1)))).Neg()
}

func (b *binaryOf) Backward(dy *dl.Tensor) []*dl.Tensor {
	d := b.p.Sub(b.target).Div(b.p.Mul(b.p.Neg().AddScalar(1)).Clip(1e-12, 1))
	return []*dl.Tensor{d.Mul(dy)}
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

func categoricalValues(output, target *dl.Tensor, logits bool, o *LossOptions) *dl.Tensor {
	const name = "nn.CategoricalCrossEntropy"
	if !output.Shape().Equal(target.Shape()) {
		dl.PanicShape(name, "outputs [N, ..., classes] need one-hot targets of the same shape; for class numbers use nn.SparseCrossEntropy", output, target)
	}
	t := smooth(target.To(output.DType()), o.LabelSmoothing, output.Dim(-1))
	return logProbabilities(name, output, logits).Mul(t).Sum(-1).Neg()
}

func categoricalLogits(logits, target *dl.Tensor) *dl.Tensor {
	if logits.Rank() != 2 {
		return categoricalValues(logits, target, true, &LossOptions{}).Mean()
	}
	return dl.CrossEntropy(logits, target)
}

func crossEntropy(output, target *dl.Tensor) *dl.Tensor {
	return categoricalValues(output, target, false, &LossOptions{}).Mean()
}

func sparseValues(output, target *dl.Tensor, logits bool, o *LossOptions) *dl.Tensor {
	const name = "nn.SparseCrossEntropy"
	logs := logProbabilities(name, output, logits)
	classes := output.Dim(-1)
	rows := output.Shape()[:output.Rank()-1]
	if classes == 0 || target.Rank() == 0 || target.Size() != output.Size()/classes || target.Dim(0) != output.Dim(0) {
		dl.PanicShape(name, "outputs [N, ..., classes] need a class number for each row, [N, ...]", output, target)
	}
	if target.DType().IsFloat() {
		dl.PanicDType(name, "targets are class numbers; use To(dl.Int32), or nn.CategoricalCrossEntropy for one-hot rows", target)
	}
	labels := target.Reshape(rows...)
	if len(o.Ignore) > 0 { // what does not count may be no class
		numbers := dl.Values[int32](labels)
		for i, class := range numbers {
			if slices.Contains(o.Ignore, int(class)) {
				numbers[i] = 0
			}
		}
		labels = dl.Of(numbers, rows...)
	}
	t := smooth(labels.OneHot(classes).To(output.DType()), o.LabelSmoothing, classes)
	return logs.Mul(t).Sum(-1).Neg()
}

func sparseCrossEntropy(output, target *dl.Tensor) *dl.Tensor {
	return sparseValues(output, target, false, &LossOptions{}).Mean()
}
