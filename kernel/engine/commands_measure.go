package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"modelbook/kernel/cell"
	"modelbook/kernel/session"
	"modelbook/kernel/source/gen"
)

// measureCell is %time or %prun for all of the cell: code in front of its
// statements begins, and the end of the cell ends, what is measured.
func (r *commandRun) measureCell(cmd cell.Command) error {
	switch cmd.Name {
	case "%time":
		r.watch.on = true
		r.front = append(r.front, session.Piece{Before: gen.TimeBegin, Line: cmd.Line, Col: 1})
	case "%prun":
		before, err := profileBegin(&cmd)
		if err != nil {
			return r.usage(cmd, err.Error())
		}
		r.front = append(r.front, session.Piece{Before: before, Line: cmd.Line, Col: 1})
	default: // %timeit has no cell to measure: that is %%timeit
		return r.usage(cmd, "%timeit [-n loops] [-r runs] [-q] statement (%%timeit in the first line measures the whole cell)")
	}
	return nil
}

// enclosed translates statements. Those of %time, %timeit and %prun get code
// around them. last says that they are the last of the cell, whose end is the
// end of what is measured: its last expression is still shown.
func enclosed(from []cell.Piece, last bool) ([]session.Piece, error) {
	to := make([]session.Piece, len(from))
	for i, p := range from {
		to[i] = session.Piece{Text: p.Text, Line: p.Line, Col: p.Col, Doc: p.Doc}
	}
	for i := 0; i < len(from); {
		by, end := from[i].By, i+1
		for by != nil && end < len(from) && from[end].By == by {
			end++
		}
		atEnd := last && end == len(from)
		switch {
		case by == nil:
		case by.Name == "%time":
			to[i].Before = gen.TimeBegin
			if !atEnd {
				to[end-1].After = gen.TimeEnd
			}
		case by.Name == "%prun":
			before, err := profileBegin(by)
			if err != nil {
				return nil, usageAt(by, err)
			}
			to[i].Before = before
			if !atEnd {
				to[end-1].After = gen.ProfileEnd
			}
		default:
			loops, runs, quiet, err := timeitOptions(by.Args)
			if err != nil {
				return nil, usageAt(by, err)
			}
			loop := i
			for by.Name == "%%timeit" && from[loop].Line == by.Line { // its setup
				loop++
			}
			to[loop].Before = gen.TimeitLoop
			to[i].Before = gen.TimeitBefore(loops, runs, quiet) + to[i].Before
			to[end-1].After = gen.TimeitAfter
		}
		i = end
	}
	return to, nil
}

// unmeasured is a cell without its %test, and with the statements of %time and
// %prun as they are and those of %timeit left out: an ordinary program.
func unmeasured(c *cell.Cell) *cell.Cell {
	plain := *c
	plain.Test = nil
	strip := func(from []cell.Piece) (to []cell.Piece) {
		for _, p := range from {
			if p.By == nil || p.By.Name == "%time" || p.By.Name == "%prun" {
				p.By = nil
				to = append(to, p)
			}
		}
		return to
	}
	plain.Stmts, plain.MainBody = strip(c.Stmts), strip(c.MainBody)
	return &plain
}

func usageAt(cmd *cell.Command, err error) *cell.SyntaxError {
	return &cell.SyntaxError{Line: cmd.Line, Col: 1, Msg: err.Error()}
}

// timeitOptions reads -n loops, -r runs and -q.
func timeitOptions(args []string) (loops, runs int, quiet bool, err error) {
	for i := 0; i < len(args); i++ {
		if args[i] == "-q" {
			quiet = true
			continue
		}
		n := 0
		if i+1 < len(args) {
			n, err = strconv.Atoi(args[i+1])
		}
		if n < 1 || err != nil {
			return 0, 0, false, fmt.Errorf("%%timeit: %s needs a number of at least 1: %%timeit -n loops -r runs statement", args[i])
		}
		if args[i] == "-n" {
			loops = n
		} else {
			runs = n
		}
		i++
	}
	return loops, runs, quiet, nil
}

// stopwatch tells, for %time, what the worker does not know. Its methods do
// nothing without %time.
type stopwatch struct {
	run        *commandRun
	on         bool
	start, ran time.Time
}

// running says that the cell is compiled and its Go code starts.
func (w *stopwatch) running() { w.ran = time.Now() }

// stop tells how long compiling took, or all when no Go code ran.
func (w *stopwatch) stop() {
	switch {
	case !w.on:
	case w.ran.IsZero():
		w.run.printf("Wall time: %s\n", rounded(time.Since(w.start)))
	default:
		w.run.printf("Compiler: %s\n", rounded(w.ran.Sub(w.start)))
	}
}

// rounded writes a duration with three digits or so.
func rounded(d time.Duration) string {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= 10*unit {
			d = d.Round(unit / 10)
			break
		}
	}
	s := d.String()
	if i := strings.LastIndexAny(s, "0123456789"); i >= 0 && d < time.Minute {
		s = s[:i+1] + " " + s[i+1:]
	}
	return s
}
