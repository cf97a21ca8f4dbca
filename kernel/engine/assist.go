package engine

import (
	"maps"
	"os"
	"path/filepath"
	"strings"

	"modelbook/kernel/command"
	"modelbook/kernel/complete"
	"modelbook/kernel/toolchain"
)

// newCompleter makes the completer of this engine's session.
func (e *Engine) newCompleter() *complete.Completer {
	var second *complete.Gopls
	if path := toolchain.Gopls(e.home.Dir); isFile(path) {
		second = &complete.Gopls{Path: path, Dir: filepath.Join(e.scratch.dir, "gopls"), Env: e.home.GoplsEnv(), Logf: e.logf}
	}
	known := maps.Clone(e.home.Standard())
	maps.Copy(known, e.home.Known)
	return complete.New(complete.Config{
		Gopls: second,
		Lang:  e.home.Lang(), Known: known, Commands: commands(),
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
	e.completer.Update(e.session.Scope(), e.packages.Archives(), e.module.Dir())
}

// Complete lists what may stand at a cursor, counted in code points. It
// answers while a cell runs.
func (e *Engine) Complete(code string, cursor int) complete.Completions {
	return e.completer.Complete(code, cursor)
}

// Document describes what stands at a cursor, counted in code points, with its
// source if wanted. It answers while a cell runs; only while one is compiled the
// values of variables are left out.
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
func (e *Engine) DocumentName(name string, source bool) (data map[string]any, ok bool) {
	page, ok := e.completer.Describe(name, source, func(name string) string {
		vars, _ := e.worker.Inspect(nil)
		for _, v := range vars {
			if v.Name == name {
				return v.Value
			}
		}
		return ""
	})
	page = e.withNames(page)
	data = map[string]any{"text/plain": page.Plain, "text/html": page.HTML}
	if page.Markdown != "" {
		data["text/markdown"] = page.Markdown
	}
	return data, ok
}

// withNames is a page with the names of files in place of their numbers.
func (e *Engine) withNames(p complete.Page) complete.Page {
	return complete.Page{Plain: e.sources.named(p.Plain), Markdown: e.sources.named(p.Markdown), HTML: e.sources.named(p.HTML)}
}

// commands is what completion needs of the table of commands.
func commands() (all []complete.Command) {
	for _, c := range command.All() {
		all = append(all, complete.Command{
			Names: append([]string{c.Name}, c.Aliases...), Usage: c.Usages()[0], Text: strings.ReplaceAll(c.Description(), "`", ""), Flags: c.Flags(),
			Argument: func(before []string) complete.Argument { return complete.Argument(c.Argument(before)) },
		})
	}
	return all
}
