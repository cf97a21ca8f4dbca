package dl

import "fmt"

// OneHot returns, for integers in 0..n-1, float32 rows that are 1 at the
// integer and 0 elsewhere; a new last axis of size n.
func (t *Tensor) OneHot(n int) *Tensor {
	t.check()
	if i := device.outside(t, n); i >= 0 {
		shapePanic("OneHot", fmt.Sprintf("%v is not in 0..%d", t.at(i), n-1), t)
	}
	shape := newShape(len(t.shape) + 1)
	shape[copy(shape, t.shape)] = n
	out := result(Float32, shape)
	device.oneHot(t, out)
	return out
}
