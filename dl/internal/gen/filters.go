package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of quantized.filterArgs.
const (
	filterW = 8 * iota
	filterX
	filterXStep
	filterY
	filterYStep
	filterGroups
	filterBytes
	filterOffsets
	filterScales
	filterBias
	filterFlags
)

// filters writes the kernel that multiplies rows of unsigned bytes, windows of an image, by groups of four filters of signed
// bytes, and scales the sums: see quantized.filterArgs.
func filters(vnni bool, m int) {
	set, bytes := "AVX2", 16 // what a step takes of a row
	if vnni {
		set, bytes = "VNNI", 64
	}
	name := fmt.Sprintf("filters%d%s", m, set)
	TEXT(name, NOSPLIT, "func(a *byte)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s multiplies %d rows of bytes by filters: see quantized.filterArgs.", name, m))
	arg, w, x, to, group, left, at := reg.RDI, reg.RSI, reg.RDX, reg.RCX, reg.RBX, reg.RAX, reg.R8
	size, size3, x2, next, step := reg.R9, reg.R10, reg.R11, reg.R12, reg.R13
	Load(Param("a"), arg)
	load := func(field int, r reg.Register) { MOVQ(Mem{Base: arg, Disp: field}, r) }
	load(filterW, w)
	load(filterX, x)
	load(filterXStep, x2)
	ADDQ(x, x2)
	load(filterY, to)
	load(filterYStep, step)
	load(filterBytes, size)
	LEAQ(Mem{Base: size, Index: size, Scale: 2}, size3)
	XORQ(group, group) // in bytes of four float32
	wide := 32
	if vnni {
		wide = 64
	}
	// Sums 4i to 4i+3 are those of row i; then the rows of x, and what is loaded.
	v := func(i int) reg.VecPhysical { return sized(i, wide) }
	rows := []Mem{{Base: x, Index: at, Scale: 1}, {Base: x2, Index: at, Scale: 1}}
	filter := []Mem{{Base: next}, {Base: next, Index: size, Scale: 1}, {Base: next, Index: size, Scale: 2}, {Base: next, Index: size3, Scale: 1}}

	Label(name + "_group")
	for i := range 4 * m {
		if vnni {
			VPXORD(v(i), v(i), v(i))
		} else {
			VPXOR(v(i), v(i), v(i))
		}
	}
	XORQ(at, at)
	MOVQ(w, next)
	Label(name + "_bytes")
	for i := range m {
		if vnni {
			VMOVDQU32(rows[i], v(8+i))
		} else {
			VPMOVZXBW(rows[i], v(8+i))
		}
	}
	for f := range 4 {
		if vnni && m == 1 {
			dotBytes(filter[f], v(8), v(f))
			continue
		}
		if vnni {
			VMOVDQU32(filter[f], v(10))
		} else {
			VPMOVSXBW(filter[f], v(10))
		}
		for i := range m {
			if vnni {
				dotBytes(v(10), v(8+i), v(4*i+f))
			} else {
				VPMADDWD(v(10), v(8+i), v(11))
				VPADDD(v(11), v(4*i+f), v(4*i+f))
			}
		}
	}
	ADDQ(U32(uint32(bytes)), next)
	ADDQ(U32(uint32(bytes)), at)
	CMPQ(at, size)
	JL(LabelRef(name + "_bytes"))

	LEAQ(Mem{Base: w, Index: size, Scale: 4}, w)
	MOVQ(to, next)
	for i := range m {
		if vnni {
			for f := range 4 {
				VEXTRACTI64X4(Imm(1), v(4*i+f), sized(12, 32))
				VPADDD(sized(12, 32), sized(4*i+f, 32), sized(4*i+f, 32))
			}
		}
		y := func(f int) reg.VecPhysical { return sized(4*i+f, 32) }
		VPHADDD(y(1), y(0), y(0))
		VPHADDD(y(3), y(2), y(2))
		VPHADDD(y(2), y(0), y(0))
		sum := sized(4*i, 16)
		VEXTRACTI128(Imm(1), y(0), sized(12, 16))
		VPADDD(sized(12, 16), sum, sum)
		load(filterOffsets, left)
		VPADDD(Mem{Base: left, Index: group, Scale: 1}, sum, sum)
		VCVTDQ2PS(sum, sum)
		load(filterBias, left)
		VMOVUPS(Mem{Base: left, Index: group, Scale: 1}, sized(13, 16))
		load(filterScales, left)
		VFMADD231PS(Mem{Base: left, Index: group, Scale: 1}, sum, sized(13, 16))
		CMPQ(Mem{Base: arg, Disp: filterFlags}, Imm(0))
		JEQ(LabelRef(fmt.Sprintf("%s_store%d", name, i)))
		VXORPS(sized(14, 16), sized(14, 16), sized(14, 16))
		VMAXPS(sized(13, 16), sized(14, 16), sized(13, 16)) // a NaN stays one
		Label(fmt.Sprintf("%s_store%d", name, i))
		VMOVUPS(sized(13, 16), Mem{Base: next, Index: group, Scale: 1})
		ADDQ(step, next)
	}
	ADDQ(Imm(16), group)
	SUBQ(Imm(1), Mem{Base: arg, Disp: filterGroups})
	JNZ(LabelRef(name + "_group"))
	VZEROUPPER()
	RET()
}

// quantizeBytes writes the kernel that quantizes an image: see quantized.Filters.Quantize.
func quantizeBytes() {
	name := "quantizeBytesAVX2"
	TEXT(name, NOSPLIT, "func(q *byte, x *float32, n int64, inverse float32, zero int32)")
	Pragma("noescape")
	Doc(name + " makes unsigned bytes of n values, a multiple of 32: the nearest to x*inverse, plus zero.")
	to, x, n := Load(Param("q"), reg.RDI), Load(Param("x"), reg.RSI), Load(Param("n"), reg.RBX)
	y := func(i int) reg.VecPhysical { return sized(i, 32) }
	Load(Param("inverse"), sized(15, 16))
	VBROADCASTSS(sized(15, 16), y(15))
	Load(Param("zero"), reg.EAX)
	VMOVD(reg.EAX, sized(14, 16))
	VPBROADCASTD(sized(14, 16), y(14))
	everywhere(0xc3800000, 13, 32) // -256
	everywhere(0x44000000, 12, 32) // 512
	MOVQ(U64(0x0703060205010400), reg.RAX)
	VMOVQ(reg.RAX, sized(10, 16))
	VPMOVZXBD(sized(10, 16), y(10))
	Label(name + "_loop")
	for i := range 4 {
		VMULPS(Mem{Base: x, Disp: 32 * i}, y(15), y(i))
		VMAXPS(y(13), y(i), y(i)) // of NaN the least
		VMINPS(y(12), y(i), y(i))
		VCVTPS2DQ(y(i), y(i))
		VPADDD(y(14), y(i), y(i))
	}
	VPACKSSDW(y(1), y(0), y(0))
	VPACKSSDW(y(3), y(2), y(2))
	VPACKUSWB(y(2), y(0), y(0))
	VPERMD(y(0), y(10), y(0))
	VMOVDQU(y(0), Mem{Base: to})
	ADDQ(U32(128), x)
	ADDQ(Imm(32), to)
	SUBQ(Imm(32), n)
	JNZ(LabelRef(name + "_loop"))
	VZEROUPPER()
	RET()
}
