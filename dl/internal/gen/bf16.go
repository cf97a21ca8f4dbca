package main

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dotBF16 is VDPBF16PS x, y, acc: each float32 of acc grows by the dot product
// of the two bfloat16 in its place in x and y. Neither avo nor Go's assembler
// knows the instruction: EVEX.512.F3.0F38.W0 52 /r (Intel 64 and IA-32
// Architectures Software Developer's Manual, volume 2).
func dotBF16(x, y, acc reg.VecPhysical) {
	bit := func(r reg.VecPhysical, n int) uint32 { return uint32(r.PhysicalIndex()) >> n & 1 }
	r, v, m := acc, y, x
	code := []uint32{
		0x62,
		(1-bit(r, 3))<<7 | (1-bit(m, 4))<<6 | (1-bit(m, 3))<<5 | (1-bit(r, 4))<<4 | 2,
		(^uint32(v.PhysicalIndex())&15)<<3 | 1<<2 | 2,
		2<<5 | (1-bit(v, 4))<<3,
		0x52,
		0xC0 | uint32(r.PhysicalIndex())&7<<3 | uint32(m.PhysicalIndex())&7,
	}
	Instruction(&ir.Instruction{Opcode: "LONG", Operands: []Op{U32(code[0] | code[1]<<8 | code[2]<<16 | code[3]<<24)}})
	Instruction(&ir.Instruction{Opcode: "WORD", Operands: []Op{U16(code[4] | code[5]<<8)}})
}

// rounding makes the upper half of each float32 the nearest bfloat16, ties to
// even; a NaN becomes a quiet one.
type rounding struct{ one, half, quiet reg.VecVirtual }

func newRounding() rounding {
	constant := func(v uint32) reg.VecVirtual {
		g, y := GP32(), YMM()
		MOVL(U32(v), g)
		VMOVD(g, y.AsX())
		VPBROADCASTD(y.AsX(), y)
		return y
	}
	return rounding{constant(1), constant(0x7FFF), constant(0x400000)}
}

func (r rounding) round(v reg.VecVirtual) {
	nan, quiet, odd := YMM(), YMM(), YMM()
	VCMPPS(Imm(3), v, v, nan)
	VPOR(r.quiet, v, quiet)
	VPSRLD(Imm(16), v, odd)
	VPAND(r.one, odd, odd)
	VPADDD(r.half, v, v)
	VPADDD(odd, v, v)
	VBLENDVPS(nan, quiet, v, v)
}

// bf16 writes the conversions. n is the number of elements of a row, a multiple
// of 16.
func bf16() {
	begin := func(name, params, doc string) (i, n reg.Register) {
		TEXT(name, NOSPLIT, params)
		Pragma("noescape")
		Doc(name + " " + doc + "; n is a multiple of 16.")
		i = GP64()
		n = Load(Param("n"), GP64())
		XORQ(i, i)
		return i, n
	}
	end := func(name string, i, n reg.Register) {
		ADDQ(Imm(16), i)
		CMPQ(i, n)
		JL(LabelRef(name + "_loop"))
		VZEROUPPER()
		RET()
	}
	at := func(p, i reg.Register, scale uint8, disp int) Mem {
		return Mem{Base: p, Index: i, Scale: scale, Disp: disp}
	}

	name := "roundAVX2"
	i, n := begin(name, "func(dst *uint16, src *float32, n int64)", "rounds to bfloat16")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	r := newRounding()
	Label(name + "_loop")
	a, b := YMM(), YMM()
	for j, v := range []reg.VecVirtual{a, b} {
		VMOVUPS(at(src, i, 4, 32*j), v)
		r.round(v)
		VPSRLD(Imm(16), v, v)
	}
	VPACKUSDW(b, a, a)
	VPERMQ(Imm(0xD8), a, a)
	VMOVDQU(a, at(dst, i, 2, 0))
	end(name, i, n)

	name = "roundPairsAVX2"
	i, n = begin(name, "func(dst *uint16, x, y *float32, n int64)", "rounds two rows to bfloat16 and interleaves them")
	dst, x, y := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64())
	r = newRounding()
	Label(name + "_loop")
	for j := 0; j < 2; j++ {
		a, b := YMM(), YMM()
		VMOVUPS(at(x, i, 4, 32*j), a)
		VMOVUPS(at(y, i, 4, 32*j), b)
		r.round(a)
		r.round(b)
		VPSRLD(Imm(16), a, a)
		VPBLENDW(Imm(0xAA), b, a, a)
		VMOVDQU(a, at(dst, i, 4, 32*j))
	}
	end(name, i, n)

	name = "pairsAVX2"
	i, n = begin(name, "func(dst, x, y *uint16, n int64)", "interleaves two rows of bfloat16")
	dst, x, y = Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("y"), GP64())
	Label(name + "_loop")
	for j := 0; j < 2; j++ {
		a, b := YMM(), YMM()
		VPMOVZXWD(at(x, i, 2, 16*j), a)
		VPMOVZXWD(at(y, i, 2, 16*j), b)
		VPSLLD(Imm(16), b, b)
		VPOR(b, a, a)
		VMOVDQU(a, at(dst, i, 4, 32*j))
	}
	end(name, i, n)

	name = "widenAVX2"
	i, n = begin(name, "func(dst *float32, src *uint16, n int64)", "makes float32 of bfloat16")
	dst, src = Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	Label(name + "_loop")
	for j := 0; j < 2; j++ {
		a := YMM()
		VPMOVZXWD(at(src, i, 2, 16*j), a)
		VPSLLD(Imm(16), a, a)
		VMOVDQU(a, at(dst, i, 4, 32*j))
	}
	end(name, i, n)
}
