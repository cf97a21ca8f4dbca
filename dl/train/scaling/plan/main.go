// Command plan prints from which batch several machines pay, for the profiles of models, as tables of Markdown:
//
//	go run ./dl/train/scaling/plan dl/train/scaling/testdata/*.json
//
// dl/dist/measure writes the profile of another machine.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"modelbook/dl/train/scaling"
)

// settings are those of the flags.
type settings struct {
	latency time.Duration
	add     float64 // GB/s
	faster  float64
}

var usual = settings{latency: 50 * time.Microsecond, add: 10, faster: 1}

func main() {
	s := usual
	flag.DurationVar(&s.latency, "latency", s.latency, "of a short message from program to program")
	flag.Float64Var(&s.add, "add", s.add, "GB/s at which a rank adds received values to its own")
	flag.Float64Var(&s.faster, "faster", s.faster, "how many times as fast as in the profile the nodes compute")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "plan: give files of profiles, such as dl/train/scaling/testdata/*.json")
		os.Exit(2)
	}
	for _, path := range flag.Args() {
		if err := s.print(os.Stdout, path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// print prints the plan of a profile.
func (s settings) print(w io.Writer, path string) error {
	p, err := scaling.Load(path)
	if err != nil {
		return err
	}
	if s.faster != 1 {
		p = p.Faster(s.faster)
	}
	var networks []scaling.Network
	for _, gigabits := range []float64{1, 10, 100} {
		networks = append(networks, scaling.Network{Name: fmt.Sprintf("%g Gbit/s", gigabits), Link: scaling.Ethernet(gigabits, s.latency)})
	}
	plan := scaling.NewPlan(p, scaling.Cluster{Add: s.add * 1e9}, []int{4, 8, 16, 32, 64, 128, 256}, networks)
	_, err = fmt.Fprintf(w, "%s\n\n%s\n", plan.Title(), plan.Markdown())
	return err
}
