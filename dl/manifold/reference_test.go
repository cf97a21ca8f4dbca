package manifold

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"modelbook/dl"
)

type reference struct {
	Shape                                   []int
	X, Mean, Components, Variance, Ratio, P []float64
	Transformed, Divergences                []float64
	Labels                                  []int
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

// Fifty steps from given points lead where scikit-learn's do.
func TestDescentIsThatOfScikitLearn(t *testing.T) {
	r := read(t, "descent")
	n := len(r.X) / 2
	e := newEmbedding(n, 2)
	copy(e.y, r.X)
	for _, v := range r.P {
		e.p = append(e.p, float32(v))
	}
	done, err := e.descend(context.Background(), 0, 50, 50, 0.5, 1, patience)
	if err != nil || done != 50 {
		t.Fatal(done, err)
	}
	for i, want := range r.Transformed {
		if math.Abs(e.y[i]-want) > 1e-6 {
			t.Errorf("coordinate %d is %v, want %v", i, e.y[i], want)
		}
	}
	if got, want := e.divergence(), r.Divergences[0]; math.Abs(got-want) > 0.02*want {
		t.Errorf("divergence %v, before the last step %v", got, want)
	}
}

// The divergences that layouts come to are among those that scikit-learn's exact method comes to from several beginnings.
func TestDivergenceIsThatOfScikitLearn(t *testing.T) {
	r := read(t, "tsne")
	x := dl.Of(r.X, r.Shape...)
	for _, s := range []TSNE{{}, {LearningRate: 100}, {Init: RandomInit, Seed: 1}, {Init: RandomInit, Seed: 2}} {
		s.Perplexity = 20
		layout, err := s.Embed(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		if least, most := slices.Min(r.Divergences), slices.Max(r.Divergences); layout.Divergence < 0.95*least || layout.Divergence > 1.05*most {
			t.Errorf("%+v: divergence %.4f, scikit-learn's are from %.4f to %.4f", s, layout.Divergence, least, most)
		}
		if share := sameNeighbour(layout.Points, r.Labels); share < 0.8 {
			t.Errorf("%+v: of %.0f %% of the digits the nearest is of another class", s, 100*(1-share))
		}
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
