package compile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"strconv"
	"strings"
	"unicode/utf8"

	"modelbook/kernel/source/gen"
)

// To the compiler and the linker the package of all cells is named "sess" and has
// that path. Running programs see such names: in the text of types (%T, panics),
// in what encoders write, and in the names of functions. There they should find
// what Go would call them in an ordinary program: "main". Both have four letters,
// so names are replaced in place, and marks of versions (see package session) are
// removed.

// ProgramName is the name of the package of cells in running code.
const ProgramName = "main"

// ownNames is text about types or functions with the names that users know.
// Quoted parts, which are struct tags, remain as they are.
func ownNames(s string) string {
	if !strings.Contains(s, PackagePath+".") && !gen.HasVersion(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		rest := s[i:]
		if rest[0] == '"' {
			if quoted, err := strconv.QuotedPrefix(rest); err == nil {
				b.WriteString(quoted)
				i += len(quoted)
				continue
			}
		}
		if strings.HasPrefix(rest, PackagePath+".") && (i == 0 || !isNamePart(s[i-1])) {
			b.WriteString(ProgramName + ".")
			i += len(PackagePath) + 1
			continue
		}
		if n := gen.VersionLen(rest); n > 0 {
			i += n
			continue
		}
		b.WriteByte(rest[0])
		i++
	}
	return b.String()
}

// isNamePart reports whether a byte may stand in an identifier or import path.
func isNamePart(c byte) bool {
	return c >= utf8.RuneSelf || c == '_' || c == '/' || c == '.' || c == '-' || c == '~' ||
		c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// renameTypes changes the names in the type descriptors of a compiled package, so
// that the linker, which sorts types by their text, sees the new ones.
func renameTypes(archive []byte) error {
	return eachObject(archive, func(data []byte) (err error) {
		_, data, ok := bytes.Cut(data, []byte("\n!\n"))
		if !ok || !bytes.HasPrefix(data, []byte(objectMagic)) {
			return errObject
		}
		defer func() {
			if recover() != nil { // an index out of range
				err = errObject
			}
		}()
		l := layoutOf(data)
		n := uint32(0) // of the symbol
		for block := blockDefs; block <= blockNamedDefs; block++ {
			l.each(block, symbolSize, func(at uint32) {
				name := l.name(at)
				if content := data[l.content(n):l.content(n+1)]; strings.HasPrefix(name, "type:.importpath.") {
					replaceName(content, func(s string) string {
						if s == PackagePath {
							return ProgramName
						}
						return s
					})
				} else if strings.HasPrefix(name, "type:.namedata.") {
					shorter := replaceName(content, ownNames)
					l.relocations(n, func(offset []byte) {
						binary.LittleEndian.PutUint32(offset, binary.LittleEndian.Uint32(offset)-uint32(shorter))
					})
				}
				n++
			})
		}
		return nil
	})
}

// replaceName changes the text in a name's data (internal/abi, Name): flags, a
// length, the text, and perhaps a tag and the offset of a package path. It returns
// by how many bytes what follows has moved to the front.
func replaceName(data []byte, change func(string) string) (shorter int) {
	if len(data) < 2 {
		return 0
	}
	n, width := binary.Uvarint(data[1:])
	if end := 1 + width + int(n); width > 0 && end <= len(data) {
		old := string(data[1+width : end])
		if name := change(old); name != old && len(name) <= len(old) {
			tail := bytes.Clone(data[end:])
			at := 1 + binary.PutUvarint(data[1:], uint64(len(name)))
			at += copy(data[at:], name)
			shorter = end - at
			at += copy(data[at:], tail)
			clear(data[at:])
		}
	}
	return shorter
}

// functionName is the name by which the user knows a function. It is not longer
// than the generated one.
func functionName(name string) string { return gen.FunctionName(ownNames(name)) }

// renameFunctions changes the names in the table of functions of a linked plugin
// (runtime, pcHeader). A table of an unknown form is left as it is.
func renameFunctions(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	e, err := elf.NewFile(f)
	if err != nil {
		return err
	}
	s := e.Section(".gopclntab")
	const magic, namesAt, header = 0xfffffff1, 32, 48
	head := make([]byte, header)
	if s == nil || s.Size < header {
		return nil
	}
	if _, err := f.ReadAt(head, int64(s.Offset)); err != nil {
		return err
	}
	from, to := binary.LittleEndian.Uint64(head[namesAt:]), binary.LittleEndian.Uint64(head[namesAt+8:])
	if binary.LittleEndian.Uint32(head) != magic || from > to || to > s.Size {
		return nil
	}
	names := make([]byte, to-from)
	at := int64(s.Offset + from)
	if _, err := f.ReadAt(names, at); err != nil {
		return err
	}
	for i := 0; i < len(names); {
		j := bytes.Index(names[i:], []byte(PackagePath+"."))
		if j < 0 {
			break
		}
		j += i
		start := bytes.LastIndexByte(names[:j], 0) + 1
		end := j + max(bytes.IndexByte(names[j:], 0), 0)
		name := names[start:end]
		n := copy(name, functionName(string(name)))
		clear(name[n:])
		i = max(end, j+1)
	}
	_, err = f.WriteAt(names, at)
	return err
}
