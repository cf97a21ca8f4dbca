package command

import (
	_ "embed"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"text/template"

	"modelbook/kernel/table"
)

// helpText is the page of %help; {{commands "group"}} stands for the table of a
// group of commands.
//
//go:embed help.md
var helpText string

// help shows the page of all commands, or what is known of one.
func (r *Run) help(c Call) error {
	text := ""
	if len(c.Args) == 0 {
		text = helpPage()
	} else {
		entry := Lookup(c.Args[0])
		for _, mark := range []string{"%", "%%"} {
			if entry == nil {
				entry = Lookup(mark + c.Args[0])
			}
		}
		if entry == nil {
			return r.fail(c.Command, "NameError", "there is no command %s (%%help lists the commands)", c.Args[0])
		}
		text = "`" + strings.Join(entry.Usages(), "`, `") + "`\n\n" + entry.Description() + "\n"
	}
	r.display(map[string]any{"text/markdown": text, "text/plain": plainMarkdown(text)})
	return nil
}

// Description is the whole help of the command, as Markdown.
func (c Command) Description() string {
	if c.More == "" {
		return c.Help
	}
	return c.Help + ".\n\n" + c.More
}

// helpPage is the page of %help, as Markdown.
func helpPage() string {
	var b strings.Builder
	page := template.Must(template.New("help").Funcs(template.FuncMap{"commands": commandTable}).Parse(helpText))
	if err := page.Execute(&b, nil); err != nil {
		panic(err) // the page is part of this program
	}
	return b.String()
}

// commandTable is the table of a group of commands, as Markdown.
func commandTable(group Group) string {
	var b strings.Builder
	b.WriteString("| command | what it does |\n|---------|--------------|\n")
	for _, c := range list {
		if c.Group == group {
			text := "`" + strings.Join(c.Usages(), "`, `") + "` | " + c.Help
			fmt.Fprintf(&b, "| %s |\n", text)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// plainMarkdown is Markdown of help without its marks, for terminals.
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
			cells := strings.Split(strings.Trim(line, "| "), " | ")
			line = fmt.Sprintf("  %-28s %s", strings.ReplaceAll(cells[0], "`", ""), strings.Join(cells[1:], "  "))
		}
		line = strings.NewReplacer("**", "", "`", "").Replace(line)
		b.WriteString(line + "\n")
	}
	return b.String()
}

// listNames prints the names of all commands.
func (r *Run) listNames(Call) error {
	var lines, cells []string
	for _, name := range Names() {
		switch {
		case len(name) > 2 && strings.HasPrefix(name, "%%"):
			cells = append(cells, name)
		case name[0] == '%':
			lines = append(lines, name)
		}
	}
	r.printf("Line commands:\n%s  !  !*\n\nCommands in the first line of a cell:\n%s\n\n%%help says what they do.\n",
		strings.Join(lines, "  "), strings.Join(cells, "  "))
	return nil
}

// version shows the versions of modelbook, Go and some libraries.
func (r *Run) version(Call) error {
	info, _ := debug.ReadBuildInfo()
	rows := [][]string{{"modelbook", moduleVersion(info, "")}, {"Go", strings.TrimPrefix(runtime.Version(), "go") + " " + runtime.GOOS + "/" + runtime.GOARCH}}
	for _, path := range []string{"github.com/janpfeifer/gonb", "github.com/go-zeromq/zmq4", "gonum.org/v1/gonum", "gonum.org/v1/plot"} {
		if v := moduleVersion(info, path); v != "" {
			rows = append(rows, []string{path, v})
		}
	}
	rows = append(rows, []string{"cells are linked", r.Linking()})
	r.display(table.Table{Head: []string{"", "version"}, Rows: rows}.Data())
	return nil
}

// moduleVersion returns the version of a module in this program; "" stands for
// the program's own module.
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
