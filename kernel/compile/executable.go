package compile

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// A program is an executable file mapped into memory: the worker, whose symbols
// cells use.
type program struct {
	data     []byte
	sections []*elf.Section
	symtab   []byte
	strtab   []byte
	hash     []byte // of the GNU kind
}

func openProgram(file string) (*program, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p := &program{}
	if p.data, err = syscall.Mmap(int(f.Fd()), 0, int(st.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	e, err := elf.NewFile(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	p.sections = e.Sections
	for name, part := range map[string]*[]byte{".dynsym": &p.symtab, ".dynstr": &p.strtab, ".gnu.hash": &p.hash} {
		s := e.Section(name)
		if s == nil {
			return nil, fmt.Errorf("%s has no section %s", file, name)
		}
		*part = p.data[s.Offset : s.Offset+s.Size]
	}
	return p, nil
}

func (p *program) close() { syscall.Munmap(p.data) }

// A symbol of a program.
type symbol struct {
	info        byte
	value, size uint64
}

const elfSymbolSize = 24

// lookup finds a symbol that the program defines, through the hash table that
// the dynamic linker uses.
func (p *program) lookup(name string) (s symbol, ok bool) {
	u32 := func(at uint32) uint32 { return binary.LittleEndian.Uint32(p.hash[at:]) }
	h := uint32(5381)
	for i := range len(name) {
		h = h*33 + uint32(name[i])
	}
	buckets, first, bloom := u32(0), u32(4), u32(8)
	chains := 16 + 8*bloom + 4*buckets
	i := u32(16 + 8*bloom + 4*(h%buckets))
	if i < first {
		return s, false
	}
	for ; ; i++ {
		chain := u32(chains + 4*(i-first))
		if chain|1 == h|1 {
			sym := p.symtab[elfSymbolSize*i:]
			at := binary.LittleEndian.Uint32(sym)
			if end := int(at) + len(name); end < len(p.strtab) && p.strtab[end] == 0 && string(p.strtab[at:end]) == name {
				return symbol{sym[4], binary.LittleEndian.Uint64(sym[8:]), binary.LittleEndian.Uint64(sym[16:])}, true
			}
		}
		if chain&1 != 0 {
			return s, false
		}
	}
}

// bytes returns the content of the file at an address of the running program.
func (p *program) bytes(addr, size uint64) []byte {
	for _, s := range p.sections {
		if s.Type == elf.SHT_PROGBITS && s.Addr <= addr && addr+size <= s.Addr+s.Size && s.Addr != 0 {
			at := s.Offset + addr - s.Addr
			return p.data[at : at+size]
		}
	}
	return nil
}

// mangled is the name that the linker gives to a symbol whose name has a type
// in it (cmd/link, typeSymbolMangle).
func mangled(name string) string {
	sum := func(s string) string {
		h := sha256.Sum256([]byte(s))
		h[0] ^= 0xff // so does cmd/internal/hash
		return base64.StdEncoding.EncodeToString(h[:6])
	}
	isType := strings.HasPrefix(name, "type:")
	switch {
	case !isType && !strings.Contains(name, "@"), strings.HasPrefix(name, "type:runtime."),
		strings.HasPrefix(name, "go:string."), len(name) <= 14 && !strings.Contains(name, "@"):
		return name
	case strings.HasPrefix(name, "type:."):
		return "type:." + sum(name[5:])
	case isType:
		return "type:" + sum(name[5:])
	}
	i, j := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if j <= i {
		j = len(name)
	}
	return name[:i+1] + sum(name[i+1:j]) + name[j:]
}
