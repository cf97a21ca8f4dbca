// Command compare times this repository's SGEMM beside OpenBLAS and oneDNN,
// alternately in one run, and prints a table of ratios. From the root of the
// repository, on a Debian machine with libopenblas0-pthread, libopenblas0-openmp,
// libdnnl2 and gcc:
//
//	go run ./dl/internal/gemm/compare
//
// results.txt is what it printed. A ratio is the speed of ours over that of the better library in the same
// round; the table has the lowest, the median and the highest of the rounds.
// The share of the peak is against a loop of multiply-adds between registers,
// which is timed for a third of a second at the start and in each round.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

var (
	match   = flag.String("shapes", "", "only shapes whose line matches this regular expression")
	threads = flag.String("threads", "1,2", "numbers of threads")
	rounds  = flag.Int("rounds", 5, "rounds of all libraries")
	slice   = flag.Int("slice", 40, "milliseconds for each library in each round")
	alone   = flag.Bool("alone", false, "time ours only")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run() error {
	expression, err := regexp.Compile(*match)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := ""
	if !*alone {
		if program, err = compile(dir); err != nil {
			return err
		}
	}
	for _, word := range strings.Split(*threads, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return err
		}
		if err := table(program, n, expression); err != nil {
			return err
		}
	}
	return nil
}

// table prints the table for a number of threads.
func table(program string, n int, expression *regexp.Regexp) error {
	parallel.SetThreads(n)
	fmt.Printf("\n%d threads, %s kernels", n, gemm.Best().Name)
	var peers []*peer
	if program != "" {
		lib := "/usr/lib/x86_64-linux-gnu/"
		count := []string{fmt.Sprint("OPENBLAS_NUM_THREADS=", n), fmt.Sprint("OMP_NUM_THREADS=", n)}
		for _, p := range []struct {
			name, library, symbol string
			env                   string
		}{
			{"OpenBLAS", lib + "openblas-pthread/libopenblas.so.0", "cblas_sgemm", ""},
			{"OpenBLAS", lib + "openblas-pthread/libopenblas.so.0", "cblas_sgemm", "OPENBLAS_CORETYPE=SkylakeX"},
			{"OpenBLAS-OpenMP", lib + "openblas-openmp/libopenblas.so.0", "cblas_sgemm", ""},
			{"oneDNN", lib + "libdnnl.so.2", "dnnl_sgemm", ""},
		} {
			if strings.Contains(p.library, "openmp") && n == 1 {
				continue // the same code as with threads of its own
			}
			q, err := start(program, p.name, p.library, p.symbol, append(count, p.env)...)
			if err != nil {
				return err
			}
			defer q.stop()
			if slices.ContainsFunc(peers, func(o *peer) bool { return o.name == q.name && o.core == q.core }) {
				continue
			}
			fmt.Printf("; %s (%s)", q.name, q.core)
			peers = append(peers, q)
		}
	}
	fmt.Printf("\n%-42s %8s %9s %8s  %-19s %6s\n", "product", "ours", "OpenBLAS", "oneDNN", "ratio min med max", "% peak")
	top := peak(n, 300)
	for _, s := range all() {
		line := fmt.Sprintf("%-20s %c%c %dx%dx%d", s.name, letter(s.ta), letter(s.tb), s.m, s.n, s.k)
		if s.count > 1 {
			line += fmt.Sprintf(" x%d", s.count)
		}
		if !expression.MatchString(line) {
			continue
		}
		row, err := compare(s, peers, n, &top)
		if err != nil {
			return err
		}
		fmt.Printf("%-42s %s\n", line, row)
	}
	fmt.Printf("peak of multiply-adds between registers: %.1f GFLOP/s\n", top)
	return nil
}

func letter(transposed bool) byte {
	if transposed {
		return 'T'
	}
	return 'N'
}

// compare times one shape and formats its row.
func compare(s shape, peers []*peer, n int, top *float64) (string, error) {
	o := newOurs(s)
	for _, p := range peers {
		if err := p.setup(s); err != nil {
			return "", err
		}
	}
	speeds := map[string][]float64{}
	var ours, ratios []float64
	for round := range *rounds {
		best := map[string]float64{}
		var mine float64
		for i := range len(peers) + 1 {
			i = (i + round) % (len(peers) + 1)
			if i == len(peers) {
				mine = s.flops() / o.measure(*slice) / 1e9
				continue
			}
			t, err := peers[i].measure(*slice)
			if err != nil {
				return "", err
			}
			name := strings.TrimSuffix(peers[i].name, "-OpenMP")
			best[name] = max(best[name], s.flops()/t/1e9)
			if n > 1 {
				time.Sleep(30 * time.Millisecond) // until the library's threads have stopped spinning
			}
		}
		ours = append(ours, mine)
		other := 0.0
		for name, v := range best {
			speeds[name] = append(speeds[name], v)
			other = max(other, v)
		}
		if other > 0 {
			ratios = append(ratios, mine/other)
		}
	}
	*top = max(*top, peak(n, 20))
	row := fmt.Sprintf("%8.1f %9.1f %8.1f ", median(ours), median(speeds["OpenBLAS"]), median(speeds["oneDNN"]))
	if len(ratios) > 0 {
		row += fmt.Sprintf(" %5.2f %5.2f %5.2f  ", slices.Min(ratios), median(ratios), slices.Max(ratios))
	} else {
		row += fmt.Sprintf(" %19s", "")
	}
	return row + fmt.Sprintf(" %5.1f", 100*median(ours) / *top), nil
}

func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
