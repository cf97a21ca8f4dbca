package complete

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/source"
)

// isCommand reports whether an offset lies in a command: in a line that is
// blank where only Go is left.
func isCommand(code, text string, at int) bool {
	start := lineStart(code, at)
	line := code[start:at]
	return strings.TrimSpace(line) != "" && strings.TrimSpace(text[start:at]) == ""
}

// completeCommand completes the names of commands and their arguments.
func (c *Completer) completeCommand(code string, at int, whole *cell.Command) ([]Match, int, int) {
	start := lineStart(code, at)
	for start > 0 && strings.HasSuffix(strings.TrimRight(code[:start-1], "\r"), `\`) {
		start = lineStart(code, start-1) // a line that goes on
	}
	line := code[start:at]
	if rest, ok := strings.CutPrefix(line, cell.Prefix); ok {
		start, line = start+len(line)-len(rest), rest
	}
	head := whole != nil && strings.TrimSpace(code[:start]) == ""
	if whole != nil && !head { // the rest of the cell
		switch whole.Name {
		case "%%bash", "%%sh", "%%script":
			return c.completeShell(line, start)
		}
		return nil, at, at
	}
	switch {
	case strings.HasPrefix(line, "!"):
		skip := 1
		if strings.HasPrefix(line, "!*") {
			skip = 2
		}
		return c.completeShell(line[skip:], start+skip)
	case !strings.ContainsAny(strings.TrimLeft(line, "% "), " \t"):
		return c.commandNames(line, start, strings.TrimSpace(code[:start]) == "")
	}
	name, arg, _ := strings.Cut(line, " ")
	from := at - len(lastWord(arg))
	typed := code[from:at]
	command := c.command(name)
	if command == nil {
		return nil, at, at
	}
	if strings.HasPrefix(typed, "-") && len(command.Flags) > 0 {
		var all []candidate
		for _, flag := range command.Flags {
			all = append(all, candidate{name: flag, kind: kindMagic})
		}
		return rank(all, typed), from, at
	}
	if command.Argument == nil {
		return nil, at, at
	}
	switch kind := command.Argument(cell.Fields(arg[:len(arg)-len(typed)])); kind {
	case Symbol:
		return c.complete(strings.Repeat(" ", from)+typed, at)
	case Variable:
		return rank(c.environment(""), typed), from, at
	case Type:
		return c.sessionTypes(typed), from, at
	case Name, Function:
		return c.sessionNames(typed, kind == Function), from, at
	case CommandName:
		return c.commandNames(typed, from, true)
	case Program:
		return c.completeShell(arg, at-len(arg))
	case Directory:
		return c.fileMatches(typed, from, true)
	case File:
		return c.fileMatches(typed, from, false)
	}
	return nil, at, at
}

// A Command is what completion and inspection know of a command of cells.
type Command struct {
	Names []string // "%ls", "%list"
	Usage string   // with its arguments: "%%writefile [-a] path"
	Text  string   // what it does
	Flags []string // "-a"
	// Argument says what the argument behind some others is; nil: it takes none.
	Argument func(before []string) Argument
}

// Argument is what an argument of a command is.
type Argument string

// The kinds of arguments that are completed; others are not.
const (
	File        Argument = "file"
	Directory   Argument = "directory"
	Name        Argument = "name"     // that the session has declared
	Type        Argument = "type"     // of the session or of its variables
	Function    Argument = "function" // of the session
	Variable    Argument = "variable" // of the environment
	Program     Argument = "program"
	CommandName Argument = "command" // of cells
	Symbol      Argument = "symbol"  // anything that has documentation
)

// command finds a command by one of its names, or returns nil.
func (c *Completer) command(name string) *Command {
	for i := range c.cfg.Commands {
		if slices.Contains(c.cfg.Commands[i].Names, name) {
			return &c.cfg.Commands[i]
		}
	}
	return nil
}

// environment lists the variables of the environment, behind a mark.
func (c *Completer) environment(mark string) (all []candidate) {
	for _, kv := range c.cfg.Environ() {
		key, value, _ := strings.Cut(kv, "=")
		all = append(all, candidate{name: mark + key, kind: kindInstance, detail: value})
	}
	return all
}

// sessionTypes lists the types of the session and those of its variables.
func (c *Completer) sessionTypes(typed string) []Match {
	sc := c.held.Load()
	seen := map[string]bool{}
	var all []candidate
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			all = append(all, candidate{name: name, kind: kindClass})
		}
	}
	for _, d := range sc.Decls {
		if d.Kind == source.Type {
			add(d.Name)
		}
	}
	for _, v := range sc.Vars {
		add(v.Shown)
	}
	return rank(all, typed)
}

// commandNames completes the name of a command, with as many marks as it has.
func (c *Completer) commandNames(typed string, start int, first bool) ([]Match, int, int) {
	bare := strings.TrimLeft(typed, "% ")
	var all []candidate
	var names []string
	for _, command := range c.cfg.Commands {
		names = append(names, command.Names...)
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasPrefix(name, "!") || !first && strings.HasPrefix(name, "%%") && name != "%%" {
			continue
		}
		if !strings.HasPrefix(name, strings.TrimRight(typed[:len(typed)-len(bare)], " ")) {
			continue // %%ti is no %time, but %wr is %%writefile
		}
		if rest := strings.TrimLeft(name, "%"); strings.HasPrefix(rest, bare) && name != typed {
			all = append(all, candidate{name: name, kind: kindMagic, far: len(name) - len(rest)})
		}
	}
	return rank(all, ""), start, start + len(typed)
}

// sessionNames lists what the session has declared.
func (c *Completer) sessionNames(typed string, functions bool) []Match {
	sc := c.held.Load()
	var all []candidate
	for _, d := range sc.Decls {
		names := d.Names
		if d.Kind == source.Method {
			names = []string{d.Qualified()}
		}
		for _, n := range names {
			if !functions || d.Kind == source.Func {
				all = append(all, candidate{name: n, kind: map[source.Kind]string{source.Func: kindFunction, source.Method: kindFunction, source.Type: kindClass, source.Const: kindConstant}[d.Kind]})
			}
		}
	}
	for _, v := range sc.Vars {
		if !functions {
			all = append(all, candidate{name: v.Name, kind: kindInstance, detail: v.Shown})
		}
	}
	return rank(all, typed)
}

// completeShell completes a word of a shell command: a program at its start,
// else a file.
func (c *Completer) completeShell(line string, start int) ([]Match, int, int) {
	word := lastWord(line)
	from := start + len(line) - len(word)
	before := strings.TrimRight(line[:len(line)-len(word)], " \t")
	if i := strings.LastIndexByte(word, '$'); i >= 0 && !strings.Contains(word[i:], "/") {
		return rank(c.environment("$"), word[i:]), from + i, start + len(line)
	}
	if (before == "" || strings.ContainsAny(before[len(before)-1:], "|;&(")) && !strings.Contains(word, "/") && word != "" {
		var all []candidate
		for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
			entries, _ := os.ReadDir(dir)
			for _, e := range entries {
				if name := e.Name(); strings.HasPrefix(name, word) && !slices.ContainsFunc(all, func(c candidate) bool { return c.name == name }) {
					all = append(all, candidate{name: name, kind: kindFunction, detail: filepath.Join(dir, name)})
				}
			}
		}
		if len(all) > 0 {
			return rank(all, word), from, start + len(line)
		}
	}
	return c.fileMatches(word, from, false)
}

func (c *Completer) fileMatches(typed string, from int, dirs bool) ([]Match, int, int) {
	slash := strings.LastIndexByte(typed, '/') + 1
	return c.files(typed, dirs), from + slash, from + len(typed)
}

// lastWord is what follows the last blank that is neither quoted nor escaped.
func lastWord(s string) string {
	start, quoted := 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == '\\':
			i++
		case quoted != 0:
			if b == quoted {
				quoted = 0
			}
		case b == '"' || b == '\'':
			quoted, start = b, i+1
		case strings.IndexByte(" \t\n=<>|;&", b) >= 0:
			start = i + 1
		}
	}
	return s[min(start, len(s)):]
}

// files lists the files whose names start as the last element of a path. A
// folder ends in a slash.
func (c *Completer) files(typed string, dirs bool) []Match {
	typed = strings.ReplaceAll(typed, `\ `, " ")
	dir, base := filepath.Split(typed)
	if dir == "~/" || strings.HasPrefix(dir, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			dir = home + dir[1:]
		}
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(c.cfg.Dir(), dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var matches []Match
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || strings.HasPrefix(name, ".") && base == "" {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			if st, err := os.Stat(filepath.Join(dir, name)); err == nil {
				isDir = st.IsDir()
			}
		}
		if isDir {
			name += "/"
		} else if dirs {
			continue
		}
		if matches = append(matches, Match{Text: strings.ReplaceAll(name, " ", `\ `), Type: kindPath}); len(matches) == maxMatches {
			break
		}
	}
	return matches
}

// inspectCommand describes the command at an offset.
func (c *Completer) inspectCommand(code string, at int) (Page, bool) {
	line := strings.TrimPrefix(code[lineStart(code, at):], cell.Prefix)
	name := line[:len(line)-len(strings.TrimLeft(line, "%!"))]
	if rest := line[len(name):]; name != "!" {
		name += rest[:len(rest)-len(strings.TrimLeftFunc(rest, isLetter))]
	}
	if command := c.command(name); command != nil {
		d := description{code: strings.Join(append([]string{command.Usage}, command.Names[1:]...), "\n"), doc: command.Text}
		return d.page(), true
	}
	return Page{}, false
}
