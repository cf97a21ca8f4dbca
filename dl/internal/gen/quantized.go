package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of quantized.args.
const (
	quantW = 8 * iota
	quantX
	quantY
	quantRows
	quantBlocks
	quantXStep
	quantYStep
)

// quantizedKernels writes the kernels of package quantized, whose format.go and activations.go say how operands lie.
func quantizedKernels() {
	for m := 1; m <= 4; m++ {
		dotKernel(&q8{vnni: true}, m)
		dotKernel(&q4{vnni: true}, m)
		dotKernel(&q8{}, m)
		dotKernel(&q4{}, m)
	}
	for m := 1; m <= 2; m++ {
		filters(true, m)
		filters(false, m)
	}
	quantizeBytes()
	packActivations(false)
	packActivations(true)
	dequantizeQ8()
	dequantizeQ4()
}

// dotBytes is VPDPBUSD x, w, acc: each int32 of acc grows by the products of four unsigned bytes of w and signed bytes of
// x. avo does not know the instruction, Go's assembler does.
func dotBytes(x Op, w, acc reg.VecPhysical) {
	Instruction(&ir.Instruction{Opcode: "VPDPBUSD", Operands: []Op{x, w, acc}, Inputs: []Op{x, w, acc}, Outputs: []Op{acc}})
}

// sized is vector register number i, below 16, with so many bytes.
func sized(i, bytes int) reg.VecPhysical {
	switch bytes {
	case 16:
		return avx2.vecs[i].AsX().(reg.VecPhysical)
	case 32:
		return avx2.vecs[i]
	}
	return avx512.vecs[i]
}

// A blockDot is how a kernel goes over the blocks of a row: several at a time, and the last ones alone.
type blockDot interface {
	name() string
	blocks() int          // at a time
	bytes() (w, part int) // that a block takes of weights, and of each part of packed activations
	constants()
	// load decodes the weights of that many blocks, product adds theirs with a row of activations to acc. Vectors have
	// the given number of bytes.
	load(w reg.Register, many bool)
	product(part func(i int) Mem, acc int, many bool)
	wide(many bool) int // bytes of the accumulators
}

// Registers of the dot kernels. Vectors 0 to 3 are the sums, of each row of activations; 4 to 15 are the decoder's.
var (
	quantArg  = reg.RDI
	quantWAt  = reg.RSI
	quantPart = reg.RDX // the size of a part, three times that in CX
	quantTri  = reg.RCX
	quantRow  = []reg.GPPhysical{reg.R8, reg.R9, reg.R10, reg.R11}
	quantLeft = reg.RAX
	quantTo   = reg.R12
)

// dotKernel writes the kernel for m rows of activations.
func dotKernel(d blockDot, m int) {
	set := "AVX2"
	if d.wide(true) == 64 {
		set = "VNNI"
	}
	name := fmt.Sprintf("dot%sx%d%s", d.name(), m, set)
	TEXT(name, NOSPLIT, "func(a *byte)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s multiplies rows of %s weights by %d packed rows of activations: see quantized.args.", name, d.name(), m))
	Load(Param("a"), quantArg)
	MOVQ(Mem{Base: quantArg, Disp: quantW}, quantWAt)
	MOVQ(Mem{Base: quantArg, Disp: quantY}, quantTo)
	MOVQ(Mem{Base: quantArg, Disp: quantRows}, reg.RBX)
	wBytes, partBytes := d.bytes()
	MOVQ(Mem{Base: quantArg, Disp: quantBlocks}, quantPart)
	SHLQ(Imm(map[int]uint64{16: 4, 32: 5}[partBytes]), quantPart)
	LEAQ(Mem{Base: quantPart, Index: quantPart, Scale: 2}, quantTri)
	d.constants()

	Label(name + "_row")
	for i := range m {
		if i == 0 {
			MOVQ(Mem{Base: quantArg, Disp: quantX}, quantRow[0])
		} else {
			MOVQ(quantRow[i-1], quantRow[i])
			ADDQ(Mem{Base: quantArg, Disp: quantXStep}, quantRow[i])
		}
		v := sized(i, d.wide(true))
		if d.wide(true) == 64 {
			VPXORD(v, v, v)
		} else {
			VPXOR(v, v, v)
		}
	}
	MOVQ(Mem{Base: quantArg, Disp: quantBlocks}, quantLeft)

	step := func(many bool) {
		blocks := 1
		if many {
			blocks = d.blocks()
		}
		d.load(quantWAt, many)
		for i := range m {
			row := quantRow[i]
			d.product(func(part int) Mem {
				switch part {
				case 1, 2:
					return Mem{Base: row, Index: quantPart, Scale: uint8(part)}
				case 3:
					return Mem{Base: row, Index: quantTri, Scale: 1}
				}
				return Mem{Base: row}
			}, i, many)
			ADDQ(U32(uint32(blocks*partBytes)), row)
		}
		ADDQ(U32(uint32(blocks*wBytes)), quantWAt)
	}
	if d.blocks() > 1 {
		JMP(LabelRef(name + "_many"))
		Label(name + "_blocks")
		step(true)
		Label(name + "_many")
		SUBQ(Imm(uint64(d.blocks())), quantLeft)
		JGE(LabelRef(name + "_blocks"))
		ADDQ(Imm(uint64(d.blocks())), quantLeft)
	}
	for i := range m {
		sumHalves(i, d.wide(true), d.wide(false))
	}
	JMP(LabelRef(name + "_test"))
	Label(name + "_block")
	step(false)
	Label(name + "_test")
	SUBQ(Imm(1), quantLeft)
	JGE(LabelRef(name + "_block"))

	MOVQ(quantTo, quantLeft)
	for i := range m {
		sumHalves(i, d.wide(false), 16)
		x, t := sized(i, 16), sized(4, 16)
		VMOVHLPS(x, x, t)
		VADDPS(t, x, x)
		VMOVSHDUP(x, t)
		VADDSS(t, x, x)
		VMOVSS(x, Mem{Base: quantLeft})
		if i < m-1 {
			ADDQ(Mem{Base: quantArg, Disp: quantYStep}, quantLeft)
		}
	}
	ADDQ(Imm(4), quantTo)
	SUBQ(Imm(1), reg.RBX)
	JNZ(LabelRef(name + "_row"))
	VZEROUPPER()
	RET()
}

// sumHalves adds the upper half of register i to the lower one until it has so many bytes.
func sumHalves(i, from, to int) {
	for ; from > to; from /= 2 {
		t := sized(4, from/2)
		if from == 64 {
			VEXTRACTF64X4(Imm(1), sized(i, 64), t)
		} else {
			VEXTRACTF128(Imm(1), sized(i, 32), t)
		}
		VADDPS(t, sized(i, from/2), sized(i, from/2))
	}
}

// everywhere writes a constant of four bytes to all of register i.
func everywhere(v uint32, i, bytes int) {
	MOVL(U32(v), reg.EAX)
	VMOVD(reg.EAX, sized(i, 16))
	VPBROADCASTD(sized(i, 16), sized(i, bytes))
}

// masks are those of 16 words in a vector of scales, parts of it.
func scaleMask(v uint32, k reg.Register) {
	MOVL(U32(v), reg.EAX)
	KMOVD(reg.EAX, k)
}

// q8 are blocks of Q8_0: pairs with VNNI, single ones with AVX2, whose products are of |w| and of x with the sign of w.
type q8 struct{ vnni bool }

func (d *q8) name() string         { return "Q8" }
func (d *q8) bytes() (w, part int) { return 34, 32 }
func (d *q8) wide(many bool) int {
	if d.vnni && many {
		return 64
	}
	return 32
}

func (d *q8) blocks() int {
	if d.vnni {
		return 2
	}
	return 1
}

func (d *q8) constants() {
	if d.vnni {
		everywhere(0x80808080, 15, 64)
		scaleMask(0xff00, reg.K1)
	} else {
		everywhere(0x00010001, 15, 32)
	}
}

func (d *q8) load(w reg.Register, many bool) {
	weights, scales := sized(5, 32), sized(6, 16)
	VMOVDQU(Mem{Base: w, Disp: 2}, weights)
	if d.vnni && many {
		VINSERTI64X4(Imm(1), Mem{Base: w, Disp: 36}, sized(5, 64), sized(5, 64))
		VPXORD(sized(15, 64), sized(5, 64), sized(5, 64))
		VPBROADCASTW(Mem{Base: w}, sized(6, 32))
		VPBROADCASTW(Mem{Base: w, Disp: 34}, reg.K1, sized(6, 32))
		VCVTPH2PS(sized(6, 32), sized(6, 64))
		return
	}
	VPBROADCASTW(Mem{Base: w}, scales)
	VCVTPH2PS(scales, sized(6, 32))
	if d.vnni {
		VPXOR(sized(15, 32), weights, weights)
	} else {
		VPABSB(weights, sized(7, 32))
	}
}

func (d *q8) product(part func(i int) Mem, acc int, many bool) {
	n := d.wide(many)
	sum, scale := sized(8, n), sized(9, n)
	if d.vnni {
		if n == 64 {
			VMOVDQU32(part(2), sum)
		} else {
			VMOVDQU(part(2), sum)
		}
		dotBytes(part(0), sized(5, n), sum)
	} else {
		VMOVDQU(part(0), sum)
		VPSIGNB(sized(5, n), sum, sum)
		VPMADDUBSW(sum, sized(7, n), sum)
		VPMADDWD(sized(15, n), sum, sum)
	}
	VCVTDQ2PS(sum, sum)
	VMULPS(part(1), sized(6, n), scale)
	VFMADD231PS(scale, sum, sized(acc, n))
}

// q4 are blocks of Q4_0: four at a time with VNNI, pairs with AVX2, a block in each 16 bytes of a vector.
type q4 struct{ vnni bool }

func (d *q4) name() string         { return "Q4" }
func (d *q4) bytes() (w, part int) { return 18, 16 }
func (d *q4) blocks() int          { return d.wide(true) / 16 }
func (d *q4) wide(many bool) int {
	switch {
	case !many:
		return 16
	case d.vnni:
		return 64
	}
	return 32
}

func (d *q4) constants() {
	everywhere(0x0f0f0f0f, 15, d.wide(true))
	if d.vnni {
		scaleMask(0x00f0, reg.K1)
		scaleMask(0x0f00, reg.K2)
		scaleMask(0xf000, reg.K3)
	} else {
		everywhere(0x00010001, 14, 32)
	}
}

func (d *q4) load(w reg.Register, many bool) {
	n := d.wide(many)
	low, high := sized(5, n), sized(7, n)
	VMOVDQU(Mem{Base: w, Disp: 2}, sized(5, 16))
	switch n {
	case 16:
		VPBROADCASTW(Mem{Base: w}, sized(6, 16))
		VCVTPH2PS(sized(6, 16), sized(6, 16))
	case 32:
		VINSERTI128(Imm(1), Mem{Base: w, Disp: 20}, low, low)
		VPBROADCASTW(Mem{Base: w}, sized(6, 16))
		VPBROADCASTW(Mem{Base: w, Disp: 18}, sized(8, 16))
		VPUNPCKLQDQ(sized(8, 16), sized(6, 16), sized(6, 16))
		VCVTPH2PS(sized(6, 16), sized(6, 32))
	case 64:
		VPBROADCASTW(Mem{Base: w}, sized(6, 32))
		for i, k := range []reg.Register{reg.K1, reg.K2, reg.K3} {
			VINSERTI32X4(Imm(uint64(i+1)), Mem{Base: w, Disp: 18*(i+1) + 2}, low, low)
			VPBROADCASTW(Mem{Base: w, Disp: 18 * (i + 1)}, k, sized(6, 32))
		}
		VCVTPH2PS(sized(6, 32), sized(6, 64))
	}
	VPSRLW(Imm(4), low, high)
	if n == 64 {
		VPANDD(sized(15, n), high, high)
		VPANDD(sized(15, n), low, low)
	} else {
		VPAND(sized(15, n), high, high)
		VPAND(sized(15, n), low, low)
	}
}

func (d *q4) product(part func(i int) Mem, acc int, many bool) {
	n := d.wide(many)
	sum, scale := sized(8, n), sized(9, n)
	if d.vnni {
		if n == 64 {
			VMOVDQU32(part(3), sum)
		} else {
			VMOVDQU(part(3), sum)
		}
		dotBytes(part(0), sized(5, n), sum)
		dotBytes(part(1), sized(7, n), sum)
	} else {
		VPMADDUBSW(part(0), sized(5, n), sum)
		VPMADDUBSW(part(1), sized(7, n), scale)
		VPADDW(scale, sum, sum)
		VPMADDWD(sized(14, n), sum, sum)
		VPADDD(part(3), sum, sum)
	}
	VCVTDQ2PS(sum, sum)
	VMULPS(part(2), sized(6, n), scale)
	VFMADD231PS(scale, sum, sized(acc, n))
}

// packActivations writes the kernel that quantizes a row of activations: see quantized.quantize.
func packActivations(fourBits bool) {
	name, shift := "quantizeQ8AVX2", uint64(5)
	if fourBits {
		name, shift = "quantizeQ4AVX2", 4
	}
	TEXT(name, NOSPLIT, "func(packed *byte, x *float32, blocks int64)")
	Pragma("noescape")
	Doc(name + " quantizes a row of activations.")
	to, x, n := Load(Param("packed"), reg.RDI), Load(Param("x"), reg.RSI), Load(Param("blocks"), reg.RBX)
	part, tri := reg.RDX, reg.RCX
	MOVQ(n, part)
	SHLQ(Imm(shift), part)
	LEAQ(Mem{Base: part, Index: part, Scale: 2}, tri)
	y := func(i int) reg.VecPhysical { return sized(i, 32) }
	everywhere(0x7fffffff, 15, 32)
	everywhere(0x42fe0000, 14, 32) // 127
	everywhere(0x0da24260, 13, 32) // 1e-30
	everywhere(0x01010101, 12, 32)
	offset := uint32(0xff80ff80) // -128
	if fourBits {
		offset = 0xfff8fff8
	}
	everywhere(offset, 11, 32)
	MOVQ(U64(0x0703060205010400), reg.RAX)
	VMOVQ(reg.RAX, sized(10, 16))
	VPMOVZXBD(sized(10, 16), y(10))

	Label(name + "_block")
	for i := range 4 {
		VMOVUPS(Mem{Base: x, Disp: 32 * i}, y(i))
		VPAND(y(15), y(i), y(4+i))
	}
	// The largest absolute value, as integers: NaN is beyond infinity.
	VPMAXUD(y(5), y(4), y(4))
	VPMAXUD(y(7), y(6), y(6))
	VPMAXUD(y(6), y(4), y(4))
	VPERM2I128(Imm(1), y(4), y(4), y(5))
	VPMAXUD(y(5), y(4), y(4))
	VPSHUFD(Imm(0x4e), y(4), y(5))
	VPMAXUD(y(5), y(4), y(4))
	VPSHUFD(Imm(0xb1), y(4), y(5))
	VPMAXUD(y(5), y(4), y(4))
	VCMPPS(Imm(5), y(13), y(4), y(5)) // not less
	VDIVPS(y(14), y(4), y(6))
	VDIVPS(y(4), y(14), y(7))
	VPAND(y(5), y(6), y(6)) // the scale
	VPAND(y(5), y(7), y(7)) // what to multiply by
	for i := range 4 {
		VMULPS(y(7), y(i), y(i))
		VCVTPS2DQ(y(i), y(i))
	}
	VPACKSSDW(y(1), y(0), y(0))
	VPACKSSDW(y(3), y(2), y(2))
	VPACKSSWB(y(2), y(0), y(0))
	VPERMD(y(0), y(10), y(0))
	VPMADDUBSW(y(0), y(12), y(1)) // sums of two
	if fourBits {
		VMOVDQU(sized(0, 16), Mem{Base: to})
		VEXTRACTI128(Imm(1), y(0), Mem{Base: to, Index: part, Scale: 1})
		VMOVUPS(sized(6, 16), Mem{Base: to, Index: part, Scale: 2})
		VEXTRACTI128(Imm(1), y(1), sized(2, 16))
		VPADDW(sized(2, 16), sized(1, 16), sized(1, 16))
		VPMADDWD(sized(11, 16), sized(1, 16), sized(1, 16))
		VMOVDQU(sized(1, 16), Mem{Base: to, Index: tri, Scale: 1})
		ADDQ(Imm(16), to)
	} else {
		VMOVDQU(y(0), Mem{Base: to})
		VMOVUPS(y(6), Mem{Base: to, Index: part, Scale: 1})
		VPMADDWD(y(11), y(1), y(1))
		VMOVDQU(y(1), Mem{Base: to, Index: part, Scale: 2})
		ADDQ(Imm(32), to)
	}
	ADDQ(U32(128), x)
	SUBQ(Imm(1), n)
	JNZ(LabelRef(name + "_block"))
	VZEROUPPER()
	RET()
}

// dequantize begins a kernel that makes float32 of blocks, and ends it behind one.
func dequantize(name string, size int, constants func(), block func(to, w reg.Register)) {
	TEXT(name, NOSPLIT, "func(out *float32, w *byte, blocks int64)")
	Pragma("noescape")
	Doc(name + " makes float32 of blocks.")
	to, w, n := Load(Param("out"), reg.RDI), Load(Param("w"), reg.RSI), Load(Param("blocks"), reg.RBX)
	constants()
	Label(name + "_block")
	VPBROADCASTW(Mem{Base: w}, sized(6, 16))
	VCVTPH2PS(sized(6, 16), sized(6, 32))
	block(to, w)
	ADDQ(U32(128), to)
	ADDQ(Imm(uint64(size)), w)
	SUBQ(Imm(1), n)
	JNZ(LabelRef(name + "_block"))
	VZEROUPPER()
	RET()
}

func dequantizeQ8() {
	dequantize("dequantizeQ8AVX2", 34, func() {}, func(to, w reg.Register) {
		for i := range 4 {
			v := sized(i, 32)
			VPMOVSXBD(Mem{Base: w, Disp: 2 + 8*i}, v)
			VCVTDQ2PS(v, v)
			VMULPS(sized(6, 32), v, v)
			VMOVUPS(v, Mem{Base: to, Disp: 32 * i})
		}
	})
}

func dequantizeQ4() {
	dequantize("dequantizeQ4AVX2", 18, func() {
		everywhere(15, 15, 32)
		everywhere(8, 14, 32)
	}, func(to, w reg.Register) {
		for i := range 2 {
			low, high := sized(0, 32), sized(1, 32)
			VPMOVZXBD(Mem{Base: w, Disp: 2 + 8*i}, low)
			VPSRLD(Imm(4), low, high)
			VPAND(sized(15, 32), low, low)
			for k, v := range []reg.VecPhysical{low, high} {
				VPSUBD(sized(14, 32), v, v)
				VCVTDQ2PS(v, v)
				VMULPS(sized(6, 32), v, v)
				VMOVUPS(v, Mem{Base: to, Disp: 32*i + 64*k})
			}
		}
	})
}
