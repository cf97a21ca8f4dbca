package manifold

import (
	"context"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/parallel"
)

// TSNE lays samples out so that near neighbours stay near: t-distributed stochastic neighbour embedding (van der Maaten
// and Hinton 2008), by its exact method. Time and memory grow with the square of the number of samples: it is for some
// thousands. Distances between far groups, and the sizes of groups, mean little. The defaults are scikit-learn's.
type TSNE struct {
	Components   int     // 0: 2
	Perplexity   float64 // about how many neighbours a sample has; 0: 30
	LearningRate float64 // 0: a fourth of N / Exaggeration, at least 50
	Iterations   int     // 0: 1000; of these 250 with the exaggeration
	Exaggeration float64 // of the neighbours' attraction, at first; 0: 12
	Init         Init
	Seed         uint64 // of RandomInit
}

// Init is where the points of a TSNE begin.
type Init uint8

const (
	PCAInit    Init = iota // at the principal components, made small
	RandomInit             // at random, by Seed
)

// Layout is what a [TSNE] has found.
type Layout struct {
	Points     *dl.Tensor // [N, components]
	Divergence float64    // Kullback-Leibler's, of the points' neighbourhoods from the samples'; smaller is better
	Iterations int        // that were needed
}

// mostSamples bounds the memory: 4 bytes for each two samples.
const mostSamples = 20_000

const (
	exploring    = 250 // iterations with the exaggeration
	betweenTests = 50  // iterations from one look at the divergence to the next
	patience     = 300 // iterations without progress
	leastGrad    = 1e-7
	least        = 2.220446049250313e-16
)

// Embed lays samples [N, features] out. It ends early when ctx is done, with its error.
func (t TSNE) Embed(ctx context.Context, x *dl.Tensor) (*Layout, error) {
	values, n, d, err := table("TSNE", x)
	if err != nil {
		return nil, err
	}
	if err := t.complete(n, d); err != nil {
		return nil, err
	}
	for _, v := range values {
		if math.Abs(v) > 1e150 {
			return nil, fmt.Errorf("manifold: TSNE: the value %v has no square: scale the features", v)
		}
	}
	e := newEmbedding(n, t.Components)
	if e.y, err = t.begin(x, n); err != nil {
		return nil, err
	}
	e.p = affinities(values, n, d, t.Perplexity)
	early := min(exploring, t.Iterations)
	done, err := e.descend(ctx, 0, early, t.LearningRate, 0.5, t.Exaggeration, early)
	if err == nil && done < t.Iterations {
		done, err = e.descend(ctx, done, t.Iterations, t.LearningRate, 0.8, 1, patience)
	}
	if err != nil {
		return nil, err
	}
	return &Layout{Points: dl.Of(e.y, n, e.k), Divergence: e.divergence(), Iterations: done}, nil
}

// complete puts the defaults in and checks the rest.
func (t *TSNE) complete(n, d int) error {
	if t.Components == 0 {
		t.Components = 2
	}
	if t.Perplexity == 0 {
		t.Perplexity = 30
	}
	if t.Exaggeration == 0 {
		t.Exaggeration = 12
	}
	if t.LearningRate == 0 {
		t.LearningRate = max(float64(n)/t.Exaggeration/4, 50)
	}
	if t.Iterations == 0 {
		t.Iterations = 1000
	}
	switch {
	case n > mostSamples:
		return fmt.Errorf("manifold: TSNE of %d samples would take %d GB; it is for %d at most: take a part of them", n, n*n*4>>30, mostSamples)
	case !(t.Perplexity > 0) || t.Perplexity >= float64(n):
		return fmt.Errorf("manifold: TSNE with perplexity %v of %d samples: it is a number of neighbours, below that of the samples", t.Perplexity, n)
	case t.Components < 1 || t.Components > 3:
		return fmt.Errorf("manifold: TSNE with %d components: from 1 to 3 are possible", t.Components)
	case t.Init == PCAInit && t.Components > min(n, d):
		return fmt.Errorf("manifold: TSNE with %d components of %d samples with %d features cannot begin at their principal components: use RandomInit", t.Components, n, d)
	case !(t.LearningRate > 0) || !(t.Exaggeration > 0) || t.Iterations < 0 || t.Init > RandomInit:
		return fmt.Errorf("manifold: TSNE %+v: numbers are not below 0", *t)
	}
	return nil
}

// begin are the points before the first iteration, of a size of 1e-4.
func (t *TSNE) begin(x *dl.Tensor, n int) ([]float64, error) {
	if t.Init == RandomInit {
		return dl.Values[float64](dl.NewRand(t.Seed).Normals(0, 1e-4, n, t.Components)), nil
	}
	pca, err := PCA{Components: t.Components}.Fit(x)
	if err != nil {
		return nil, err
	}
	y := dl.Values[float64](pca.Transform(x))
	scale, squares := 0.0, 0.0
	for i := 0; i < len(y); i += t.Components {
		squares += y[i] * y[i]
	}
	if squares > 0 {
		scale = 1e-4 / math.Sqrt(squares/float64(n))
	}
	for i := range y {
		y[i] *= scale
	}
	return y, nil
}

// embedding is a layout that moves.
type embedding struct {
	n, k   int
	p      []float32 // [n, n], adds up to 1
	y      []float64 // [n, k]
	z      []float64 // of each sample, what its neighbourhoods add up to
	cost   []float64
	forces []float64 // [n, 2, k]: what attracts each point, and what pushes it away

	grad, update, gains []float64
}

func newEmbedding(n, k int) *embedding {
	return &embedding{n: n, k: k, y: make([]float64, n*k), z: make([]float64, n), cost: make([]float64, n),
		forces: make([]float64, 2*n*k), grad: make([]float64, n*k), update: make([]float64, n*k), gains: make([]float64, n*k)}
}

// descend moves the points from one iteration to another, and returns after which it ended.
func (e *embedding) descend(ctx context.Context, from, to int, rate, momentum, exaggeration float64, patience int) (int, error) {
	clear(e.update)
	for i := range e.gains {
		e.gains[i] = 1
	}
	best, at := math.MaxFloat64, from
	for i := from; i < to; i++ {
		if err := ctx.Err(); err != nil {
			return i, err
		}
		look := (i+1)%betweenTests == 0
		cost := e.gradient(exaggeration, look || i == to-1)
		norm := 0.0
		for j, g := range e.grad {
			if e.update[j]*g < 0 {
				e.gains[j] += 0.2
			} else {
				e.gains[j] *= 0.8
			}
			e.gains[j] = max(e.gains[j], 0.01)
			g *= e.gains[j]
			norm += g * g
			e.update[j] = momentum*e.update[j] - rate*g
			e.y[j] += e.update[j]
		}
		if !look {
			continue
		}
		if math.IsNaN(cost) || math.IsInf(cost, 0) {
			return i, fmt.Errorf("manifold: TSNE: the points flew apart after %d iterations: use a smaller LearningRate than %v", i+1, rate)
		}
		if cost < best {
			best, at = cost, i
		} else if i-at > patience {
			return i + 1, nil
		}
		if math.Sqrt(norm) <= leastGrad {
			return i + 1, nil
		}
	}
	return to, nil
}

// gradient computes how the divergence changes with each point, and, when it is asked for, the divergence.
func (e *embedding) gradient(exaggeration float64, costs bool) float64 {
	n, k := e.n, e.k
	parallel.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if k == 2 {
				e.plane(i)
			} else {
				e.space(i)
			}
		}
	})
	z := 0.0
	for _, v := range e.z {
		z += v
	}
	z = max(z, least)
	for i := range n {
		for c := range k {
			attract, repel := e.forces[(2*i)*k+c], e.forces[(2*i+1)*k+c]
			e.grad[i*k+c] = 4 * (exaggeration*attract - repel/z)
		}
	}
	if !costs {
		return 0
	}
	parallel.For(n, 16, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			e.cost[i] = e.costOf(i, exaggeration, z)
		}
	})
	cost := 0.0
	for _, v := range e.cost {
		cost += v
	}
	return cost
}

// plane finds the forces on a point in two dimensions.
func (e *embedding) plane(i int) {
	x, y := e.y[2*i], e.y[2*i+1]
	var z, ax, ay, rx, ry float64
	row := e.p[i*e.n : (i+1)*e.n]
	points := e.y[:2*len(row)]
	for j, p := range row {
		dx, dy := x-points[2*j], y-points[2*j+1]
		q := 1 / (1 + dx*dx + dy*dy)
		z += q
		a, r := float64(p)*q, q*q
		ax, ay, rx, ry = ax+a*dx, ay+a*dy, rx+r*dx, ry+r*dy
	}
	e.z[i] = z - 1 // without itself
	copy(e.forces[4*i:], []float64{ax, ay, rx, ry})
}

// space finds the forces on a point in any number of dimensions.
func (e *embedding) space(i int) {
	k := e.k
	forces := e.forces[2*i*k : 2*(i+1)*k]
	clear(forces)
	z := 0.0
	for j := range e.n {
		q := 1 / (1 + e.square(i, j))
		z += q
		p := float64(e.p[i*e.n+j])
		for c := range k {
			d := e.y[i*k+c] - e.y[j*k+c]
			forces[c] += p * q * d
			forces[k+c] += q * q * d
		}
	}
	e.z[i] = z - 1
}

func (e *embedding) square(i, j int) float64 {
	s := 0.0
	for c := range e.k {
		d := e.y[i*e.k+c] - e.y[j*e.k+c]
		s += d * d
	}
	return s
}

// costOf is a sample's part of the divergence.
func (e *embedding) costOf(i int, exaggeration, z float64) float64 {
	cost := 0.0
	for j := range e.n {
		if j == i {
			continue
		}
		p := exaggeration * float64(e.p[i*e.n+j])
		q := max(1/(1+e.square(i, j))/z, least)
		cost += p * math.Log(max(p, least)/q)
	}
	return cost
}

// divergence is that of the points as they are.
func (e *embedding) divergence() float64 { return e.gradient(1, true) }
