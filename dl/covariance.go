package dl

// Cov returns the covariances [V, V] of the rows [V, N] of a matrix, each a
// variable of N observations, divided by N-1; of a vector, its variance.
func (t *Tensor) Cov() *Tensor { return t.covariances("Cov") }

// CorrCoef returns the correlations [V, V] of the rows [V, N] of a matrix, each
// a variable of N observations; of a vector, 1.
func (t *Tensor) CorrCoef() *Tensor {
	c := t.covariances("CorrCoef")
	if c.Rank() == 0 {
		return c.Div(c)
	}
	deviation := c.Diagonal(0).Sqrt()
	return c.Div(deviation.Unsqueeze(1)).Div(deviation).Clip(-1, 1)
}

func (t *Tensor) covariances(op string) *Tensor {
	t.check()
	if t.Rank() != 1 && t.Rank() != 2 {
		shapePanic(op, "the operand is a vector, or a matrix of a row for each variable", t)
	}
	t.fractional(op)
	x := t.Sub(KeepDim(t.Mean, -1))
	n := max(t.Dim(-1), 1)
	if t.Rank() == 1 {
		return x.Square().Sum().MulScalar(1 / float64(n-1))
	}
	return x.MatMul(x.T()).MulScalar(1 / float64(n-1))
}
