package dl

import "fmt"

// OneHot returns, for integers in 0..n-1, float32 rows that are 1 at the
// integer and 0 elsewhere; a new last axis of size n.
func (t *Tensor) OneHot(n int) *Tensor {
	out := result(Float32, append(shapeOf(t.shape...), n))
	clear(out.f32())
	for i := range t.Size() {
		v := int(t.at(i))
		if v < 0 || v >= n {
			shapePanic("OneHot", fmt.Sprintf("%d is not in 0..%d", v, n-1), t)
		}
		out.f32()[i*n+v] = 1
	}
	return out
}
