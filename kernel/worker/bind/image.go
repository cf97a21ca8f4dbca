package bind

import (
	"debug/elf"
	"encoding/binary"
	"errors"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// An image is an executable or shared library in the memory of this process,
// known by its dynamic section.
type image struct {
	base                                 uintptr
	symtab, strtab, hash, rela, relaSize uintptr
}

const wordSize = unsafe.Sizeof(uintptr(0))

// pointer is an address outside of the collector's memory, or in an object that
// something else keeps.
func pointer(address uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }

// word is a word of memory. It is an integer to the compiler: what is stored
// there keeps nothing alive, and stores tell the collector nothing.
func word(address uintptr) *uintptr { return (*uintptr)(pointer(address)) }

func text(address uintptr) string {
	p := (*byte)(pointer(address))
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return unsafe.String(p, n)
}

// A linkMap is the dynamic linker's entry of an image (link.h).
type linkMap struct {
	base    uintptr
	name    uintptr
	dynamic uintptr
	next    *linkMap
}

// chain is the list of all images, the program first. The dynamic linker puts
// its address into the program's dynamic section, for debuggers.
var chain uintptr

var errImage = errors.New("the dynamic linker's list of libraries has an unknown form")

// find returns the program and the library that an address lies in.
func find(address uintptr) (program, library *image, err error) {
	if chain == 0 {
		if chain, err = debugChain(); err != nil {
			return nil, nil, err
		}
	}
	const afterVersion = wordSize // struct r_debug
	first := (*linkMap)(pointer(*word(chain + afterVersion)))
	if first == nil {
		return nil, nil, errImage
	}
	var found *linkMap
	for m := first; m != nil; m = m.next {
		if m.base <= address && (found == nil || m.base > found.base) {
			found = m
		}
	}
	if found == nil || found == first {
		return nil, nil, errImage
	}
	if program, err = open(first); err != nil {
		return nil, nil, err
	}
	library, err = open(found)
	return program, library, err
}

// debugChain finds the dynamic linker's list through the program headers,
// whose place the kernel tells.
func debugChain() (uintptr, error) {
	auxv, err := os.ReadFile("/proc/self/auxv")
	if err != nil {
		return 0, err
	}
	const phdr, phnum = 3, 5 // AT_PHDR, AT_PHNUM
	var headers, n uintptr
	for ; len(auxv) >= 16; auxv = auxv[16:] {
		value := uintptr(binary.NativeEndian.Uint64(auxv[8:]))
		switch binary.NativeEndian.Uint64(auxv) {
		case phdr:
			headers = value
		case phnum:
			n = value
		}
	}
	if headers == 0 {
		return 0, errImage
	}
	var base, dynamic uintptr
	for _, h := range unsafe.Slice((*elf.Prog64)(pointer(headers)), n) {
		switch elf.ProgType(h.Type) {
		case elf.PT_PHDR:
			base = headers - uintptr(h.Vaddr)
		case elf.PT_DYNAMIC:
			dynamic = uintptr(h.Vaddr)
		}
	}
	if dynamic == 0 {
		return 0, errImage
	}
	debug := uintptr(0)
	entries(base+dynamic, func(tag elf.DynTag, value uintptr) {
		if tag == elf.DT_DEBUG {
			debug = value
		}
	})
	if debug == 0 {
		return 0, errImage
	}
	return debug, nil
}

// entries calls f for the entries of a dynamic section.
func entries(dynamic uintptr, f func(tag elf.DynTag, value uintptr)) {
	for at := dynamic; *word(at) != uintptr(elf.DT_NULL); at += 2 * wordSize {
		f(elf.DynTag(*word(at)), *word(at + wordSize))
	}
}

func open(m *linkMap) (*image, error) {
	i := &image{base: m.base}
	entries(m.dynamic, func(tag elf.DynTag, value uintptr) {
		switch tag {
		case elf.DT_SYMTAB:
			i.symtab = i.address(value)
		case elf.DT_STRTAB:
			i.strtab = i.address(value)
		case elf.DT_GNU_HASH:
			i.hash = i.address(value)
		case elf.DT_RELA:
			i.rela = i.address(value)
		case elf.DT_RELASZ:
			i.relaSize = value
		}
	})
	if i.symtab == 0 || i.strtab == 0 || i.hash == 0 {
		return nil, errImage
	}
	return i, nil
}

// address is an address in a dynamic section: glibc puts those of the process
// there, and leaves the file's in sections that cannot be written.
func (i *image) address(value uintptr) uintptr {
	if value < i.base {
		return i.base + value
	}
	return value
}

func (i *image) symbol(n uint32) *elf.Sym64 {
	return (*elf.Sym64)(pointer(i.symtab + uintptr(n)*unsafe.Sizeof(elf.Sym64{})))
}

func (i *image) name(s *elf.Sym64) string { return text(i.strtab + uintptr(s.Name)) }

// A table is the hash table of an image's symbols, of the GNU kind.
type hashTable struct {
	first           uint32
	buckets, chains []uint32
}

func (i *image) table() hashTable {
	head := (*[4]uint32)(pointer(i.hash))
	buckets, first, bloom := head[0], head[1], head[2]
	at := i.hash + unsafe.Sizeof(*head) + uintptr(bloom)*wordSize
	const many = 1 << 28 // the end is marked in the table
	return hashTable{first, unsafe.Slice((*uint32)(pointer(at)), buckets), unsafe.Slice((*uint32)(pointer(at+4*uintptr(buckets))), many)}
}

// lookup is the address of a symbol that the image defines, 0 for none.
func (i *image) lookup(name string) uintptr {
	h := uint32(5381)
	for k := range len(name) {
		h = h*33 + uint32(name[k])
	}
	t := i.table()
	n := t.buckets[h%uint32(len(t.buckets))]
	if n < t.first {
		return 0
	}
	for ; ; n++ {
		link := t.chains[n-t.first]
		if link|1 == h|1 {
			if s := i.symbol(n); i.name(s) == name && s.Value != 0 {
				return i.base + uintptr(s.Value)
			}
		}
		if link&1 != 0 {
			return 0
		}
	}
}

// symbols calls f for the data that the image defines.
func (i *image) symbols(f func(name string, value uintptr)) {
	t := i.table()
	for _, n := range t.buckets {
		if n < t.first {
			continue
		}
		for ; ; n++ {
			if s := i.symbol(n); elf.ST_TYPE(s.Info) == elf.STT_OBJECT && elf.SectionIndex(s.Shndx) != elf.SHN_UNDEF {
				f(i.name(s), i.base+uintptr(s.Value))
			}
			if t.chains[n-t.first]&1 != 0 {
				break
			}
		}
	}
}

// A reference is a word that the dynamic linker filled in with the address of a
// symbol. symbol is where the image itself has it, 0 where it has not.
type reference struct {
	name       string
	at, symbol uintptr
}

// relocations are the kinds of references, by processor: R_X86_64_64 and
// R_X86_64_GLOB_DAT, R_AARCH64_ABS64 and R_AARCH64_GLOB_DAT.
var relocations = map[string][2]uint32{"amd64": {1, 6}, "arm64": {257, 1025}}[runtime.GOARCH]

// references calls f for the references to the beginnings of symbols.
func (i *image) references(f func(r reference)) {
	for _, r := range unsafe.Slice((*elf.Rela64)(pointer(i.rela)), i.relaSize/unsafe.Sizeof(elf.Rela64{})) {
		kind := elf.R_TYPE64(r.Info)
		if kind != relocations[0] && kind != relocations[1] || r.Addend != 0 {
			continue
		}
		s := i.symbol(elf.R_SYM64(r.Info))
		ref := reference{name: i.name(s), at: i.base + uintptr(r.Off)}
		if elf.SectionIndex(s.Shndx) != elf.SHN_UNDEF {
			ref.symbol = i.base + uintptr(s.Value)
		}
		f(ref)
	}
}

// unseal makes the part of the image writable that the dynamic linker made
// read-only when it had filled it in; seal makes it read-only again.
func (i *image) unseal() (seal func(), err error) {
	header := (*elf.Header64)(pointer(i.base))
	page := uintptr(os.Getpagesize())
	for _, h := range unsafe.Slice((*elf.Prog64)(pointer(i.base+uintptr(header.Phoff))), header.Phnum) {
		if elf.ProgType(h.Type) != elf.PT_GNU_RELRO {
			continue
		}
		from := (i.base + uintptr(h.Vaddr)) &^ (page - 1)
		to := (i.base + uintptr(h.Vaddr+h.Memsz)) &^ (page - 1)
		if from >= to {
			break
		}
		part := unsafe.Slice((*byte)(pointer(from)), to-from)
		if err := syscall.Mprotect(part, syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
			return nil, err
		}
		return func() { syscall.Mprotect(part, syscall.PROT_READ) }, nil
	}
	return func() {}, nil
}
