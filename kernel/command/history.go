package command

import (
	"strconv"
	"strings"

	"modelbook/kernel/output"
)

// history prints the cells that ran so far.
func (r *Run) history(c Call) error {
	cells := r.History()
	from, to := 1, len(cells)
	if len(c.Args) > 0 {
		first, last, isRange := strings.Cut(c.Args[0], "-")
		var err1, err2 error
		from, err1 = strconv.Atoi(first)
		to = from
		if isRange {
			to, err2 = strconv.Atoi(last)
		}
		if err1 != nil || err2 != nil {
			return r.usage(c)
		}
	}
	for n, text := range cells {
		if n++; n < from || n > to || text == "" {
			continue
		}
		if c.Has("-n") {
			r.printf("%3d: %s\n", n, strings.ReplaceAll(text, "\n", "\n     "))
		} else {
			r.printf("%s\n", text)
		}
	}
	return nil
}

// recall puts the text of an earlier cell into the next one.
func (r *Run) recall(c Call) error {
	cells := r.History()
	n := r.cell.Number - 1
	if len(c.Args) == 1 {
		var err error
		if n, err = strconv.Atoi(c.Args[0]); err != nil || n < 0 {
			return r.usage(c)
		}
	}
	if n < 1 || n > len(cells) || cells[n-1] == "" {
		return r.fail(c.Command, "NameError", "there is no cell %d in this session (%%history -n lists them)", n)
	}
	return r.fill(c, cells[n-1], false)
}

// fill sets the text of a cell in the front end.
func (r *Run) fill(c Call, text string, replace bool) error {
	next, ok := r.out.frontEnd.(output.NextInput)
	if !ok {
		return r.fail(c.Command, "FrontEndError", "%s needs a front end in which the kernel can set the text of a cell", c.Name)
	}
	next.NextInput(text, replace)
	return nil
}
