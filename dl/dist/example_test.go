package dist_test

import (
	"context"
	"fmt"

	"modelbook/dl/data"
	"modelbook/dl/dist"
	"modelbook/dl/train"
	"modelbook/dl/tune"
)

// A search over ranks is that of one process, with Ranks: mpirun -n 4 has four trials tried at a time. A program would
// begin with [dist.Run]; this test is the only rank.
func Example_search() {
	c, err := dist.Init()
	if err != nil {
		fmt.Println(err)
		return
	}
	learn, test := data.Split(points(200), 0.25)
	table, err := tune.Search{
		Space:  tune.Space{"rate": tune.LogUniform{Low: 1e-3, High: 1}},
		Method: tune.Random{Trials: 4}, Ranks: c,
	}.Run(context.Background(), func(ctx context.Context, t *tune.Trial) (float64, error) {
		trainer, err := classifier(t.Seed, t.Float("rate")) // of this rank alone: without Ranks
		if err != nil {
			return 0, err
		}
		h, err := trainer.Fit(ctx, learn, train.Options{Epochs: 3, Validation: test})
		if err != nil {
			return 0, err
		}
		return h.Last("val_loss"), nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if c.Rank() == 0 {
		fmt.Println(len(table.Trials), "trials; the best is measured:", table.Best().Value > 0)
	}
	// Output: 4 trials; the best is measured: true
}
