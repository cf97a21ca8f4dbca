package session

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var raisedLine = regexp.MustCompile(`__cell\.Line\((\d+)\)\.Raise\((\w+)`)

// raised are the lines at which a cell raises, with the variable.
func raised(p *Plan) (lines []string) {
	for _, m := range raisedLine.FindAllStringSubmatch(p.text(), -1) {
		lines = append(lines, m[1]+" "+m[2])
	}
	slices.Sort(lines)
	return lines
}

func TestErrorsAreRaisedWhereTheyAreDropped(t *testing.T) {
	const decls = "func f() (int, error) { return 0, errors.New(\"f\") }\nfunc g() error { return nil }\nfunc look() bool { return looked != nil }\nfunc set() { looked = g() }"
	for name, c := range map[string]struct{ stmts, want string }{
		// Errors that are values.
		"sentinel":                       {`var ErrEmpty = errors.New("x")`, ""},
		"sentinels":                      {`var ( A = errors.New("a"); B = fmt.Errorf("b: %w", os.ErrNotExist); n = 1 )`, ""},
		"sentinel of a function":         {`var ErrMine = g()`, ""},
		"sentinel by assignment":         {`e := errors.New("x")`, ""},
		"errors.Join of names":           {`a, b := errors.New("a"), errors.New("b"); c := errors.Join(a, b)`, ""},
		"name":                           {`e := os.ErrNotExist`, ""},
		"name in parentheses":            {`e := (os.ErrNotExist)`, ""},
		"of a table":                     {`all := []error{os.ErrExist}; e := all[0]`, ""},
		"of a map":                       {`all := map[string]error{}; e, ok := all["x"]`, ""},
		"assertion":                      {`var v any = os.ErrExist; e, ok := v.(error)`, ""},
		"conversion":                     {`e := error(os.ErrExist)`, ""},
		"wrapping":                       {`e := fmt.Errorf("x: %w", os.ErrExist)`, ""},
		"constructor as last expression": {`errors.New("x")`, ""},
		"name as last expression":        {`os.ErrExist`, ""},
		// Failures.
		"call":                       {`n, err := f()`, "1 err__v1"},
		"call of one result":         {`err := g()`, "1 err__v1"},
		"call of a literal":          {`err := func() error { return nil }()`, "1 err__v1"},
		"call in parentheses":        {`err := (g())`, "1 err__v1"},
		"wrapping a failure":         {`err := fmt.Errorf("x: %w", g())`, "1 err__v1"},
		"joining failures":           {`err := errors.Join(g(), os.ErrExist)`, "1 err__v1"},
		"one of several":             {`a, err := os.ErrExist, g()`, "1 err__v1"},
		"call as last expression":    {`g()`, "1 g"},
		"joining as last expression": {`errors.Join(g(), g())`, "1 errors"},
		// In blocks.
		"loop":               {"var err error\nfor range 3 { _, err = f() }", "2 err__v1"},
		"for":                {"var err error\nfor i := 0; i < 3; i++ { _, err = f() }", "2 err__v1"},
		"block":              {"var err error\n{ err = g() }", "2 err__v1"},
		"if":                 {"var err error\nif true { err = g() } else { err = g() }", "2 err__v1,2 err__v1"},
		"case":               {"var err error\nswitch { case true: err = g() }", "2 err__v1"},
		"another case reads": {"var err error\nswitch { case true: err = g(); case false: fmt.Print(err) }", "2 err__v1"},
		"labeled":            {"var err error\nl: err = g(); if false { goto l }", "2 err__v1"},
		"own of the block":   {"for range 3 { err := g(); fmt.Print(err); err = g() }", "1 err"},
		// In front of blocks.
		"init of if":             {"n, err := 0, error(nil)\nif n, err = f(); n > 0 { }", "2 err__v1"},
		"init of else if":        {"n, err := 0, error(nil)\nif n > 9 { } else if n, err = f(); n > 0 { }", "2 err__v1"},
		"init of switch":         {"n, err := 0, error(nil)\nswitch n, err = f(); n { case 1: }", "2 err__v1"},
		"init of a bare switch":  {"n, err := 0, error(nil)\nswitch n, err = f(); { case n > 0: }", "2 err__v1"},
		"init of a type switch":  {"var v any\nvar err error\nswitch v, err = f(); v.(type) { case int: }", "3 err__v1"},
		"init of for":            {"n, err := 0, error(nil)\nfor n, err = f(); n > 0; n-- { }", "2 err__v1"},
		"post of for":            {"n, err := 0, error(nil)\nfor ; n > 0; n, err = f() { }", "2 err__v1"},
		"read by an else":        {"n, err := 0, error(nil)\nif n, err = f(); n > 0 { } else { fmt.Print(err) }", ""},
		"read by a case":         {"n, err := 0, error(nil)\nswitch n, err = f(); n { case 1: fmt.Print(err) }", ""},
		"read by the tag":        {"var err error\nswitch err = g(); err { case nil: }", ""},
		"read by the type":       {"var err error\nswitch err = g(); err.(type) { case nil: }", ""},
		"read by the condition ": {"var err error\nfor ; err == nil; err = g() { }", ""},
		"read behind the if":     {"n, err := 0, error(nil)\nif n, err = f(); n > 0 { }\n_ = err", ""},
		"own of the if":          {"if err := g(); err != nil { }", ""},
		// Looked at.
		"read":                           {`err := g(); _ = err`, ""},
		"read later in the loop":         {"var err error\nfor range 3 { fmt.Print(err); err = g() }", ""},
		"read by the condition":          {"var err error\nfor err == nil { err = g() }", ""},
		"read behind the loop":           {"var err error\nfor range 3 { err = g() }\nfmt.Print(err)", ""},
		"read behind a break":            {"var err error\nfor { if true { err = g(); break }; err = nil }\nfmt.Print(err)", ""},
		"read by goto":                   {"var err error\nl: fmt.Print(err)\nerr = g(); if false { goto l }", ""},
		"read in the next case":          {"var err error\nswitch { case true: err = g(); fallthrough; default: fmt.Print(err) }", ""},
		"read by a literal":              {"var err error\ndefer func() { fmt.Print(err) }()\nerr = g()", ""},
		"read through a pointer":         {"var err error\np := &err\nerr = g()\nfmt.Print(*p)", ""},
		"read by a function":             {"var looked error\nlooked = g()\nlook()", ""},
		"set by a function":              {"var looked error\nlooked = g()\nset()", "2 looked__v1"},
		"assigned again":                 {"err := g()\nerr = g()\n_ = err", "1 err__v1"},
		"assigned again, perhaps":        {"err := g()\nif true { err = nil }\n_ = err", ""},
		"a literal drops what it likes":  {"var err error\nh := func() { err = g() }", ""},
		"a main does":                    {"func main() { var err error; _ = err; err = g() }", ""},
		"a field is a place of its user": {"var t struct{ err error }\nt.err = g()", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text, stmts := decls, c.stmts
			if strings.HasPrefix(stmts, "func main") {
				text, stmts = text+"\n"+stmts, ""
			}
			nb := start(t)
			nb.commit("", "var looked error")
			if got := strings.Join(raised(nb.commit(text, stmts)), ","); got != c.want {
				t.Errorf("raises %q, want %q", got, c.want)
			}
		})
	}
}

func TestFunctionsOfOtherCellsAreNotAskedForErrors(t *testing.T) {
	c := start(t)
	c.commit("func g() error { return nil }\nfunc look() { fmt.Print(err) }", "var err error")
	if got := raised(c.commit("", "err = g()")); !slices.Equal(got, []string{"1 err__v1"}) {
		t.Errorf("raises %q", got)
	}
	if got := raised(c.commit("func ask() { look() }", "err = g(); ask()")); got != nil {
		t.Errorf("raises %q", got)
	}
}
