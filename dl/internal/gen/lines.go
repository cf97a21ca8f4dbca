package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of conv.lines.
const (
	linesSrc = 8 * iota
	linesDst
	linesCount
	linesVecs
	linesSrcTap
	linesDstTap
	linesSrcStep
	linesDstStep
)

// A line is a linear function of a few vectors: see conv.lines.
type line struct {
	name    string
	doc     string
	in, out int
	add     bool // to what is there
	f       func(l *lineOps, x []reg.VecVirtual) []reg.VecVirtual
}

// lineOps are the operations that a line is made of.
type lineOps struct {
	s          isa
	half, zero reg.VecVirtual
}

func (l *lineOps) add(x, y reg.VecVirtual) reg.VecVirtual {
	v := vec(l.s)
	VADDPS(y, x, v)
	return v
}

func (l *lineOps) sub(x, y reg.VecVirtual) reg.VecVirtual {
	v := vec(l.s)
	VSUBPS(y, x, v)
	return v
}

func (l *lineOps) halve(x reg.VecVirtual) reg.VecVirtual {
	v := vec(l.s)
	VMULPS(l.half, x, v)
	return v
}

func (l *lineOps) neg(x reg.VecVirtual) reg.VecVirtual { return l.sub(l.zero, x) }

// The matrices of F(2, 3) (Lavin and Gray, 2015), and their transposes.
var winograd = []line{
	{"winogradInput", "multiplies by B^T", 4, 4, false, func(l *lineOps, x []reg.VecVirtual) []reg.VecVirtual {
		return []reg.VecVirtual{l.sub(x[0], x[2]), l.add(x[1], x[2]), l.sub(x[2], x[1]), l.sub(x[1], x[3])}
	}},
	{"winogradOutput", "multiplies by A^T", 4, 2, false, func(l *lineOps, x []reg.VecVirtual) []reg.VecVirtual {
		return []reg.VecVirtual{l.add(l.add(x[0], x[1]), x[2]), l.sub(l.sub(x[1], x[2]), x[3])}
	}},
	{"winogradWeights", "multiplies by G", 3, 4, false, func(l *lineOps, x []reg.VecVirtual) []reg.VecVirtual {
		sum, middle := l.halve(l.add(x[0], x[2])), l.halve(x[1])
		return []reg.VecVirtual{x[0], l.add(sum, middle), l.sub(sum, middle), x[2]}
	}},
	{"winogradOutputGrad", "multiplies by A", 2, 4, false, func(l *lineOps, x []reg.VecVirtual) []reg.VecVirtual {
		return []reg.VecVirtual{x[0], l.add(x[0], x[1]), l.sub(x[0], x[1]), l.neg(x[1])}
	}},
	{"winogradInputGrad", "multiplies by B", 4, 4, false, inputGrad},
	{"winogradInputGradAdd", "multiplies by B and adds the result to what is there", 4, 4, true, inputGrad},
	{"winogradWeightsGrad", "multiplies by G^T", 4, 3, false, func(l *lineOps, x []reg.VecVirtual) []reg.VecVirtual {
		sum := l.halve(l.add(x[1], x[2]))
		return []reg.VecVirtual{l.add(x[0], sum), l.halve(l.sub(x[1], x[2])), l.add(sum, x[3])}
	}},
}

func inputGrad(l *lineOps, x []reg.VecVirtual) []reg.VecVirtual {
	return []reg.VecVirtual{x[0], l.add(l.sub(x[1], x[2]), x[3]), l.sub(l.add(x[1], x[2]), x[0]), l.neg(x[3])}
}

// lines writes the kernel of a line: for each of count runs, and each of vecs vectors in it, the operands lie srcTap
// apart, the results dstTap apart.
func lines(s isa, k line) {
	name := k.name + s.name
	TEXT(name, NOSPLIT, "func(l *byte)")
	Pragma("noescape")
	Doc(name + " " + k.doc + ": see conv.lines.")
	arg := Load(Param("l"), GP64())
	field := func(at int) reg.GPVirtual {
		r := GP64()
		MOVQ(Mem{Base: arg, Disp: at}, r)
		return r
	}
	src, dst, count := field(linesSrc), field(linesDst), field(linesCount)
	srcTap, dstTap := field(linesSrcTap), field(linesDstTap)
	srcTap3, dstTap3 := GP64(), GP64()
	LEAQ(Mem{Base: srcTap, Index: srcTap, Scale: 2}, srcTap3)
	LEAQ(Mem{Base: dstTap, Index: dstTap, Scale: 2}, dstTap3)
	l := &lineOps{s: s, zero: zeroed(s), half: vec(s)}
	g, x := GP32(), XMM()
	MOVL(U32(0x3f000000), g)
	VMOVD(g, x)
	VBROADCASTSS(x, l.half)
	p, q, n := GP64(), GP64(), GP64()
	tap := func(p, tap, tap3 reg.GPVirtual, i int) Mem {
		return []Mem{{Base: p}, {Base: p, Index: tap, Scale: 1}, {Base: p, Index: tap, Scale: 2}, {Base: p, Index: tap3, Scale: 1}}[i]
	}
	Label(name + "_run")
	MOVQ(src, p)
	MOVQ(dst, q)
	MOVQ(Mem{Base: arg, Disp: linesVecs}, n)
	Label(name + "_vector")
	in := make([]reg.VecVirtual, k.in)
	for i := range in {
		in[i] = vec(s)
		VMOVUPS(tap(p, srcTap, srcTap3, i), in[i])
	}
	for i, v := range k.f(l, in) {
		if k.add {
			w := vec(s)
			VADDPS(tap(q, dstTap, dstTap3, i), v, w)
			v = w
		}
		VMOVUPS(v, tap(q, dstTap, dstTap3, i))
	}
	ADDQ(U32(uint32(4*s.width)), p)
	ADDQ(U32(uint32(4*s.width)), q)
	DECQ(n)
	JNZ(LabelRef(name + "_vector"))
	ADDQ(Mem{Base: arg, Disp: linesSrcStep}, src)
	ADDQ(Mem{Base: arg, Disp: linesDstStep}, dst)
	DECQ(count)
	JNZ(LabelRef(name + "_run"))
	VZEROUPPER()
	RET()
}
