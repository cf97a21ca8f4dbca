package vec

// A normBlock is what a kernel of rows of LayerNorm, one behind the other, is called with. The assembly reads the fields by
// their offsets: keep the order.
type normBlock struct {
	x, y, gamma, beta, moments *float32
	dy, dgamma, dbeta          *float32
	rows, cols                 int64
	n, eps                     float64 // n is cols
	add                        int64
}

// LayerNormRows does LayerNorm for rows of x, as long as gamma, and writes the mean and the factor of each to moments.
func LayerNormRows(y, x, gamma, beta, moments []float32, eps float64) {
	n, rows := len(gamma), len(moments)/2
	if n == 0 || rows == 0 {
		for r := range rows {
			moments[2*r], moments[2*r+1] = LayerNorm(nil, nil, nil, nil, eps)
		}
		return
	}
	if best.masks && n <= block {
		var b normBlock
		b.x, b.y, b.gamma, b.beta, b.moments = &x[:rows*n][0], &y[:rows*n][0], &gamma[0], &beta[:n][0], &moments[0]
		b.rows, b.cols, b.n, b.eps = int64(rows), int64(n), float64(n), eps
		b.norm()
		return
	}
	for r := range rows {
		moments[2*r], moments[2*r+1] = LayerNorm(y[r*n:(r+1)*n], x[r*n:(r+1)*n], gamma, beta, eps)
	}
}

// LayerNormGradRows does LayerNormGrad for rows whose means and factors are in moments. dx may be nil.
func LayerNormGradRows(dx, dgamma, dbeta, dy, x, gamma, moments []float32, add bool) {
	n, rows := len(gamma), len(moments)/2
	if n == 0 || rows == 0 {
		return
	}
	if best.masks && dx != nil {
		var b normBlock
		b.x, b.y, b.gamma, b.moments = &x[:rows*n][0], &dx[:rows*n][0], &gamma[0], &moments[0]
		b.dy, b.dgamma, b.dbeta = &dy[:rows*n][0], &dgamma[:n][0], &dbeta[:n][0]
		b.rows, b.cols, b.n = int64(rows), int64(n), float64(n)
		if add {
			b.add = 1
		}
		b.gradient()
		return
	}
	for r := range rows {
		var d []float32
		if dx != nil {
			d = dx[r*n : (r+1)*n]
		}
		LayerNormGrad(d, dgamma, dbeta, dy[r*n:(r+1)*n], x[r*n:(r+1)*n], gamma, moments[2*r], moments[2*r+1], add)
	}
}
