package manifold

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"modelbook/dl"
)

// PCA is a principal component analysis. The zero value keeps two components.
type PCA struct {
	Components int // 0: 2
}

// Projection is what a [PCA] has found: scikit-learn's fitted PCA.
type Projection struct {
	Mean       *dl.Tensor // [features]
	Components *dl.Tensor // [components, features], of length 1 and at right angles to each other
	Variance   []float64  // of the samples along each component, divided by n-1
	Ratio      []float64  // of these to the variance of all features together
}

// Fit finds the components of samples x [N, features]: the first is the direction in which the samples differ most. The
// sign of each is such that its largest element is positive. Of more than twice as many samples as features it is computed
// from their covariances, or else by the singular values.
func (p PCA) Fit(x *dl.Tensor) (*Projection, error) {
	values, n, d, err := table("PCA", x)
	if err != nil {
		return nil, err
	}
	k := p.Components
	if k == 0 {
		k = min(2, n, d)
	}
	switch {
	case n < 2:
		return nil, fmt.Errorf("manifold: PCA of %d samples: it needs two at least", n)
	case k < 1 || k > min(n, d):
		return nil, fmt.Errorf("manifold: PCA with %d components of %d samples with %d features: from 1 to %d are possible", p.Components, n, d, min(n, d))
	}
	mean := make([]float64, d)
	for i, v := range values {
		mean[i%d] += v / float64(n)
	}
	total := 0.0
	for i := range values {
		values[i] -= mean[i%d]
		total += values[i] / float64(n-1) * values[i]
	}
	if math.IsInf(total, 0) {
		return nil, fmt.Errorf("manifold: PCA: the squares of the values are too large for a number: scale them")
	}
	directions, variances, err := principal(mat.NewDense(n, d, values), k)
	if err != nil {
		return nil, err
	}
	r := &Projection{Mean: dl.Of(mean, d), Variance: variances}
	for i := range k {
		row := directions[i*d : (i+1)*d]
		largest := 0.0
		for _, v := range row {
			if math.Abs(v) > math.Abs(largest)*(1+1e-12) {
				largest = v
			}
		}
		if largest < 0 {
			for j := range row {
				row[j] = -row[j]
			}
		}
		ratio := math.NaN()
		if total > 0 {
			ratio = variances[i] / total
		}
		r.Ratio = append(r.Ratio, ratio)
	}
	r.Components = dl.Of(directions, k, d)
	return r, nil
}

// principal are the first k directions of centred samples, in rows, and the variances along them.
func principal(x *mat.Dense, k int) (directions, variances []float64, err error) {
	n, d := x.Dims()
	if n > 2*d {
		covariances := mat.NewSymDense(d, nil)
		covariances.SymOuterK(1/float64(n-1), x.T())
		var e mat.EigenSym
		if !e.Factorize(covariances, true) {
			return nil, nil, fmt.Errorf("manifold: PCA: the eigenvalues of the covariances were not found")
		}
		var vectors mat.Dense
		e.VectorsTo(&vectors)
		found := e.Values(nil) // ascending
		for i := range k {
			variances = append(variances, max(found[d-1-i], 0))
			for j := range d {
				directions = append(directions, vectors.At(j, d-1-i))
			}
		}
		return directions, variances, nil
	}
	var s mat.SVD
	if !s.Factorize(x, mat.SVDThinV) {
		return nil, nil, fmt.Errorf("manifold: PCA: the singular values were not found")
	}
	var vectors mat.Dense
	s.VTo(&vectors)
	found := s.Values(nil)
	for i := range k {
		variances = append(variances, found[i]*found[i]/float64(n-1))
		for j := range d {
			directions = append(directions, vectors.At(j, i))
		}
	}
	return directions, variances, nil
}

// Transform returns where samples [N, features] lie along the components: [N, components].
func (r *Projection) Transform(x *dl.Tensor) *dl.Tensor {
	if x.Rank() != 2 || x.Shape()[1] != r.Mean.Size() {
		dl.PanicShape("manifold.Projection.Transform", fmt.Sprintf("samples are [N, %d]", r.Mean.Size()), x)
	}
	return x.To(dl.Float64).Sub(r.Mean).MatMul(r.Components.Transpose(1, 0))
}

// table are the values of samples [N, features].
func table(what string, x *dl.Tensor) (values []float64, n, d int, err error) {
	if x == nil || x.Rank() != 2 {
		shape := dl.Shape{}
		if x != nil {
			shape = x.Shape()
		}
		return nil, 0, 0, fmt.Errorf("manifold: %s of samples %v: they are [N, features]; Reshape(n, -1) makes them flat", what, shape)
	}
	n, d = x.Shape()[0], x.Shape()[1]
	if n == 0 || d == 0 {
		return nil, 0, 0, fmt.Errorf("manifold: %s of samples %v: there are none", what, x.Shape())
	}
	values = dl.Values[float64](x)
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, 0, 0, fmt.Errorf("manifold: %s: feature %d of sample %d is %v", what, i%d, i/d, v)
		}
	}
	return values, n, d, nil
}
