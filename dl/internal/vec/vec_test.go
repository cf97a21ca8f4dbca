package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Every function agrees with its Go loop for every length and alignment, and
// writes nothing behind the slice.
func TestAgainstReference(t *testing.T) {
	type op struct {
		name string
		run  func(dst, x, y []float32)
	}
	args := AdamArgs{LearningRate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, WeightDecay: 0.1, Step: 3}
	ops := []op{
		{"Add", Add}, {"Sub", Sub}, {"Mul", Mul}, {"Div", Div},
		{"Scale", func(d, x, y []float32) { Scale(d, 1.5, x) }},
		{"AddScalar", func(d, x, y []float32) { AddScalar(d, 1.5, x) }},
		{"Axpy", func(d, x, y []float32) { copy(d, y); Axpy(1.5, x, d) }},
		{"ReLU", func(d, x, y []float32) { Relu(d, x) }},
		{"ReluGrad", ReluGrad},
		{"Sum", func(d, x, y []float32) {
			if len(d) > 0 {
				d[0] = float32(Sum(x))
			}
		}},
		{"Dot", func(d, x, y []float32) {
			if len(d) > 0 {
				d[0] = float32(Dot(x, y))
			}
		}},
		{"Adam", func(d, x, y []float32) {
			m, v := append([]float32(nil), y...), append([]float32(nil), x...)
			Relu(v, v)
			copy(d, y)
			Adam(d, x, m, v, args)
			Axpy(1, m, d)
			Axpy(1, v, d)
		}},
	}
	r := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = r.Float32()*2 - 1
		}
		return x
	}
	for _, set := range Sets()[:len(Sets())-1] {
		for _, o := range ops {
			for n := range 150 {
				for off := range 4 {
					x, y := random(n + off)[off:], random(n + off)[off:]
					got, want := random(n + off + 8)[off:], make([]float32, n)
					guard := append([]float32(nil), got[n:]...)
					undo := Force("portable")
					o.run(want, x, y)
					undo()
					undo = Force(set)
					o.run(got[:n], x, y)
					undo()
					if (o.name == "Sum" || o.name == "Dot") && n > 0 {
						want = want[:1]
					}
					for i, w := range want {
						if math.Abs(float64(got[i]-w)) > 1e-5*(1+math.Abs(float64(w))) {
							t.Fatalf("%s %s, length %d, offset %d: [%d] = %v, want %v", set, o.name, n, off, i, got[i], w)
						}
					}
					for i, w := range guard {
						if got[n+i] != w {
							t.Fatalf("%s %s, length %d: wrote behind the slice", set, o.name, n)
						}
					}
				}
			}
		}
	}
}

func TestReluKeepsNaN(t *testing.T) {
	for _, set := range Sets() {
		undo := Force(set)
		x := make([]float32, 40)
		for i := range x {
			x[i] = float32(math.NaN())
		}
		Relu(x, x)
		for i, v := range x {
			if v == v {
				t.Errorf("%s: x[%d] = %v", set, i, v)
			}
		}
		undo()
	}
}

func BenchmarkAdam(b *testing.B) {
	const n = 2770634
	p, d, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	b.SetBytes(7 * 4 * n)
	i := 0
	for b.Loop() {
		i++
		Adam(p, d, m, v, AdamArgs{LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Step: i})
	}
}
