package dl

import (
	"math"
	"testing"
)

// Values of the polygamma functions below 0, by the reflection pi*cot(pi*x) and its derivatives, and at their limits.
func TestPolygammaBelowZero(t *testing.T) {
	for _, c := range []struct{ n, x, want float64 }{
		{1, -0.5, math.Pi*math.Pi - polygamma(1, 1.5)},
		{1, -1000.25, 2*math.Pi*math.Pi - polygamma(1, 1001.25)},
		{2, -0.5, polygamma(2, 1.5)}, // the second derivative of the cotangent is 0 there
		{2, -1e9 - 0.5, polygamma(2, 1e9+1.5)},
		{1, 1, math.Pi * math.Pi / 6}, {3, 1, math.Pow(math.Pi, 4) / 15}, {2, 1, -2.4041138063191885},
		{1, 1e10, 1e-10}, {1, math.Inf(1), 0}, {1, 0, math.Inf(1)}, {2, -3, math.Inf(-1)},
	} {
		if got := polygamma(c.n, c.x); math.Abs(got-c.want) > 1e-12*(1+math.Abs(c.want)) && got != c.want {
			t.Errorf("polygamma(%v, %v) is %v, want %v", c.n, c.x, got, c.want)
		}
	}
	for _, x := range []float64{1e-3, 0.2, 1, 3.7, 9.99, 10.01, 1e3, 1e9} { // psi(x+1) - psi(x) = 1/x
		if got := digamma(x+1) - digamma(x); math.Abs(got-1/x) > 1e-13*(1+1/x) {
			t.Errorf("digamma grows by %v from %v on, want %v", got, x, 1/x)
		}
	}
}
