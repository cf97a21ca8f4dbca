package dl

import (
	"math"

	"modelbook/dl/internal/quantized"
)

func (cpu) multiplyQuantized(p quantizedProduct) {
	if p.y.size == 0 {
		return
	}
	w := matrixOfBlocks(p.w)
	quantized.Multiply(p.y.f32(), p.x.f32(), &w, p.b.values(), p.y.size/p.w.Out)
}

func (cpu) dequantize(w *QuantizedMatrix, y *Tensor) {
	m := matrixOfBlocks(w)
	m.Dequantize(y.f32())
}

func matrixOfBlocks(w *QuantizedMatrix) quantized.Matrix {
	return quantized.Matrix{Format: quantized.Format(w.Format), Rows: w.Out, Cols: w.In, Blocks: w.Blocks}
}

func (cpu) packFilters(w, b *Tensor, scale float64, zero int) any {
	taps, n := w.size/w.shape[3], w.shape[3]
	values, q, scales := w.f32(), make([]int8, w.size), make([]float32, n)
	for f := range n {
		most := float32(0)
		for k := range taps {
			most = max(most, float32(math.Abs(float64(values[k*n+f]))))
		}
		if most < 1e-30 {
			continue
		}
		scales[f] = most / 127
		for k := range taps {
			q[f*taps+k] = int8(math.RoundToEven(float64(values[k*n+f] / scales[f])))
		}
	}
	return quantized.NewFilters(n, taps, q, scales, b.values(), float32(scale), uint8(min(zero, 255)))
}

func (cpu) convolveQuantized(c quantizedConvolution) {
	g := &c.windows
	f := c.f.packed.(*quantized.Filters)
	f.QuantizeAll(c.bytes.u8(), c.x.f32())
	f.Convolve(c.y.f32(), c.bytes.u8(), quantized.Windows{N: g.N, H: g.H, W: g.W, C: g.C, OH: g.OH, OW: g.OW, KH: g.KH, KW: g.KW,
		StrideH: g.SH, StrideW: g.SW, DilationH: g.DH, DilationW: g.DW, Top: g.PadTop, Left: g.PadLeft}, c.relu)
}
