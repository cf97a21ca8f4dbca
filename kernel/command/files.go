package command

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"modelbook/internal/number"
)

// maxLoaded is the size of a file that %load puts into a cell.
const maxLoaded = 1 << 20

// load puts the text of a file into this cell, in place of the command.
func (r *Run) load(c Call) error {
	text, err := r.readText(c, c.Args[0])
	if err != nil {
		return err
	}
	return r.fill(c, "// %load "+c.Text+"\n"+text, true)
}

// readText reads a text file that is small enough for a cell.
func (r *Run) readText(c Call, name string) (string, error) {
	path := r.path(name)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", r.fail(c.Command, "PathError", "%v", err)
	case !info.Mode().IsRegular():
		return "", r.fail(c.Command, "PathError", "%s is not a text file", path)
	case info.Size() > maxLoaded:
		return "", r.fail(c.Command, "PathError", "%s has %s; a cell can hold %s", path, number.Bytes(info.Size()), number.Bytes(maxLoaded))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", r.fail(c.Command, "PathError", "%v", err)
	}
	return strings.ToValidUTF8(string(text), "\uFFFD"), nil
}

// runFile runs a Go file in the session: what it declares stays, and its main
// is called.
func (r *Run) runFile(c Call) error {
	if filepath.Ext(c.Args[0]) != ".go" {
		return r.usage(c)
	}
	text, err := r.readText(c, c.Args[0])
	if err != nil {
		return err
	}
	return r.RunFile(r.ctx, filepath.Base(c.Args[0]), text, c.Args[1:], r.out)
}

// writeFile writes the rest of the cell to a file.
func (r *Run) writeFile(c Call) error {
	body := c.Body
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	name, done := r.path(c.Args[0]), "written"
	if c.Has("-a") {
		done = "appended"
	}
	f, err := os.OpenFile(name, writeFlags(c), 0o644)
	if err == nil {
		_, err = f.WriteString(body)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return r.fail(c.Command, "PathError", "%v", err)
	}
	r.printf("Cell contents %s to %q.\n", done, name)
	return nil
}

// writeFlags are the flags of os.OpenFile for a command that replaces a file,
// or with -a appends to it.
func writeFlags(c Call) int {
	if c.Has("-a") {
		return os.O_WRONLY | os.O_CREATE | os.O_APPEND
	}
	return os.O_WRONLY | os.O_CREATE | os.O_TRUNC
}

// show displays the rest of the cell in the MIME type of its command.
func (r *Run) show(c Call) error {
	r.display(map[string]any{ShownAs(c.Name): c.Body, "text/plain": strings.TrimRight(c.Body, "\n")})
	return nil
}
