package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"modelbook/dl/privacy/sealed"
	"modelbook/kernel/command"
	"modelbook/kernel/savefile"
	"modelbook/kernel/session"
	"modelbook/kernel/worker/control"
)

// Save writes the session to a file: imports, declarations, and the values of
// the variables. It returns which variables were saved, and which could not be.
// With a key the file is encrypted, and the values are nowhere else but in memory.
func (e *Engine) Save(path string, key *sealed.Key) (saved command.Saved, err error) {
	if len(e.lostNow) > 0 {
		return saved, fmt.Errorf("nothing was saved, and %s is as it was: the variables are lost (see above); saving again saves the session without them", path)
	}
	values, done, err := e.valuesFile(key != nil)
	if err != nil {
		return saved, err
	}
	defer done()
	told, err := e.worker.Save(values)
	if err != nil {
		return saved, err
	}
	var types []session.TypeText
	for _, t := range told.Types {
		types = append(types, session.TypeText{Text: t.Text, Paths: t.Paths})
	}
	s, names := e.session.Save(types)
	saved = savedVariables(told)
	h := savefile.Header{Decls: e.imports(told.Globals) + s.Decls, Later: s.Later}
	for _, skipped := range saved.Skipped {
		h.Lost = append(h.Lost, savefile.Skipped(skipped))
	}
	for i, name := range s.Names { // those skipped have no place in the file
		if slices.Contains(told.Done, name) {
			if s.Hides[name] {
				h.Hiding = append(h.Hiding, s.Vars[i])
			} else {
				h.Vars = append(h.Vars, s.Vars[i])
			}
		}
	}
	for i, t := range told.Types {
		h.Types = append(h.Types, savefile.Type{Key: t.Key, Text: names[i]})
	}
	if key != nil {
		return saved, savefile.WriteSealed(path, h, values, *key)
	}
	return saved, savefile.Write(path, h, values)
}

// valuesFile is an empty file for the values of variables on their way from or
// to the worker: in the scratch folder, or in memory alone.
func (e *Engine) valuesFile(memory bool) (path string, done func(), err error) {
	if memory {
		fd, err := unix.MemfdCreate("values", unix.MFD_CLOEXEC)
		if err != nil {
			return "", nil, fmt.Errorf("memory for the values: %w", err)
		}
		return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), fd), func() { unix.Close(fd) }, nil
	}
	dir, err := os.MkdirTemp(e.scratch.dir, "values")
	if err != nil {
		return "", nil, err
	}
	return filepath.Join(dir, "values"), func() { os.RemoveAll(dir) }, nil
}

// savedVariables are the variables that the worker has saved or restored, for a
// command.
func savedVariables(told *control.Saved) command.Saved {
	saved := command.Saved{Done: told.Done, Apart: told.Apart}
	for _, s := range told.Skipped {
		saved.Skipped = append(saved.Skipped, command.Skipped(s))
	}
	return saved
}

// imports are import declarations for the packages of variables ("path.Name"),
// without those that every worker has.
func (e *Engine) imports(globals []string) string {
	var b strings.Builder
	for _, name := range globals {
		path := name[:strings.LastIndex(name, ".")]
		if line := fmt.Sprintf("import _ %q\n", path); len(e.globals(path)) > 0 && !strings.Contains(b.String(), line) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// LoadSession adds the declarations and variables of a file to this session.
// Functions are compiled and not called. It returns which variables have their
// values, and which do not.
func (e *cellRun) LoadSession(ctx context.Context, path string, key *sealed.Key, out *command.Output) (loaded command.Saved, err error) {
	var h savefile.Header
	var values []byte
	if key != nil {
		h, values, err = savefile.ReadSealed(path, *key)
	} else {
		h, values, err = savefile.Read(path)
	}
	if err != nil {
		return loaded, err
	}
	defer func(auto bool) { e.autoGet = auto }(e.autoGet)
	e.autoGet = false // a file does not download code
	e.files++
	number, text := firstFile+e.files, h.Cell()
	e.sources.addFile(number, filepath.Base(path), text)
	defer e.take(context.Background())
	if err := e.execute(ctx, Request{Code: text, Cell: number, restored: true}, out); err != nil {
		if missing := new(CellError); errors.As(err, &missing) && missing.Name == "ImportError" {
			missing.Traceback = slices.DeleteFunc(missing.Traceback, func(line string) bool { return strings.HasPrefix(line, "%autoget") })
			missing.Traceback = append(missing.Traceback, "No packages are downloaded for a session file: get this one with !*go get, or import it in a cell, and load the session again.")
		}
		return loaded, err
	}
	file, done, err := e.valuesFile(key != nil)
	if err != nil {
		return loaded, err
	}
	defer done()
	if err := os.WriteFile(file, values, 0o600); err != nil {
		return loaded, err
	}
	e.take(context.Background())
	told, err := e.worker.Restore(file)
	if err != nil {
		return loaded, err
	}
	loaded = savedVariables(told)
	for _, lost := range h.Lost {
		loaded.Skipped = append(loaded.Skipped, command.Skipped(lost))
	}
	return loaded, nil
}
