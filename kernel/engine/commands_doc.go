package engine

import (
	"html"
	"os/exec"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/complete"
)

// doc shows documentation where it was asked for.
func (r *commandRun) doc(cmd cell.Command) error {
	args, source := cmd.Args, false
	if len(args) > 0 && args[0] == "-src" {
		args, source = args[1:], true
	}
	if len(args) != 1 || strings.HasPrefix(args[0], "-") {
		return r.usage(cmd, "%doc [-src] name (pkg.Name, variable.Method, an import path, a command)")
	}
	page, ok := r.DocumentName(args[0], source)
	if !ok {
		page, ok = r.goDoc(args[0], source)
	}
	if !ok {
		return r.fail(cmd, "NameError", "nothing is known of %s", args[0])
	}
	data := map[string]any{"text/plain": page.Plain, "text/html": page.HTML}
	if page.Markdown != "" {
		data["text/markdown"] = page.Markdown
	}
	r.out.Display(Display{Data: data})
	return nil
}

// goDoc asks the go command: it knows the packages that no cell has imported,
// of the standard library and of the session's module. It fetches nothing.
func (r *commandRun) goDoc(name string, source bool) (complete.Page, bool) {
	args := []string{"doc"}
	if source {
		args = append(args, "-src")
	}
	c := exec.CommandContext(r.ctx, "go", append(args, strings.Trim(name, `"`))...)
	c.Dir, c.Env = r.ModuleDir(), append(r.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := c.Output()
	if err != nil || len(out) == 0 {
		return complete.Page{}, false
	}
	text := strings.TrimRight(string(out), "\n")
	return complete.Page{Plain: text, HTML: "<pre>" + html.EscapeString(text) + "</pre>"}, true
}
