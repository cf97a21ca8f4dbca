package differential

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// A step is a template for a part of a cell. In its text, $T is a name: of a
// thing that the step uses, else a fresh one, or exactly T when it is written
// $T__; ¢T is that name within a string; # is a small number; and ≔ is the :=
// of session variables. What starts with func, type, const or import in the
// first column is a declaration, the rest are statements.
type step struct {
	// makes names the kind of thing that the step makes, for others to use.
	makes string
	// use names the kinds of things that the step needs; their names are known
	// in the text as they were in the step that made them.
	use []string
	// unless is a name that must not be a variable.
	unless string
	// vars are the variables it makes, with their types: "$n int | $l []$T".
	vars string
	text string
	// again are declarations that may replace the step's own later: same
	// signature or same layout.
	again []string
	// wider is a declaration of the step's type with another layout, which ends
	// the variables of the type; breaking one of its function with another
	// signature, which ends its callers.
	wider, breaking string
	// retyped gives variables of the step other types; $x° is what $x was. All
	// functions that mention such a variable must break of it.
	retyped *step
	// shown is a last expression; it makes the cell's last step.
	shown string
	// raises is the expression of an error that the cell ends with.
	raises string
	// panics says that the text ends in a panic.
	panics bool
	// after calls the functions that run after the statements: init_x.
	after string
	// main is what stands behind %%, args are the arguments.
	main, args string
	// boxes marks things that hold values of their types in interfaces: they
	// end as things when the types are others.
	boxes bool
}

var (
	markedName = regexp.MustCompile(`[$¢](\w+)(°?)`)
	number     = regexp.MustCompile(`#`)
	declared   = regexp.MustCompile(`^(func \([^)]*\*?\$(\w+)[^)]*\) (\w+)|(?:func|type) \$(\w+)|const|import)`)
	ownNames   = regexp.MustCompile(`(?m)^(?:((?:[a-z]\w*|_)(?:, (?:[a-z]\w*|_))*) := |var (\w+) )`)
	varLine    = regexp.MustCompile(`(?m)^var \$(\w+) ([^=\n]+?)( = .*)?$`)
)

// bound is text with the names and numbers in it.
func (g *sequence) bound(text string, names map[string]string, r *rand.Rand) string {
	text = markedName.ReplaceAllStringFunc(text, func(m string) string {
		mark, name, old := markOf(m)
		if names[name] == "" {
			names[name] = g.freshName(name)
		}
		if mark == "¢" {
			return names[name]
		}
		return mark + names[name] + old
	})
	return number.ReplaceAllStringFunc(text, func(string) string { return fmt.Sprint(1 + r.IntN(9)) })
}

// markOf takes a marked name apart.
func markOf(m string) (mark, name, old string) {
	mark, name = "$", strings.TrimPrefix(m, "$")
	if rest, ok := strings.CutPrefix(m, "¢"); ok {
		mark, name = "¢", rest
	}
	if rest, ok := strings.CutSuffix(name, "°"); ok {
		return mark, rest, "°"
	}
	return mark, name, ""
}

// own gives the variables that statements make for themselves names that no
// other cell has. In the program they are local.
func own(text string, id int) string {
	for _, m := range ownNames.FindAllStringSubmatch(text, -1) {
		for name := range strings.SplitSeq(m[1]+m[2], ", ") {
			if name == "_" {
				continue
			}
			text = regexp.MustCompile(`\b`+name+`\b`).ReplaceAllString(text, fmt.Sprint(name, id, "own"))
		}
	}
	return text
}

// split separates declarations from statements.
func split(text string) (decls []string, stmts string) {
	if text == "" {
		return nil, ""
	}
	in := false
	for line := range strings.Lines(strings.TrimSuffix(text, "\n") + "\n") {
		switch {
		case declared.MatchString(line):
			decls, in = append(decls, line), !strings.HasSuffix(line, "}\n") && (strings.HasSuffix(line, "{\n") || strings.HasSuffix(line, "(\n"))
		case in:
			decls[len(decls)-1] += line
			in = line != "}\n" && line != ")\n"
		default:
			stmts += line
		}
	}
	return decls, stmts
}

// mentions reports whether bound text mentions one of some names.
func mentions(text string, names map[string]bool) bool {
	for _, m := range markedName.FindAllStringSubmatch(text, -1) {
		if names[m[1]] {
			return true
		}
	}
	return false
}

// inCell is bound text as it stands in a cell.
func inCell(text string) string {
	return strings.NewReplacer("$", "", "°", "", "≔", ":=", forever, foreverCell).Replace(text)
}
