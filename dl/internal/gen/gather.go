package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The fields of the argument are those of vec.gathering.
const (
	gatherY = 8 * iota
	gatherIndex
	gatherX
	gatherCount
	gatherSize
	gatherStride
	gatherDone
	gatherOffsets
)

// gather writes elements of a row at places that an index names, eight at once while all of these are ones: see
// vec.gathering. Where the elements of the row are not next to each other each element of the result has a row of its own.
func gather(strided bool) {
	name := map[bool]string{false: "gatherAVX512", true: "gatherStridedAVX512"}[strided]
	TEXT(name, NOSPLIT, "func(a *byte)")
	Pragma("noescape")
	Doc(name + " writes elements at places of an index: see vec.gathering.")
	g := Load(Param("a"), GP64())
	field := func(at int) reg.GPVirtual {
		r := GP64()
		MOVQ(Mem{Base: g, Disp: at}, r)
		return r
	}
	y, index, x, n := field(gatherY), field(gatherIndex), field(gatherX), field(gatherCount)
	size, stride, offsets, step := ZMM(), ZMM(), ZMM(), ZMM()
	VPBROADCASTQ(Mem{Base: g, Disp: gatherSize}, size)
	if strided {
		VPBROADCASTQ(Mem{Base: g, Disp: gatherStride}, stride)
		VMOVDQU64(Mem{Base: g, Disp: gatherOffsets}, offsets)
		VPBROADCASTQ(Mem{Base: g, Disp: gatherOffsets + 8}, step)
		VPSLLQ(Imm(3), step, step) // of eight elements
	}
	i := GP64()
	XORQ(i, i)
	JMP(LabelRef(name + "_test"))
	Label(name + "_loop")
	at, row := ZMM(), YMM()
	negative, known, all := K(), K(), K()
	VMOVDQU64(Mem{Base: index, Index: i, Scale: 8}, at)
	VPMOVQ2M(at, negative)
	VPADDQ(size, at, negative, at)
	VPCMPUQ(Imm(1), size, at, known)
	KORTESTB(known, known)
	JCC(LabelRef(name + "_end")) // one is beyond the row
	if strided {
		VPMULUDQ(stride, at, at)
		VPADDQ(offsets, at, at)
		VPADDQ(step, offsets, offsets)
	}
	KXNORB(known, known, all)
	VXORPS(row, row, row)
	VGATHERQPS(Mem{Base: x, Index: at, Scale: 4}, all, row)
	VMOVUPS(row, Mem{Base: y, Index: i, Scale: 4})
	ADDQ(Imm(8), i)
	Label(name + "_test")
	CMPQ(i, n)
	JL(LabelRef(name + "_loop"))
	Label(name + "_end")
	MOVQ(i, Mem{Base: g, Disp: gatherDone})
	VZEROUPPER()
	RET()
}
