package engine

import (
	"encoding/base64"
	"fmt"
	"os"
	"strconv"

	"modelbook/kernel/cell"
	"modelbook/kernel/engine/flame"
	"modelbook/kernel/source/gen"
	"modelbook/kernel/worker/control"
)

// functionsShown is the length of %prun's table, unless -l says another.
const functionsShown = 15

// fewSamples are too few to believe the shares.
const fewSamples = 20

const prunUsage = "usage: %prun [-l functions] [-D file] [-q] [statement]"

// profileOptions reads -l rows of the table, -D file to keep the profile in,
// and -q for no table and picture.
func profileOptions(args []string) (rows int, file string, quiet bool, err error) {
	rows = functionsShown
	for i := 0; i < len(args); i++ {
		value := ""
		if i+1 < len(args) {
			value = args[i+1]
		}
		switch args[i] {
		case "-q":
			quiet = true
			continue
		case "-l":
			if rows, err = strconv.Atoi(value); err != nil || rows < 1 {
				return 0, "", false, fmt.Errorf("%%prun: -l needs a number of functions; %s", prunUsage)
			}
		case "-D":
			if file = value; file == "" {
				return 0, "", false, fmt.Errorf("%%prun: -D needs the name of a file; %s", prunUsage)
			}
		default:
			return 0, "", false, fmt.Errorf("%s", prunUsage)
		}
		i++
	}
	return rows, file, quiet, nil
}

// profileBegin is the code that begins a profile. It carries the options,
// which come back with the profile.
func profileBegin(cmd *cell.Command) (string, error) {
	if _, _, _, err := profileOptions(cmd.Args); err != nil {
		return "", err
	}
	options := ""
	for _, a := range cmd.Args {
		options += strconv.Quote(a) + " "
	}
	return gen.ProfileBegin(options), nil
}

// profiled shows a profile: a table of functions and a flame graph.
func (r *commandRun) profiled(e control.Profile) {
	rows, file, quiet, err := profileOptions(cell.Fields(e.Options))
	if err != nil {
		return // seen before it began
	}
	if file != "" {
		name := r.path(os.Expand(file, r.getenv))
		if err := os.WriteFile(name, e.Data, 0o644); err != nil {
			r.out.Stream("stderr", "%prun: "+err.Error()+"\n")
		} else {
			r.printf("The profile is in %q (go tool pprof reads it).\n", name)
		}
	}
	if quiet {
		return
	}
	p, err := flame.Parse(e.Data)
	if err != nil {
		r.out.Stream("stderr", "%prun: "+err.Error()+"\n")
		return
	}
	if p.Samples == 0 {
		r.printf("%%prun: no samples. A profile takes 100 a second of processor time: let the code run longer, in a loop for instance.\n")
		return
	}
	r.table(table{head: []string{"in itself", "", "with calls", "", "function"}, rows: p.Rows(rows), right: 4})
	// As an image in HTML the picture outlives what front ends and converters
	// do to SVG that they do not trust.
	svg := p.SVG()
	picture := `<img alt="flame graph" src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString([]byte(svg)) + `"/>`
	r.out.Display(Display{Data: map[string]any{"text/html": picture, "image/svg+xml": svg, "text/plain": p.Text()}})
	if p.Samples < fewSamples {
		r.printf("%%prun: %d samples are few (a profile takes 100 a second of processor time): the times are rough.\n", p.Samples)
	}
}
