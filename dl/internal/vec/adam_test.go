package vec

import (
	"math"
	"testing"

	"modelbook/dl/internal/cpu"
)

// The step is that of the definition from the moments within a few units of the last place, at the ends of the range too: a
// second moment of zero, of less than the normal numbers, beyond the range and that is not a number.
func TestAdamStep(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	seconds := []float32{0, 1e-45, 1e-42, 1.2e-38, 1e-30, 1e-12, 0.03, 1, 7, 1e9, 1e30, 3.4e38, inf, nan}
	firsts := []float32{0, 1e-30, -1e-8, 0.25, -3, 1e12, 1e25, nan}
	for _, set := range Sets() {
		undo := Force(set)
		var m, v []float32
		for _, first := range firsts {
			for _, second := range seconds {
				m, v = append(m, first), append(v, second)
			}
		}
		for i := range 1000 {
			m, v = append(m, float32(math.Sin(float64(i)))), append(v, float32(math.Exp(20*math.Cos(float64(3*i)))))
		}
		p, d := make([]float32, len(m)), make([]float32, len(m))
		a := AdamArgs{LearningRate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Step: 1000}
		Adam(p, d, m, v, a.Terms())
		most := 0.0
		for i, got := range p {
			want := -0.01 * float64(m[i]) / (1 - math.Pow(0.9, 1000)) / (math.Sqrt(float64(v[i])/(1-math.Pow(0.999, 1000))) + 1e-8)
			switch off := math.Abs(float64(got)-want) / math.Abs(want); {
			case math.IsNaN(want):
				if got == got {
					t.Errorf("%v: moments %v and %v: a step of %v, want NaN", set, m[i], v[i], got)
				}
			case math.Abs(want) < 1e-35 || math.Abs(want) > math.MaxFloat32:
				if math.Abs(float64(got)) < 1e38 != (math.Abs(want) < 1e38) {
					t.Errorf("%v: moments %v and %v: a step of %v, want %v", set, m[i], v[i], got, want)
				}
			case !(off < 1e-6):
				t.Errorf("%v: moments %v and %v: a step of %v, want %v", set, m[i], v[i], got, want)
			default:
				most = max(most, off)
			}
		}
		t.Logf("%v: the largest relative error is %.2g", set, most)
		undo()
	}
}

// A step takes denormal numbers for zero, and what is computed after it does not.
func TestDenormalsCountAgain(t *testing.T) {
	tiny, half := float32(1e-40), float32(0.5)
	for _, set := range Sets() {
		undo := Force(set)
		n := 40
		p, d, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range m {
			m[i] = tiny
		}
		Adam(p, d, m, v, (&AdamArgs{LearningRate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Step: 1000}).Terms())
		if set == cpu.AVX512 || set == cpu.AVX2 {
			if m[0] != 0 {
				t.Errorf("%v: a moment of 1e-40 became %v, want 0", set, m[0])
			}
		}
		if tiny*half == 0 {
			t.Errorf("%v: half of 1e-40 is 0 after a step", set)
		}
		undo()
	}
}
