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

// BenchmarkAllReduce times sums over two ranks beside those of a C program that calls MPI alone.
func BenchmarkAllReduce(b *testing.B) {
	plain := filepath.Join(b.TempDir(), "allreduce")
	if out, err := exec.Command("mpicc", "-O3", "-o", plain, "testdata/allreduce.c").CombinedOutput(); err != nil {
		b.Fatalf("mpicc: %v\n%s", err, out)
	}
	for _, n := range []int{1, 1 << 14, flagshipGradients} {
		b.Run(fmt.Sprintf("%dKB", 4*n/1000), func(b *testing.B) {
			for _, of := range []string{"C", "values", "gradients"} {
				b.Run(of, func(b *testing.B) {
					all := 0.0
					for range b.N {
						cmd := exec.Command("mpirun", "-n", "2", "--oversubscribe", "--allow-run-as-root", os.Args[0], strconv.Itoa(n), of)
						cmd.Env = append(os.Environ(), caseVariable+"=timed")
						if of == "C" {
							cmd = exec.Command("mpirun", "-n", "2", "--oversubscribe", "--allow-run-as-root", plain, strconv.Itoa(n))
						}
						out, err := cmd.Output()
						us, err2 := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
						if err != nil || err2 != nil {
							b.Fatal(err, err2, string(out))
						}
						all += us
					}
					b.ReportMetric(all/float64(b.N), "us/sum")
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}
