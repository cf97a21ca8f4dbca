package command

import (
	"fmt"
	"os"
	"strconv"

	"modelbook/kernel/command/flame"
	"modelbook/kernel/table"
)

// functionsShown is the length of %prun's table, unless -l sets another.
const functionsShown = 15

// layersShown is the length of %prun's table of the layers of networks.
const layersShown = 40

// fewSamples are too few to believe the shares.
const fewSamples = 20

// A profiling is what the options of %prun say.
type profiling struct {
	rows  int    // of the table
	file  string // that keeps the profile, or ""
	quiet bool   // shows neither table nor picture
}

// profileOptions reads the options of %prun.
func profileOptions(args []string) (p profiling, err error) {
	p.rows = functionsShown
	form := "usage: %prun " + Lookup("%prun").Usage
	flags, _, ok := usages["%prun"].Split(args)
	if !ok {
		return p, fmt.Errorf("%s", form)
	}
	_, p.quiet = flags["-q"]
	if rows, ok := flags["-l"]; ok {
		if p.rows, err = strconv.Atoi(rows); err != nil || p.rows < 1 {
			return p, fmt.Errorf("%%prun: -l needs a number of functions; %s", form)
		}
	}
	if file, ok := flags["-D"]; ok {
		if p.file = file; file == "" {
			return p, fmt.Errorf("%%prun: -D needs the name of a file; %s", form)
		}
	}
	return p, nil
}

// Profiled shows a profile, in pprof's format, as a table of functions and a
// flame graph; where a network was trained, a table of its layers stands before
// them. options are those of its %prun.
func (r *Run) Profiled(options []string, profile []byte) {
	o, err := profileOptions(options)
	if err != nil {
		return // it was reported before the profile began
	}
	if o.file != "" {
		name := r.path(o.file)
		if err := os.WriteFile(name, profile, 0o644); err != nil {
			r.warnf("%%prun: %v\n", err)
		} else {
			r.printf("The profile is in %q (go tool pprof reads it).\n", name)
		}
	}
	if o.quiet {
		return
	}
	p, err := flame.Parse(profile)
	if err != nil {
		r.warnf("%%prun: %v\n", err)
		return
	}
	if p.Samples == 0 {
		r.printf("%%prun: no samples. A profile takes 100 a second of processor time: let the code run longer, for instance in a loop.\n")
		return
	}
	if len(p.Layers) > 0 {
		r.display(table.Table{Head: []string{"forward", "backward", "", "layer"}, Rows: p.LayerRows(layersShown), Right: 3}.Data())
	}
	r.display(table.Table{Head: []string{"in itself", "", "with calls", "", "function"}, Rows: p.Rows(o.rows), Right: 4}.Data())
	r.display(p.Graph().Bundle())
	if p.Samples < fewSamples {
		r.printf("%%prun: %d samples are few (a profile takes 100 a second of processor time): the times are rough.\n", p.Samples)
	}
}
