// Command measure measures what package scaling predicts trainings from, and compares predictions with measurements.
//
//	go build -o measure . && ./measure -model digits -o digits.json     a node
//	mpirun --host node1,node2 ./measure                                 the network between two
//	mpirun --host node1,node2 ./measure -model digits                   both, and trainings of all ranks beside the prediction
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"modelbook/dl/dist"
	"modelbook/dl/train"
	"modelbook/dl/train/scaling"
)

func main() { dist.Run(run) }

func run(c *dist.Comm) error {
	name := flag.String("model", "", "model whose training to measure: digits or gpt2; without one, only the network")
	out := flag.String("o", "", "file for the profile of the node")
	turns := flag.Int("turns", 3, "how often all is measured: the fastest counts")
	machine := flag.String("machine", fmt.Sprintf("%d threads of %s", runtime.GOMAXPROCS(0), runtime.GOARCH), "what the machine is called in the profile")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	rows := [][]string{{"", "predicted", "measured", "error"}}
	of := cluster(c)
	if c.Rank() == 0 {
		fmt.Printf("sums in memory: %.1f GB/s\n", of.Add/1e9)
	}
	if c.Size() > 1 {
		if l := of.Network; c.Rank() == 0 {
			fmt.Printf("network: latency %v, %.1f MB/s one way, %.1f MB/s each way at once\n", l.Latency, l.Bandwidth/1e6, l.Exchange/1e6)
		}
		rows = append(rows, sums(c, of)...)
	}
	if *name != "" {
		m, err := named(ctx, *name)
		if err != nil {
			return err
		}
		predicted, measured := slices.Repeat([]time.Duration{time.Hour}, len(m.check)), slices.Repeat([]time.Duration{time.Hour}, len(m.check))
		var best *scaling.Profile
		for range *turns { // the machine may be busier in one than in another
			p, err := m.measure.Profile(ctx, m.name)
			if err != nil {
				return err
			}
			if best == nil || p.Alone.Of(m.measure.Batches[0]) < best.Alone.Of(m.measure.Batches[0]) {
				best = p
			}
			for i, n := range m.check {
				took, err := step(ctx, c, m, n*c.Size())
				if err != nil {
					return err
				}
				predicted[i], measured[i] = min(predicted[i], of.Step(p, n*c.Size()).Total), min(measured[i], took)
			}
		}
		best.Sample, best.Machine = m.sample, *machine
		for i, n := range m.check {
			rows = append(rows, compared(fmt.Sprintf("step, batch %d", n*c.Size()), predicted[i], measured[i]))
		}
		if c.Rank() == 0 {
			fmt.Printf("%s: %.1f MB of gradients; alone %v; as a rank %v outside Backward, %v in it, %v for the optimizer\n",
				m.name, float64(best.Bytes())/1e6, best.Alone, best.Forward, best.Backward, best.Update)
			if *out != "" {
				if err := best.Save(*out); err != nil {
					return err
				}
			}
		}
	}
	if c.Rank() == 0 && len(rows) > 1 {
		for _, row := range rows {
			fmt.Printf("| %s |\n", strings.Join(row, " | "))
		}
	}
	return nil
}

// step is the fastest of some steps of a training of all ranks.
func step(ctx context.Context, c *dist.Comm, m model, batch int) (time.Duration, error) {
	t, err := m.measure.Trainer()
	if err != nil {
		return 0, err
	}
	t.Ranks = c
	watch := &stopwatch{}
	_, err = t.Fit(ctx, m.measure.Data, train.Options{BatchSize: batch, Epochs: 1, StepsPerEpoch: m.measure.Steps + 2,
		NoShuffle: true, Callbacks: []train.Callback{watch}})
	if err != nil {
		return 0, err
	}
	return slices.Min(watch.steps[1:]), nil
}

// stopwatch is a callback that takes the time from batch to batch.
type stopwatch struct {
	train.Observe
	last  time.Time
	steps []time.Duration
}

func (s *stopwatch) Start(*train.Run) (train.Observer, error) { return s, nil }

func (s *stopwatch) Batch(*train.Run) error {
	now := time.Now()
	if !s.last.IsZero() {
		s.steps = append(s.steps, now.Sub(s.last))
	}
	s.last = now
	return nil
}

// compared is a row of a table.
func compared(what string, predicted, measured time.Duration) []string {
	return []string{what, short(predicted), short(measured), fmt.Sprintf("%+.0f %%", 100*(predicted.Seconds()/measured.Seconds()-1))}
}

func short(d time.Duration) string { return fmt.Sprintf("%.4g ms", d.Seconds()*1e3) }
