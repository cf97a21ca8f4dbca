// Package generate makes data sets by rule and chance, to try models on: what make_moons and its relatives are in
// scikit-learn. Inputs are float32; classes are numbers. The same source of random numbers gives the same samples, and
// a nil one is dl.DefaultRand. Samples come in random order.
package generate

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
)

// points gathers the samples of a set.
type points struct {
	features int
	x        []float32
	classes  []int32
	targets  []float32
}

func (p *points) class(c int, x ...float64) {
	p.add(x)
	p.classes = append(p.classes, int32(c))
}

func (p *points) target(y float64, x ...float64) {
	p.add(x)
	p.targets = append(p.targets, float32(y))
}

func (p *points) add(x []float64) {
	p.features = len(x)
	for _, v := range x {
		p.x = append(p.x, float32(v))
	}
}

// dataset is the points with noise of a standard deviation on the inputs, in random order.
func (p *points) dataset(noise float64, r *dl.Rand) *data.Tensors {
	n := len(p.x) / p.features
	x := dl.New(dl.Float32, n, p.features)
	order := r.Perm(n)
	for row, i := range order {
		copy(x.Float32s()[row*p.features:(row+1)*p.features], p.x[i*p.features:(i+1)*p.features])
	}
	if noise > 0 {
		for i, v := range x.Float32s() {
			x.Float32s()[i] = float32(float64(v) + noise*r.Normal())
		}
	}
	if p.classes != nil {
		y := dl.New(dl.Int32, n)
		for row, i := range order {
			y.Int32s()[row] = p.classes[i]
		}
		return data.FromTensors(x, y)
	}
	y := dl.New(dl.Float32, n, 1)
	for row, i := range order {
		y.Float32s()[row] = p.targets[i]
	}
	return data.FromTensors(x, y)
}

// most is the largest number of values of a set.
const most = 1 << 30

// check refuses sizes and noises that mean nothing and gives a source of random numbers.
func check(op string, n, features int, noise float64, r *dl.Rand) *dl.Rand {
	switch {
	case n < 1:
		dl.PanicValue(op, "%d samples: at least 1 is needed", n)
	case features < 1:
		dl.PanicValue(op, "%d features: at least 1 is needed", features)
	case n > most/features:
		dl.PanicValue(op, "%d samples of %d features are more than %d values", n, features, most)
	case !(noise >= 0 && noise <= math.MaxFloat32):
		dl.PanicValue(op, "a noise of %v is not a standard deviation of 0 or more, which is finite in float32", noise)
	}
	if r == nil {
		return dl.DefaultRand()
	}
	return r
}
