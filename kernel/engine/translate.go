package engine

import (
	"strconv"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/session"
	"modelbook/kernel/source/gen"
)

// toSession translates a parsed cell for the session. measured are the commands
// that measure the cell as a whole. The error is a *cell.SyntaxError.
func toSession(c *cell.Cell, measured []command.Measure) (session.Cell, error) {
	s := session.Cell{Number: c.Number, Main: c.Main, Quiet: c.Quiet, Program: c.Package != ""}
	for _, p := range c.Decls {
		s.Decls = append(s.Decls, session.Piece{Text: p.Text, Line: p.Line, Col: p.Col, Doc: p.Doc})
	}
	for _, m := range measured {
		begin, _ := around(m)
		s.Stmts = append(s.Stmts, session.Piece{Before: begin, Line: m.Line, Col: 1})
	}
	stmts, err := enclosed(c.Stmts, !c.Main)
	if err != nil {
		return s, err
	}
	s.Stmts = append(s.Stmts, stmts...)
	if s.Body, err = enclosed(c.MainBody, true); err != nil {
		return s, err
	}
	if c.Test != nil {
		s.Test, s.TestArgs, s.TestLine = true, c.Test.Args, c.Test.Line
	}
	return s, nil
}

// around is the code around what a %time or %prun measures.
func around(m command.Measure) (begin, end string) {
	if m.Profile == nil {
		return gen.TimeBegin, gen.TimeEnd
	}
	options := ""
	for _, a := range m.Profile {
		options += strconv.Quote(a) + " "
	}
	return gen.ProfileBegin(options), gen.ProfileEnd
}

// enclosed translates statements, and puts code around those that a command
// measures. last says that they are the last of the cell, whose end also ends
// what is measured: its last expression is still shown.
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
		if by != nil {
			m, err := command.ParseMeasure(by)
			if err != nil {
				return nil, err
			}
			if t := m.Timeit; t != nil {
				loop := i
				for by.Name == "%%timeit" && from[loop].Line == by.Line { // its setup
					loop++
				}
				to[loop].Before = gen.TimeitLoop
				to[i].Before = gen.TimeitBefore(t.Loops, t.Runs, t.Quiet) + to[i].Before
				to[end-1].After = gen.TimeitAfter
			} else {
				begin, after := around(m)
				to[i].Before = begin
				if !last || end < len(from) {
					to[end-1].After = after
				}
			}
		}
		i = end
	}
	return to, nil
}

// unmeasured is a cell without its %test, with the statements of %time and
// %prun as they are and without those of %timeit: an ordinary program.
func unmeasured(c *cell.Cell) *cell.Cell {
	plain := *c
	plain.Test = nil
	strip := func(from []cell.Piece) (to []cell.Piece) {
		for _, p := range from {
			if p.By == nil || p.By.Name == "%time" || p.By.Name == "%prun" || p.By.Name == "%mpirun" {
				p.By = nil
				to = append(to, p)
			}
		}
		return to
	}
	plain.Stmts, plain.MainBody = strip(c.Stmts), strip(c.MainBody)
	return &plain
}
