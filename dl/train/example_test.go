package train_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

// Exclusive or is the smallest problem that needs a hidden layer.
func ExampleTrainer_Fit() {
	dl.Seed(3)
	model, err := nn.Sequential(dl.Shape{2}, nn.Dense{Units: 8, Activation: nn.Tanh}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err != nil {
		fmt.Println(err)
		return
	}
	xor := data.FromTensors(dl.Of([]float32{0, 0, 0, 1, 1, 0, 1, 1}, 4, 2), dl.Of([]int32{0, 1, 1, 0}))

	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 0.05},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 1}
	history, err := trainer.Fit(context.Background(), xor, train.Options{Epochs: 100, BatchSize: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("epochs:", len(history.Epochs), "accuracy:", history.Last("accuracy"))

	confusion, err := trainer.Confusion(context.Background(), xor)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(confusion)
	// Output:
	// epochs: 100 accuracy: 1
	// true \ predicted  0  1  recall
	// 0                 2  0  1.0000
	// 1                 0  2  1.0000
	// accuracy 1.0000 (4 samples)
}

// A training in the background is looked at and changed while it goes on; in a notebook, from other cells.
func ExampleTrainer_Start() {
	model, err := nn.Sequential(dl.Shape{1}, nn.Dense{Units: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	line := data.FromTensors(dl.Of([]float32{0, 1, 2, 3}, 4, 1), dl.Of([]float32{1, 3, 5, 7}, 4, 1))
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.001}}
	training, err := trainer.Start(context.Background(), line, train.Options{Epochs: 1e9})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = training.Pause()
	fmt.Println("paused:", training.Status().Paused, err)
	fmt.Println("faster:", training.SetRate(0.05), training.Resume())
	for !(training.Status().Loss < 1e-4) { // NaN before the first batch
		time.Sleep(time.Millisecond)
	}
	fmt.Println("stopped:", training.Stop())
	fmt.Printf("f(10) is %.0f\n", model.Predict(dl.Of([]float32{10}, 1, 1)).Item())
	// Output:
	// paused: true <nil>
	// faster: <nil> <nil>
	// stopped: <nil>
	// f(10) is 21
}

// quiet prints the loss now and then. Callback describes, Start makes the observer of one training.
type quiet struct{ Every int }

func (q quiet) Start(*train.Run) (train.Observer, error) { return &quietObserver{quiet: q}, nil }

type quietObserver struct {
	train.Observe // does nothing for what is not written below
	quiet
}

func (q *quietObserver) Epoch(run *train.Run) error {
	if run.Epoch%q.Every == 0 {
		_, err := fmt.Fprintf(os.Stdout, "epoch %d of %d, better than at first: %v\n", run.Epoch, run.Epochs, run.Loss < run.History.Get("loss")[0])
		return err
	}
	return nil
}

func ExampleCallback() {
	dl.Seed(1)
	model, _ := nn.Sequential(dl.Shape{1}, nn.Dense{Units: 1})
	line := data.FromTensors(dl.Of([]float32{0, 1, 2, 3}, 4, 1), dl.Of([]float32{1, 3, 5, 7}, 4, 1))
	trainer := &train.Trainer{Model: model, Loss: nn.MSE, Optimizer: &optim.SGD{LearningRate: 0.1}}
	_, err := trainer.Fit(context.Background(), line, train.Options{Epochs: 200, Callbacks: []train.Callback{quiet{Every: 100}}})
	fmt.Printf("%v %.2f\n", err, model.Predict(dl.Of([]float32{10}, 1, 1)).Item())
	// Output:
	// epoch 100 of 200, better than at first: true
	// epoch 200 of 200, better than at first: true
	// <nil> 21.00
}

// Two words, one space: a model with two inputs, trained by a step of its own. The data has both as columns.
func ExampleTrainer_step() {
	dl.Seed(1)
	g := nn.NewGraph()
	a, b := g.Input("a", 2), g.Input("b", 2)
	side := g.Layer(nn.Dense{Units: 4, Activation: nn.Tanh})
	both := g.Add(nn.Dense{Units: 8, Activation: nn.Tanh}, g.Concat(side(a), side(b)))
	model, err := g.Build(g.Add(nn.Dense{Units: 1}, both))
	if err != nil {
		fmt.Println(err)
		return
	}
	pairs := data.FromColumns(
		data.Column{Role: data.Input, Values: dl.Of([]float32{0, 1, 1, 0, 0, 1, 1, 0}, 4, 2)},
		data.Column{Name: "other", Role: data.Input, Values: dl.Of([]float32{0, 1, 0, 1, 1, 0, 1, 0}, 4, 2)},
		data.Column{Role: data.Target, Values: dl.Of([]float32{1, 0, 0, 1}, 4, 1)}, // are they equal?
	)
	trainer := &train.Trainer{Model: model, Optimizer: &optim.Adam{LearningRate: 0.05},
		Metrics: []metric.Metric{metric.Threshold{Metric: metric.Accuracy{}}},
		Step: func(s *train.Step) *dl.Tensor {
			y := model.Call(s.Batch.X, s.Batch.Get("other"))[0]
			s.Output(y)
			return dl.BinaryCrossEntropyLogits(y, s.Batch.Y)
		}}
	history, err := trainer.Fit(context.Background(), pairs, train.Options{Epochs: 200, BatchSize: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("accuracy:", history.Last("accuracy"))
	// Output: accuracy: 1
}
