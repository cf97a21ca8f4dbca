package command

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"text/tabwriter"

	"modelbook/internal/number"
	"modelbook/kernel/output"
	"modelbook/kernel/table"
)

// list shows all that the session has declared, by kind.
func (r *Run) list(Call) error {
	var plain, rich strings.Builder
	decls := r.Declarations()
	for _, group := range []struct{ kind, title string }{
		{"import", "Imports"}, {"const", "Constants"}, {"type", "Types"}, {"var", "Variables"}, {"func", "Functions"}, {"method", "Methods"},
	} {
		var lines []string
		for _, d := range decls {
			if d.Kind == group.kind {
				lines = append(lines, declarationLine(d))
			}
		}
		if len(lines) == 0 {
			continue
		}
		slices.Sort(lines)
		fmt.Fprintf(&plain, "%s:\n", group.title)
		fmt.Fprintf(&rich, "<h4>%s</h4>\n<pre>", group.title)
		var aligned strings.Builder
		w := tabwriter.NewWriter(&aligned, 0, 8, 2, ' ', 0)
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
		w.Flush()
		for line := range strings.Lines(aligned.String()) {
			plain.WriteString("  " + line)
		}
		rich.WriteString(html.EscapeString(aligned.String()) + "</pre>\n")
	}
	if plain.Len() == 0 {
		r.printf("Nothing is declared yet.\n")
		return nil
	}
	r.display(map[string]any{"text/plain": strings.TrimRight(plain.String(), "\n"), "text/html": rich.String()})
	return nil
}

// declarationLine is the first line of a declaration, with a comment that names
// its cell.
func declarationLine(d Declaration) string {
	line := d.Text
	switch d.Kind {
	case "import":
		line = fmt.Sprintf("%s %q", d.Name, d.Text)
	case "var":
		line = d.Name + " " + d.Text
	case "func", "method": // without its body
		if i := strings.Index(line, ") {"); i >= 0 {
			line = line[:i+1]
		} else if i := strings.LastIndex(line, " {"); i >= 0 {
			line = line[:i]
		}
	default:
		if line = strings.TrimPrefix(line, d.Kind+" "); strings.HasSuffix(line, "{") || strings.HasSuffix(line, "(") {
			line += " …"
		}
	}
	if line == "" {
		line = d.Name
	}
	line = strings.ReplaceAll(strings.TrimSpace(line), "\t", " ")
	if d.Where != "" {
		line += "\t// " + d.Where
	}
	return line
}

// variables are the session's, sorted by name: all, or those of some types. It
// says so when there are none.
func (r *Run) variables(c Call) []Variable {
	vars := slices.DeleteFunc(slices.Clone(r.Variables()), func(v Variable) bool {
		return len(c.Args) > 0 && !slices.Contains(c.Args, v.Type)
	})
	slices.SortFunc(vars, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	if len(vars) == 0 {
		if len(c.Args) > 0 {
			r.printf("There are no variables of type %s.\n", strings.Join(c.Args, " or "))
		} else {
			r.printf("There are no variables yet.\n")
		}
	}
	return vars
}

// who prints the names of the session's variables, all or those of some types.
func (r *Run) who(c Call) error {
	var names []string
	for _, v := range r.variables(c) {
		names = append(names, v.Name)
	}
	if len(names) > 0 {
		r.printf("%s\n", strings.Join(names, "\t"))
	}
	return nil
}

// whos shows the session's variables, all or those of some types.
func (r *Run) whos(c Call) error {
	vars := r.variables(c)
	if len(vars) == 0 {
		return nil
	}
	rows := make([][]string, len(vars))
	for i, v := range vars {
		size := ""
		if v.Size > 0 {
			size = number.Bytes(v.Size)
		}
		rows[i] = []string{v.Name, v.Type, v.Shape, size, v.Value}
	}
	r.display(table.Table{Head: []string{"name", "type", "shape", "size", "value"}, Rows: rows}.Data())
	return nil
}

// remove forgets declarations and variables. A name that nothing has is no
// error, as in GoNB: what is to be gone is gone.
func (r *Run) remove(c Call) error {
	for _, name := range c.Args {
		kind, lost, err := r.Remove(strings.Replace(name, "~", ".", 1)) // GoNB writes T~M
		switch {
		case err != nil:
			return r.fail(c.Command, "RemoveError", "%s: %v", name, err)
		case kind == "":
			r.warnf(". key %q not found in any definition, not removed (%%ls lists the names)\n", name)
		default:
			r.printf(". removed %s %s\n", kind, name)
		}
		for _, v := range lost {
			output.Note(r.out, "the variable %s is gone: its type %s was removed", v, name)
		}
	}
	return nil
}

// reset forgets everything, or makes go.mod new.
func (r *Run) reset(c Call) error {
	if len(c.Args) == 1 && c.Args[0] != "go.mod" {
		return r.usage(c)
	}
	if len(c.Args) == 0 {
		if err := r.Reset(r.ctx); err != nil {
			return r.fail(c.Command, "ResetError", "%v", err)
		}
		r.printf("* State reset: all memorized declarations discarded.\n")
	}
	if err := r.ResetModule(); err != nil {
		return r.fail(c.Command, "ResetError", "%v", err)
	}
	if len(c.Args) == 1 {
		r.printf("* go.mod is as at the start of the session.\n")
	}
	return nil
}

// restart starts a new process for the cells, and says what is lost and kept.
func (r *Run) restart(c Call) error {
	kept := map[string]int{}
	for _, d := range r.Declarations() {
		kept[d.Kind]++
	}
	lost, err := r.RestartWorker(r.ctx)
	if err != nil {
		return r.fail(c.Command, "RestartError", "%v", err)
	}
	var keeps []string
	for _, k := range []struct{ kind, one, many string }{{"import", "import", "imports"}, {"const", "constant", "constants"}, {"type", "type", "types"}, {"func", "function", "functions"}, {"method", "method", "methods"}} {
		switch n := kept[k.kind]; {
		case n == 1:
			keeps = append(keeps, "1 "+k.one)
		case n > 1:
			keeps = append(keeps, fmt.Sprintf("%d %s", n, k.many))
		}
	}
	keeps = append(keeps, "the directory", "the environment set by %env")
	r.printf("* The cells have a new process.\n")
	if len(lost) > 0 {
		r.printf("  Lost: the values of %s.\n", strings.Join(lost, ", "))
	}
	r.printf("  Kept: %s.\n", strings.Join(keeps, ", "))
	return nil
}
