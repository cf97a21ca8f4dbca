package compile

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"reflect"
	"strings"
)

// A stub takes the place of the worker in the link of one cell. To the linker it
// is a Go shared library: it has the symbols that the cell uses, at the addresses
// that they have in the worker, and the descriptors and pointer masks of types.

// stubName is the file name of stubs, abiHash the variable that says which
// version of the library a process has.
const stubName, abiHash = "stub.so", "go:link.abihash.stub.so"

// Offsets in a type descriptor.
const kindAt, maskAt = 23, 32

// goFunction ends the stub's names of Go functions, as it does in Go shared
// libraries; those of assembly functions end in .abi0 where there are both.
const goFunction = ".abiinternal"

// stub makes the shared library with the symbols of p among refs.
func (p *program) stub(refs map[reference]bool, assembly map[string]bool) []byte {
	var names, contents, symbols bytes.Buffer
	var sections []elf.Section64
	names.WriteByte(0)
	symbols.Write(make([]byte, elfSymbolSize))
	const firstData, contentsAt = 4, 64
	put := func(addr uint64, data []byte) uint16 {
		sections = append(sections, elf.Section64{Type: uint32(elf.SHT_PROGBITS), Addr: addr, Off: contentsAt + uint64(contents.Len()), Size: uint64(len(data))})
		contents.Write(data)
		return uint16(firstData + len(sections) - 1)
	}
	add := func(name string, s symbol, section uint16) {
		binary.Write(&symbols, binary.LittleEndian, elf.Sym64{Name: uint32(names.Len()), Info: s.info, Shndx: section, Value: s.value, Size: s.size})
		names.WriteString(name + "\x00")
	}
	for r := range refs {
		name := mangled(r.name)
		s, ok := p.lookup(name)
		isFunc := ok && elf.ST_TYPE(s.info) == elf.STT_FUNC
		switch {
		case strings.HasPrefix(name, "type:") && ok && !isFunc:
			descriptor := p.bytes(s.value, s.size)
			if len(descriptor) < maskAt+8 {
				continue
			}
			// Of structs and arrays the linker would look for the types of
			// fields and elements; of other kinds it takes the pointer mask.
			descriptor = bytes.Clone(descriptor)
			descriptor[kindAt] = byte(reflect.UnsafePointer)
			add(r.name, s, put(s.value, descriptor))
			words, mask := binary.LittleEndian.Uint64(descriptor[8:])/8, binary.LittleEndian.Uint64(descriptor[maskAt:])
			if data := p.bytes(mask, (words+7)/8); len(data) > 0 {
				put(mask, data)
			}
		case ok && !isFunc:
			add(r.name, s, uint16(elf.SHN_ABS))
		case r.abi == 1 && ok && !assembly[name]:
			add(r.name+goFunction, s, uint16(elf.SHN_ABS))
		case r.abi == 0:
			if s, ok := p.lookup(name + ".abi0"); ok {
				add(r.name+".abi0", s, uint16(elf.SHN_ABS))
			} else if assembly[name] {
				add(r.name, s, uint16(elf.SHN_ABS))
			}
		}
	}
	// The linker looks this function up, which it would call instead of the
	// initializers of unused maps. All maps are kept (toolchain.CompilerFlags).
	add("runtime.mapinitnoop"+goFunction, symbol{info: byte(elf.STB_GLOBAL)<<4 | byte(elf.STT_FUNC)}, uint16(elf.SHN_ABS))
	add(abiHash, symbol{info: byte(elf.STB_GLOBAL)<<4 | byte(elf.STT_OBJECT), size: 16}, uint16(elf.SHN_ABS))
	add(workerModule, symbol{info: byte(elf.STB_GLOBAL)<<4 | byte(elf.STT_FUNC)}, uint16(elf.SHN_ABS))
	size, ok := p.lookup("runtime.firstmoduledata")
	if ok { // the linker wants the size of this type and nothing else
		descriptor := make([]byte, 64)
		binary.LittleEndian.PutUint64(descriptor, size.size)
		add("type:runtime.moduledata", symbol{info: byte(elf.STB_GLOBAL)<<4 | byte(elf.STT_OBJECT), value: 8, size: 64}, put(8, descriptor))
	}
	var out bytes.Buffer
	at := uint64(contentsAt + contents.Len())
	all := []elf.Section64{{},
		{Type: uint32(elf.SHT_DYNSYM), Off: at, Size: uint64(symbols.Len()), Link: 2, Info: 1, Entsize: elfSymbolSize},
		{Type: uint32(elf.SHT_STRTAB), Off: at + uint64(symbols.Len()), Size: uint64(names.Len())},
		{Type: uint32(elf.SHT_RELA), Off: at, Entsize: elfSymbolSize}}
	all = append(all, sections...)
	header := elf.Header64{Type: uint16(elf.ET_DYN), Machine: binary.LittleEndian.Uint16(p.data[18:]), Version: 1, Ehsize: 64,
		Shoff: at + uint64(symbols.Len()+names.Len()), Shentsize: 64, Shnum: uint16(len(all)), Shstrndx: 2}
	copy(header.Ident[:], p.data[:16])
	binary.Write(&out, binary.LittleEndian, header)
	out.Write(contents.Bytes())
	out.Write(symbols.Bytes())
	out.Write(names.Bytes())
	binary.Write(&out, binary.LittleEndian, all)
	return out.Bytes()
}
