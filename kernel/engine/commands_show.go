package engine

import (
	_ "embed"
	"fmt"
	"html"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"text/tabwriter"

	"modelbook/kernel/cell"
)

//go:embed help.md
var helpText string

// help shows the commands, rendered where the front end can.
func (r *commandRun) help(cell.Command) error {
	r.out.Display(Display{Data: map[string]any{
		"text/markdown": helpText,
		"text/plain":    plainMarkdown(helpText),
	}})
	return nil
}

// plainMarkdown takes the marks out of help.md, for terminals.
func plainMarkdown(text string) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			code = !code
			continue
		case code:
			b.WriteString(line + "\n")
			continue
		case strings.HasPrefix(line, "|--"):
			continue
		case strings.HasPrefix(line, "#"):
			line = strings.ToUpper(strings.TrimLeft(line, "# "))
		case strings.HasPrefix(line, "|"):
			cells := strings.Split(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "| "), " | ")
			line = fmt.Sprintf("  %-28s %s", strings.ReplaceAll(cells[0], "`", ""), strings.Join(cells[1:], "  "))
			line = strings.ReplaceAll(line, "\x00", "|")
		}
		line = strings.NewReplacer("**", "", "`", "").Replace(line)
		b.WriteString(line + "\n")
	}
	return b.String()
}

// version shows what this is and what it was built with.
func (r *commandRun) version(cell.Command) error {
	info, _ := debug.ReadBuildInfo()
	rows := [][]string{{"modelbook", moduleVersion(info, "")}, {"Go", strings.TrimPrefix(runtime.Version(), "go") + " " + runtime.GOOS + "/" + runtime.GOARCH}}
	for _, path := range []string{"github.com/janpfeifer/gonb", "github.com/go-zeromq/zmq4", "gonum.org/v1/gonum", "gonum.org/v1/plot"} {
		if v := moduleVersion(info, path); v != "" {
			rows = append(rows, []string{path, v})
		}
	}
	rows = append(rows, []string{"cells are linked", r.Linking()})
	r.table(table{head: []string{"", "version"}, rows: rows})
	return nil
}

// moduleVersion returns the version of a module in this program, "" standing
// for the program's own.
func moduleVersion(info *debug.BuildInfo, path string) string {
	if info == nil {
		return ""
	}
	if path == "" {
		version := info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				version += " (" + s.Value[:12] + ")"
			}
		}
		return strings.TrimSpace(version)
	}
	for _, dep := range info.Deps {
		if dep.Path == path {
			return dep.Version
		}
	}
	return ""
}

// list shows what the session has declared.
func (r *commandRun) list(cmd cell.Command) error {
	if len(cmd.Args) > 0 {
		return r.usage(cmd, cmd.Name+" (declarations of the session; !ls lists files)")
	}
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
	r.out.Display(Display{Data: map[string]any{"text/plain": strings.TrimRight(plain.String(), "\n"), "text/html": rich.String()}})
	return nil
}

// declarationLine is what the first line of a declaration says, with its cell.
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

// variables are the session's by name, all or those of some types.
func (r *commandRun) variables(cmd cell.Command) []Variable {
	vars := slices.DeleteFunc(slices.Clone(r.Variables()), func(v Variable) bool {
		return len(cmd.Args) > 0 && !slices.Contains(cmd.Args, v.Type)
	})
	slices.SortFunc(vars, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	if len(vars) == 0 {
		if len(cmd.Args) > 0 {
			r.printf("There are no variables of type %s.\n", strings.Join(cmd.Args, " or "))
		} else {
			r.printf("There are no variables yet.\n")
		}
	}
	return vars
}

// who lists the names of the session's variables, all or those of some types.
func (r *commandRun) who(cmd cell.Command) error {
	var names []string
	for _, v := range r.variables(cmd) {
		names = append(names, v.Name)
	}
	if len(names) > 0 {
		r.printf("%s\n", strings.Join(names, "\t"))
	}
	return nil
}

// whos shows the session's variables, all or those of some types.
func (r *commandRun) whos(cmd cell.Command) error {
	vars := r.variables(cmd)
	if len(vars) == 0 {
		return nil
	}
	rows := make([][]string, len(vars))
	for i, v := range vars {
		size := ""
		if v.Size > 0 {
			size = bytesText(v.Size)
		}
		rows[i] = []string{v.Name, v.Type, v.Shape, size, v.Value}
	}
	r.table(table{head: []string{"name", "type", "shape", "size", "value"}, rows: rows})
	return nil
}

// bytesText writes a number of bytes in the unit that suits it.
func bytesText(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/1024, 0
	for f >= 1024 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	return fmt.Sprintf("%.1f %ciB", f, units[i])
}
