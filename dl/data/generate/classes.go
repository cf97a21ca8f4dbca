package generate

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
)

// Moons is two half circles that reach into each other, of n points [2] in 2 classes, with noise of the given standard
// deviation: make_moons.
func Moons(n int, noise float64, r *dl.Rand) *data.Tensors {
	r = check("generate.Moons", n, 2, noise, r)
	var p points
	outer := n / 2
	for i := range outer {
		a := spread(i, outer, math.Pi)
		p.class(0, math.Cos(a), math.Sin(a))
	}
	for i := range n - outer {
		a := spread(i, n-outer, math.Pi)
		p.class(1, 1-math.Cos(a), 0.5-math.Sin(a))
	}
	return p.dataset(noise, r)
}

// spread is step i of n from 0 to the end, both included.
func spread(i, n int, end float64) float64 {
	if n == 1 {
		return 0
	}
	return end * float64(i) / float64(n-1)
}

// Circles is two circles around one centre, of n points [2] in 2 classes: class 0 has the radius 1 and class 1 the
// radius factor, from 0 to below 1 (make_circles; its default is 0.8). The noise is a standard deviation.
func Circles(n int, factor, noise float64, r *dl.Rand) *data.Tensors {
	r = check("generate.Circles", n, 2, noise, r)
	if !(factor >= 0 && factor < 1) {
		dl.PanicValue("generate.Circles", "a factor of %v lies outside 0 to below 1", factor)
	}
	var p points
	outer := n / 2
	for i := range n {
		c, at, of, radius := 0, i, outer, 1.0
		if i >= outer {
			c, at, of, radius = 1, i-outer, n-outer, factor
		}
		a := 2 * math.Pi * float64(at) / float64(of)
		p.class(c, radius*math.Cos(a), radius*math.Sin(a))
	}
	return p.dataset(noise, r)
}

// Spirals is arms that wind around one centre, one for each class, of n points [2] in all: radius 0 to 1 in the given
// number of turns (1 to 2 are usual). The noise is a standard deviation.
func Spirals(n, classes int, turns, noise float64, r *dl.Rand) *data.Tensors {
	r = check("generate.Spirals", n, 2, noise, r)
	if classes < 1 || n < classes || math.IsNaN(turns) || math.IsInf(turns, 0) {
		dl.PanicValue("generate.Spirals", "%d points do not make %d arms of %v turns", n, classes, turns)
	}
	var p points
	for i := range n {
		c := i % classes
		radius := spread(i/classes, (n-c+classes-1)/classes, 1)
		a := 2 * math.Pi * (radius*turns + float64(c)/float64(classes))
		p.class(c, radius*math.Cos(a), radius*math.Sin(a))
	}
	return p.dataset(noise, r)
}

// Blobs is clouds of normally distributed points, one for each class, of n points [features] in all. Their centres are
// drawn from -10 to 10; deviation is their standard deviation (make_blobs; its default is 1).
func Blobs(n, classes, features int, deviation float64, r *dl.Rand) *data.Tensors {
	r = check("generate.Blobs", n, features, deviation, r)
	if classes < 1 || classes > n {
		dl.PanicValue("generate.Blobs", "%d points do not make %d clouds: there are 1 to as many as points", n, classes)
	}
	centres := make([][]float64, classes)
	for c := range centres {
		centres[c] = make([]float64, features)
		for j := range centres[c] {
			centres[c][j] = -10 + 20*r.Float64()
		}
	}
	return BlobsAt(n, centres, deviation, r)
}

// BlobsAt is Blobs with given centres, one for each class.
func BlobsAt(n int, centres [][]float64, deviation float64, r *dl.Rand) *data.Tensors {
	if len(centres) == 0 {
		dl.PanicValue("generate.BlobsAt", "no centres")
	}
	r = check("generate.BlobsAt", n, len(centres[0]), deviation, r)
	for c, centre := range centres {
		if len(centre) != len(centres[0]) {
			dl.PanicValue("generate.BlobsAt", "centre %d has %d coordinates, centre 0 has %d", c, len(centre), len(centres[0]))
		}
		for _, v := range centre {
			if !(math.Abs(v) <= math.MaxFloat32) {
				dl.PanicValue("generate.BlobsAt", "centre %d is at %v: its coordinates are finite in float32", c, centre)
			}
		}
	}
	var p points
	for i := range n {
		p.class(i%len(centres), centres[i%len(centres)]...)
	}
	return p.dataset(deviation, r)
}

// Checkerboard is n points [2] spread evenly over the square from 0 to 1, in the 2 classes of the fields of a board
// with so many fields on each side.
func Checkerboard(n, fields int, noise float64, r *dl.Rand) *data.Tensors {
	r = check("generate.Checkerboard", n, 2, noise, r)
	if fields < 1 || fields > 1<<20 {
		dl.PanicValue("generate.Checkerboard", "%d fields on a side: 1 to %d are possible", fields, 1<<20)
	}
	var p points
	for range n {
		x, y := r.Float64(), r.Float64()
		p.class((int(x*float64(fields))+int(y*float64(fields)))%2, x, y)
	}
	return p.dataset(noise, r)
}

// Classes describes the set of Classification; the zero values are those of scikit-learn's make_classification, except
// that features that repeat others are not made.
type Classes struct {
	Features      int     // 0: 20
	Informative   int     // features that say something about the class; 0: 2
	Redundant     int     // features that are sums of these; 0: 2, where there are so many; -1: none
	Classes       int     // 0: 2
	Clusters      int     // of each class; 0: 2
	Separation    float64 // half the side of the cube on whose corners the clusters are; 0: 1
	WrongShare    float64 // share of the samples whose class is drawn anew; 0: none (scikit-learn: 0.01)
	Weights       []float64
	KeepPositions bool // leave the features in order: informative, redundant, noise
}

// Classification is n points whose clusters lie around the corners of a cube, among features that say nothing:
// make_classification, after Guyon's "Madelon" set. It panics when there are fewer corners, 2 to the power of
// Informative, than clusters.
func (o Classes) Classification(n int, r *dl.Rand) *data.Tensors {
	const op = "generate.Classification"
	features, informative := or(o.Features, 20), or(o.Informative, 2)
	classes, clusters := or(o.Classes, 2), or(o.Clusters, 2)
	redundant := o.Redundant
	switch {
	case redundant < 0:
		redundant = 0
	case redundant == 0:
		redundant = max(0, min(2, features-informative))
	}
	separation := o.Separation
	if separation == 0 {
		separation = 1
	}
	r = check(op, n, features, 0, r)
	switch {
	case informative < 1 || informative > features || redundant > features-informative:
		dl.PanicValue(op, "%d informative and %d redundant features: 1 or more informative ones are needed, and no more than %d in all", informative, redundant, features)
	case !(math.Abs(separation) <= math.MaxFloat32):
		dl.PanicValue(op, "a separation of %v is not finite in float32", separation)
	case classes > n || clusters > n || informative > 1<<12:
		dl.PanicValue(op, "%d samples of %d classes with %d clusters each and %d informative features: there are no more classes or clusters than samples, and at most %d such features",
			n, classes, clusters, informative, 1<<12)
	case classes < 1 || clusters < 1 || classes > 1<<min(informative, 30)/clusters:
		dl.PanicValue(op, "%d classes with %d clusters each do not fit on the %d corners of a cube of %d informative features",
			classes, clusters, 1<<min(informative, 30), informative)
	case !(o.WrongShare >= 0 && o.WrongShare <= 1):
		dl.PanicValue(op, "a share of %v lies outside 0 to 1", o.WrongShare)
	case o.Weights != nil && len(o.Weights) != classes:
		dl.PanicValue(op, "%d weights for %d classes", len(o.Weights), classes)
	}
	all := classes * clusters
	corners := corners(all, informative, r)
	shapes := make([][]float64, all) // mixes the features of a cluster
	for k := range shapes {
		shapes[k] = uniforms(informative*informative, r)
	}
	mix := uniforms(informative*max(redundant, 1), r)
	places := sequence(features)
	if !o.KeepPositions {
		places = r.Perm(features)
	}
	var p points
	for i := range n {
		c := i % classes
		if o.Weights != nil {
			c = draw(o.Weights, r)
		}
		k := c + classes*(i/classes%clusters)
		normal := make([]float64, informative)
		for j := range normal {
			normal[j] = r.Normal()
		}
		x := make([]float64, features)
		for j := range informative {
			v := 0.0
			for l, u := range normal {
				v += u * shapes[k][l*informative+j]
			}
			x[places[j]] = v + separation*corners[k][j]
		}
		for j := range redundant {
			for l := range informative {
				x[places[informative+j]] += x[places[l]] * mix[l*redundant+j]
			}
		}
		for j := informative + redundant; j < features; j++ {
			x[places[j]] = r.Normal()
		}
		if o.WrongShare > 0 && r.Float64() < o.WrongShare {
			c = r.IntN(classes)
		}
		p.class(c, x...)
	}
	return p.dataset(0, r)
}

// Classification is the set of the zero Classes.
func Classification(n int, r *dl.Rand) *data.Tensors { return Classes{}.Classification(n, r) }

// corners are different corners of the cube from -1 to 1.
func corners(n, dims int, r *dl.Rand) [][]float64 {
	seen := map[string]bool{}
	var out [][]float64
	for len(out) < n {
		corner, key := make([]float64, dims), make([]byte, dims)
		for j := range corner {
			key[j] = byte(r.IntN(2))
			corner[j] = 2*float64(key[j]) - 1
		}
		if !seen[string(key)] {
			seen[string(key)] = true
			out = append(out, corner)
		}
	}
	return out
}

func uniforms(n int, r *dl.Rand) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 2*r.Float64() - 1
	}
	return out
}

// draw is a number with a probability in proportion to its weight.
func draw(weights []float64, r *dl.Rand) int {
	total := 0.0
	for _, w := range weights {
		if !(w >= 0) {
			dl.PanicValue("generate.Classification", "the weight %v is not 0 or more", w)
		}
		total += w
	}
	u := r.Float64() * total
	for i, w := range weights {
		if u -= w; u < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func sequence(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func or(v, otherwise int) int {
	if v == 0 {
		return otherwise
	}
	return v
}
