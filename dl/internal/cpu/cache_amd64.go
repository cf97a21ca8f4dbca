//go:build !purego

package cpu

// cpuid is the instruction of that name.
func cpuid(leaf, subleaf uint32) (a, b, c, d uint32)

// detectCache asks the processor for the cache of data of a level: leaf 4 at Intel, 0x8000001D at
// AMD (AMD64 Architecture Programmer's Manual, volume 3, appendix E), which
// answers in the same form.
func detectCache(level uint32) int {
	leaf := uint32(4)
	_, b, c, d := cpuid(0, 0)
	if b == 0x68747541 && d == 0x69746e65 && c == 0x444d4163 { // AuthenticAMD
		leaf = 0x8000001D
		if a, _, _, _ := cpuid(0x80000000, 0); a < leaf {
			return 0
		}
	} else if a, _, _, _ := cpuid(0, 0); a < leaf {
		return 0
	}
	for i := range uint32(8) {
		a, b, c, _ := cpuid(leaf, i)
		if a&31 == 0 { // no more caches
			break
		}
		if a>>5&7 == level && a&31 != 2 { // 2: instructions
			ways, lines, size := int(b>>22+1), int(b>>12&0x3ff+1), int(b&0xfff+1)
			return ways * lines * size * int(c+1)
		}
	}
	return 0
}
