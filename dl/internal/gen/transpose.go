package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose8 writes the transpose of an 8 x 8 block.
func transpose8() {
	TEXT("transpose8AVX2", NOSPLIT, "func(src *float32, lds int64, dst *float32, ldd int64)")
	Pragma("noescape")
	Doc("transpose8AVX2 writes the transpose of 8 x 8 values; strides are in elements.")
	src, lds := Load(Param("src"), GP64()), Load(Param("lds"), GP64())
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	SHLQ(Imm(2), lds)
	SHLQ(Imm(2), ldd)
	y := make([]reg.VecVirtual, 8)
	for i := range y {
		y[i] = YMM()
		VMOVUPS(Mem{Base: src}, y[i])
		ADDQ(lds, src)
	}
	u := make([]reg.VecVirtual, 8)
	for i := 0; i < 8; i += 2 {
		u[i], u[i+1] = YMM(), YMM()
		VUNPCKLPS(y[i+1], y[i], u[i])
		VUNPCKHPS(y[i+1], y[i], u[i+1])
	}
	s := make([]reg.VecVirtual, 8)
	for i := 0; i < 8; i += 4 {
		for j := 0; j < 4; j++ {
			s[i+j] = YMM()
		}
		VSHUFPS(Imm(0x44), u[i+2], u[i], s[i])
		VSHUFPS(Imm(0xEE), u[i+2], u[i], s[i+1])
		VSHUFPS(Imm(0x44), u[i+3], u[i+1], s[i+2])
		VSHUFPS(Imm(0xEE), u[i+3], u[i+1], s[i+3])
	}
	for i := 0; i < 8; i++ {
		v := YMM()
		VPERM2F128(Imm([]uint64{0x20, 0x31}[i/4]), s[4+i%4], s[i%4], v)
		VMOVUPS(v, Mem{Base: dst})
		ADDQ(ldd, dst)
	}
	VZEROUPPER()
	RET()
}
