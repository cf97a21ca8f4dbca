// Command example trains the network of the first notebook on handwritten digits, alone or with others:
//
//	go build -o example . && mpirun -n 2 ./example
//	./example
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"modelbook/dl"
	"modelbook/dl/data/mnist"
	"modelbook/dl/dist"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
)

func main() { dist.Run(run) }

func run(c *dist.Comm) error {
	samples := flag.Int("samples", 60000, "digits to train with")
	batch := flag.Int("batch", 64, "digits in a batch, of all ranks together")
	epochs := flag.Int("epochs", 1, "passes over the digits")
	path := flag.String("checkpoint", "", "file to go on from and to save to after each epoch")
	flag.BoolVar(&c.BFloat16, "bfloat16", false, "send gradients as bfloat16")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	digits, err := mnist.Load(ctx)
	if err != nil {
		return err
	}
	dl.Seed(42)
	model, err := nn.Sequential(dl.Shape{28, 28, 1},
		nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	)
	if err != nil {
		return err
	}
	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{LearningRate: 1e-3},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 42, Ranks: c}
	options := train.Options{BatchSize: *batch, Epochs: *epochs, Callbacks: []train.Callback{train.Progress{Every: -time.Second}}}
	if *path != "" {
		options.Callbacks = append(options.Callbacks, train.Checkpoint{Path: *path})
		if _, err := os.Stat(*path); err == nil {
			if err := trainer.Load(*path); err != nil {
				return err
			}
		}
	}
	if _, err := trainer.Fit(ctx, digits.Train.Take(*samples), options); err != nil {
		return err
	}
	results, err := trainer.Evaluate(ctx, digits.Test)
	if err == nil && c.Rank() == 0 {
		fmt.Println("test:", results)
	}
	return err
}
