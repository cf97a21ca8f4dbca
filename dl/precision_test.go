package dl

import (
	"math"
	"testing"
)

// Products and their gradients in bfloat16 differ from float32 by the rounding
// of their operands, no more, and by something.
func TestPrecisionMedium(t *testing.T) {
	defer SetMatMulPrecision(PrecisionHighest)
	r := NewRand(4)
	x, w, b := r.Normals(0, 1, 50, 70), r.Normals(0, 1, 70, 40), r.Normals(0, 1, 40)
	u, v := r.Normals(0, 1, 3, 20, 33), r.Normals(0, 1, 3, 33, 10)
	results := func(p Precision) []*Tensor {
		SetMatMulPrecision(p)
		y, z := Affine(x, w, b, FuseGELU), u.MatMul(v)
		gy, gz := Grad(y.Square().Mean(), x, w, b), Grad(z.Square().Mean(), u, v)
		return append(append([]*Tensor{y, z}, gy...), gz...)
	}
	for _, p := range []*Tensor{x, w, b, u, v} {
		p.RequireGrad()
	}
	for i, want := range results(PrecisionHighest) {
		got := results(PrecisionMedium)[i]
		var size, diff float64
		for j, v := range want.f32() {
			size += float64(v) * float64(v)
			diff += math.Pow(float64(got.f32()[j]-v), 2)
		}
		if d := math.Sqrt(diff / size); d > 1e-2 || d == 0 {
			t.Errorf("result %d: relative difference %.2g", i, d)
		}
	}
}

// A parameter in float32 takes updates that bfloat16 could not hold.
func TestPrecisionMediumKeepsWeights(t *testing.T) {
	defer SetMatMulPrecision(PrecisionHighest)
	SetMatMulPrecision(PrecisionMedium)
	w := Full(1, 2, 2).RequireGrad()
	Affine(Full(1, 4, 2), w, nil, NoFusion).Sum().Backward()
	for range 100 {
		for i, d := range w.Grad().f32() {
			w.f32()[i] -= 1e-5 * d
		}
	}
	if v := w.f32()[0]; math.Abs(float64(v)-0.996) > 1e-5 {
		t.Errorf("weight %v, want 0.996", v)
	}
}
