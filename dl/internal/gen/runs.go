package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of conv.runs.
const (
	runsDst = 8 * iota
	runsSrc
	runsY
	runsSums
	runsCount
	runsVecs
	runsDstStep
	runsSrcStep
	runsFlags
)

// copyRuns copies count runs of vectors, or adds them, with a distance between them on either side.
func copyRuns(s isa, add bool) {
	name := map[bool]string{false: "copyRuns", true: "addRuns"}[add] + s.name
	TEXT(name, NOSPLIT, "func(r *byte)")
	Pragma("noescape")
	r := Load(Param("r"), GP64())
	dst, src, count, n, to, from := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: r, Disp: runsDst}, dst)
	MOVQ(Mem{Base: r, Disp: runsSrc}, src)
	MOVQ(Mem{Base: r, Disp: runsCount}, count)
	MOVQ(Mem{Base: r, Disp: runsVecs}, n)
	MOVQ(Mem{Base: r, Disp: runsDstStep}, to)
	MOVQ(Mem{Base: r, Disp: runsSrcStep}, from)
	SHLQ(Imm(map[int]uint64{16: 6, 8: 5}[s.width]), n) // bytes of a run
	i := GP64()
	Label(name + "_run")
	XORQ(i, i)
	Label(name + "_vector")
	v := vec(s)
	VMOVUPS(Mem{Base: src, Index: i, Scale: 1}, v)
	if add {
		VADDPS(Mem{Base: dst, Index: i, Scale: 1}, v, v)
	}
	VMOVUPS(v, Mem{Base: dst, Index: i, Scale: 1})
	ADDQ(U32(uint32(4*s.width)), i)
	CMPQ(i, n)
	JL(LabelRef(name + "_vector"))
	ADDQ(to, dst)
	ADDQ(from, src)
	DECQ(count)
	JNZ(LabelRef(name + "_run"))
	VZEROUPPER()
	RET()
}

// maskRuns adds count rows to sums; before, if the flags say so, it clears
// the elements whose y is not positive and stores the rows.
func maskRuns(s isa) {
	name := "maskRuns" + s.name
	TEXT(name, NOSPLIT, "func(r *byte)")
	Pragma("noescape")
	r := Load(Param("r"), GP64())
	dst, src, y, sums, step := GP64(), GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: r, Disp: runsDst}, dst)
	MOVQ(Mem{Base: r, Disp: runsSrc}, src)
	MOVQ(Mem{Base: r, Disp: runsY}, y)
	MOVQ(Mem{Base: r, Disp: runsSums}, sums)
	MOVQ(Mem{Base: r, Disp: runsSrcStep}, step)
	zero := zeroed(s)
	i, n := GP64(), GP64()
	sum := vec(s)
	body := func(mask bool) {
		suffix := map[bool]string{false: "_sum", true: "_mask"}[mask]
		Label(name + suffix)
		v := vec(s)
		VMOVUPS(Mem{Base: src, Index: i, Scale: 1}, v)
		if mask {
			u := vec(s)
			VMOVUPS(Mem{Base: y, Index: i, Scale: 1}, u)
			if s.width == 16 {
				k := K()
				VCMPPS(Imm(0x1E), zero, u, k) // y > 0
				VMOVAPS_Z(v, k, v)
			} else {
				VCMPPS(Imm(0x1E), zero, u, u)
				VANDPS(u, v, v)
			}
			VMOVUPS(v, Mem{Base: dst, Index: i, Scale: 1})
		}
		VADDPS(v, sum, sum)
		ADDQ(step, i)
		DECQ(n)
		JNZ(LabelRef(name + suffix))
	}
	Label(name + "_column")
	MOVQ(Mem{Base: r, Disp: runsCount}, n)
	XORQ(i, i)
	if s.width == 16 {
		VPXORD(sum, sum, sum)
	} else {
		VXORPS(sum, sum, sum)
	}
	CMPQ(Mem{Base: r, Disp: runsFlags}, Imm(0))
	JNE(LabelRef(name + "_mask"))
	body(false)
	JMP(LabelRef(name + "_end"))
	body(true)
	Label(name + "_end")
	VADDPS(Mem{Base: sums}, sum, sum)
	VMOVUPS(sum, Mem{Base: sums})
	for _, p := range []reg.GPVirtual{dst, src, y, sums} {
		ADDQ(U32(uint32(4*s.width)), p)
	}
	DECQ(Mem{Base: r, Disp: runsVecs})
	JNZ(LabelRef(name + "_column"))
	VZEROUPPER()
	RET()
}
