package engine

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbook/kernel/build"
	"modelbook/kernel/complete"
)

// newCompleter makes the completer of this engine's session.
func (e *Engine) newCompleter() *complete.Completer {
	var second *complete.Gopls
	if path := build.Gopls(e.home.Dir); isFile(path) {
		second = &complete.Gopls{Path: path, Dir: filepath.Join(e.scratch.dir, "gopls"), Env: e.home.GoplsEnv(), Logf: e.logf}
	}
	known := maps.Clone(e.home.Standard())
	maps.Copy(known, e.home.Known)
	return complete.New(complete.Config{
		Gopls: second,
		Lang:  e.home.Lang(), Known: known, Commands: commandNames(), Help: commandHelp(helpText),
		GOROOT: e.home.Toolchain.GOROOT, GOMODCACHE: e.home.Toolchain.GOMODCACHE, Source: e.home.Source(),
		Environ: e.Environ, Dir: e.Dir,
	})
}

func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

// teach tells the completer what the session holds now. It is called where
// that may have changed.
func (e *Engine) teach() {
	e.completer.Update(e.session.Scope(), e.builder.Archives(), e.builder.ModuleDir())
}

// Complete lists what may stand at a cursor, counted in code points. It
// answers while a cell runs.
func (e *Engine) Complete(code string, cursor int) complete.Completions {
	return e.completer.Complete(code, cursor)
}

// Document describes what stands at a cursor, counted in code points, with its
// source if wanted. It answers while a cell runs; only the values of variables
// are then left out.
func (e *Engine) Document(code string, cursor int, source bool) (complete.Page, bool) {
	page, ok := e.completer.Inspect(code, cursor, source, func(name string) string {
		parts, err := e.Inspect()
		if err != nil {
			return ""
		}
		for _, p := range parts {
			if p.Name == name {
				return p.Value
			}
		}
		return ""
	})
	return e.withNames(page), ok
}

// DocumentName describes a name ("pkg.Name", "variable.Method"), for a command
// of the cell that is about to run.
func (e *Engine) DocumentName(name string, source bool) (complete.Page, bool) {
	page, ok := e.completer.Describe(name, source, func(name string) string {
		vars, _ := e.worker.Inspect(nil)
		for _, v := range vars {
			if v.Name == name {
				return v.Value
			}
		}
		return ""
	})
	return e.withNames(page), ok
}

// withNames is a page with the names of files in place of their numbers.
func (e *Engine) withNames(p complete.Page) complete.Page {
	return complete.Page{Plain: e.sources.named(p.Plain), Markdown: e.sources.named(p.Markdown), HTML: e.sources.named(p.HTML)}
}

// commandNames lists all commands, sorted.
func commandNames() []string {
	names := slices.Concat(described, slices.Collect(maps.Keys(lineCommands)), slices.Collect(maps.Keys(cellCommands)))
	slices.Sort(names)
	return names
}

// commandHelp reads the tables of help.md.
func commandHelp(text string) (all []complete.Help) {
	for line := range strings.Lines(text) {
		row, ok := strings.CutPrefix(strings.TrimSpace(line), "| `")
		if !ok {
			continue
		}
		usage, what, _ := strings.Cut(strings.ReplaceAll(row, `\|`, "\x00"), "` | ")
		h := complete.Help{Usage: strings.Split(usage, "`, `"), Text: strings.TrimSuffix(what, " |")}
		h.Text = strings.NewReplacer("\x00", "|", "`", "").Replace(h.Text)
		for i, u := range h.Usage {
			h.Usage[i] = strings.ReplaceAll(u, "\x00", "|")
		}
		all = append(all, h)
	}
	return all
}
