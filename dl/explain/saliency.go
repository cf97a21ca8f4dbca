package explain

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// Saliency is how much the score of a class changes with each value of an input: the absolute gradient of the class's
// logit (Simonyan et al. 2013). x are samples [N, ...]; classes is one for each, or nil for the classes that the model
// predicts. Of images [N, H, W, C] it is [N, H, W], the largest gradient of a pixel's channels; of other samples it has
// the shape of x.
//
// It panics with a *dl.ShapeError when the model's outputs are not [N, classes] or [N, 1], and with a *dl.ValueError when
// there is no such class.
func Saliency(model nn.Forwarder, x *dl.Tensor, classes []int) *dl.Tensor {
	const op = "explain.Saliency"
	use, done := nn.InUse(model)
	defer done()
	x = input(x)
	y := logits(use.(nn.Forwarder), x)
	g := dl.GradWith(dl.GradOptions{Gradient: direction(op, y, classes)}, y, x)[0].Abs()
	if g.Rank() == 4 {
		return g.Max(3)
	}
	return g
}

// input returns the values of samples as a leaf of their own, whose gradient is asked for.
func input(x *dl.Tensor) *dl.Tensor {
	if !x.DType().IsFloat() {
		x = x.To(dl.Float32)
	}
	return x.Detach().RequireGrad()
}

// logits are the outputs of a model before its last activation.
func logits(m nn.Forwarder, x *dl.Tensor) *dl.Tensor {
	if h, ok := m.(nn.Headed); ok {
		return h.Logits(x)
	}
	return m.Forward(x)
}

// direction is the gradient of the sum of the classes' scores with respect to the outputs y: 1 at the class of each
// sample. Of one column, class 1 is the larger value, class 0 the smaller.
func direction(op string, y *dl.Tensor, classes []int) *dl.Tensor {
	if y.Rank() != 2 {
		dl.PanicShape(op, "a classifier has the outputs [N, classes] or, of two classes, [N, 1]", y)
	}
	n, columns := y.Shape()[0], y.Shape()[1]
	if classes != nil && len(classes) != n {
		dl.PanicValue(op, "%d classes for %d samples: give one for each, or nil for those that are predicted", len(classes), n)
	}
	values := dl.Values[float64](y)
	seed := make([]float32, n*columns)
	for i := range n {
		row := values[i*columns : (i+1)*columns]
		class := predicted(row)
		if classes != nil {
			class = classes[i]
		}
		if class < 0 || class >= max(columns, 2) {
			dl.PanicValue(op, "there is no class %d of a model with %d", class, max(columns, 2))
		}
		switch {
		case columns > 1:
			seed[i*columns+class] = 1
		case class == 1:
			seed[i] = 1
		default:
			seed[i] = -1
		}
	}
	return dl.Of(seed, n, columns).To(y.DType())
}

// predicted is the class of a row of logits.
func predicted(row []float64) int {
	if len(row) == 1 {
		if row[0] > 0 {
			return 1
		}
		return 0
	}
	best := 0
	for j, v := range row {
		if v > row[best] {
			best = j
		}
	}
	return best
}
