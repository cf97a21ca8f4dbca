package dl

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// Random numbers have the mean, the variance and the range of their distribution, to five deviations of what so many
// draws leave to chance, and come again with the seed.
func TestDistributions(t *testing.T) {
	const n = 40000
	inf := math.Inf(1)
	for name, c := range map[string]struct {
		draw           func(r *Rand) *Tensor
		mean, variance float64
		kurtosis       float64 // the fourth central moment over the square of the variance
		lo, hi         float64
	}{
		"Normals":      {func(r *Rand) *Tensor { return r.Normals(3, 2, n) }, 3, 4, 3, -inf, inf},
		"Uniforms":     {func(r *Rand) *Tensor { return r.Uniforms(-1, 3, n) }, 1, 16.0 / 12, 1.8, -1, 3},
		"Bernoullis":   {func(r *Rand) *Tensor { return r.Bernoullis(0.3, n) }, 0.3, 0.21, 1.762, 0, 1},
		"Exponentials": {func(r *Rand) *Tensor { return r.Exponentials(4, n) }, 0.25, 0.0625, 9, 0, inf},
		"Gammas":       {func(r *Rand) *Tensor { return r.Gammas(2.5, 2, n) }, 5, 10, 5.4, 0, inf},
		"Gammas small": {func(r *Rand) *Tensor { return r.Gammas(0.5, 1, n) }, 0.5, 0.5, 15, 0, inf},
		"Betas":        {func(r *Rand) *Tensor { return r.Betas(2, 3, n) }, 0.4, 0.04, 2.36, 0, 1},
		"Poissons":     {func(r *Rand) *Tensor { return r.Poissons(3.5, n) }, 3.5, 3.5, 3.3, 0, inf},
		"Poissons big": {func(r *Rand) *Tensor { return r.Poissons(250, n) }, 250, 250, 3.01, 0, inf},
		"Integers":     {func(r *Rand) *Tensor { return r.Integers(-2, 4, n) }, 0.5, 35.0 / 12, 1.73, -2, 3},
		// Of a standard normal between -1 and 2: SciPy's truncnorm(-1, 2).stats("mvk").
		"TruncatedNormals": {func(r *Rand) *Tensor { return r.TruncatedNormals(0, 1, -1, 2, n) }, 0.22963717985353557, 0.5215639187594855, 2.2, -1, 2},
		"truncated tail":   {func(r *Rand) *Tensor { return r.TruncatedNormals(1, 2, 5, inf, n) }, 1 + 2*2.37321553280584, 4 * 0.1142764, 9, 5, inf},
	} {
		x := Values[float64](c.draw(NewRand(7)))
		var mean, variance float64
		for _, v := range x {
			if v < c.lo || v > c.hi {
				t.Fatalf("%s: %v is outside", name, v)
			}
			mean += v / n
		}
		for _, v := range x {
			variance += (v - mean) * (v - mean) / n
		}
		if d := math.Abs(mean - c.mean); d > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: mean %v, want %v", name, mean, c.mean)
		}
		if d := math.Abs(variance - c.variance); d > 5*c.variance*math.Sqrt((c.kurtosis-1)/n) {
			t.Errorf("%s: variance %v, want %v", name, variance, c.variance)
		}
		if again := Values[float64](c.draw(NewRand(7))); !slices.Equal(again, x) {
			t.Errorf("%s: other numbers of the same seed", name)
		}
	}
}

// Classes are drawn in proportion to their weights, those of weight 0 never.
func TestDrawsOfClasses(t *testing.T) {
	r := NewRand(3)
	weights := Of([]float64{1, 0, 3, 0, 5, 5}, 2, 3)
	const n = 20000
	y := r.Categorical(weights, n)
	if !y.Shape().Equal(Shape{2, n}) || y.DType() != Int64 {
		t.Fatal(y.Shape(), y.DType())
	}
	m := r.Multinomial(n, weights)
	for row, want := range [][]float64{{0.25, 0, 0.75}, {0, 0.5, 0.5}} {
		counts := y.Index(row).BinCount(3)
		for k, p := range want {
			for how, got := range map[string]float64{"Categorical": counts.At(k) / n, "Multinomial": m.At(row, k) / n} {
				if math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/n) {
					t.Errorf("%s: class %d of row %d has %v, want %v", how, k, row, got, p)
				}
			}
		}
	}
	// Without replacement the first class has its weight's part, and none comes twice.
	first := make([]float64, 3)
	for range 4000 {
		c := r.Choices(Of([]float32{1, 2, 5}), 3).Int64s()
		if s := slices.Sorted(slices.Values(c)); !slices.Equal(s, []int64{0, 1, 2}) {
			t.Fatal(c)
		}
		first[c[0]]++
	}
	for k, p := range []float64{0.125, 0.25, 0.625} {
		if got := first[k] / 4000; math.Abs(got-p) > 5*math.Sqrt(p*(1-p)/4000) {
			t.Errorf("class %d comes first in %v, want %v", k, got, p)
		}
	}
	if p := r.Permutation(5).Sort(0); !slices.Equal(p.Int64s(), []int64{0, 1, 2, 3, 4}) {
		t.Error(p)
	}
}

// Parameters that are none are mistakes that say so.
func TestImpossibleDistributions(t *testing.T) {
	r := NewRand(1)
	nan := math.NaN()
	for says, f := range map[string]func(){
		"Bernoullis: 1.5 is no probability":                   func() { r.Bernoullis(1.5, 2) },
		"Bernoullis: NaN":                                     func() { r.Bernoullis(nan, 2) },
		"Integers: there is no integer from 3 to below 3":     func() { r.Integers(3, 3, 2) },
		"Exponentials: the rate must be positive, not 0":      func() { r.Exponentials(0) },
		"Gammas: the shape parameter must be positive":        func() { r.Gammas(-1, 1) },
		"Gammas: the scale must be positive, not NaN":         func() { r.Gammas(1, nan) },
		"Betas: the second parameter must be positive":        func() { r.Betas(1, 0) },
		"Poissons: the mean must be":                          func() { r.Poissons(-1) },
		"TruncatedNormals: there are no numbers from 2 to 1":  func() { r.TruncatedNormals(0, 1, 2, 1) },
		"Categorical: shape []":                               func() { r.Categorical(New(Float64), 1) },
		"Categorical: a weight of -1":                         func() { r.Categorical(Of([]float64{1, -1}), 1) },
		"Categorical: the weights of a row add up to 0":       func() { r.Categorical(Zeros(2), 1) },
		"Multinomial: -1 draws":                               func() { r.Multinomial(-1, Ones(2)) },
		"Choices: 3 different classes are asked for, 2 have":  func() { r.Choices(Of([]float64{1, 0, 2}), 3) },
		"Uniforms: there are no numbers from 1 to below 0":    func() { r.Uniforms(1, 0, 2) },
		"Rand: the source is nil or zero: make it with NewRa": func() { new(Rand).Bernoullis(0.5, 2) },
	} {
		if err := Try(f); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "distributions_test.go:") {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
