package nn

import (
	"math"
	"sync"

	"modelbook/dl"
)

// Losses of several tensors, for a Step of a Trainer. Each is a struct whose zero values are the defaults, with a method
// Of; its mean over the samples is the loss, or their sum with Reduction Sum.

// of makes one number of the values of samples.
func (r Reduction) of(values *dl.Tensor) *dl.Tensor {
	r.check("nn.Reduction")
	if r == Sum {
		return values.Sum()
	}
	return values.Mean()
}

// GaussianNLL is the negative logarithm of the density of a normal distribution whose mean and variance a model computes,
// as PyTorch's: the mean of (ln v + (target-mean)^2/v)/2.
type GaussianNLL struct {
	Full      bool    // with the constant ln(2 pi)/2
	Epsilon   float64 // smaller variances count as this, without a change of their gradient; 0: 1e-6
	Reduction Reduction
}

// Of is the loss of means and variances of the targets' shape, or of variances [N, 1] or of one element for all. A
// variance below 0 panics.
func (g GaussianNLL) Of(mean, target, variance *dl.Tensor) *dl.Tensor {
	const name = "nn.GaussianNLL"
	sameShape(name, mean, target)
	for i, v := range doubles(variance) {
		if v < 0 {
			dl.PanicValue(name, "the variance %v at place %d is below 0: end the model in nn.Softplus or exp", v, i)
		}
	}
	finite(name, "Epsilon", g.Epsilon)
	least := positiveOr(g.Epsilon, 1e-6)
	v := variance.Add(variance.Detach().Clip(least, math.Inf(1)).Sub(variance.Detach()))
	values := v.Log().Add(mean.Sub(target.To(mean.DType())).Square().Div(v)).MulScalar(0.5)
	if g.Full {
		values = values.AddScalar(math.Log(2*math.Pi) / 2)
	}
	return g.Reduction.of(values)
}

// CosineEmbedding brings vectors together that belong together, and others apart until the cosine of their angle is
// Margin, as PyTorch's: 1 - cos where the target is 1, max(0, cos - Margin) where it is -1 (or 0).
type CosineEmbedding struct {
	Margin    float64
	Reduction Reduction
}

// Of is the loss of vectors a and b, [N, D], and targets [N].
func (c CosineEmbedding) Of(a, b, target *dl.Tensor) *dl.Tensor {
	const name = "nn.CosineEmbedding"
	vectors(name, a, b)
	finite(name, "Margin", c.Margin)
	cos := cosine(a, b)
	yes := signs(name, cos, target).AddScalar(1).MulScalar(0.5)
	apart := cos.AddScalar(-c.Margin).ReLU()
	return c.Reduction.of(cos.Neg().AddScalar(1).Mul(yes).Add(apart.Mul(yes.Neg().AddScalar(1))))
}

// vectors panics unless tensors are of one shape [N, D].
func vectors(name string, a *dl.Tensor, more ...*dl.Tensor) {
	for _, b := range more {
		if a.Rank() != 2 || !a.Shape().Equal(b.Shape()) || !a.DType().IsFloat() {
			dl.PanicShape(name, "vectors of the same shape [N, D] are needed", a, b)
		}
	}
}

// Contrastive is d^2 for pairs that belong together and max(0, Margin-d)^2 for others, where d is their Euclidean distance
// (Hadsell, Chopra and LeCun, 2006, without its factor of 1/2).
type Contrastive struct {
	Margin    float64 // 0: 1
	Reduction Reduction
}

// Of is the loss of vectors a and b, [N, D], and targets [N]: 1 for what belongs together, else 0 (or -1).
func (c Contrastive) Of(a, b, target *dl.Tensor) *dl.Tensor {
	const name = "nn.Contrastive"
	vectors(name, a, b)
	finite(name, "Margin", c.Margin)
	d := a.Sub(b).Norm(2, -1)
	yes := signs(name, d, target).AddScalar(1).MulScalar(0.5)
	apart := d.Neg().AddScalar(positiveOr(c.Margin, 1)).ReLU().Square()
	return c.Reduction.of(d.Square().Mul(yes).Add(apart.Mul(yes.Neg().AddScalar(1))))
}

// MarginRanking wants the first of two scores larger by Margin where the target is 1, the second where it is -1 (or 0), as
// PyTorch's: max(0, Margin - t*(a-b)).
type MarginRanking struct {
	Margin    float64
	Reduction Reduction
}

// Of is the loss of scores and targets of the same shape.
func (m MarginRanking) Of(a, b, target *dl.Tensor) *dl.Tensor {
	const name = "nn.MarginRanking"
	sameShape(name, a, b)
	finite(name, "Margin", m.Margin)
	t := signs(name, a, target)
	return m.Reduction.of(a.Sub(b).Mul(t).Neg().AddScalar(m.Margin).ReLU())
}

// Triplet wants an anchor nearer to what is like it than to what is not, by Margin, as PyTorch's TripletMarginLoss and, with a
// Distance, its TripletMarginWithDistanceLoss: max(0, d(anchor, positive) - d(anchor, negative) + Margin).
type Triplet struct {
	Margin    float64                          // 0: 1; negative: 0
	Norm      float64                          // the power of the distance; 0: 2
	Swap      bool                             // take the negative's distance to the positive where that is smaller
	Distance  func(a, b *dl.Tensor) *dl.Tensor // of vectors [N, D], [N]; nil: the norm of their difference
	Reduction Reduction
}

// Of is the loss of vectors [N, D].
func (t Triplet) Of(anchor, positive, negative *dl.Tensor) *dl.Tensor {
	vectors("nn.Triplet", anchor, positive, negative)
	finite("nn.Triplet", "Margin", t.Margin)
	if math.IsNaN(t.Norm) || math.IsInf(t.Norm, -1) {
		dl.PanicValue("nn.Triplet", "Norm is %v; it is the power of the distance, such as 1 or +Inf, or 0 for 2", t.Norm)
	}
	far := t.distance(anchor, negative)
	if t.Swap {
		far = far.Minimum(t.distance(positive, negative))
	}
	return t.Reduction.of(t.distance(anchor, positive).Sub(far).AddScalar(positiveOr(t.Margin, 1)).ReLU())
}

// distance is Distance, or the norm of a-b+1e-6, as in PyTorch's PairwiseDistance: the small number keeps its gradient
// finite.
func (t Triplet) distance(a, b *dl.Tensor) *dl.Tensor {
	if t.Distance != nil {
		return t.Distance(a, b)
	}
	return a.Sub(b).AddScalar(1e-6).Norm(positiveOr(t.Norm, 2), -1)
}

// TripletSemiHard is Triplet over all pairs of a batch that have the same label, each with the nearest negative that is
// farther than the positive, or, if there is none, with the farthest one (Schroff et al., 2015). Distances are Euclidean.
type TripletSemiHard struct {
	Margin float64 // 0: 1; negative: 0
}

// A tripletList is samples by their numbers, whose memory is used again.
type tripletList struct{ anchors, positives, negatives []int }

var triplets = sync.Pool{New: func() any { return new(tripletList) }}

func (l *tripletList) done() {
	l.anchors, l.positives, l.negatives = l.anchors[:0], l.positives[:0], l.negatives[:0]
	triplets.Put(l)
}

// Of is the mean over the pairs of vectors [N, D] with class numbers [N]; 0 when no two have the same label, or all have.
func (t TripletSemiHard) Of(embeddings, labels *dl.Tensor) *dl.Tensor {
	const name = "nn.TripletSemiHard"
	vectors(name, embeddings, embeddings)
	finite(name, "Margin", t.Margin)
	n, columns := embeddings.Dim(0), embeddings.Dim(1)
	if labels.Rank() != 1 || labels.Dim(0) != n || labels.DType().IsFloat() {
		dl.PanicShape(name, "vectors [N, D] need class numbers [N] of an integer type", embeddings, labels)
	}
	values, classes := doubles(embeddings), integers(labels)
	between := func(i, j int) (sum float64) {
		for k := range columns {
			d := values[i*columns+k] - values[j*columns+k]
			sum += d * d
		}
		return sum
	}
	l := triplets.Get().(*tripletList)
	defer l.done()
	distances := undefinedVector(embeddings, n, dl.Float64).Float64s()
	for a := range n {
		for i := range n {
			distances[i] = between(a, i)
		}
		for p := range n {
			if p == a || classes[p] != classes[a] {
				continue
			}
			nearest, farthest := -1, -1
			for i := range n {
				if classes[i] == classes[a] {
					continue
				}
				if distances[i] > distances[p] && (nearest < 0 || distances[i] < distances[nearest]) {
					nearest = i
				}
				if farthest < 0 || distances[i] > distances[farthest] {
					farthest = i
				}
			}
			if nearest < 0 {
				nearest = farthest
			}
			if nearest >= 0 {
				l.anchors, l.positives, l.negatives = append(l.anchors, a), append(l.positives, p), append(l.negatives, nearest)
			}
		}
	}
	if len(l.anchors) == 0 {
		return embeddings.Sum().MulScalar(0)
	}
	anchor := embeddings.Rows(l.anchors)
	near := anchor.Sub(embeddings.Rows(l.positives)).Norm(2, -1)
	far := anchor.Sub(embeddings.Rows(l.negatives)).Norm(2, -1)
	return near.Sub(far).AddScalar(positiveOr(t.Margin, 1)).ReLU().Mean()
}
