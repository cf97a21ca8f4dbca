// Package savefile reads and writes the files of %save and %load_session.
//
// A session file is a line that names the format, the length of a header as
// eight bytes, the header as JSON, and the values of the variables in the format
// of package snapshot. Declarations are kept as source, and compiled when the
// file is loaded; the package refuses a file of which anything would run then.
//
// It imports package cell, to parse the declarations, package gen, for the
// cell that declares them again, and package sealed, for encrypted files. A field of the header that
// older files lack must be optional; any other change is a new version.
package savefile

import (
	"bytes"
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

	"github.com/google/renameio/v2"

	"modelbook/dl/privacy/sealed"
	"modelbook/kernel/cell"
	"modelbook/kernel/source/gen"
)

const (
	word  = "modelbook session "
	magic = word + "1\n"
)

// A Header is all of a session but the values of its variables.
type Header struct {
	Decls  string    // imports and declarations
	Vars   []string  // "var x T"
	Types  []Type    // of what interfaces hold
	Hiding []string  // "var x T", of variables that hide a name that the above may use
	Later  string    // declarations that use those
	Lost   []Skipped // variables that are not in the file
	SHA256 string    // of the values
}

// A Type is the key of a type in the values, and its Go source.
type Type struct{ Key, Text string }

// Skipped is a variable that could not be saved, and why.
type Skipped struct{ Name, Why string }

// maxHeader bounds the header of a file that is read.
const maxHeader = 64 << 20

// Write writes a header and the file values to a session file, which is
// replaced as a whole or not at all.
func Write(path string, h Header, values string) (err error) {
	in, err := os.Open(values)
	if err != nil {
		return err
	}
	defer in.Close()
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link is kept
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	sum := sha256.New()
	h.SHA256 = hex.EncodeToString(sum.Sum(nil))                                                                                // as long as the right one, which is not known yet
	out, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600)) // values may be private
	if err != nil {
		return err
	}
	defer out.Cleanup()
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
	return out.CloseAtomicallyReplace()
}

// encode is all that stands in front of the values.
func (h *Header) encode() ([]byte, error) {
	text, err := json.Marshal(h)
	b := binary.LittleEndian.AppendUint64([]byte(magic), uint64(len(text)))
	return append(b, text...), err
}

// WriteSealed is Write of an encrypted file.
func WriteSealed(path string, h Header, values string, key sealed.Key) error {
	in, err := os.Open(values)
	if err != nil {
		return err
	}
	defer in.Close()
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, in); err != nil {
		return err
	}
	h.SHA256 = hex.EncodeToString(sum.Sum(nil))
	head, err := h.encode()
	if err != nil {
		return err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return sealed.Save(path, key, func(w io.Writer) error {
		if _, err := w.Write(head); err != nil {
			return err
		}
		_, err := io.CopyBuffer(w, struct{ io.Reader }{in}, make([]byte, 1<<20))
		return err
	})
}

// ReadSealed is Read of an encrypted file.
func ReadSealed(path string, key sealed.Key) (h Header, values []byte, err error) {
	err = sealed.Load(path, key, func(r io.Reader, size int64) error {
		b := make([]byte, size)
		if _, err := io.ReadFull(r, b); err != nil {
			return err
		}
		h, values, err = parse(b)
		return err
	})
	return h, values, err
}

// Read reads a session file, and refuses one that is damaged or holds code that
// would run when it is loaded.
func Read(path string) (h Header, values []byte, err error) {
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
		return h, nil, fmt.Errorf("%s is not a file", path)
	}
	b := make([]byte, info.Size())
	if _, err := io.ReadFull(f, b); err != nil {
		return h, nil, err
	}
	h, values, err = parse(b)
	if err != nil {
		return h, nil, fmt.Errorf("%s %w", path, err)
	}
	return h, values, nil
}

// parse is Read for the bytes of a file.
func parse(b []byte) (h Header, values []byte, err error) {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if line, _, found := bytes.Cut(b[:min(len(b), 80)], []byte("\n")); !ok && found && bytes.HasPrefix(line, []byte(word)) {
		return h, nil, fmt.Errorf("is a session in format %q of another version of modelbook; this one reads %q", line[len(word):], strings.TrimSpace(magic[len(word):]))
	}
	if bytes.HasPrefix(b, []byte(sealed.Magic)) {
		return h, nil, errors.New("is encrypted: give its key with -key, or -passphrase")
	}
	if !ok || len(rest) < 8 {
		return h, nil, errors.New("is not a session that %save has written")
	}
	n := binary.LittleEndian.Uint64(rest)
	rest = rest[8:]
	if n > maxHeader || n > uint64(len(rest)) {
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
		return h, nil, errors.New("is damaged: its values are not those that were saved")
	}
	return h, values, nil
}

// Cell is the text of the cell that declares the session again, without the
// values.
func (h *Header) Cell() string {
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

// check refuses a header with more than %save writes: a file of a stranger must
// not run anything.
func (h *Header) check() error {
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
		return errors.New("is not a session that %save has written: it holds code that would run")
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
