package compress

import (
	"testing"

	"modelbook/dl"
	"modelbook/dl/data/mnist"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/quant"
	"modelbook/dl/train"
)

// BenchmarkFlagship makes the flagship smaller in each way, and prints the table: RESULTS.md.
//
//	go test ./dl/compress -run - -bench Flagship -benchtime 1x -timeout 60m
func BenchmarkFlagship(b *testing.B) {
	digits, err := mnist.Load(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	network := func(filters, units int, stride int) *nn.Model {
		return sequential(b, dl.Shape{28, 28, 1}, nn.Conv2D{Filters: filters, Kernel: [2]int{3, 3}, Stride: [2]int{stride, stride}, Activation: nn.ReLU},
			nn.Flatten{}, nn.Dense{Units: units, Activation: nn.ReLU}, nn.Dense{Units: 10, Activation: nn.Softmax})
	}
	fit := func(m *nn.Model, epochs int, rate float64, step func(s *train.Step) *dl.Tensor, callbacks ...train.Callback) {
		trainer := &train.Trainer{Model: m, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: rate}, Seed: 1, Step: step}
		if _, err := trainer.Fit(b.Context(), digits.Train, train.Options{Epochs: epochs, BatchSize: 64, Callbacks: callbacks}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		flagship := network(32, 128, 1)
		fit(flagship, 4, 1e-3, nil)
		copied := func() *nn.Model {
			m := network(32, 128, 1)
			for i, p := range m.Parameters() {
				p.Value.CopyFrom(flagship.Parameters()[i].Value.Detach())
			}
			return m
		}
		pruned := copied()
		fit(pruned, 3, 3e-4, nil, Pruning{Sparsity: 0.9, To: 1200})
		slim, err := RemoveUnits(copied(), 0.5, nil)
		if err != nil {
			b.Fatal(err)
		}
		fit(slim, 2, 3e-4, nil)
		thin, err := LowRank(copied(), 16, nil)
		if err != nil {
			b.Fatal(err)
		}
		fit(thin, 2, 3e-4, nil)
		student := network(16, 48, 2)
		step, err := Distillation{Teacher: flagship}.Step(student)
		if err != nil {
			b.Fatal(err)
		}
		fit(student, 12, 1e-3, step)
		alone := network(16, 48, 2)
		fit(alone, 12, 1e-3, nil)
		bytes, err := quant.Static(flagship, quant.Inputs(digits.Train, 256), quant.StaticOptions{})
		if err != nil {
			b.Fatal(err)
		}
		table, err := Compare(b.Context(), digits.Test, Candidate{"flagship", flagship}, Candidate{"90 % pruned", pruned}, Candidate{"half of the units", slim},
			Candidate{"rank 16", thin}, Candidate{"student", student}, Candidate{"student alone", alone}, Candidate{"int8", bytes})
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("\n%v", table)
	}
}
