package compress_test

import (
	"context"
	"fmt"
	"log"

	"modelbook/dl"
	"modelbook/dl/compress"
	"modelbook/dl/data/iris"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

func network(units int) *nn.Model {
	dl.Seed(1)
	m, err := nn.Sequential(dl.Shape{4}, nn.Dense{Units: units, Activation: nn.ReLU}, nn.Dense{Units: 3, Activation: nn.Softmax})
	if err != nil {
		log.Fatal(err)
	}
	return m
}

func fit(t *train.Trainer, epochs int, callbacks ...train.Callback) {
	t.Optimizer, t.Seed = &optim.Adam{LearningRate: 0.02}, 1
	if _, err := t.Fit(context.Background(), iris.Load(), train.Options{Epochs: epochs, BatchSize: 16, Callbacks: callbacks}); err != nil {
		log.Fatal(err)
	}
}

// A small network learns from a large one, whose step takes the place of a loss.
func ExampleDistillation() {
	teacher, student := network(64), network(4)
	fit(&train.Trainer{Model: teacher, Loss: nn.SparseCrossEntropy}, 20)
	step, err := compress.Distillation{Teacher: teacher, Temperature: 3}.Step(student)
	if err != nil {
		log.Fatal(err)
	}
	fit(&train.Trainer{Model: student, Step: step}, 40)
	table, err := compress.Compare(context.Background(), iris.Load(), compress.Candidate{Name: "teacher", Model: teacher}, compress.Candidate{Name: "student", Model: student})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range table.Rows {
		fmt.Printf("%s: %d parameters, accuracy above 0.95: %v\n", r.Name, r.Parameters, r.Accuracy > 0.95)
	}
	// Output:
	// teacher: 515 parameters, accuracy above 0.95: true
	// student: 35 parameters, accuracy above 0.95: true
}

// While the network learns, nine of ten weights become zero.
func ExamplePruning() {
	m := network(64)
	fit(&train.Trainer{Model: m, Loss: nn.SparseCrossEntropy}, 30, compress.Pruning{Sparsity: 0.9, From: 50, To: 200, Every: 10})
	fmt.Printf("%.2f of the weights are zero\n", compress.Sparsity(m))
	// Output: 0.90 of the weights are zero
}

// Half of the neurons are taken out: the rest is a network of its own.
func ExampleRemoveUnits() {
	m := network(64)
	small, err := compress.RemoveUnits(m, 0.5, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(nn.Count(m).Total, "parameters, now", nn.Count(small).Total)
	// Output: 515 parameters, now 259
}

func ExampleLowRank() {
	dl.Seed(1)
	m, err := nn.Sequential(dl.Shape{256}, nn.Dense{Units: 256, Activation: nn.ReLU}, nn.Dense{Units: 10})
	if err != nil {
		log.Fatal(err)
	}
	small, err := compress.LowRank(m, 16, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(nn.Count(m).Total, "parameters, now", nn.Count(small).Total)
	// Output: 68362 parameters, now 11018
}
