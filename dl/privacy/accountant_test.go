package privacy

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

type accountants struct {
	Opacus, Google []struct {
		Rate, Noise, Delta, Epsilon, Order, Back float64
		Steps                                    int
	}
	Divergences []struct{ Rate, Noise, Order, Divergence float64 }
	Together    float64
}

func recorded(t *testing.T) (a accountants) {
	t.Helper()
	text, err := os.ReadFile("testdata/accountants.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Opacus) < 10 || len(a.Google) < 10 || len(a.Divergences) < 30 {
		t.Fatal("few values were recorded")
	}
	return a
}

// Published accountants say the same of the same steps, to 1e-3.
func TestEpsilonIsThatOfPublishedAccountants(t *testing.T) {
	r := recorded(t)
	for _, c := range r.Opacus {
		if got := Epsilon(Steps{c.Rate, c.Noise, c.Steps}, c.Delta); math.Abs(got-c.Epsilon) > 1e-3 {
			t.Errorf("rate %v, noise %v, %d steps, delta %v: epsilon %v, Opacus says %v", c.Rate, c.Noise, c.Steps, c.Delta, got, c.Epsilon)
		}
	}
	for _, c := range r.Google {
		var a Accountant
		a.Add(Steps{c.Rate, c.Noise, c.Steps})
		got := a.Epsilon(c.Delta)
		// It adds up the terms of fractional orders without their signs, which is no less.
		if got > c.Epsilon+1e-3 || got < c.Epsilon-1e-3 && c.Order == math.Trunc(c.Order) || got < 0.99*c.Epsilon {
			t.Errorf("rate %v, noise %v, %d steps, delta %v: epsilon %v, Google's accountant says %v", c.Rate, c.Noise, c.Steps, c.Delta, got, c.Epsilon)
		}
		if c.Epsilon > 0 && math.Abs(a.Delta(got)/c.Delta-1) > 1e-6 {
			t.Errorf("rate %v, noise %v, %d steps: delta of epsilon %v is %v, not %v", c.Rate, c.Noise, c.Steps, got, a.Delta(got), c.Delta)
		}
	}
	for _, c := range r.Divergences {
		if got := Divergence(c.Rate, c.Noise, c.Order); math.Abs(got-c.Divergence) > 1e-7*max(1e-3, c.Divergence) {
			t.Errorf("rate %v, noise %v, order %v: %v, Opacus says %v", c.Rate, c.Noise, c.Order, got, c.Divergence)
		}
	}
	var a Accountant
	a.Add(Steps{1e-3, 1, 400})
	a.Add(Steps{4e-3, 3, 500})
	a.Add(Steps{1e-3, 1, 600})
	if got := a.Epsilon(1e-5); math.Abs(got-r.Together) > 1e-3 {
		t.Errorf("two kinds of steps: %v, Opacus says %v", got, r.Together)
	}
	if h := a.History(); len(h) != 2 || h[0].Count != 1000 {
		t.Errorf("history %v", h)
	}
}

// A fractional order is between its neighbours, and the sum without end meets the finite one at whole orders.
func TestOrdersJoin(t *testing.T) {
	for _, rate := range []float64{1e-4, 0.01, 0.1, 0.5, 0.9} {
		for _, noise := range []float64{0.5, 1.1, 4, 30} {
			for order := 2.0; order < 40; order++ {
				at, near := Divergence(rate, noise, order), Divergence(rate, noise, order+1e-9)
				if math.IsInf(near, 0) || math.IsNaN(near) || math.Abs(at-near) > 1e-5*at+1e-12 {
					t.Fatalf("rate %v, noise %v, order %v: %v, and %v right above it", rate, noise, order, at, near)
				}
				if between := Divergence(rate, noise, order+0.5); !(between >= at*(1-1e-9)-1e-12) {
					t.Fatalf("rate %v, noise %v: the divergence falls from %v to %v after order %v", rate, noise, at, between, order)
				}
			}
		}
	}
}

func TestNoiseIsTheSmallest(t *testing.T) {
	for _, c := range []struct {
		rate           float64
		steps          int
		epsilon, delta float64
	}{{256. / 60000, 14100, 3, 1e-5}, {0.01, 1000, 1, 1e-5}, {0.1, 100, 8, 1e-6}, {1, 1, 0.5, 1e-5}} {
		noise, err := Noise(c.rate, c.steps, c.epsilon, c.delta)
		if err != nil {
			t.Fatal(err)
		}
		if got := Epsilon(Steps{c.rate, noise, c.steps}, c.delta); got > c.epsilon {
			t.Errorf("%+v: noise %v spends %v", c, noise, got)
		}
		if got := Epsilon(Steps{c.rate, noise * 0.999, c.steps}, c.delta); got <= c.epsilon {
			t.Errorf("%+v: less than the noise %v would do", c, noise)
		}
	}
	if noise, err := Noise(1, 1e6, 1e-6, 1e-12); err == nil {
		t.Errorf("noise %v is said to do", noise)
	}
}

func TestAccountantAtItsEnds(t *testing.T) {
	var a Accountant
	if a.Epsilon(1e-5) != 0 || a.Delta(1) != 0 {
		t.Error("no step costs something")
	}
	a.Add(Steps{0, 0, 100})
	if a.Epsilon(1e-5) != 0 {
		t.Errorf("steps that no sample takes part in cost %v", a.Epsilon(1e-5))
	}
	a.Add(Steps{0.1, 0, 1})
	if !math.IsInf(a.Epsilon(1e-5), 1) || a.Delta(3) != 1 {
		t.Errorf("a step without noise costs %v, delta %v", a.Epsilon(1e-5), a.Delta(3))
	}
	if o := Orders(); o[0] != 1.1 || o[len(o)-1] != 1024 {
		t.Error("orders", o)
	}
}
