package manifold

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"

	"modelbook/dl"
)

type reference struct {
	Shape                                   []int
	X, Mean, Components, Variance, Ratio, P []float64
	Transformed, Random                     []float64
	Labels                                  []int
	Divergences                             map[string]float64
}

func read(t testing.TB, name string) (r reference) {
	t.Helper()
	text, err := os.ReadFile("testdata/manifold.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all[name], &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// Components, variances and places are scikit-learn's, from covariances and from singular values. The signs of
// components are free.
func TestPCAIsThatOfScikitLearn(t *testing.T) {
	for _, name := range []string{"pca tall", "pca wide"} {
		r := read(t, name)
		x := dl.Of(r.X, r.Shape...)
		k, d := len(r.Variance), r.Shape[1]
		p, err := PCA{Components: k}.Fit(x)
		if err != nil {
			t.Fatal(err)
		}
		near := func(what string, got, want float64) {
			t.Helper()
			if math.Abs(got-want) > 1e-8*max(math.Abs(want), 1) {
				t.Errorf("%s: %s is %v, want %v", name, what, got, want)
			}
		}
		components, places := dl.Values[float64](p.Components), dl.Values[float64](p.Transform(x))
		for i := range k {
			near("variance", p.Variance[i], r.Variance[i])
			near("ratio", p.Ratio[i], r.Ratio[i])
			sign := 1.0
			if components[i*d]*r.Components[i*d] < 0 {
				sign = -1
			}
			for j := range d {
				near("component", sign*components[i*d+j], r.Components[i*d+j])
			}
			for n := range r.Shape[0] {
				near("place", sign*places[n*k+i], r.Transformed[n*k+i])
			}
		}
		for j, v := range dl.Values[float64](p.Mean) {
			near("mean", v, r.Mean[j])
		}
	}
}

// The neighbourhoods of samples are those of scikit-learn, whose distances are of single precision.
func TestAffinitiesAreThoseOfScikitLearn(t *testing.T) {
	r := read(t, "tsne")
	n := r.Shape[0]
	p := affinities(r.X, n, r.Shape[1], 20)
	for i, want := range r.P {
		if got := float64(p[i]); math.Abs(got-want) > 1e-4*want+1e-9 {
			t.Fatalf("%d of %d: %v, want %v", i/n, i%n, got, want)
		}
	}
	sum := 0.0
	for _, v := range p {
		sum += float64(v)
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("they add up to %v", sum)
	}
}

// From the same beginning the exact method comes to the divergence that scikit-learn's comes to.
func TestDivergenceIsThatOfScikitLearn(t *testing.T) {
	r := read(t, "tsne")
	x := dl.Of(r.X, r.Shape...)
	for _, c := range []struct {
		name string
		t    TSNE
	}{{"auto 1000", TSNE{}}, {"100.0 1000", TSNE{LearningRate: 100}}} {
		c.t.Perplexity = 20
		layout, err := c.t.Embed(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		if want := r.Divergences[c.name]; math.Abs(layout.Divergence-want) > 0.02*want {
			t.Errorf("%s: divergence %.4f, scikit-learn's %.4f", c.name, layout.Divergence, want)
		}
		if share := sameNeighbour(layout.Points, r.Labels); share < 0.85 {
			t.Errorf("%s: of %.0f %% of the digits the nearest is of another class", c.name, 100*(1-share))
		}
	}
	worst := 0.0
	for _, v := range r.Random {
		worst = max(worst, v)
	}
	layout, err := TSNE{Perplexity: 20, Init: RandomInit, Seed: 1}.Embed(context.Background(), x)
	if err != nil || layout.Divergence > worst*1.1 {
		t.Errorf("from random points: divergence %.4f, scikit-learn's are up to %.4f (%v)", layout.Divergence, worst, err)
	}
}

// sameNeighbour is the share of points whose nearest other point has the same label.
func sameNeighbour(points *dl.Tensor, labels []int) float64 {
	y, same := dl.Values[float64](points), 0
	for i := range labels {
		best, at := math.Inf(1), 0
		for j := range labels {
			if d := math.Hypot(y[2*i]-y[2*j], y[2*i+1]-y[2*j+1]); j != i && d < best {
				best, at = d, j
			}
		}
		if labels[i] == labels[at] {
			same++
		}
	}
	return float64(same) / float64(len(labels))
}
