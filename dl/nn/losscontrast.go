package nn

import (
	"math"

	"modelbook/dl"
)

// InfoNCE wants each query to find its own key among the keys of the batch (van den Oord et al., 2018): the cross-entropy
// of the cosines of their angles over Temperature. Symmetric also lets the keys find their queries, as in CLIP (Radford et
// al., 2021), and takes the mean of the two.
type InfoNCE struct {
	Temperature float64 // 0: 0.07
	Symmetric   bool
}

// Of is the loss of vectors [N, D]; the key of a query is the one of the same row.
func (c InfoNCE) Of(queries, keys *dl.Tensor) *dl.Tensor {
	vectors("nn.InfoNCE", queries, keys)
	logits := unit(queries).MatMul(unit(keys).T()).MulScalar(1 / temperature("nn.InfoNCE", c.Temperature, 0.07))
	own := undefinedVector(queries, queries.Dim(0), dl.Int32)
	for i := range own.Int32s() {
		own.Int32s()[i] = int32(i)
	}
	loss := dl.SparseCrossEntropy(logits, own)
	if c.Symmetric {
		loss = loss.Add(dl.SparseCrossEntropy(logits.T(), own)).MulScalar(0.5)
	}
	return loss
}

func temperature(name string, t, byDefault float64) float64 {
	if !(t >= 0) || math.IsInf(t, 0) {
		dl.PanicValue(name, "the Temperature is %v; it is a finite number above 0, or 0 for the default", t)
	}
	return positiveOr(t, byDefault)
}

// NTXent is the loss of SimCLR (Chen et al., 2020): two views of each sample are to find each other among all views of the
// batch, by the cosines of their angles over Temperature.
type NTXent struct {
	Temperature float64 // 0: 0.5
}

// Of is the loss of the views a and b, [N, D].
func (c NTXent) Of(a, b *dl.Tensor) *dl.Tensor {
	vectors("nn.NTXent", a, b)
	n := a.Dim(0)
	views := unit(dl.Concat(0, a, b))
	logits := views.MatMul(views.T()).MulScalar(1 / temperature("nn.NTXent", c.Temperature, 0.5))
	itself, others := undefinedLike(logits, dl.Bool), undefinedVector(logits, 2*n, dl.Int32)
	clear(itself.Bools())
	for i := range others.Int32s() {
		itself.Bools()[i*(2*n+1)] = true
		others.Int32s()[i] = int32((i + n) % (2 * n))
	}
	return dl.SparseCrossEntropy(logits.MaskedFill(itself, math.Inf(-1)), others) // none finds itself
}
