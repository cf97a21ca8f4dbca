package compile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// objectMagic begins a Go object file of the layout read here, that of
// cmd/internal/goobj. Another layout has another magic, and then cells are
// linked in full.
const objectMagic = "\x00go120ld"

// A reference is a symbol that an object file uses or defines by name.
type reference struct {
	name string
	abi  uint16 // 0 for assembly functions and data, 1 for Go functions
}

// An object is what a link needs to know of a compiled Go package.
type object struct {
	imports []string    // packages it was compiled against
	refs    []reference // named symbols it does not define
	// assembly are the functions it defines with assembly's calling
	// convention, wrappers of Go functions left out.
	assembly []string
}

var errObject = errors.New("not a Go object file of a known layout")

// readObjects reads the Go objects in an archive made by the compiler, and
// those that the assembler added.
func readObjects(archive []byte) ([]*object, error) {
	var all []*object
	err := eachObject(archive, func(data []byte) error {
		o, err := parseObject(data)
		all = append(all, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// eachObject calls f with each Go object in an archive. f may change it.
func eachObject(archive []byte, f func(data []byte) error) error {
	const header, arMagic = 60, "!<arch>\n"
	if len(archive) < len(arMagic) || string(archive[:len(arMagic)]) != arMagic {
		return errObject
	}
	n := 0
	for at := len(arMagic); at+header <= len(archive); {
		size, err := strconv.Atoi(strings.TrimSpace(string(archive[at+48 : at+58])))
		if err != nil || size < 0 || at+header+size > len(archive) {
			return errObject
		}
		data := archive[at+header : at+header+size]
		if !bytes.HasPrefix(archive[at:], []byte("__.PKGDEF ")) && bytes.HasPrefix(data, []byte("go object ")) {
			if err := f(data); err != nil {
				return err
			}
			n++
		}
		at += header + size + size&1
	}
	if n == 0 {
		return errObject
	}
	return nil
}

// Blocks of an object file, in the order of the offsets in its header.
const (
	blockAutolib = iota
	blockPackages
	blockFiles
	blockDefs
	blockHashed64
	blockHashed
	blockNamedDefs
	blockNamedRefs
	blockRefFlags
	blockRelocIndex = 11
	blockDataIndex  = 13
	blockRelocs     = 14
	blockData       = 16
	blocks          = 19
)

const symbolSize, importSize, relocSize = 21, 16, 23

// A layout says where things are in an object file.
type layout struct {
	data    []byte
	offsets [blocks]uint32
}

func layoutOf(data []byte) *layout {
	l := &layout{data: data}
	for i := range l.offsets {
		l.offsets[i] = l.u32(uint32(len(objectMagic)) + 8 + 4 + 4*uint32(i))
	}
	return l
}

func (l *layout) u32(at uint32) uint32 { return binary.LittleEndian.Uint32(l.data[at:]) }

// name is the name at the beginning of an entry.
func (l *layout) name(at uint32) string {
	return string(l.data[l.u32(at+4) : l.u32(at+4)+l.u32(at)])
}

// each calls f for the entries of a block.
func (l *layout) each(block int, size uint32, f func(at uint32)) {
	for at := l.offsets[block]; at < l.offsets[block+1]; at += size {
		f(at)
	}
}

// content is the offset where the content of a symbol begins and that of the one
// before it ends. Symbols are numbered through all blocks of definitions.
func (l *layout) content(n uint32) uint32 {
	return l.offsets[blockData] + l.u32(l.offsets[blockDataIndex]+4*n)
}

// relocations calls f for the offsets of a symbol's relocations.
func (l *layout) relocations(n uint32, f func(offset []byte)) {
	index := l.offsets[blockRelocIndex] + 4*n
	for i := l.u32(index); i < l.u32(index+4); i++ {
		f(l.data[l.offsets[blockRelocs]+i*relocSize:])
	}
}

// Kinds of symbols (cmd/internal/objabi).
const kindText, kindTextFIPS = 1, 2

// flagWrapper is the flag of a function that translates calling conventions
// (cmd/internal/goobj, SymFlagABIWrapper). Go 1.27 put another flag before it,
// and left the magic as it was. release is that of the object's first line,
// "go object linux amd64 go1.27.2 ...".
func flagWrapper(release string) byte {
	if release == "go1.26" || strings.HasPrefix(release, "go1.26.") {
		return 1 << 5
	}
	return 1 << 6
}

func parseObject(data []byte) (o *object, err error) {
	// In front of the object stands text that ends in "\n!\n".
	head, data, ok := bytes.Cut(data, []byte("\n!\n"))
	words := strings.Fields(string(head))
	if !ok || len(words) < 5 || !bytes.HasPrefix(data, []byte(objectMagic)) {
		return nil, errObject
	}
	wrapper := flagWrapper(words[4])
	defer func() {
		if recover() != nil { // an index out of range
			o, err = nil, errObject
		}
	}()
	l := layoutOf(data)
	o = &object{}
	l.each(blockAutolib, importSize, func(at uint32) { o.imports = append(o.imports, l.name(at)) })
	symbol := func(at uint32) reference { return reference{l.name(at), binary.LittleEndian.Uint16(data[at+8:])} }
	for _, block := range []int{blockDefs, blockNamedDefs} {
		l.each(block, symbolSize, func(at uint32) {
			kind, flags := data[at+10], data[at+12]
			if s := symbol(at); s.abi == 0 && (kind == kindText || kind == kindTextFIPS) && flags&wrapper == 0 {
				o.assembly = append(o.assembly, s.name)
			}
		})
	}
	l.each(blockNamedRefs, symbolSize, func(at uint32) { o.refs = append(o.refs, symbol(at)) })
	return o, nil
}
