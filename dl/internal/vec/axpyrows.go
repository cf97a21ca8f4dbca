package vec

// AxpyRows adds alpha[i] times row i of x to y, for rows that begin stride apart, one row after the other.
func AxpyRows(alpha, x []float32, stride int, y []float32) {
	if len(alpha) == 0 || len(y) == 0 {
		return
	}
	_ = x[(len(alpha)-1)*stride+len(y)-1]
	done := axpyBlocks(alpha, x, stride, y)
	x, y = x[done:], y[done:]
	if len(y) == 0 {
		return
	}
	for ; len(alpha) >= 4; alpha, x = alpha[4:], x[min(4*stride, len(x)):] {
		Axpy4([4]float32(alpha), x, stride, y)
	}
	for i, a := range alpha {
		Axpy(a, x[i*stride:][:len(y)], y)
	}
}
