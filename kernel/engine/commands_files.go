package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modelbook/kernel/cell"
)

// A NextInput is a sink of a front end in which a cell can fill in another
// one: the cell below, or with replace itself.
type NextInput interface {
	NextInput(text string, replace bool)
}

// fill puts text into a cell of the front end.
func (r *commandRun) fill(cmd cell.Command, text string, replace bool) error {
	out := r.out
	if sink, ok := out.(*cellSink); ok {
		out = sink.Sink
	}
	next, ok := out.(NextInput)
	if !ok {
		return r.fail(cmd, "FrontEndError", "%s needs a front end with cells that can be filled in", cmd.Name)
	}
	next.NextInput(text, replace)
	return nil
}

// maxLoaded is the size of a file that %load puts into a cell.
const maxLoaded = 1 << 20

// load puts the text of a file into this cell, in place of the command.
func (r *commandRun) load(cmd cell.Command) error {
	if len(cmd.Args) != 1 {
		return r.usage(cmd, "%load file")
	}
	text, err := r.readText(cmd, cmd.Args[0])
	if err != nil {
		return err
	}
	return r.fill(cmd, "// %load "+cmd.Text+"\n"+text, true)
}

// readText reads a text file of a size for cells.
func (r *commandRun) readText(cmd cell.Command, name string) (string, error) {
	path := r.path(os.Expand(name, r.getenv))
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", r.fail(cmd, "PathError", "%v", err)
	case !info.Mode().IsRegular():
		return "", r.fail(cmd, "PathError", "%s is no file with text", path)
	case info.Size() > maxLoaded:
		return "", r.fail(cmd, "PathError", "%s has %s, more than a cell should hold (%s)", path, bytesText(info.Size()), bytesText(maxLoaded))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", r.fail(cmd, "PathError", "%v", err)
	}
	return strings.ToValidUTF8(string(text), "\uFFFD"), nil
}

// runFile runs a Go file in the session: what it declares stays, and its main
// is called.
func (r *commandRun) runFile(cmd cell.Command) error {
	if len(cmd.Args) == 0 || filepath.Ext(cmd.Args[0]) != ".go" {
		return r.usage(cmd, "%run file.go [args] (its declarations become the session's; !go run file.go runs it by itself)")
	}
	text, err := r.readText(cmd, cmd.Args[0])
	if err != nil {
		return err
	}
	return r.RunFile(r.ctx, filepath.Base(cmd.Args[0]), text, cmd.Args[1:], r.out)
}

// history lists the cells that ran so far.
func (r *commandRun) history(cmd cell.Command) error {
	cells := r.History()
	numbers, from, to := false, 1, len(cells)
	for _, a := range cmd.Args {
		if a == "-n" {
			numbers = true
			continue
		}
		first, last, isRange := strings.Cut(a, "-")
		var err1, err2 error
		from, err1 = strconv.Atoi(first)
		to = from
		if isRange {
			to, err2 = strconv.Atoi(last)
		}
		if err1 != nil || err2 != nil {
			return r.usage(cmd, "%history [-n] [number or first-last]")
		}
	}
	for n, text := range cells {
		if n++; n < from || n > to || text == "" {
			continue
		}
		if numbers {
			r.printf("%3d: %s\n", n, strings.ReplaceAll(text, "\n", "\n     "))
		} else {
			r.printf("%s\n", text)
		}
	}
	return nil
}

// recall puts the text of an earlier cell into the next one.
func (r *commandRun) recall(cmd cell.Command) error {
	cells := r.History()
	n := r.cell.Number - 1
	if len(cmd.Args) == 1 {
		var err error
		if n, err = strconv.Atoi(cmd.Args[0]); err != nil {
			n = -1
		}
	}
	if len(cmd.Args) > 1 || n < 0 {
		return r.usage(cmd, "%recall [number of a cell]")
	}
	if n < 1 || n > len(cells) || cells[n-1] == "" {
		return r.fail(cmd, "NameError", "there is no cell %d in this session (%%history -n lists them)", n)
	}
	return r.fill(cmd, cells[n-1], false)
}

// History lists the texts of the cells so far, in order of their numbers.
func (e *Engine) History() []string {
	e.sources.mu.Lock()
	defer e.sources.mu.Unlock()
	var cells []string
	for n, lines := range e.sources.lines {
		if n < 1 || n >= firstFile {
			continue
		}
		for len(cells) < n {
			cells = append(cells, "")
		}
		cells[n-1] = strings.Join(lines, "\n")
	}
	return cells
}

// show is what %%html and its kin do: the cell's text in a MIME type.
func (r *commandRun) show(cmd cell.Command) error {
	mime := shownAs[cmd.Name]
	if len(cmd.Args) > 0 {
		return r.usage(cmd, cmd.Name+" and the text below it")
	}
	data := map[string]any{mime: cmd.Body, "text/plain": strings.TrimRight(cmd.Body, "\n")}
	r.out.Display(Display{Data: data})
	return nil
}

// shownAs are the cell commands that show the cell's text.
var shownAs = map[string]string{"%%html": "text/html", "%%markdown": "text/markdown", "%%latex": "text/latex",
	"%%svg": "image/svg+xml", "%%javascript": "text/javascript", "%%js": "text/javascript"}

// printDir shows the working directory.
func (r *commandRun) printDir(cmd cell.Command) error {
	r.printf("%s\n", r.Dir())
	return nil
}

// listCommands lists the names of all commands.
func (r *commandRun) listCommands(cmd cell.Command) error {
	var lines, cells []string
	for _, name := range commandNames() {
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

// restart gives the cells a new process.
func (r *commandRun) restart(cmd cell.Command) error {
	if len(cmd.Args) > 0 {
		return r.usage(cmd, cmd.Name+" (all variables are lost; %reset forgets the declarations, too)")
	}
	kept := map[string]int{}
	for _, d := range r.Declarations() {
		kept[d.Kind]++
	}
	lost, err := r.RestartWorker(r.ctx)
	if err != nil {
		return r.fail(cmd, "RestartError", "%v", err)
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
