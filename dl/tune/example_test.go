package tune_test

import (
	"context"
	"fmt"
	"sync"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/tune"
)

// points are of class 1 above a diagonal.
func points(n int) data.Dataset {
	x := dl.NewRand(1).Uniforms(-1, 1, n, 2)
	return data.FromTensors(x, x.Sum(1).Gt(dl.Zeros(n)).To(dl.Int32))
}

// Models that are made at the same time would share the random numbers of dl.Seed, now one more of them and now the other.
var making sync.Mutex

func classifier(units int, rate float64) (*train.Trainer, error) {
	making.Lock()
	defer making.Unlock()
	dl.Seed(1)
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: units, Activation: nn.Tanh}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err != nil {
		return nil, err
	}
	return &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: rate},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1}, nil
}

func ExampleCrossValidation() {
	scores, err := tune.CrossValidation{
		Trainer: func(int) (*train.Trainer, error) { return classifier(8, 0.05) },
		Folds:   data.KFold{K: 3, Shuffle: dl.NewRand(1)},
		Options: train.Options{Epochs: 10},
		Workers: 2, // Watch: plotting.LiveTable() shows the scores as they come
	}.Run(context.Background(), points(90))
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, f := range scores.Folds {
		fmt.Printf("fold %d: %d epochs, better than 0.8: %v\n", i, len(f.History.Epochs), f.Results.Get("accuracy") > 0.8)
	}
	fmt.Println("mean above 0.9:", scores.Mean("accuracy") > 0.9, "deviation below 0.1:", scores.Deviation("accuracy") < 0.1)
	// Output:
	// fold 0: 10 epochs, better than 0.8: true
	// fold 1: 10 epochs, better than 0.8: true
	// fold 2: 10 epochs, better than 0.8: true
	// mean above 0.9: true deviation below 0.1: true
}

func ExampleSearch() {
	learn, test := data.Split(points(120), 0.25)
	table, err := tune.Search{
		Space:  tune.Space{"rate": tune.Choice{0.0001, 0.05}, "units": tune.Choice{4, 8}},
		Method: tune.Grid{}, Workers: 2, Direction: metric.LargerIsBetter,
	}.Run(context.Background(), func(ctx context.Context, t *tune.Trial) (float64, error) {
		trainer, err := classifier(t.Int("units"), t.Float("rate"))
		if err != nil {
			return 0, err
		}
		if _, err := trainer.Fit(ctx, learn, train.Options{Epochs: 10, Validation: test}); err != nil {
			return 0, err
		}
		return trainer.History.Last("val_accuracy"), nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(table.Trials), "trials; the best has the rate", table.Best().Float("rate"))
	// Output: 4 trials; the best has the rate 0.05
}

// A function of two numbers in place of a training: half of the trials are given up early.
func ExampleHyperband() {
	table, err := tune.Search{
		Space:  tune.Space{"x": tune.Uniform{Low: -1, High: 1}, "y": tune.LogUniform{Low: 0.001, High: 1}, "n": tune.Integers{Low: 1, High: 3}},
		Method: tune.Hyperband{MaxBudget: 9}, Seed: 1,
	}.Run(context.Background(), func(_ context.Context, t *tune.Trial) (float64, error) {
		return t.Float("x")*t.Float("x") + t.Float("y") + 1/float64(t.Budget), nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	tried := map[int]int{}
	for _, r := range table.Trials {
		tried[r.Budget]++
	}
	fmt.Println("trials that ended with the budget 1, 3 and 9:", tried[1], tried[3], tried[9])
	fmt.Println("best below 0.2 more than could be:", table.Best().Value < 0.2+1.0/9)
	// Output:
	// trials that ended with the budget 1, 3 and 9: 6 6 5
	// best below 0.2 more than could be: true
}

func ExampleHalving() {
	table, err := tune.Search{Space: tune.Space{"x": tune.Uniform{Low: -1, High: 1}}, Method: tune.Halving{Trials: 9, MaxBudget: 9}}.Run(
		context.Background(), func(_ context.Context, t *tune.Trial) (float64, error) { return t.Float("x"), nil })
	if err != nil {
		fmt.Println(err)
		return
	}
	lowest := true
	for _, r := range table.Trials {
		lowest = lowest && r.Value >= table.Best().Value
	}
	fmt.Println(len(table.Trials), "trials; the best has the budget", table.Best().Budget, "and the lowest value:", lowest)
	// Output: 9 trials; the best has the budget 9 and the lowest value: true
}
