package compile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
)

// The main packages of thin plugins differ only in their path, by which the
// process distinguishes plugins, and in the fingerprint of the cell that they
// import. So the compiler makes one, and the others are copies of it with another
// path of the same length. In a copy the fingerprint is zero, which to the linker
// means "not checked". The check is not needed: a main package that uses nothing
// of the cell works with any cell.
type mainTemplate struct {
	archive []byte
	name    string // the path in it
}

// pluginName is the path of a main package.
func pluginName(n int) string { return fmt.Sprintf("plugin/cell%09d", n) }

// keep makes the archive of a main package the template, if its layout is known.
func (m *mainTemplate) keep(file, name string) {
	archive, err := os.ReadFile(file)
	if err != nil {
		return
	}
	if uncheck(archive, PackagePath) == nil {
		*m = mainTemplate{archive, name}
	}
}

// write writes the archive of a main package of another name.
func (m *mainTemplate) write(file, name string) error {
	if m.archive == nil || len(name) != len(m.name) {
		return errObject
	}
	return os.WriteFile(file, bytes.ReplaceAll(m.archive, []byte(m.name), []byte(name)), 0o600)
}

// uncheck sets to zero the fingerprint that the last object of an archive has of a
// package that it imports.
func uncheck(archive []byte, importPath string) (err error) {
	defer func() {
		if recover() != nil { // an index out of range
			err = errObject
		}
	}()
	at := bytes.LastIndex(archive, []byte("\n!\n"+objectMagic))
	if at < 0 {
		return errObject
	}
	data := archive[at+len("\n!\n"):]
	u32 := func(at uint32) uint32 { return binary.LittleEndian.Uint32(data[at:]) }
	first := uint32(len(objectMagic)) + 8 + 4 // of the offsets of the blocks
	for at := u32(first + 4*blockAutolib); at < u32(first+4*(blockAutolib+1)); at += importSize {
		if string(data[u32(at+4):u32(at+4)+u32(at)]) == importPath {
			clear(data[at+8 : at+importSize])
			return nil
		}
	}
	return errObject
}
