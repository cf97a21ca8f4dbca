// Command example trains the network of the first notebook on handwritten digits, or a small GPT on Shakespeare, alone or
// with others:
//
//	go build -o example . && mpirun -n 2 ./example
//	./example
//	mpirun -n 2 ./example -model gpt -batch 16
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"modelbook/dl/data"
	"modelbook/dl/dist"
	"modelbook/dl/train"
)

func main() { dist.Run(run) }

func run(c *dist.Comm) error {
	model := flag.String("model", "digits", "what to train: digits or gpt")
	samples := flag.Int("samples", 60000, "digits, or pieces of text, to train with")
	batch := flag.Int("batch", 64, "samples in a batch, of all ranks together")
	epochs := flag.Int("epochs", 1, "passes over the samples")
	path := flag.String("checkpoint", "", "file to go on from and to save to after each epoch")
	line := flag.String("trace", "", "folder for a time line of each rank")
	flag.BoolVar(&c.BFloat16, "bfloat16", false, "send gradients as bfloat16")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if *line != "" {
		f, err := os.Create(filepath.Join(*line, fmt.Sprintf("rank%d.json", c.Rank())))
		if err != nil {
			return err
		}
		defer f.Close()
		c.Trace = f
	}
	learn := digits
	if *model == "gpt" {
		learn = gpt
	}
	trainer, training, test, err := learn(ctx)
	if err != nil {
		return err
	}
	trainer.Seed, trainer.Ranks = 42, c
	options := train.Options{BatchSize: *batch, Epochs: *epochs, Callbacks: []train.Callback{train.Progress{Every: -time.Second}}}
	if *path != "" {
		options.Callbacks = append(options.Callbacks, train.Checkpoint{Path: *path})
		if _, err := os.Stat(*path); err == nil {
			if err := trainer.Load(*path); err != nil {
				return err
			}
		}
	}
	if _, err := trainer.Fit(ctx, data.Take(training, min(*samples, training.Len())), options); err != nil {
		return err
	}
	results, err := trainer.Evaluate(ctx, test)
	if err == nil && c.Rank() == 0 {
		fmt.Println("test:", results)
	}
	return err
}
