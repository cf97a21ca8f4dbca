package train_test

import (
	"fmt"
	"slices"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// pictures are a small data set, different in every pixel.
func pictures(n int) data.Dataset {
	r := dl.NewRand(7)
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(r.IntN(10))
	}
	return data.FromTensors(r.Uniforms(0, 1, n, 12, 12, 1), dl.Of(labels))
}

// network is the flagship, and cnn2's pooling, in small.
func network(t testing.TB, seed uint64) *train.Trainer {
	dl.Seed(seed)
	model, err := nn.Sequential(dl.Shape{12, 12, 1},
		nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
		nn.MaxPool2D{},
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	)
	if err != nil {
		t.Fatal(err)
	}
	return &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 1e-3},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 42}
}

// Two trainings with the same seed and the same number of threads give the same weights, bit for bit.
func TestFitRepeats(t *testing.T) {
	defer dl.SetThreads(dl.Threads())
	for _, threads := range []int{1, 2} {
		t.Run(fmt.Sprint(threads), func(t *testing.T) {
			dl.SetThreads(threads)
			var first [][]float32
			for range 3 {
				trainer := network(t, 5)
				if _, err := trainer.Fit(t.Context(), pictures(50*16+3), train.Options{BatchSize: 16, Epochs: 2}); err != nil {
					t.Fatal(err)
				}
				var weights [][]float32
				for _, p := range trainer.Model.Parameters() {
					weights = append(weights, p.Value.Float32s())
				}
				if first == nil {
					first = weights
				}
				for i, w := range weights {
					if !slices.Equal(w, first[i]) {
						t.Fatalf("%s differs", trainer.Model.Parameters()[i].Name)
					}
				}
			}
		})
	}
}
