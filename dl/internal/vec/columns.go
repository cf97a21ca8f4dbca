package vec

import "math"

// Functions that go down columns: slices hold a value for each of some columns that lie side by side, and rows of these
// columns follow each other a stride apart.

// AddExact adds x to sum, and what that rounds off to lost: sum + lost has twice the digits of a float32. What is beyond
// the range of float32 rounds nothing off.
func AddExact(sum, lost, x []float32) {
	if !run2(kAddExact, sum, lost, x) {
		for i, v := range x {
			addExact(&sum[i], &lost[i], v)
		}
	}
}

func addExact(sum, lost *float32, v float32) {
	s := *sum
	total := s + v
	added := total - s
	if off := (s - (total - added)) + (v - added); off == off {
		*lost += off
	}
	*sum = total
}

// ScanRows adds rows of x, the first of which is at a place and each next one step behind it, or before it, to sum and lost
// with twice the digits, and writes each row's sums to y, at the place of the row.
func ScanRows(sum, lost, y, x []float32, at, step, rows int) {
	n := len(sum)
	if n == 0 {
		return
	}
	var a args
	a.p[0], a.p[1] = &sum[0], &lost[:n][0]
	for rows > 0 {
		k, both := kScanRow, 1
		a.p[2], a.p[3] = &x[at : at+n][0], &y[at : at+n][0]
		if rows > 1 {
			next := at + step
			a.p[4], a.p[5] = &x[next : next+n][0], &y[next : next+n][0]
			k, both = kScanTwoRows, 2
		}
		if !a.run(k, n) {
			both = 1
			for i, v := range x[at : at+n] {
				addExact(&sum[i], &lost[i], v)
				whole := sum[i] + lost[i]
				if lost[i] -= whole - sum[i]; lost[i] != lost[i] {
					lost[i] = 0
				}
				y[at+i], sum[i] = whole, whole
			}
		}
		at += both * step
		rows -= both
	}
}

// MaximumRows puts the largest elements of the rows of x, each len(best) long and stride apart, in the place of smaller ones
// in best: NaN if there is one.
func MaximumRows(best, x []float32, stride int) { extremeRows(kMaximumRows, best, x, stride, Maximum) }

// MinimumRows does so with the smallest.
func MinimumRows(best, x []float32, stride int) { extremeRows(kMinimumRows, best, x, stride, Minimum) }

func extremeRows(k kernel, best, x []float32, stride int, row func(dst, x, y []float32)) {
	n := len(best)
	if n == 0 {
		return
	}
	var a args
	a.p[0] = &best[0]
	for ; len(x) >= 3*stride+n; x = x[min(4*stride, len(x)):] {
		if a.p[1], a.p[2], a.p[3], a.p[4] = &x[0], &x[stride], &x[2*stride], &x[3*stride]; !a.run(k, n) {
			for i := range 4 {
				row(best, best, x[i*stride:][:n])
			}
		}
	}
	for ; len(x) >= n; x = x[min(stride, len(x)):] {
		row(best, best, x[:n])
	}
}

// MulAddRows adds the products of the rows of x and y to dst.
func MulAddRows(dst, x, y []float32, stride int) {
	n := len(dst)
	if n == 0 {
		return
	}
	var a args
	a.p[0] = &dst[0]
	for ; len(x) >= stride+n; x, y = x[min(2*stride, len(x)):], y[min(2*stride, len(y)):] {
		if a.p[1], a.p[2], a.p[3], a.p[4] = &x[0], &y[:n][0], &x[stride], &y[stride:][:n][0]; !a.run(kMulAddRows, n) {
			MulAdd(dst, x[:n], y)
			MulAdd(dst, x[stride:][:n], y[stride:])
		}
	}
	if len(x) >= n {
		MulAdd(dst, x[:n], y)
	}
}

// AddExp adds e^(x - top) to sum.
func AddExp(sum, x, top []float32) {
	if !run2(kAddExp, sum, x, top) {
		for i := range sum {
			sum[i] += float32(math.Exp(float64(x[i] - top[i])))
		}
	}
}

// ExpTimes writes dst = e^(x - top) * factor.
func ExpTimes(dst, x, top, factor []float32) {
	if !run3(kExpTimes, dst, x, top, factor) {
		for i := range dst {
			dst[i] = float32(math.Exp(float64(x[i]-top[i]))) * factor[i]
		}
	}
}

// SubTwo writes dst = (x - y) - z.
func SubTwo(dst, x, y, z []float32) {
	if !run3(kSubTwo, dst, x, y, z) {
		for i := range dst {
			dst[i] = x[i] - y[i] - z[i]
		}
	}
}

// SoftmaxGradRow writes dx = y * (dy - dot).
func SoftmaxGradRow(dx, y, dy, dot []float32) {
	if !run3(kSoftmaxGradRow, dx, y, dy, dot) {
		for i := range dx {
			dx[i] = y[i] * (dy[i] - dot[i])
		}
	}
}

// LogSoftmaxGradRow writes dx = dy - e^y * sum.
func LogSoftmaxGradRow(dx, y, dy, sum []float32) {
	if !run3(kLogSoftmaxGradRow, dx, y, dy, sum) {
		for i := range dx {
			dx[i] = dy[i] - float32(math.Exp(float64(y[i])))*sum[i]
		}
	}
}
