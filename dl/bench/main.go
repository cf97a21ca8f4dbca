package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fatal(fmt.Errorf("usage: bench step|compare [flags]"))
	}
	command, args := os.Args[1], os.Args[2:]
	flags := flag.NewFlagSet("bench "+command, flag.ExitOnError)
	switch command {
	case "step":
		model := flags.String("model", "flagship", "the `workload`")
		mode := flags.String("mode", "train", "train or infer")
		threads := flags.Int("threads", 1, "processors to use")
		batch := flags.Int("batch", 0, "samples in a batch; 0: the workload's own")
		seconds := flags.Float64("seconds", 3, "how long to measure")
		warm := flags.Float64("warmup", 0.5, "how long to run before")
		flags.Parse(args)
		w, err := named(*model)
		if err != nil {
			fatal(err)
		}
		m, err := measure(w, *mode, *threads, *batch, duration(*warm), duration(*seconds))
		if err != nil {
			fatal(err)
		}
		if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
			fatal(err)
		}
	case "compare":
		var all []string
		for _, w := range workloads {
			all = append(all, w.name)
		}
		c := comparison{out: os.Stdout}
		models := flags.String("models", strings.Join(all, ","), "the `workloads` to compare")
		modes := flags.String("modes", "train,infer", "train, infer or both; infer is for the flagship alone")
		threads := flags.String("threads", "1,2", "the numbers of processors")
		flags.IntVar(&c.pairs, "pairs", 5, "how often to measure each")
		flags.Float64Var(&c.seconds, "seconds", 3, "how long a measurement is")
		flags.Float64Var(&c.trial, "trial", 1.5, "how long the peer's settings are tried")
		flags.BoolVar(&c.installed, "installed", false, "compare with the peer as it is installed, not in its best setting")
		flags.BoolVar(&c.processor, "processor", false, "compare processor time: for one thread, on a machine with other work")
		flags.Parse(args)
		var counts []int
		for _, s := range strings.Split(*threads, ",") {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 {
				fatal(fmt.Errorf("-threads %q: %q is no number of processors", *threads, s))
			}
			counts = append(counts, n)
		}
		if err := c.run(strings.Split(*models, ","), strings.Split(*modes, ","), counts); err != nil {
			fatal(err)
		}
	default:
		fatal(fmt.Errorf("unknown command %q: step or compare", command))
	}
}

func duration(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}
