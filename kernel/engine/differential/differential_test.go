package differential

import (
	"flag"
	"fmt"
	"slices"
	"testing"
)

var (
	count = flag.Int("sequences", 20, "how many sequences to run")
	first = flag.Uint64("seed", 0, "seed of the first sequence")
	pairs = flag.Bool("beside", true, "run some cells while the one before waits at its end")
)

// perWorker sequences run in one worker process, one after another with
// %reset between; perProgram make one program.
const perWorker, perProgram = 10, 50

// TestSameAsAProgram runs random sequences of cells as cells and as one Go
// program, and compares what they print. In the cells, the collector runs all
// the time.
func TestSameAsAProgram(t *testing.T) {
	for from := 0; from < *count; from += perProgram {
		var all []*sequence
		for i := from; i < min(from+perProgram, *count); i++ {
			all = append(all, newSequence(*first+uint64(i)))
		}
		t.Run(fmt.Sprint("from ", all[0].id), func(t *testing.T) {
			t.Parallel()
			want, err := runProgram(t.TempDir(), all)
			if err != nil {
				t.Fatal(err)
			}
			for group := range slices.Chunk(all, perWorker) {
				runGroup(t, group, want)
			}
		})
	}
}

// runGroup runs sequences in one worker. One that differs is made shorter, if
// it differs in a worker of its own, too.
func runGroup(t *testing.T, group []*sequence, want map[string]string) {
	r, err := newRunner(t)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i, g := range group {
		if *count == 1 {
			t.Logf("%s:\n%s", g.id, g)
		}
		found := r.run(g, want)
		if found == nil {
			continue
		}
		if short := shrink(t, found); short != nil {
			t.Errorf("%s differs, and so do these cells of it:\n%s", g.id, short)
			continue
		}
		if i == 0 {
			t.Errorf("%s differs, but not each time:\n%s", g.id, found)
		} else {
			t.Errorf("%s differs after the sequences from %s on in the same worker, or not each time:\n%s", g.id, group[0].id, found)
		}
	}
}
