package command

import (
	"html"
	"strings"

	"modelbook/kernel/toolchain"
)

// doc shows the documentation of a name.
func (r *Run) doc(c Call) error {
	name, source := c.Args[0], c.Has("-src")
	data, ok := r.DocumentName(name, source)
	if !ok {
		data, ok = r.goDoc(name, source)
	}
	if !ok {
		return r.fail(c.Command, "NameError", "there is no documentation of %s", name)
	}
	r.display(data)
	return nil
}

// goDoc asks the go command, which knows packages that no cell has imported: of
// the standard library and of the session's module. It downloads nothing.
func (r *Run) goDoc(name string, source bool) (map[string]any, bool) {
	args := []string{"doc"}
	if source {
		args = append(args, "-src")
	}
	cmd := toolchain.UserCommand(r.ctx, append(args, strings.Trim(name, `"`))...)
	cmd.Dir, cmd.Env = r.ModuleDir(), append(r.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil || len(out) == 0 {
		return nil, false
	}
	text := strings.TrimRight(string(out), "\n")
	return map[string]any{"text/plain": text, "text/html": "<pre>" + html.EscapeString(text) + "</pre>"}, true
}
