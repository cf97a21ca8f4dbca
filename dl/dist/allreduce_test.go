package dist_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/dist"
)

// flagshipGradients is how many values the gradients of the first notebook's network have: 11 MB.
const flagshipGradients = 2_770_634

// timed prints the shortest time of 41 AllReduces, in microseconds: of values by themselves, or of the gradients of a
// parameter while nothing else is computed.
func timed(c *dist.Comm) error {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		return err
	}
	var took []float64
	values := make([]float32, n)
	p := dl.Zeros(n).RequireGrad()
	g := c.Gradients([]*dl.Tensor{p})
	p.Sum().Backward()
	for range 44 {
		c.Barrier()
		begin := time.Now()
		if os.Args[2] == "values" {
			dist.AllReduce(c, values)
		} else {
			g.Begin()
			g.Wait(false)
		}
		took = append(took, float64(time.Since(begin).Nanoseconds())/1e3)
	}
	took = took[3:]
	if slices.Sort(took); c.Rank() == 0 {
		fmt.Printf("%.1f\n", took[0])
	}
	return nil
}

// BenchmarkAllReduce times sums over two ranks beside those of a C program that calls MPI alone, in turns, and reports the
// medians, and that of how much longer gradients took than the C program of the same turn.
func BenchmarkAllReduce(b *testing.B) {
	plain := filepath.Join(b.TempDir(), "allreduce")
	if out, err := exec.Command("mpicc", "-O3", "-o", plain, "testdata/allreduce.c").CombinedOutput(); err != nil {
		b.Fatalf("mpicc: %v\n%s", err, out)
	}
	mpirun := []string{"-n", "2", "--oversubscribe", "--allow-run-as-root"}
	for _, n := range []int{1, 1 << 14, flagshipGradients} {
		b.Run(fmt.Sprintf("%dKB", 4*n/1000), func(b *testing.B) {
			took, ratios := map[string][]float64{}, []float64(nil)
			for turn := range b.N {
				for _, of := range []string{"C", "values", "gradients"} {
					cmd := exec.Command("mpirun", append(mpirun, os.Args[0], strconv.Itoa(n), of)...)
					cmd.Env = append(os.Environ(), caseVariable+"=timed")
					if of == "C" {
						cmd = exec.Command("mpirun", append(mpirun, plain, strconv.Itoa(n))...)
					}
					out, err := cmd.Output()
					us, err2 := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
					if err != nil || err2 != nil {
						b.Fatal(err, err2, string(out))
					}
					took[of] = append(took[of], us)
				}
				ratios = append(ratios, took["gradients"][turn]/took["C"][turn])
			}
			for of, us := range took {
				b.ReportMetric(median(us), "us/"+of)
			}
			b.ReportMetric(median(ratios), "gradients/C")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
