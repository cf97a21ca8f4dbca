package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/session"
	"modelbook/kernel/source/gen"
	"modelbook/kernel/worker/control"
)

// A session file is a line that says so, the length of a header as eight
// bytes, the header as JSON, and the values of the variables as package
// snapshot writes them. Declarations are kept as source, and are compiled
// anew when the file is loaded; nothing of it runs.
const (
	sessionWord  = "modelbook session "
	sessionMagic = sessionWord + "1\n"
)

// sessionHeader is what a session file says of itself.
type sessionHeader struct {
	Decls  string         // imports and declarations
	Vars   []string       // "var x T"
	Types  []sessionType  // of what interfaces hold
	Hiding []string       // "var x T", of variables that hide something that the above may mean
	Later  string         // declarations that mean those
	Lost   []SavedProblem // variables that are not in the file
	SHA256 string         // of the values
}

// A sessionType is the name that a type has in the file, and its Go source.
type sessionType struct{ Key, Text string }

// A SavedProblem is a variable that could not be saved or loaded, and why.
type SavedProblem = control.Skipped

// maxSessionHeader bounds the header of a file that is read.
const maxSessionHeader = 64 << 20

// Save writes the session to a file, which is replaced as a whole or not at
// all: imports, declarations, and the values of the variables. It tells which
// variables were saved, and which could not be.
func (e *Engine) Save(path string) (*control.Saved, error) {
	if len(e.lostNow) > 0 {
		return nil, fmt.Errorf("nothing was saved, and %s is as it was: the variables are lost (see above); once more saves the session without them", path)
	}
	dir, err := os.MkdirTemp(e.scratch.dir, "save")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	values := filepath.Join(dir, "values")
	told, err := e.worker.Save(values)
	if err != nil {
		return nil, err
	}
	var types []session.TypeText
	for _, t := range told.Types {
		types = append(types, session.TypeText{Text: t.Text, Paths: t.Paths})
	}
	s, names := e.session.Save(types)
	h := sessionHeader{Decls: e.imports(told.Globals) + s.Decls, Later: s.Later, Lost: told.Skipped}
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
		h.Types = append(h.Types, sessionType{t.Key, names[i]})
	}
	return told, writeSession(path, h, values)
}

// imports are import declarations of the packages of variables ("path.Name")
// that are not in every worker.
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

// writeSession puts header and values together.
func writeSession(path string, h sessionHeader, values string) (err error) {
	in, err := os.Open(values)
	if err != nil {
		return err
	}
	defer in.Close()
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link stays
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", path)
	}
	sum := sha256.New()
	h.SHA256 = hex.EncodeToString(sum.Sum(nil))                                 // of the right length, until it is known
	out, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600: values may be private
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	head, err := h.encode()
	if err != nil {
		return err
	}
	if _, err := out.Write(head); err != nil {
		return err
	}
	if _, err := io.CopyBuffer(io.MultiWriter(out, sum), struct{ io.Reader }{in}, make([]byte, 1<<20)); err != nil {
		return err
	}
	h.SHA256 = hex.EncodeToString(sum.Sum(nil))
	if head, err = h.encode(); err != nil {
		return err
	}
	if _, err := out.WriteAt(head, 0); err != nil {
		return err
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), path)
}

// encode is everything in front of the values.
func (h *sessionHeader) encode() ([]byte, error) {
	text, err := json.Marshal(h)
	b := binary.LittleEndian.AppendUint64([]byte(sessionMagic), uint64(len(text)))
	return append(b, text...), err
}

// readSession reads a session file; values is what stands behind the header.
func readSession(path string) (h sessionHeader, values []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return h, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return h, nil, err
	}
	if !info.Mode().IsRegular() {
		return h, nil, fmt.Errorf("%s is no file", path)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return h, nil, err
	}
	h, values, err = parseSession(b)
	if err != nil {
		return h, nil, fmt.Errorf("%s %w", path, err)
	}
	return h, values, nil
}

func parseSession(b []byte) (h sessionHeader, values []byte, err error) {
	rest, ok := bytes.CutPrefix(b, []byte(sessionMagic))
	if line, _, found := bytes.Cut(b[:min(len(b), 80)], []byte("\n")); !ok && found && bytes.HasPrefix(line, []byte(sessionWord)) {
		return h, nil, fmt.Errorf("is a session in format %q of another version of modelbook; this one reads %q", line[len(sessionWord):], strings.TrimSpace(sessionMagic[len(sessionWord):]))
	}
	if !ok || len(rest) < 8 {
		return h, nil, errors.New("is no session that %save wrote")
	}
	n := binary.LittleEndian.Uint64(rest)
	rest = rest[8:]
	if n > maxSessionHeader || n > uint64(len(rest)) {
		return h, nil, errors.New("is damaged: its header is cut off")
	}
	if err := json.Unmarshal(rest[:n], &h); err != nil {
		return h, nil, fmt.Errorf("is damaged: %w", err)
	}
	if err := h.check(); err != nil {
		return h, nil, err
	}
	values = rest[n:]
	if sum := sha256.Sum256(values); hex.EncodeToString(sum[:]) != h.SHA256 {
		return h, nil, errors.New("is damaged: its values are not what was saved")
	}
	return h, values, nil
}

// cell is the text of the cell that makes the session of a file again, but for
// the values.
func (h *sessionHeader) cell() string {
	var b strings.Builder
	b.WriteString(h.Decls + "\n")
	for _, v := range h.Vars {
		b.WriteString(v + "\n")
	}
	for _, t := range h.Types {
		b.WriteString(gen.RegisterType(t.Key, t.Text) + "\n")
	}
	for _, v := range h.Hiding {
		b.WriteString(v + "\n")
	}
	b.WriteString(h.Later)
	return b.String()
}

// check refuses a header with more than %save writes: in a file that comes from
// a stranger, anything that would run.
func (h *sessionHeader) check() error {
	c, err := cell.Parse(h.Decls+"\n"+h.Later, 1)
	if err != nil {
		return fmt.Errorf("is damaged: %w", err)
	}
	wrong := c.Whole != nil || len(c.Commands)+len(c.Stmts)+len(c.Args) > 0 || c.Main || c.Test != nil
	for _, d := range c.Decls {
		wrong = wrong || !inert(d.Text)
	}
	for _, v := range slices.Concat(h.Vars, h.Hiding) {
		wrong = wrong || !inert(v) || !strings.HasPrefix(v, "var ")
	}
	for _, t := range h.Types {
		wrong = wrong || !inert("var _ "+t.Text)
	}
	if wrong {
		return errors.New("is no session that %save wrote: it holds code that would run")
	}
	return nil
}

// inert reports whether text is a single declaration that runs nothing: no
// init, no main, no variable with a value.
func inert(text string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+text, parser.SkipObjectResolution)
	if err != nil || len(f.Decls) != 1 {
		return false
	}
	switch d := f.Decls[0].(type) {
	case *ast.FuncDecl:
		return d.Recv != nil || d.Name.Name != "init" && d.Name.Name != "main"
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.ValueSpec:
				if d.Tok == token.VAR && (len(s.Values) > 0 || len(s.Names) != 1) {
					return false
				}
			case *ast.ImportSpec:
				if s.Path.Value == `"C"` {
					return false
				}
			}
		}
		return d.Tok != token.VAR || len(d.Specs) == 1
	}
	return false
}

// LoadSession makes the declarations and variables of a file those of this
// session; what it has under other names stays. Functions are compiled and not
// called. It returns the names of the variables that have their values, and
// those that have not.
func (e *Engine) LoadSession(ctx context.Context, path string, out Sink) (loaded []string, lost []SavedProblem, err error) {
	h, values, err := readSession(path)
	if err != nil {
		return nil, nil, err
	}
	defer func(auto bool) { e.autoGet = auto }(e.autoGet)
	e.autoGet = false // a file does not fetch code by itself
	e.files++
	number, text := firstFile+e.files, h.cell()
	e.sources.addFile(number, filepath.Base(path), text)
	if err := e.execute(ctx, Request{Code: text, Cell: number, restored: true}, out); err != nil {
		if missing := new(CellError); errors.As(err, &missing) && missing.Name == "ImportError" {
			missing.Traceback = slices.DeleteFunc(missing.Traceback, func(line string) bool { return strings.HasPrefix(line, "%autoget") })
			missing.Traceback = append(missing.Traceback, "A session file fetches no packages by itself: get this one with !*go get, or import it in a cell, and load the session again.")
		}
		return nil, nil, err
	}
	dir, err := os.MkdirTemp(e.scratch.dir, "load")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "values")
	if err := os.WriteFile(file, values, 0o600); err != nil {
		return nil, nil, err
	}
	told, err := e.worker.Restore(file)
	if err != nil {
		return nil, nil, err
	}
	return told.Done, append(told.Skipped, h.Lost...), nil
}
