package quant

import (
	"fmt"
	"math"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/data/mnist"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// BenchmarkStatic trains the flagship and a network of two convolutions on MNIST for two epochs, makes them static int8, and
// reports the test accuracy and the bytes of both, and how many times as long as int8 float32 takes for a batch, the least
// of several rounds in turn.
//
//	go test ./dl/quant -run - -bench Static -benchtime 1x
func BenchmarkStatic(b *testing.B) {
	digits, err := mnist.Load(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	conv := func(filters int) nn.Conv2D {
		return nn.Conv2D{Filters: filters, Kernel: [2]int{3, 3}, Activation: nn.ReLU}
	}
	for _, c := range []struct {
		name   string
		layers []nn.Layer
	}{
		{"flagship", []nn.Layer{conv(32), nn.Flatten{}, nn.Dense{Units: 128, Activation: nn.ReLU}, nn.Dense{Units: 10, Activation: nn.Softmax}}},
		{"cnn2", []nn.Layer{conv(32), nn.MaxPool2D{}, conv(64), nn.MaxPool2D{}, nn.Flatten{}, nn.Dense{Units: 10, Activation: nn.Softmax}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			dl.Seed(1)
			m, err := nn.Sequential(dl.Shape{28, 28, 1}, c.layers...)
			if err != nil {
				b.Fatal(err)
			}
			trainer := &train.Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{}, Seed: 1}
			if _, err := trainer.Fit(b.Context(), digits.Train, train.Options{BatchSize: 64, Epochs: 2}); err != nil {
				b.Fatal(err)
			}
			q, err := Static(m, Inputs(digits.Train, 256), StaticOptions{})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				r, err := Accuracy(b.Context(), m, q, digits.Test)
				if err != nil {
					b.Fatal(err)
				}
				b.Logf("\n%v", r)
				for i, name := range []string{"float32", "int8"} {
					b.ReportMetric(100*r.Rows[i].Value, "%-"+name)
					b.ReportMetric(float64(r.Rows[i].Bytes)/1e3, "kB-"+name)
				}
				for _, n := range []int{1, 64} {
					x := Inputs(digits.Test, n)
					for images := range x {
						floats, ints := leastTimes(func() { m.Forward(images) }, func() { q.Forward(images) })
						b.ReportMetric(floats/ints, fmt.Sprintf("x-batch-%d", images.Dim(0)))
						b.ReportMetric(ints*1e6, fmt.Sprintf("us-int8-batch-%d", images.Dim(0)))
					}
				}
			}
		})
	}
}

// leastTimes are those of some calls of f and g, in turn, in seconds.
func leastTimes(f, g func()) (a, b float64) {
	a, b = math.Inf(1), math.Inf(1)
	arena := dl.NewArena()
	for range 200 {
		for _, c := range []struct {
			f     func()
			least *float64
		}{{f, &a}, {g, &b}} {
			start := time.Now()
			dl.NoGrad(func() { arena.Run(c.f) })
			*c.least = min(*c.least, time.Since(start).Seconds())
		}
	}
	return a, b
}
