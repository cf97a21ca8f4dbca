package dl

import "testing"

// AffineAdd and its gradients are those of Affine and Add, bit by bit, also where the gradient of the weights is computed later,
// from what y's gradient was, and where others add to that.
func TestAffineAddIsAffineAndAdd(t *testing.T) {
	defer func(n int) { deferFrom = n }(deferFrom)
	for _, from := range []int{1, deferFrom} {
		deferFrom = from
		for _, d := range []DType{Float32, Float64} {
			r := NewRand(3)
			y0, x, w, b := r.Normals(0, 1, 33, 40).To(d), r.Normals(0, 1, 33, 21).To(d), r.Normals(0, 1, 21, 40).To(d), r.Normals(0, 1, 40).To(d)
			for _, p := range []*Tensor{y0, x, w, b} {
				p.RequireGrad()
			}
			run := func(f func(y, x *Tensor) *Tensor) (all []*Tensor) {
				NewArena().Run(func() {
					y, h := y0.MulScalar(2), x.MulScalar(3)
					z := f(y, h)
					z = f(z, h).Mul(y) // y has another use
					z.Square().Sum().Backward()
					all = append(all, z.Clone())
				})
				for _, p := range []*Tensor{y0, x, w, b} {
					all = append(all, p.Grad().Clone())
					p.ZeroGrad()
				}
				return all
			}
			want := run(func(y, x *Tensor) *Tensor { return y.Add(Affine(x, w, b, NoFusion)) })
			got := run(func(y, x *Tensor) *Tensor { return AffineAdd(y, x, w, b) })
			for i, g := range got {
				if !g.Equal(want[i]) {
					t.Errorf("%v, gradients computed later from %d elements on: value or gradient %d differs", d, from, i)
				}
			}
		}
	}
}
