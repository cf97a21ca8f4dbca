package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbook/internal/number"
)

//go:embed peer.py
var peerProgram string

// A comparison measures dl and PyTorch alternately.
type comparison struct {
	pairs          int
	seconds, trial float64
	processor      bool // compare processor time
	installed      bool // run the peer as it is installed, in no better setting
	out            io.Writer
	peer           string // path of peer.py
}

// A setting is one way to run the peer.
type setting struct {
	name string
	args []string
	env  []string
}

// A case is a row of the table.
type comparedCase struct {
	w       *workload
	mode    string
	batch   int
	threads int
}

func (c *comparison) run(models, modes []string, threads []int) error {
	f, err := os.CreateTemp("", "peer-*.py")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.WriteString(peerProgram); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	c.peer = f.Name()

	times := "the medians"
	if c.processor {
		times = "the processor time of a step"
	}
	fmt.Fprintf(c.out, "%d pairs of %v s each, alternately; ratios of %s in a pair: minimum, median, maximum\n\n", c.pairs, c.seconds, times)
	fmt.Fprintln(c.out, "| workload | threads | modelbook, median | PyTorch, median | ratio | of the fastest steps | MB | PyTorch's MB | PyTorch's best setting |")
	fmt.Fprintln(c.out, "|---|---|---|---|---|---|---|---|---|")
	for _, name := range models {
		w, err := named(name)
		if err != nil {
			return err
		}
		for _, n := range threads {
			for _, mode := range modes {
				batches := []int{w.batch}
				if mode == "infer" {
					if w.name != "flagship" {
						continue
					}
					batches = []int{1, w.batch}
				}
				for _, batch := range batches {
					if err := c.row(comparedCase{w, mode, batch, n}); err != nil {
						return fmt.Errorf("%s, %s, %d threads: %w", name, mode, n, err)
					}
				}
			}
		}
	}
	return nil
}

// row finds the peer's best setting, measures the pairs and prints the row.
func (c *comparison) row(k comparedCase) error {
	var best setting
	var failed error
	top := 0.0
	tried := settings(k)
	if c.installed {
		tried = []setting{{name: "as installed"}}
	}
	try := func(s setting) {
		m, err := c.runPeer(k, s, c.trial)
		if err != nil { // not every setting works with every version
			fmt.Fprintf(os.Stderr, "%s, %s, batch %d: setting %q is left out: %v\n", k.w.name, k.mode, k.batch, s.name, err)
			failed = err
		} else if speed := c.speed(m); speed > top {
			best, top = s, speed
		}
	}
	for _, s := range tried {
		try(s)
	}
	if top == 0 {
		return failed
	}
	if !c.installed {
		try(best.huge())
	}
	var ours, theirs, ratios []float64
	var fastest, theirFastest float64 // steps of all pairs, which say what both do while the machine has no other work
	var mine, other *measurement
	for i := range c.pairs {
		var err error
		for turn := range 2 { // the first of a pair is the other one's second
			if turn == i%2 {
				mine, err = c.runOwn(k)
			} else {
				other, err = c.runPeer(k, best, c.seconds)
			}
			if err != nil {
				return err
			}
		}
		ours, theirs = append(ours, c.speed(mine)), append(theirs, c.speed(other))
		ratios = append(ratios, ours[i]/theirs[i])
		fastest, theirFastest = max(fastest, mine.BestPer), max(theirFastest, other.BestPer)
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	slices.Sort(ratios)
	middle := c.pairs / 2
	fmt.Fprintf(c.out, "| %s, %s, batch %d | %d | %s %s/s | %s | %.2f **%.2f** %.2f | %.2f | %d | %d | %s |\n",
		k.w.name, k.mode, k.batch, k.threads, number.Commas(int(math.Round(ours[middle]))), k.w.unit, number.Commas(int(math.Round(theirs[middle]))),
		ratios[0], ratios[middle], ratios[len(ratios)-1], fastest/theirFastest, mine.Peak, other.Peak, best.name)
	return nil
}

// speed is the number of items a second, or a second of processor time.
func (c *comparison) speed(m *measurement) float64 {
	if !c.processor {
		return m.PerSec
	}
	return m.PerSec * m.MedianMS / m.CPUMS
}

// tunables let the peer's malloc keep its memory.
const tunables = "GLIBC_TUNABLES=glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184:glibc.malloc.top_pad=268435456"

// huge is the setting with memory in huge pages, in which ours lies.
func (s setting) huge() setting {
	env := slices.DeleteFunc(slices.Clone(s.env), func(v string) bool { return v == tunables })
	return setting{name: s.name + ", huge pages", args: s.args, env: append(env, tunables+":glibc.malloc.hugetlb=1", "THP_MEM_ALLOC_ENABLE=1")}
}

// settings are the ways to run the peer that are tried. The defaults of
// Debian's builds are far from the best: malloc gives memory back between
// steps, and OpenBLAS does not know every processor.
func settings(k comparedCase) []setting {
	const openmp = "/usr/lib/x86_64-linux-gnu/openblas-openmp"
	base := []setting{
		{name: "SkylakeX", env: []string{"OPENBLAS_CORETYPE=SkylakeX"}},
		{name: "Haswell", env: []string{"OPENBLAS_CORETYPE=Haswell"}},
	}
	if _, err := os.Stat(openmp); err == nil && k.threads > 1 { // one pool of threads instead of two
		for _, s := range base[:2] {
			base = append(base, setting{name: s.name + ", openmp", env: append([]string{"LD_LIBRARY_PATH=" + openmp}, s.env...)})
		}
	}
	variants := []setting{{}}
	switch {
	case k.w.layers == nil: // no optimizer, no layers
	case k.mode == "infer":
		variants = append(variants, setting{name: ", jit", args: []string{"--jit"}}, setting{name: ", oneDNN linear", args: []string{"--onednn-linear"}})
	default:
		variants = append(variants, setting{name: ", foreach", args: []string{"--foreach"}}, setting{name: ", fused", args: []string{"--fused"}})
		if k.w.tokens == 0 {
			variants = append(variants, setting{name: ", oneDNN linear", args: []string{"--onednn-linear"}})
		} else {
			for _, v := range variants {
				variants = append(variants, setting{name: v.name + ", sdpa", args: append([]string{"--sdpa"}, v.args...)})
			}
		}
	}
	if len(k.w.sample) == 3 {
		for _, v := range variants[:len(variants):len(variants)] {
			variants = append(variants, setting{name: v.name + ", channels last", args: append([]string{"--layout", "nhwc"}, v.args...)})
		}
	}
	if k.w.layers != nil {
		// What torch.compile makes of Debian's build calls libsleef, with which it does not link it; libsleef-dev and
		// libtorch-dev are needed, too.
		compiled := setting{name: ", compiled", args: []string{"--compile"}, env: []string{"LD_PRELOAD=libsleef.so.3"}}
		if k.mode == "train" {
			compiled.name, compiled.args = ", fused"+compiled.name, append(compiled.args, "--fused")
			if k.w.tokens > 0 {
				compiled.name, compiled.args = ", sdpa"+compiled.name, append(compiled.args, "--sdpa")
			}
		}
		variants = append(variants, compiled)
	}
	var all []setting
	for _, b := range base {
		for _, v := range variants {
			all = append(all, setting{name: b.name + v.name, args: v.args, env: slices.Concat([]string{tunables}, b.env, v.env)})
		}
	}
	return all
}

func (k *comparedCase) args(seconds float64) []string {
	return []string{"--model", k.w.name, "--mode", k.mode, "--threads", strconv.Itoa(k.threads),
		"--batch", strconv.Itoa(k.batch), "--seconds", fmt.Sprint(seconds)}
}

func (c *comparison) runOwn(k comparedCase) (*measurement, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return result(exec.Command(self, append([]string{"step"}, k.args(c.seconds)...)...))
}

// patience is how long a run of the peer may take beyond its measurement: torch.compile needs half a minute the first
// time, and other settings may never end.
const patience = 45 * time.Second

func (c *comparison) runPeer(k comparedCase, s setting, seconds float64) (*measurement, error) {
	python := os.Getenv("PYTHON")
	if python == "" {
		python = "/usr/bin/python3"
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience+time.Duration(10*seconds*float64(time.Second)))
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append(append([]string{c.peer}, k.args(seconds)...), s.args...)...)
	n := strconv.Itoa(k.threads)
	cmd.Env = append(os.Environ(), append([]string{"OMP_NUM_THREADS=" + n, "OPENBLAS_NUM_THREADS=" + n}, s.env...)...)
	return result(cmd)
}

// result runs a program that prints a measurement.
func result(cmd *exec.Cmd) (*measurement, error) {
	out, err := cmd.Output()
	if err != nil {
		if e := new(exec.ExitError); errors.As(err, &e) {
			err = fmt.Errorf("%w: %s", err, e.Stderr)
		}
		return nil, fmt.Errorf("%s: %w", strings.Join(cmd.Args, " "), err)
	}
	m := new(measurement)
	return m, json.Unmarshal(out, m)
}
