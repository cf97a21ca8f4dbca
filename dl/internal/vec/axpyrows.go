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

// A List is values that are not zero, and where they were. The zero List has none, and room for none.
type List struct {
	values []float32
	at     []int32 // goes on for listedAhead places beyond values
}

// listedAhead is how many places beyond the last one the loop over a List reads.
const listedAhead = 8

// Collect makes l the list of the values of x that are not zero.
func (l *List) Collect(x []float32) {
	if room := len(x) + 16; cap(l.at) < room { // a vector's worth more than there can be, for whole vectors are written
		l.values, l.at = make([]float32, room), make([]int32, room)
	}
	values, at := l.values[:cap(l.values)], l.at[:cap(l.at)]
	n, read := nonZero(values, at, x)
	for i, v := range x[read:] {
		if v != 0 {
			values[n], at[n] = v, int32(read+i)
			n++
		}
	}
	for i := range listedAhead {
		at[n+i] = at[max(0, n-1)]
	}
	l.values, l.at = values[:n], at[:n+listedAhead]
}

// Len is the number of values.
func (l *List) Len() int { return len(l.values) }

// AxpyListed adds the values of l times those rows of x, which begin stride apart, to y, one row after the other. With all
// values of alpha in l that are not zero the result is that of AxpyRows, but for rounding, unless rows that l leaves out hold
// what is not finite.
func AxpyListed(l *List, x []float32, stride int, y []float32) {
	if len(l.values) == 0 || len(y) == 0 {
		return
	}
	_ = x[int(l.at[len(l.values)-1])*stride+len(y)-1]
	done := listedBlocks(l, x, stride, y)
	x, y = x[done:], y[done:]
	if len(y) == 0 {
		return
	}
	for i, v := range l.values {
		Axpy(v, x[int(l.at[i])*stride:][:len(y)], y)
	}
}
