package vec

// Batch normalisation has values for each channel. Its functions take rows of pixels whose channels have their values beside
// them: mean[i] is that of element i.

// Normalize writes dst = (x-mean)*a + b, and 0 for what is negative with relu.
func Normalize(dst, x, mean, a, b []float32, relu bool) {
	n := len(dst)
	if n == 0 {
		return
	}
	var g args
	g.p[0], g.p[1], g.p[2], g.p[3], g.p[4] = &dst[0], &x[:n][0], &mean[:n][0], &a[:n][0], &b[:n][0]
	k := kNormalize
	if relu {
		k = kNormalizeRelu
	}
	if g.run(k, n) {
		return
	}
	for i := range dst {
		y := (x[i]-mean[i])*a[i] + b[i]
		if relu && y < 0 {
			y = 0
		}
		dst[i] = y
	}
}

// Deviations adds x-mean to dst.
func Deviations(dst, x, mean []float32) {
	if !run2(kDeviations, dst, x, mean) {
		for i := range dst {
			dst[i] += x[i] - mean[i]
		}
	}
}

// SquareDeviations adds (x-mean)^2 to dst.
func SquareDeviations(dst, x, mean []float32) {
	if !run2(kSquareDeviations, dst, x, mean) {
		for i := range dst {
			d := x[i] - mean[i]
			dst[i] += d * d
		}
	}
}

// A NormGrad carries gradients back through a batch normalisation y = (x-Mean)*Scale + Shift, and a ReLU behind it, whose
// operand is computed again: that takes less time than to read it. Its slices are as long as the rows that it takes at a
// time, several pixels of few channels.
type NormGrad struct {
	Mean, Scale, Shift []float32
	X, Add             []float32 // the gradient of x is dy*Scale + (x-Mean)*X + Add
	ReLU               bool
}

// NormGradOf takes five rows of numbers, in the order of the fields.
func NormGradOf(rows []float32, relu bool) NormGrad {
	n := len(rows) / 5
	return NormGrad{Mean: rows[:n], Scale: rows[n : 2*n], Shift: rows[2*n : 3*n], X: rows[3*n : 4*n], Add: rows[4*n:], ReLU: relu}
}

// Sums adds dy*(x-Mean) of a row to dscale, and dy to dshift.
func (g *NormGrad) Sums(dscale, dshift, dy, x []float32) {
	n := len(dy)
	if n == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3], a.p[4] = &dscale[:n][0], &dshift[:n][0], &dy[0], &x[:n][0], &g.Mean[:n][0]
	k := kBatchNormSums
	if g.ReLU {
		k = kBatchNormReluSums
		a.p[5], a.p[6] = &g.Scale[:n][0], &g.Shift[:n][0]
	}
	if a.run(k, n) {
		return
	}
	for i, d := range dy {
		d = g.passed(i, d, x[i])
		dscale[i] += d * (x[i] - g.Mean[i])
		dshift[i] += d
	}
}

// Rows writes the gradients of rows of x, the last of which may be shorter.
func (g *NormGrad) Rows(dx, dy, x []float32) {
	for n := len(g.Mean); len(dx) > n; dx, dy, x = dx[n:], dy[n:], x[n:] {
		g.row(dx[:n], dy, x)
	}
	g.row(dx, dy, x)
}

func (g *NormGrad) row(dx, dy, x []float32) {
	n := len(dx)
	if n == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3], a.p[4] = &dx[0], &dy[:n][0], &x[:n][0], &g.Mean[:n][0], &g.Scale[:n][0]
	a.p[6], a.p[7] = &g.X[:n][0], &g.Add[:n][0]
	k := kBatchNormGrad
	if g.ReLU {
		k = kBatchNormReluGrad
		a.p[5] = &g.Shift[:n][0]
	}
	if a.run(k, n) {
		return
	}
	for i, v := range x[:n] {
		dx[i] = g.passed(i, dy[i], v)*g.Scale[i] + ((v-g.Mean[i])*g.X[i] + g.Add[i])
	}
}

// passed is the gradient d that the ReLU lets through at element i of a row.
func (g *NormGrad) passed(i int, d, x float32) float32 {
	if g.ReLU && !((x-g.Mean[i])*g.Scale[i]+g.Shift[i] > 0) {
		return 0
	}
	return d
}
