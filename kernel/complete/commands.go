package complete

import (
	"os"
	"path/filepath"
	"regexp"
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
	if name == "%doc" {
		matches, from, to := c.complete(strings.Repeat(" ", from)+typed, at)
		return matches, from, to
	}
	switch takes := c.takes(name); {
	case strings.HasPrefix(typed, "-"):
		return c.flags(name, typed), from, at
	case name == "%env":
		return rank(c.environment(""), typed), from, at
	case strings.Contains(takes, "type"):
		return c.sessionTypes(typed), from, at
	case name == "%exec" || strings.Contains(takes, "name"):
		return c.sessionNames(typed, name == "%exec"), from, at
	case strings.Contains(takes, "program"):
		return c.completeShell(arg, at-len(arg))
	case strings.Contains(takes, "directory"):
		return c.fileMatches(typed, from, true)
	case strings.Contains(takes, "file"), strings.Contains(takes, "path"):
		return c.fileMatches(typed, from, false)
	}
	return nil, at, at
}

// environment lists the variables of the environment, behind a mark.
func (c *Completer) environment(mark string) (all []candidate) {
	for _, kv := range c.cfg.Environ() {
		key, value, _ := strings.Cut(kv, "=")
		all = append(all, candidate{name: mark + key, kind: kindInstance, detail: value})
	}
	return all
}

var flagName = regexp.MustCompile(`(?:^|[ \[(])(-[a-z]+)`)

// flags lists the flags that the help of a command names.
func (c *Completer) flags(name, typed string) []Match {
	var all []candidate
	for _, h := range c.cfg.Help {
		usage := strings.Join(h.Usage, " ")
		if word, _, _ := strings.Cut(usage, " "); word != name {
			continue
		}
		for _, g := range flagName.FindAllStringSubmatch(usage+" "+h.Text, -1) {
			all = append(all, candidate{name: g[1], kind: kindMagic})
		}
	}
	slices.SortFunc(all, func(a, b candidate) int { return strings.Compare(a.name, b.name) })
	return rank(slices.Compact(all), typed)
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

// takes is what the help says that a command takes: "[-a] path".
func (c *Completer) takes(name string) string {
	for _, h := range c.cfg.Help {
		for _, usage := range h.Usage {
			if word, _, _ := strings.Cut(usage, " "); word == name {
				_, arguments, _ := strings.Cut(strings.Join(h.Usage, " "), " ")
				return arguments
			}
		}
	}
	return ""
}

// commandNames completes the name of a command, with as many marks as it has.
func (c *Completer) commandNames(typed string, start int, first bool) ([]Match, int, int) {
	bare := strings.TrimLeft(typed, "% ")
	var all []candidate
	for _, name := range c.cfg.Commands {
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
	for _, h := range c.cfg.Help {
		for _, usage := range h.Usage {
			if word, _, _ := strings.Cut(usage, " "); word == name || name == "!" && strings.HasPrefix(word, "!") && !strings.HasPrefix(word, "!*") {
				d := description{code: strings.Join(h.Usage, "\n"), doc: h.Text}
				return d.page(), true
			}
		}
	}
	return Page{}, false
}
