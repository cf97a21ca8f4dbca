package command

import (
	"fmt"
	"strconv"
	"time"

	"modelbook/internal/number"
	"modelbook/kernel/cell"
)

// A Measure is a command that measures Go code, with its options.
type Measure struct {
	Line int // of the command in the cell

	Profile []string // of %prun: its options, which come back with the profile
	Timeit  *Timeit  // of %timeit; without either it is %time
}

// Timeit is what the options of %timeit say; 0 stands for what is not said.
type Timeit struct {
	Loops, Runs int
	Quiet       bool
}

// ParseMeasure reads the options of a command that measures statements. The
// error is a *cell.SyntaxError.
func ParseMeasure(cmd *cell.Command) (Measure, error) {
	m := Measure{Line: cmd.Line}
	var err error
	switch cmd.Name {
	case "%time":
	case "%prun":
		m.Profile = append([]string{}, cmd.Args...)
		_, err = profileOptions(cmd.Args)
	default:
		m.Timeit, err = timeitOptions(cmd.Args)
	}
	if err != nil {
		return m, &cell.SyntaxError{Line: cmd.Line, Col: 1, Msg: err.Error()}
	}
	return m, nil
}

// timeitOptions reads -n loops, -r runs and -q.
func timeitOptions(args []string) (*Timeit, error) {
	t := &Timeit{}
	for i := 0; i < len(args); i++ {
		if args[i] == "-q" {
			t.Quiet = true
			continue
		}
		n := 0
		var err error
		if i+1 < len(args) {
			n, err = strconv.Atoi(args[i+1])
		}
		if n < 1 || err != nil {
			return nil, fmt.Errorf("%%timeit: %s needs a number of at least 1: %%timeit -n loops -r runs statement", args[i])
		}
		if args[i] == "-n" {
			t.Loops = n
		} else {
			t.Runs = n
		}
		i++
	}
	return t, nil
}

// timeCell is %time for the whole cell.
func (r *Run) timeCell(c Call) error {
	r.watch.on = true
	r.Measured = append(r.Measured, Measure{Line: c.Line})
	return nil
}

// profileCell is %prun for the whole cell.
func (r *Run) profileCell(c Call) error {
	c.Args = c.all
	m, err := ParseMeasure(&c.Command)
	if err != nil {
		return r.fail(c.Command, "UsageError", "%s", err.(*cell.SyntaxError).Msg)
	}
	r.Measured = append(r.Measured, m)
	return nil
}

// timeitCell is %timeit without a statement: %%timeit measures a cell.
func (r *Run) timeitCell(c Call) error { return r.usage(c) }

// A stopwatch measures, for %time, what the worker does not know.
type stopwatch struct {
	on             bool
	start, started time.Time
}

// Started says that the cell is compiled and its Go code starts.
func (r *Run) Started() { r.watch.started = time.Now() }

// End ends the commands of the cell. With %time it prints how long compiling
// took, or how long the cell took if no Go code ran.
func (r *Run) End() {
	switch {
	case !r.watch.on:
	case r.watch.started.IsZero():
		r.printf("Wall time: %s\n", number.Duration(time.Since(r.watch.start)))
	default:
		r.printf("Compiler: %s\n", number.Duration(r.watch.started.Sub(r.watch.start)))
	}
}
