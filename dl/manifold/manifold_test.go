package manifold

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

// The forces are the numeric derivatives of the divergence, in two dimensions and in others.
func TestForcesAreTheDerivativesOfTheDivergence(t *testing.T) {
	for k := 1; k <= 3; k++ {
		const n, d = 12, 4
		x := dl.Values[float64](dl.NewRand(1).Normals(0, 1, n, d))
		e := newEmbedding(n, k)
		e.y, e.p = dl.Values[float64](dl.NewRand(2).Normals(0, 1, n, k)), affinities(x, n, d, 4)
		for i := range n {
			e.p[i*n+i] = 0
		}
		const exaggeration = 1
		e.gradient(exaggeration, false)
		grad := append([]float64{}, e.grad...)
		for i := range e.y {
			const h = 1e-5
			old := e.y[i]
			e.y[i] = old + h
			up := e.gradient(exaggeration, true)
			e.y[i] = old - h
			down := e.gradient(exaggeration, true)
			e.y[i] = old
			if want := (up - down) / (2 * h); math.Abs(grad[i]-want) > 1e-6 {
				t.Errorf("%d dimensions, coordinate %d: %v, numerically %v", k, i, grad[i], want)
			}
		}
	}
}

// A layout is the same each time, whatever the seed is of that begins at the components, and another one of another seed
// that begins at random.
func TestLayoutsAreRepeatable(t *testing.T) {
	x := dl.NewRand(3).Normals(0, 1, 40, 5)
	layout := func(s TSNE) string {
		s.Perplexity, s.Iterations = 8, 300
		l, err := s.Embed(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(dl.Values[float64](l.Points))
	}
	if layout(TSNE{}) != layout(TSNE{}) || layout(TSNE{Init: RandomInit, Seed: 5}) != layout(TSNE{Init: RandomInit, Seed: 5}) {
		t.Error("the same layout came out differently")
	}
	if layout(TSNE{Init: RandomInit, Seed: 5}) == layout(TSNE{Init: RandomInit, Seed: 6}) {
		t.Error("two seeds have one layout")
	}
}

// Samples that are all alike, or twins, are no trouble.
func TestSamplesThatAreAlike(t *testing.T) {
	for name, x := range map[string]*dl.Tensor{"all": dl.Ones(10, 3), "twins": dl.Concat(0, dl.NewRand(4).Normals(0, 1, 6, 3), dl.Ones(6, 3))} {
		l, err := TSNE{Perplexity: 3, Iterations: 300}.Embed(context.Background(), x)
		if err != nil {
			t.Fatal(name, err)
		}
		for _, v := range dl.Values[float64](l.Points) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%s: a point at %v", name, v)
			}
		}
		p, err := PCA{}.Fit(x)
		if err != nil || math.IsNaN(p.Variance[0]) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	bad := dl.Of([]float64{1, 2, math.NaN(), 4}, 2, 2)
	huge := dl.Of([]float64{1e200, 0, 0, 1, 1, 1}, 3, 2)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for want, f := range map[string]func() error{
		"Reshape(n, -1) makes them flat": func() error { _, err := PCA{}.Fit(dl.Zeros(2, 3, 4)); return err },
		"feature 0 of sample 1 is NaN":   func() error { _, err := PCA{}.Fit(bad); return err },
		"from 1 to 2 are possible":       func() error { _, err := PCA{Components: 3}.Fit(dl.Zeros(2, 3)); return err },
		"it needs two at least":          func() error { _, err := PCA{}.Fit(dl.Zeros(1, 3)); return err },
		"too large for a number":         func() error { _, err := PCA{}.Fit(huge); return err },
		"below that of the samples":      func() error { _, err := TSNE{}.Embed(context.Background(), dl.Zeros(20, 3)); return err },
		"has no square": func() error {
			_, err := TSNE{Perplexity: 1, Init: RandomInit}.Embed(context.Background(), huge)
			return err
		},
		"take a part of them": func() error { _, err := TSNE{}.Embed(context.Background(), dl.Zeros(20_001, 1)); return err },
		"context canceled":    func() error { _, err := TSNE{}.Embed(ended, dl.NewRand(1).Normals(0, 1, 40, 2)); return err },
		"use RandomInit":      func() error { _, err := TSNE{}.Embed(context.Background(), dl.Zeros(40, 1)); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func BenchmarkTSNE(b *testing.B) {
	x := dl.NewRand(1).Normals(0, 1, 2000, 50)
	for b.Loop() {
		if _, err := (TSNE{Iterations: 20}).Embed(context.Background(), x); err != nil {
			b.Fatal(err)
		}
	}
}
