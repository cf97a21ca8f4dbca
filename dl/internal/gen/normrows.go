package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of vec.normBlock.
const (
	normX = 8 * iota
	normY
	normGamma
	normBeta
	normMoments
	normDY
	normDGamma
	normDBeta
	normRows
	normCols
	normN
	normEps
	normAdd
)

// normAhead is how many bytes ahead is fetched.
const normAhead = 1024

// A normBlock is a kernel of LayerNorm that does many rows in one call, with AVX-512.
type normBlock struct {
	name              string
	arg               reg.Register
	step, whole, many reg.GPVirtual // bytes of a row, of its whole vectors, of its groups of four vectors
	place             reg.GPVirtual // of the vector in hand, in bytes
	part              reg.OpmaskVirtual
}

func beginNormBlock(name, doc string) *normBlock {
	b := &normBlock{name: name + "AVX512", step: GP64(), whole: GP64(), many: GP64(), place: GP64(), part: K()}
	TEXT(b.name, NOSPLIT, "func(b *byte)")
	Pragma("noescape")
	Doc(b.name + " " + doc + ": see normBlock of package vec.")
	b.arg = Load(Param("b"), GP64())
	MOVQ(Mem{Base: b.arg, Disp: normCols}, b.step)
	left, ones := GP32(), GP32()
	MOVL(b.step.As32(), left)
	ANDL(Imm(15), left)
	MOVL(U32(0xffff), ones)
	BZHIL(left, ones, ones)
	KMOVW(ones, b.part)
	SHLQ(Imm(2), b.step)
	MOVQ(b.step, b.whole)
	ANDQ(I8(-64), b.whole)
	MOVQ(b.step, b.many)
	ANDQ(I32(-256), b.many)
	return b
}

func (b *normBlock) field(at int) reg.GPVirtual {
	r := GP64()
	MOVQ(Mem{Base: b.arg, Disp: at}, r)
	return r
}

// each does what do says for each vector of a row, the last one under a mask, with the sum of its number.
func (b *normBlock) each(label string, sums int, do func(u int, at func(p reg.Register) Mem, part *reg.OpmaskVirtual)) {
	label = b.name + label
	at := func(disp int) func(p reg.Register) Mem {
		return func(p reg.Register) Mem { return Mem{Base: p, Index: b.place, Scale: 1, Disp: disp} }
	}
	XORQ(b.place, b.place)
	if sums > 1 {
		JMP(LabelRef(label + "_many"))
		Label(label + "_four")
		for u := range 4 {
			do(u%sums, at(64*u), nil)
		}
		ADDQ(U32(256), b.place)
		Label(label + "_many")
		CMPQ(b.place, b.many)
		JLT(LabelRef(label + "_four"))
	}
	JMP(LabelRef(label + "_test"))
	Label(label + "_one")
	do(0, at(0), nil)
	ADDQ(Imm(64), b.place)
	Label(label + "_test")
	CMPQ(b.place, b.whole)
	JLT(LabelRef(label + "_one"))
	CMPQ(b.place, b.step)
	JEQ(LabelRef(label + "_end"))
	do(0, at(0), &b.part)
	Label(label + "_end")
}

// load reads a vector, with zeros where there is no element.
func load(m Mem, part *reg.OpmaskVirtual) reg.VecVirtual {
	v := ZMM()
	if part != nil {
		VMOVUPS_Z(m, *part, v)
	} else {
		VMOVUPS(m, v)
	}
	return v
}

func store(v reg.VecVirtual, m Mem, part *reg.OpmaskVirtual) {
	if part != nil {
		VMOVUPS(v, *part, m)
	} else {
		VMOVUPS(v, m)
	}
}

// total joins sums, in the first lane.
func total(sums []reg.VecVirtual) reg.VecVirtual {
	for step := 1; step < len(sums); step *= 2 {
		for i := 0; i+step < len(sums); i += 2 * step {
			VADDPS(sums[i+step], sums[i], sums[i])
		}
	}
	across(sums[0], func(ops ...Op) { VADDPS(ops[0], ops[1], ops[2]) })
	return sums[0]
}

func zeros(n int) (all []reg.VecVirtual) {
	for range n {
		all = append(all, zeroed(avx512))
	}
	return all
}

// inAllLanes puts the first lane of v into all.
func inAllLanes(v reg.VecVirtual) reg.VecVirtual {
	all := ZMM()
	VBROADCASTSS(v.AsX(), all)
	return all
}

// layerNormRows brings rows to a mean and a variance.
func layerNormRows() {
	b := beginNormBlock("layerNormRows", "writes y = (x - mean) / sqrt(variance + eps) * gamma + beta, and the mean and the factor to moments")
	x, y, gamma, beta, moments := b.field(normX), b.field(normY), b.field(normGamma), b.field(normBeta), b.field(normMoments)
	rows := b.field(normRows)
	n, eps, one, ones := XMM(), XMM(), XMM(), GP64()
	VMOVSD(Mem{Base: b.arg, Disp: normN}, n)
	VMOVSD(Mem{Base: b.arg, Disp: normEps}, eps)
	MOVQ(U64(0x3ff0000000000000), ones) // 1
	VMOVQ(ones, one)
	Label(b.name + "_row")
	sums := zeros(4)
	b.each("_sum", 4, func(u int, at func(reg.Register) Mem, part *reg.OpmaskVirtual) {
		PREFETCHT0(at(x).Offset(normAhead))
		PREFETCHT0(at(y).Offset(normAhead))
		VADDPS(load(at(x), part), sums[u], sums[u])
	})
	m := total(sums).AsX()
	VCVTSS2SD(m, m, m)
	VDIVSD(n, m, m)
	VCVTSD2SS(m, m, m)
	VMOVSS(m, Mem{Base: moments})
	mean := inAllLanes(sums[0])
	sums = zeros(4)
	b.each("_deviation", 4, func(u int, at func(reg.Register) Mem, part *reg.OpmaskVirtual) {
		v := load(at(x), part)
		if part != nil {
			VSUBPS_Z(mean, v, *part, v)
		} else {
			VSUBPS(mean, v, v)
		}
		VFMADD231PS(v, v, sums[u])
	})
	s := total(sums).AsX()
	VCVTSS2SD(s, s, s)
	VDIVSD(n, s, s)
	VADDSD(eps, s, s)
	VSQRTSD(s, s, s)
	VDIVSD(s, one, s)
	VCVTSD2SS(s, s, s)
	VMOVSS(s, Mem{Base: moments, Disp: 4})
	scale := inAllLanes(sums[0])
	b.each("_norm", 1, func(u int, at func(reg.Register) Mem, part *reg.OpmaskVirtual) {
		v := load(at(x), part)
		VSUBPS(mean, v, v)
		VMULPS(scale, v, v)
		g := load(at(gamma), part)
		if part != nil {
			VFMADD213PS(load(at(beta), part), g, v)
		} else {
			VFMADD213PS(at(beta), g, v)
		}
		store(v, at(y), part)
	})
	ADDQ(b.step, x)
	ADDQ(b.step, y)
	ADDQ(Imm(8), moments)
	DECQ(rows)
	JNZ(LabelRef(b.name + "_row"))
	VZEROUPPER()
	RET()
}

// layerNormGradRows writes the gradients of rows, or adds them, and adds those of gamma and beta.
func layerNormGradRows() {
	b := beginNormBlock("layerNormGradRows", "writes to y the gradients of x, or adds them, and adds those of gamma and beta")
	x, y, gamma, moments := b.field(normX), b.field(normY), b.field(normGamma), b.field(normMoments)
	dy, dgamma, dbeta, rows := b.field(normDY), b.field(normDGamma), b.field(normDBeta), b.field(normRows)
	n := XMM()
	VMOVSD(Mem{Base: b.arg, Disp: normN}, n)
	VCVTSD2SS(n, n, n)
	Label(b.name + "_row")
	mean, scale := ZMM(), ZMM()
	VBROADCASTSS(Mem{Base: moments}, mean)
	VBROADCASTSS(Mem{Base: moments, Disp: 4}, scale)
	s, t := zeroed(avx512), zeroed(avx512)
	normed := func(at func(reg.Register) Mem, part *reg.OpmaskVirtual) reg.VecVirtual {
		v := load(at(x), part)
		VSUBPS(mean, v, v)
		VMULPS(scale, v, v)
		return v
	}
	b.each("_sums", 1, func(u int, at func(reg.Register) Mem, part *reg.OpmaskVirtual) {
		PREFETCHT0(at(x).Offset(normAhead))
		PREFETCHT0(at(y).Offset(normAhead))
		PREFETCHT0(at(dy).Offset(normAhead))
		v, d := normed(at, part), load(at(dy), part)
		sum := load(at(dgamma), part)
		VFMADD231PS(v, d, sum)
		store(sum, at(dgamma), part)
		sum = load(at(dbeta), part)
		VADDPS(d, sum, sum)
		store(sum, at(dbeta), part)
		VMULPS(load(at(gamma), part), d, d)
		VADDPS(d, s, s)
		VFMADD231PS(v, d, t)
	})
	for _, sum := range []reg.VecVirtual{s, t} {
		across(sum, func(ops ...Op) { VADDPS(ops[0], ops[1], ops[2]) })
		VDIVSS(n, sum.AsX(), sum.AsX())
		VBROADCASTSS(sum.AsX(), sum)
	}
	for _, add := range []bool{false, true} {
		name := "_write"
		if add {
			Label(b.name + "_other")
			name = "_add"
		} else {
			CMPQ(Mem{Base: b.arg, Disp: normAdd}, Imm(0))
			JNE(LabelRef(b.name + "_other"))
		}
		b.each(name, 1, func(u int, at func(reg.Register) Mem, part *reg.OpmaskVirtual) {
			v, d := normed(at, part), load(at(dy), part)
			VMULPS(load(at(gamma), part), d, d)
			VSUBPS(s, d, d)
			VFNMADD231PS(v, t, d)
			if add {
				VFMADD213PS(load(at(y), part), scale, d)
			} else {
				VMULPS(scale, d, d)
			}
			store(d, at(y), part)
		})
		if !add {
			JMP(LabelRef(b.name + "_next"))
		}
	}
	Label(b.name + "_next")
	ADDQ(b.step, x)
	ADDQ(b.step, y)
	ADDQ(b.step, dy)
	ADDQ(Imm(8), moments)
	DECQ(rows)
	JNZ(LabelRef(b.name + "_row"))
	VZEROUPPER()
	RET()
}
