package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An isa is what differs between the instruction sets.
type isa struct {
	name  string
	width int // floats in a vector
	rows  int // rows of the largest tile
	vecs  []reg.VecPhysical
	pairs bool // elements are pairs of bfloat16
	long  bool // elements are float64, each in the place of two float32
	far   bool // fetches twice as much meanwhile, into the second cache
}

var avx512 = isa{"AVX512", 16, 14, []reg.VecPhysical{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
	reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}, false, false, false}

var avx2 = isa{"AVX2", 8, 6, []reg.VecPhysical{
	reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
	reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}, false, false, false}

// farAVX512 is for the largest tile, while more than a line with each step along the depth is to be fetched.
var farAVX512 = isa{"FarAVX512", avx512.width, avx512.rows, avx512.vecs, false, false, true}

// avx512BF16 multiplies pairs of bfloat16, which move as one value of 32 bits.
var avx512BF16 = isa{"BF16", avx512.width, avx512.rows, avx512.vecs, true, false, false}

var (
	avx512Double = isa{"Double512", avx512.width, avx512.rows, avx512.vecs, false, true, false}
	avx2Double   = isa{"Double256", avx2.width, avx2.rows, avx2.vecs, false, true, false}
)

// Offsets of the fields of gemm.Tile.
const (
	fieldK = 8 * iota
	fieldA
	fieldAI
	fieldAK
	fieldB
	fieldBK
	fieldBN
	fieldC
	fieldLdc
	fieldPanels
	fieldMask // uint32: a bit for each column of the last, partial panel; 0: there is none
	fieldMasks
	fieldBias
	fieldFlags
	fieldNext
	fieldNextK
	fieldNextN
)

// Bits of gemm.Tile's Flags.
const (
	flagAdd      = 1
	flagReLU     = 2
	flagPrefetch = 4
	flagFlush    = 8
)

// tile writes the micro-kernel for mr rows and any number of panels, two
// vectors of columns each:
//
//	C[i,j] = (Add ? C[i,j] : 0) + sum over p of A[i*ai + p*ak] * B[p*bk + j], + bias[j], ReLU
//
// Strides are in elements. The last panel may have fewer columns; those that
// are not there are neither read nor written.
func tile(s isa, mr int) {
	name := fmt.Sprintf("tile%s_%d", s.name, mr)
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s is the micro-kernel for %d rows.", name, mr))
	// All registers by hand: the loop needs most of them. R15 stays free (cells
	// are linked with -dynlink), R14 is Go's.
	t := reg.RDI
	Load(Param("t"), t)
	local := AllocLocal(64)
	at := func(i int) Mem { return local.Offset(8 * i) }
	b0, c0, bias0, next, left := at(0), at(1), at(2), at(3), at(4)
	for i, field := range []int{fieldB, fieldC, fieldBias, fieldNext, fieldPanels} {
		MOVQ(Mem{Base: t, Disp: field}, reg.RAX)
		MOVQ(reg.RAX, at(i))
	}
	if s.width == 16 {
		MOVL(Mem{Base: t, Disp: fieldMask}, reg.R13L)
		KMOVW(reg.R13L, reg.K1)
		SHRL(Imm(16), reg.R13L)
		KMOVW(reg.R13L, reg.K2)
	}
	// Float32 only: float64 hardly ever comes near its denormal numbers.
	control, flush := at(5), func(do func(), behind string) {
		if s.long || s.pairs {
			return
		}
		TESTQ(U32(flagFlush), Mem{Base: t, Disp: fieldFlags})
		JEQ(LabelRef(name + behind))
		do()
		Label(name + behind)
	}
	flush(func() { flushDenormals(control, reg.EAX) }, "_set")
	Label(name + "_panels")
	SUBQ(Imm(1), left)
	JLT(LabelRef(name + "_rest"))
	p := &panel{isa: s, name: name + "_full", mr: mr, nv: 2, t: t, b0: b0, c0: c0, bias0: bias0, next: next, late: at(6), kept: at(7)}
	p.compute()
	MOVQ(Mem{Base: t, Disp: fieldBN}, reg.RAX)
	SHLQ(Imm(2), reg.RAX)
	ADDQ(reg.RAX, b0)
	ADDQ(U32(uint32(8*s.width)), c0)
	MOVQ(Mem{Base: t, Disp: fieldNextN}, reg.RAX)
	ADDQ(reg.RAX, next)
	CMPQ(bias0, Imm(0))
	JEQ(LabelRef(name + "_panels"))
	ADDQ(U32(uint32(8*s.width)), bias0)
	JMP(LabelRef(name + "_panels"))

	Label(name + "_rest")
	CMPL(Mem{Base: t, Disp: fieldMask}, Imm(0))
	JEQ(LabelRef(name + "_end"))
	CMPL(Mem{Base: t, Disp: fieldMask}, U32(1<<s.width-1))
	JHI(LabelRef(name + "_wide"))
	p.name, p.nv, p.masked = name+"_half", 1, true
	p.compute()
	JMP(LabelRef(name + "_end"))
	Label(name + "_wide")
	p.name, p.nv = name+"_part", 2
	p.compute()
	Label(name + "_end")
	flush(func() { VLDMXCSR(control) }, "_reset")
	VZEROUPPER()
	RET()
}

// flushDenormals makes denormal numbers zero, as operands and as results, and keeps the control register in the first half
// of eight bytes. Nobody sees the difference between what is below 1e-38 and zero, but a processor does: with such
// operands a multiply-add takes some 150 cycles. Gradients that vanish over the steps of a sequence are full of them.
func flushDenormals(control Mem, bits reg.Register) {
	const denormalsAreZero, flushToZero = 1 << 6, 1 << 15
	VSTMXCSR(control)
	MOVL(control, bits)
	ORL(U32(denormalsAreZero|flushToZero), bits)
	MOVL(bits, control.Offset(4))
	VLDMXCSR(control.Offset(4))
}

// lateSteps is how many steps along the depth are left when C is fetched.
const lateSteps = 64

// A panel is nv vectors of columns of a tile.
type panel struct {
	isa
	name          string
	mr, nv        int
	masked        bool
	t             reg.GPPhysical
	b0, c0, bias0 Mem // where the panel begins
	next          Mem // what to fetch meanwhile
	late, kept    Mem // steps behind those after which C is fetched; next meanwhile
}

func (p *panel) acc(i, j int) reg.VecPhysical { return p.vecs[2*i+j] }

func (p *panel) zero(v reg.VecPhysical) {
	if p.width == 16 {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

// load reads vector j of a row of the panel at m.
func (p *panel) load(m Mem, j int, v reg.VecPhysical) {
	m.Disp += 4 * p.width * j
	switch {
	case !p.masked:
		VMOVUPS(m, v)
	case p.width == 16:
		VMOVUPS_Z(m, []reg.OpmaskPhysical{reg.K1, reg.K2}[j], v)
	default: // R13 points to the lane masks
		VMOVUPS(Mem{Base: reg.R13, Disp: 32 * j}, v)
		VMASKMOVPS(m, v, v)
	}
}

// add adds v to the sums.
func (p *panel) add(v Op, acc reg.VecPhysical) {
	if p.long {
		VADDPD(v, acc, acc)
	} else {
		VADDPS(v, acc, acc)
	}
}

func (p *panel) compute() {
	n := len(p.vecs)
	b := []reg.VecPhysical{p.vecs[n-1], p.vecs[n-2]}[:p.nv]
	x := []reg.VecPhysical{p.vecs[n-3], p.vecs[n-4]}
	field := func(i int) Mem { return Mem{Base: p.t, Disp: i} }
	each := func(f func(i, j int)) {
		for i := 0; i < p.mr; i++ {
			for j := 0; j < p.nv; j++ {
				f(i, j)
			}
		}
	}
	c, ldc, flags := reg.RAX, reg.RDX, reg.RCX
	fetch := func(c, ldc reg.GPPhysical) {
		MOVQ(p.c0, c)
		MOVQ(field(fieldLdc), ldc)
		SHLQ(Imm(2), ldc)
		for i := 0; i < p.mr; i++ {
			for j := 0; j < p.nv*p.width*4; j += 64 {
				PREFETCHT0(Mem{Base: c, Disp: j})
			}
			if i+1 < p.mr {
				ADDQ(ldc, c)
			}
		}
	}
	// C comes into the cache while the product is computed. Of a long one the end is time enough: the panel of B would
	// drive C out of the first cache. A percent of most products.
	if !p.masked {
		MOVQ(U32(0), p.late)
	}
	MOVQ(field(fieldFlags), flags)
	TESTQ(U32(flagPrefetch), flags)
	JZ(LabelRef(p.name + "_begin"))
	if !p.masked {
		CMPQ(field(fieldK), U32(2*lateSteps))
		JLT(LabelRef(p.name + "_fetch"))
		MOVQ(U32(lateSteps), p.late)
		JMP(LabelRef(p.name + "_begin"))
		Label(p.name + "_fetch")
	}
	fetch(c, ldc)
	Label(p.name + "_begin")
	k, bp, bk, ai, ak := reg.RCX, reg.RBX, reg.RDX, reg.RSI, reg.R8
	base := []reg.GPPhysical{reg.RAX, reg.R9, reg.R10, reg.R11, reg.R12}[:(p.mr+2)/3]
	MOVQ(field(fieldK), k)
	if !p.masked {
		SUBQ(p.late, k)
	}
	MOVQ(field(fieldA), base[0])
	MOVQ(field(fieldAI), ai)
	MOVQ(field(fieldAK), ak)
	MOVQ(p.b0, bp)
	MOVQ(field(fieldBK), bk)
	SHLQ(Imm(2), ai)
	SHLQ(Imm(2), ak)
	SHLQ(Imm(2), bk)
	for i := 1; i < len(base); i++ {
		LEAQ(Mem{Base: base[i-1], Index: ai, Scale: 2}, base[i])
		ADDQ(ai, base[i])
	}
	if p.masked && p.width == 8 {
		MOVQ(field(fieldMasks), reg.R13)
	} else {
		MOVQ(p.next, reg.R13)
	}
	each(func(i, j int) { p.zero(p.acc(i, j)) })
	Label(p.name + "_loop")
	for j := range b {
		p.load(Mem{Base: bp}, j, b[j])
		if !p.masked && p.width == 16 { // B comes from the second cache
			PREFETCHT0(Mem{Base: bp, Index: bk, Scale: 8, Disp: 64 * j})
		}
	}
	for i := 0; i < p.mr; i++ {
		m := Mem{Base: base[i/3]}
		if i%3 > 0 {
			m.Index, m.Scale = ai, uint8(i%3)
		}
		if p.long {
			VBROADCASTSD(m, x[i%2])
		} else {
			VBROADCASTSS(m, x[i%2])
		}
		for j := range b {
			switch {
			case p.long:
				VFMADD231PD(x[i%2], b[j], p.acc(i, j))
			case p.pairs:
				dotBF16(x[i%2], b[j], p.acc(i, j))
			default:
				VFMADD231PS(x[i%2], b[j], p.acc(i, j))
			}
		}
	}
	if !p.masked {
		if p.far {
			PREFETCHT1(Mem{Base: reg.R13})
			PREFETCHT1(Mem{Base: reg.R13, Disp: 64})
		} else {
			PREFETCHT0(Mem{Base: reg.R13})
		}
		ADDQ(field(fieldNextK), reg.R13)
	}
	for i := range base {
		ADDQ(ak, base[i])
	}
	ADDQ(bk, bp)
	DECQ(k)
	JNZ(LabelRef(p.name + "_loop"))
	if !p.masked {
		MOVQ(p.late, k)
		TESTQ(k, k)
		JZ(LabelRef(p.name + "_end"))
		MOVQ(U32(0), p.late)
		MOVQ(reg.R13, p.kept)
		fetch(reg.R13, ak)
		MOVQ(p.kept, reg.R13)
		MOVQ(field(fieldAK), ak)
		SHLQ(Imm(2), ak)
		JMP(LabelRef(p.name + "_loop"))
		Label(p.name + "_end")
	}

	MOVQ(p.c0, c)
	MOVQ(field(fieldLdc), ldc)
	SHLQ(Imm(2), ldc)
	MOVQ(field(fieldFlags), flags)
	TESTQ(U32(flagAdd), flags)
	JZ(LabelRef(p.name + "_bias"))
	MOVQ(c, reg.R8)
	for i := 0; i < p.mr; i++ {
		for j := range b {
			if p.masked {
				p.load(Mem{Base: reg.R8}, j, b[j])
				p.add(b[j], p.acc(i, j))
			} else {
				p.add(Mem{Base: reg.R8, Disp: 4 * p.width * j}, p.acc(i, j))
			}
		}
		if i+1 < p.mr {
			ADDQ(ldc, reg.R8)
		}
	}
	Label(p.name + "_bias")
	if !p.long {
		p.epilogue(b, each)
	}
	Label(p.name + "_store")
	if p.masked && p.width == 8 {
		for j := range b {
			VMOVUPS(Mem{Base: reg.R13, Disp: 32 * j}, x[j])
		}
	}
	for i := 0; i < p.mr; i++ {
		for j := range b {
			m := Mem{Base: c, Disp: j * p.width * 4}
			switch {
			case !p.masked:
				VMOVUPS(p.acc(i, j), m)
			case p.width == 16:
				VMOVUPS(p.acc(i, j), []reg.OpmaskPhysical{reg.K1, reg.K2}[j], m)
			default:
				VMASKMOVPS(p.acc(i, j), x[j], m)
			}
		}
		if i+1 < p.mr {
			ADDQ(ldc, c)
		}
	}
}

// epilogue adds the bias and clips.
func (p *panel) epilogue(b []reg.VecPhysical, each func(f func(i, j int))) {
	flags, bias := reg.RCX, reg.RBX
	MOVQ(p.bias0, bias)
	TESTQ(bias, bias)
	JZ(LabelRef(p.name + "_relu"))
	for j := range b {
		p.load(Mem{Base: bias}, j, b[j])
	}
	each(func(i, j int) { p.add(b[j], p.acc(i, j)) })
	Label(p.name + "_relu")
	TESTQ(U32(flagReLU), flags)
	JZ(LabelRef(p.name + "_store"))
	p.zero(b[0])
	// the second source wins where one is NaN: a NaN stays a NaN
	each(func(i, j int) { VMAXPS(p.acc(i, j), b[0], p.acc(i, j)) })
}
