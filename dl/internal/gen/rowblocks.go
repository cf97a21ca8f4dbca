package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of vec.rowBlock.
const (
	blockX = 8 * iota
	blockD
	blockXStep
	blockDStep
	blockRows
	blockFirst
	blockMore
	blockMost
	blockA
	blockB
	blockScale
	blockFactor = blockScale + 4
)

// A rowBlock is a kernel that does many short rows in one call, with AVX-512: what a row waits for, the sum of its lanes,
// is computed beside the next row.
type rowBlock struct {
	name               string
	arg                reg.Register
	x, d, a, b         reg.GPVirtual
	at, more, most     reg.GPVirtual // elements of the row in hand before they are limited, how much longer the next row is, the limit
	rows, count, place reg.GPVirtual
	part, second       reg.OpmaskVirtual // lanes of the last vector that are elements; all or none of the vector behind it
}

func beginRowBlock(name, doc string) *rowBlock {
	r := &rowBlock{name: name + "AVX512"}
	TEXT(r.name, NOSPLIT, "func(b *byte)")
	Pragma("noescape")
	Doc(r.name + " " + doc + ": see rowBlock of package vec.")
	r.arg = Load(Param("b"), GP64())
	field := func(at int) reg.GPVirtual {
		g := GP64()
		MOVQ(Mem{Base: r.arg, Disp: at}, g)
		return g
	}
	r.x, r.d, r.a, r.b = field(blockX), field(blockD), field(blockA), field(blockB)
	r.at, r.more, r.most, r.rows = field(blockFirst), field(blockMore), field(blockMost), field(blockRows)
	return r
}

// begin sets what depends on the length of a row.
func (r *rowBlock) begin() {
	Label(r.name + "_row")
	r.count, r.place = GP64(), GP64()
	MOVQ(r.at, r.count)
	CMPQ(r.most, r.count)
	CMOVQLT(r.most, r.count)
	left, ones := GP32(), GP32()
	MOVL(r.count.As32(), left)
	ANDL(Imm(15), left)
	MOVL(U32(0xffff), ones)
	BZHIL(left, ones, ones)
	r.part, r.second = K(), K()
	KMOVW(ones, r.part)
	NEGL(left)
	SBBL(left, left)
	KMOVW(left, r.second)
	ANDQ(I8(-16), r.count)
}

// each does what do says for every whole vector of the row, whose place is in bytes.
func (r *rowBlock) each(label string, do func(place reg.GPVirtual)) {
	end := GP64()
	MOVQ(r.count, end)
	SHLQ(Imm(2), end)
	XORQ(r.place, r.place)
	JMP(LabelRef(r.name + label + "_test"))
	Label(r.name + label)
	do(r.place)
	ADDQ(Imm(64), r.place)
	Label(r.name + label + "_test")
	CMPQ(r.place, end)
	JLT(LabelRef(r.name + label))
}

// end goes on to the next row.
func (r *rowBlock) end(two bool) {
	ADDQ(Mem{Base: r.arg, Disp: blockXStep}, r.x)
	if two {
		ADDQ(Mem{Base: r.arg, Disp: blockDStep}, r.d)
	}
	ADDQ(Imm(4), r.a)
	ADDQ(Imm(4), r.b)
	ADDQ(r.more, r.at)
	DECQ(r.rows)
	JNZ(LabelRef(r.name + "_row"))
	VZEROUPPER()
	RET()
}

// constant is a number in every lane.
func constant(f float64) reg.VecVirtual {
	g, v := GP32(), ZMM()
	MOVL(U32(math.Float32bits(float32(f))), g)
	VPBROADCASTD(g, v)
	return v
}

func (r *rowBlock) scalar(at int) reg.VecVirtual {
	v := ZMM()
	VBROADCASTSS(Mem{Base: r.arg, Disp: at}, v)
	return v
}

// across joins the lanes of v in its first one.
func across(v reg.VecVirtual, join func(ops ...Op)) {
	y, x := YMM(), XMM()
	VEXTRACTF64X4(Imm(1), v, y)
	join(y, v.AsY(), v.AsY())
	VEXTRACTF32X4(Imm(1), v.AsY(), x)
	join(x, v.AsX(), v.AsX())
	VMOVHLPS(v.AsX(), v.AsX(), x)
	join(x, v.AsX(), v.AsX())
	VMOVSHDUP(v.AsX(), x)
	join(x, v.AsX(), v.AsX())
}

// exponentials are the constants of body.expNormal, for operands that are hardly above 0.
type exponentials struct {
	perLog, round, high, low, least, one reg.VecVirtual
	c                                    []reg.VecVirtual
}

func newExponentials() *exponentials {
	e := &exponentials{perLog: constant(1.44269504088896341), round: constant(3 << 22), high: constant(0.693359375), low: constant(-2.12194440e-4),
		least: constant(-87.33), one: constant(1)}
	for _, f := range []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1} {
		e.c = append(e.c, constant(f))
	}
	return e
}

// of returns e^x, 0 where that is below the normal numbers and in lanes that are not among some, and uses x up.
func (e *exponentials) of(x reg.VecVirtual, some *reg.OpmaskVirtual) reg.VecVirtual {
	normal, n, p := K(), ZMM(), ZMM()
	VCMPPS(Imm(0x15), e.least, x, normal) // not less: what is not a number stays so
	if some != nil {
		KANDW(*some, normal, normal)
	}
	VMOVAPS(e.round, n)
	VFMADD231PS(e.perLog, x, n)
	VSUBPS(e.round, n, n)
	VFNMADD231PS(e.high, n, x)
	VFNMADD231PS(e.low, n, x)
	VMOVAPS(e.c[0], p)
	for _, c := range append(e.c[1:], e.one, e.one) {
		VFMADD213PS(c, x, p)
	}
	VSCALEFPS_Z(n, p, normal, p)
	return p
}

// softmaxRows makes scores exponentials.
func softmaxRows() {
	r := beginRowBlock("softmaxRows", "replaces rows of x by e^(x*scale - a), where a becomes the largest of itself and the row's x*scale, and sets b to their sums")
	e, scale := newExponentials(), r.scalar(blockScale)
	lowest, finite := constant(math.Inf(-1)), constant(-math.MaxFloat32)
	r.begin()
	most := ZMM()
	VMOVAPS(lowest, most)
	r.each("_largest", func(place reg.GPVirtual) { VMAXPS(Mem{Base: r.x, Index: place, Scale: 1}, most, most) })
	last := ZMM()
	VMOVAPS(lowest, last)
	VMOVUPS(Mem{Base: r.x, Index: r.place, Scale: 1}, r.part, last)
	VMAXPS(last, most, most)
	across(most, func(ops ...Op) { VMAXPS(ops[0], ops[1], ops[2]) })
	VMULSS(scale.AsX(), most.AsX(), most.AsX())
	VMAXSS(Mem{Base: r.a}, most.AsX(), most.AsX())
	VMOVSS(most.AsX(), Mem{Base: r.a})
	shift, sum := ZMM(), zeroed(avx512)
	VMAXSS(finite.AsX(), most.AsX(), most.AsX()) // from a score of -Inf nothing can be subtracted that is infinite
	VBROADCASTSS(most.AsX(), shift)
	r.each("_exp", func(place reg.GPVirtual) {
		m, x := Mem{Base: r.x, Index: place, Scale: 1}, ZMM()
		VMOVUPS(m, x)
		VFMSUB213PS(shift, scale, x)
		y := e.of(x, nil)
		VADDPS(y, sum, sum)
		VMOVUPS(y, m)
	})
	m, x := Mem{Base: r.x, Index: r.place, Scale: 1}, ZMM()
	VMOVUPS_Z(m, r.part, x)
	VFMSUB213PS(shift, scale, x)
	y := e.of(x, &r.part)
	VADDPS(y, sum, sum)
	VMOVUPS(y, m)
	VMOVUPS(zeroed(avx512), r.second, m.Offset(64))
	across(sum, func(ops ...Op) { VADDPS(ops[0], ops[1], ops[2]) })
	VMOVSS(sum.AsX(), Mem{Base: r.b})
	r.end(false)
}

// softmaxAgainRows makes scores exponentials, and gradients of these the scores'.
func softmaxAgainRows() {
	r := beginRowBlock("softmaxAgainRows", "replaces rows of x by y = e^(x*scale - a), and d by (d - b) * y * factor")
	e, scale, factor := newExponentials(), r.scalar(blockScale), r.scalar(blockFactor)
	r.begin()
	shift, dot := ZMM(), ZMM()
	VBROADCASTSS(Mem{Base: r.a}, shift)
	VBROADCASTSS(Mem{Base: r.b}, dot)
	r.each("_exp", func(place reg.GPVirtual) {
		m, g, x, d := Mem{Base: r.x, Index: place, Scale: 1}, Mem{Base: r.d, Index: place, Scale: 1}, ZMM(), ZMM()
		VMOVUPS(m, x)
		VFMSUB213PS(shift, scale, x)
		y := e.of(x, nil)
		VMOVUPS(y, m)
		VMULPS(factor, y, y)
		VMOVUPS(g, d)
		VSUBPS(dot, d, d)
		VMULPS(y, d, d)
		VMOVUPS(d, g)
	})
	m, g, x, d := Mem{Base: r.x, Index: r.place, Scale: 1}, Mem{Base: r.d, Index: r.place, Scale: 1}, ZMM(), ZMM()
	VMOVUPS_Z(m, r.part, x)
	VFMSUB213PS(shift, scale, x)
	y := e.of(x, &r.part)
	VMOVUPS(y, m)
	VMULPS(factor, y, y)
	VMOVUPS_Z(g, r.part, d)
	VSUBPS(dot, d, d)
	VMULPS_Z(y, d, r.part, d)
	VMOVUPS(d, g)
	zero := zeroed(avx512)
	VMOVUPS(zero, r.second, m.Offset(64))
	VMOVUPS(zero, r.second, g.Offset(64))
	r.end(true)
}

// dotRows multiplies rows by others.
func dotRows() {
	r := beginRowBlock("dotPairs", "sets b to the sums of the products of rows of x and d")
	r.begin()
	sum := zeroed(avx512)
	r.each("_vector", func(place reg.GPVirtual) {
		x := ZMM()
		VMOVUPS(Mem{Base: r.x, Index: place, Scale: 1}, x)
		VFMADD231PS(Mem{Base: r.d, Index: place, Scale: 1}, x, sum)
	})
	x, d := ZMM(), ZMM()
	VMOVUPS_Z(Mem{Base: r.x, Index: r.place, Scale: 1}, r.part, x)
	VMOVUPS_Z(Mem{Base: r.d, Index: r.place, Scale: 1}, r.part, d)
	VFMADD231PS(d, x, sum)
	across(sum, func(ops ...Op) { VADDPS(ops[0], ops[1], ops[2]) })
	VMOVSS(sum.AsX(), Mem{Base: r.b})
	r.end(true)
}

// scaleRows multiplies each row by a number.
func scaleRows() {
	r := beginRowBlock("scaleRows", "multiplies rows of x by a")
	r.begin()
	factor := ZMM()
	VBROADCASTSS(Mem{Base: r.a}, factor)
	r.each("_vector", func(place reg.GPVirtual) {
		m, x := Mem{Base: r.x, Index: place, Scale: 1}, ZMM()
		VMULPS(m, factor, x)
		VMOVUPS(x, m)
	})
	m, x := Mem{Base: r.x, Index: r.place, Scale: 1}, ZMM()
	VMOVUPS_Z(m, r.part, x)
	VMULPS(factor, x, x)
	VMOVUPS(x, r.part, m)
	r.end(false)
}
