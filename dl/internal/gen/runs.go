package main

import (
	"fmt"

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

// maskAhead is how many bytes maskRuns fetches ahead: what it reads was written by other layers and comes from memory.
const maskAhead = 4096

// maskRuns adds count rows to sums; before, if the flags say so, it clears
// the elements whose y is not positive and stores the rows. Up to four vectors
// of a row are taken at once, so that memory is read in order.
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
	width := 4 * s.width
	columns := func(many int) {
		label := fmt.Sprintf("%s_%d", name, many)
		Label(label)
		CMPQ(Mem{Base: r, Disp: runsVecs}, Imm(uint64(many)))
		JLT(LabelRef(label + "_none"))
		sum := make([]reg.VecVirtual, many)
		for c := range sum {
			sum[c] = zeroed(s)
		}
		MOVQ(Mem{Base: r, Disp: runsCount}, n)
		XORQ(i, i)
		body := func(suffix string, mask bool) {
			Label(label + suffix)
			for c := range sum {
				v := vec(s)
				VMOVUPS(Mem{Base: src, Index: i, Scale: 1, Disp: c * width}, v)
				if mask && c*width%64 == 0 {
					PREFETCHT0(Mem{Base: src, Index: i, Scale: 1, Disp: c*width + maskAhead})
					PREFETCHT0(Mem{Base: y, Index: i, Scale: 1, Disp: c*width + maskAhead})
				}
				if mask {
					u := vec(s)
					VMOVUPS(Mem{Base: y, Index: i, Scale: 1, Disp: c * width}, u)
					if s.width == 16 {
						k := K()
						VCMPPS(Imm(0x1E), zero, u, k) // y > 0
						VMOVAPS_Z(v, k, v)
					} else {
						VCMPPS(Imm(0x1E), zero, u, u)
						VANDPS(u, v, v)
					}
					VMOVUPS(v, Mem{Base: dst, Index: i, Scale: 1, Disp: c * width})
				}
				VADDPS(v, sum[c], sum[c])
			}
			ADDQ(step, i)
			DECQ(n)
			JNZ(LabelRef(label + suffix))
		}
		CMPQ(Mem{Base: r, Disp: runsFlags}, Imm(0))
		JNE(LabelRef(label + "_mask"))
		body("_sum", false)
		JMP(LabelRef(label + "_end"))
		body("_mask", true)
		Label(label + "_end")
		for c := range sum {
			VADDPS(Mem{Base: sums, Disp: c * width}, sum[c], sum[c])
			VMOVUPS(sum[c], Mem{Base: sums, Disp: c * width})
		}
		for _, p := range []reg.GPVirtual{dst, src, y, sums} {
			ADDQ(U32(uint32(many*width)), p)
		}
		SUBQ(Imm(uint64(many)), Mem{Base: r, Disp: runsVecs})
		JMP(LabelRef(label))
		Label(label + "_none")
	}
	columns(4)
	columns(2)
	columns(1)
	VZEROUPPER()
	RET()
}
