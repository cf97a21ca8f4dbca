package quant

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// shapes are images of 12 x 12 with noise, of bars that lie, bars that stand, and squares.
func shapes(n int) data.Dataset {
	r := dl.NewRand(8)
	x, labels := r.Normals(0, 0.3, n, 12, 12, 1), make([]int32, n)
	v := x.Float32s()
	for i := range n {
		labels[i] = int32(i % 3)
		top, left := i/3%7, i/21%7
		for h := range 5 {
			for w := range 5 {
				if on := [3]bool{h == 2, w == 2, h%4 == 0 || w%4 == 0}[i%3]; on {
					v[(i*12+top+h)*12+left+w] += 1
				}
			}
		}
	}
	return data.FromTensors(x, dl.Of(labels, n))
}

// trained is a small network as the flagship, with all that is folded, that knows shapes.
func trained(t testing.TB) (*nn.Model, data.Dataset) {
	dl.Seed(9)
	m, err := nn.Sequential(dl.Shape{12, 12, 1},
		nn.Conv2D{Filters: 8, Kernel: [2]int{3, 3}, Padding: nn.Same, NoBias: true}, nn.BatchNorm{Momentum: 0.9}, nn.ReLU, nn.MaxPool2D{},
		nn.Conv2D{Filters: 12, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Activation: nn.ReLU},
		nn.Flatten{}, nn.Dense{Units: 24, Activation: nn.ReLU}, nn.Dense{Units: 3, Activation: nn.Softmax})
	if err != nil {
		t.Fatal(err)
	}
	d := shapes(630)
	trainer := &train.Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 3e-3}, Seed: 1}
	if _, err := trainer.Fit(t.Context(), d, train.Options{BatchSize: 32, Epochs: 6}); err != nil {
		t.Fatal(err)
	}
	return m, d
}

// A network in int8 knows as much as in float32, in a quarter of the memory.
func TestStaticKeepsAccuracy(t *testing.T) {
	m, d := trained(t)
	for _, percentile := range []float64{0, 99.99} {
		q, err := Static(m, Inputs(d, 200), StaticOptions{Percentile: percentile})
		if err != nil {
			t.Fatal(err)
		}
		r, err := Accuracy(t.Context(), m, q, d)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("percentile %v:\n%v", percentile, r)
		floats, ints := r.Rows[0], r.Rows[1]
		if floats.Value < 0.9 || ints.Value < floats.Value-0.02 {
			t.Errorf("accuracy %v in float32, %v in int8", floats.Value, ints.Value)
		}
		if 3*ints.Bytes > floats.Bytes {
			t.Errorf("%d bytes in float32, %d in int8", floats.Bytes, ints.Bytes)
		}
		if got, want := strings.Count(q.String(), "int8"), 4; got != want || len(q.Layers) != 6 {
			t.Errorf("%d layers, of which %d are int8:\n%v", len(q.Layers), got, q)
		}
		x := slices.Collect(Inputs(d, 32))[0]
		if d := apart(q.Forward(x), m.Forward(x)); d > 0.1 {
			t.Errorf("percentile %v: probabilities are %v apart", percentile, d)
		}
	}
}

// The bounds of a percentile leave the extremes out.
func TestPercentile(t *testing.T) {
	var v values
	x := make([]float32, 1000)
	for i := range x {
		x[i] = float32(i) / 1000
	}
	x[7], x[8] = 1e6, -1e6
	v.add(x, true)
	if low, high := v.bounds(99.5); low != 0 || high < 0.99 || high > 1 {
		t.Errorf("bounds %v, %v", low, high)
	}
	if v.low != -1e6 || v.high != 1e6 {
		t.Errorf("the extremes are %v, %v", v.low, v.high)
	}
}

func TestStaticSkips(t *testing.T) {
	dl.Seed(1)
	m, err := nn.Sequential(dl.Shape{8}, nn.Dense{Units: 4, Activation: nn.Tanh}, nn.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	x := dl.Randn(5, 8)
	some := func(xs ...*dl.Tensor) iter.Seq[*dl.Tensor] { return slices.Values(xs) }
	q, err := Static(m, some(x), StaticOptions{Skip: func(name string) bool { return name == "dense" }})
	if err != nil {
		t.Fatal(err)
	}
	if want := "dense: float32\ndense_1: int8, [1 1 4 2]\n"; q.String() != want {
		t.Errorf("%q, want %q", q.String(), want)
	}
	if d := apart(q.Forward(x), m.Forward(x)); d > 0.05 {
		t.Errorf("outputs are %v apart", d)
	}
	for want, f := range map[string]func() error{
		"there are no batches": func() error { _, err := Static(m, some(), StaticOptions{}); return err },
		"it is above 50":       func() error { _, err := Static(m, some(x), StaticOptions{Percentile: 3}); return err },
		"batch 0 is empty":     func() error { _, err := Static(m, some(nil), StaticOptions{}); return err },
		"meets values from 0":  func() error { _, err := Static(m, some(dl.Zeros(2, 8)), StaticOptions{}); return err },
		"calibrating":          func() error { _, err := Static(m, some(dl.Zeros(2, 9)), StaticOptions{}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
}
