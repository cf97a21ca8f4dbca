package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// layouts are how times are written, unless CSV.Layouts has others.
var layouts = []string{time.DateOnly, time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.RFC3339Nano}

// convert makes a column of the fields of a file.
func (o CSV) convert(name string, raw *rawColumn, file string) (Column, error) {
	na := o.NA
	if na == nil {
		na = Missing
	}
	missing := make(map[string]bool, len(na))
	for _, text := range na {
		missing[text] = true
	}
	gaps := make([]bool, len(raw.texts))
	some, all := false, true
	for i, text := range raw.texts {
		if missing[text] {
			gaps[i], some = true, true
		} else {
			all = false
		}
	}
	if !some {
		gaps = nil
	}
	kind, said := o.Kinds[name]
	if !said {
		kind = Float
		if !all {
			kind = o.kindOf(raw.texts, gaps)
		}
	}
	c, bad := o.parse(kind, raw.texts, gaps)
	if bad >= 0 {
		at := raw.places[bad]
		return Column{}, &ParseError{File: file, Line: int(at.line) + max(o.Skip, 0), Column: int(at.column), Name: name,
			Detail: fmt.Sprintf("%q is no %v", shortened(raw.texts[bad]), kind)}
	}
	c.Name = name
	return c, nil
}

func shortened(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// kindOf finds a kind that all values have that are not missing.
func (o CSV) kindOf(texts []string, gaps []bool) Kind {
	for _, kind := range []Kind{Bool, Int, Float, Time} {
		if o.all(kind, texts, gaps) {
			return kind
		}
	}
	return String
}

// all says whether all values that are not missing have a kind. It gives up at the first that has not.
func (o CSV) all(kind Kind, texts []string, gaps []bool) bool {
	layout := ""
	for i, text := range texts {
		if gaps != nil && gaps[i] {
			continue
		}
		var err error
		switch kind {
		case Bool:
			_, err = parseBool(text)
		case Int:
			_, err = parseInt(text)
		case Float:
			_, err = o.parseFloat(text)
		case Time:
			_, layout, err = o.parseTime(text, layout)
		}
		if err != nil {
			return false
		}
	}
	return true
}

// parse makes a column of a kind. It returns the first value that is not of this kind, or -1.
func (o CSV) parse(kind Kind, texts []string, gaps []bool) (Column, int) {
	n := len(texts)
	c := Column{Kind: kind, Gaps: gaps}
	layout := ""
	switch kind {
	case Float:
		c.Floats, c.Gaps = make([]float64, n), nil
	case Int:
		c.Ints = make([]int64, n)
	case Bool:
		c.Bools = make([]bool, n)
	case Time:
		c.Times = make([]time.Time, n)
	case Category:
		return categories("", texts, gaps), -1
	default:
		c.Strings = texts
		if gaps != nil {
			c.Strings = slices.Clone(texts)
		}
	}
	for i, text := range texts {
		gap := gaps != nil && gaps[i]
		if gap {
			switch kind {
			case Float:
				c.Floats[i] = math.NaN()
			case String:
				c.Strings[i] = ""
			}
			continue
		}
		var err error
		switch kind {
		case Float:
			c.Floats[i], err = o.parseFloat(text)
		case Int:
			c.Ints[i], err = parseInt(text)
		case Bool:
			c.Bools[i], err = parseBool(text)
		case Time:
			c.Times[i], layout, err = o.parseTime(text, layout)
		}
		if err != nil {
			return c, i
		}
	}
	return c, -1
}

// parseInt reads a whole number, which may have spaces around it, as pandas has them.
func parseInt(text string) (int64, error) { return strconv.ParseInt(strings.Trim(text, " \t"), 10, 64) }

// parseFloat reads a decimal number, which may have spaces around it. Go's hexadecimal ones and underscores are none here.
func (o CSV) parseFloat(text string) (float64, error) {
	text = strings.Trim(text, " \t")
	if o.Decimal != 0 && o.Decimal != '.' {
		if strings.ContainsRune(text, '.') {
			return 0, strconv.ErrSyntax
		}
		text = strings.Replace(text, string(o.Decimal), ".", 1)
	}
	if strings.ContainsAny(text, "xXpP_") {
		return 0, strconv.ErrSyntax
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil && math.IsInf(v, 0) { // 1e999, as pandas reads it
		return v, nil
	}
	return v, err
}

func parseBool(text string) (bool, error) {
	switch text {
	case "true", "True", "TRUE":
		return true, nil
	case "false", "False", "FALSE":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// parseTime reads a time and returns its layout. One known already is tried first.
func (o CSV) parseTime(text, known string) (time.Time, string, error) {
	if known != "" {
		if t, err := time.Parse(known, text); err == nil {
			return t, known, nil
		}
	}
	all := o.Layouts
	if all == nil {
		all = layouts
	}
	for _, layout := range all {
		if t, err := time.Parse(layout, text); err == nil {
			return t, layout, nil
		}
	}
	return time.Time{}, "", strconv.ErrSyntax
}
