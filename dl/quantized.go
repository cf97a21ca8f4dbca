package dl

import "fmt"

// A BlockFormat says how the weights of a [QuantizedMatrix] lie in memory: as in GGUF files, in blocks of 32 that share a
// scale d of half precision (ggml-common.h of llama.cpp).
type BlockFormat uint8

// The formats of blocks.
const (
	Q8_0 BlockFormat = iota // 34 bytes: d, then integers q from -127 to 127; a weight is d*q. 8.5 bits a weight
	Q4_0                    // 18 bytes: d, then two weights in a byte, q from -8 to 7 as q+8. 4.5 bits a weight
)

// String returns "Q8_0" or "Q4_0".
func (f BlockFormat) String() string {
	switch f {
	case Q8_0:
		return "Q8_0"
	case Q4_0:
		return "Q4_0"
	}
	return fmt.Sprintf("BlockFormat(%d)", uint8(f))
}

// Bytes returns the number of bytes of n weights, a multiple of 32.
func (f BlockFormat) Bytes(n int) int {
	if f > Q4_0 || n < 0 || n%32 != 0 {
		PanicValue("BlockFormat.Bytes", "%d weights of %v; there are Q8_0 and Q4_0, of whole blocks of 32", n, f)
	}
	size := 34
	if f == Q4_0 {
		size = 18
	}
	return n / 32 * size
}

// QuantizedMatrix is a matrix of weights [Out, In] in blocks, whose memory may be that of a mapped file. In is a multiple
// of 32. It has no gradient.
type QuantizedMatrix struct {
	Format  BlockFormat
	Out, In int
	Blocks  []byte // row after row
}

// check panics unless the blocks are those of the sizes.
func (w *QuantizedMatrix) check(op string) {
	given(op, "the quantized matrix", w != nil)
	switch {
	case w.Format > Q4_0:
		PanicValue(op, "the format is %v; there are Q8_0 and Q4_0", w.Format)
	case w.Out < 0 || w.In < 0 || w.In%32 != 0:
		PanicValue(op, "a quantized matrix is [%d, %d]; its rows have whole blocks of 32", w.Out, w.In)
	case w.In > 0 && w.Out > len(w.Blocks)/w.Format.Bytes(w.In), len(w.Blocks) != w.Out*w.Format.Bytes(w.In):
		PanicValue(op, "a quantized matrix [%d, %d] of %v has rows of %d bytes; there are %d", w.Out, w.In, w.Format, w.Format.Bytes(w.In), len(w.Blocks))
	}
}

// Dequantize returns the weights as float32, [Out, In].
func (w *QuantizedMatrix) Dequantize() *Tensor {
	w.check("QuantizedMatrix.Dequantize")
	shape := shapeOf(w.Out, w.In)
	shape.fits("QuantizedMatrix.Dequantize", Float32)
	out := result(Float32, shape)
	device.dequantize(w, out)
	return out
}

// QuantizedLinear returns x w^T + b for x [..., In] of Float32, quantized weights w [Out, In], and b [Out] or nil: [...,
// Out].
//
// x is quantized on the way to signed bytes, with a scale of max|x|/127 for each 32 of them (dynamic quantization, as
// llama.cpp's Q8_0 of activations), and multiplied as integers, whose sums over 32 are exact. The product of one row takes
// the time of reading the weights.
//
// The gradient of x is that of a product with the weights as they are, as in QLoRA (Dettmers et al., 2023): rounding
// activations counts as the identity.
func QuantizedLinear(x *Tensor, w *QuantizedMatrix, b *Tensor) *Tensor {
	const op = "QuantizedLinear"
	w.check(op)
	x, b = x.Contiguous(), b.contiguous()
	if x.dtype != Float32 {
		dtypePanic(op, "x must be float32; use To", x)
	}
	rank := len(x.shape)
	if rank == 0 || x.shape[rank-1] != w.In {
		shapePanic(op, fmt.Sprintf("the last axis needs %d elements, as the quantized matrix has columns", w.In), x)
	}
	if b != nil {
		sameFloats(op, x, b)
		if len(b.shape) != 1 || b.shape[0] != w.Out {
			shapePanic(op, fmt.Sprintf("the bias needs %d elements", w.Out), b)
		}
	}
	shape := shapeOf(x.shape...)
	shape[rank-1] = w.Out
	shape.fits(op, Float32)
	out := result(Float32, shape)
	device.multiplyQuantized(quantizedProduct{x: x, w: w, b: b, y: out})
	if recording(x, b) {
		r := quantizedKind.new()
		r.x, r.b, r.w = x, b, w
		attach(out, op, r)
	}
	return out
}

// quantizedRecord is the record of QuantizedLinear.
type quantizedRecord struct {
	node
	x, b *Tensor
	w    *QuantizedMatrix
}

var quantizedKind = newKind[quantizedRecord]()

func (r *quantizedRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x, r.b) }

func (r *quantizedRecord) macs() int64 { return int64(r.out.size) * int64(r.w.In) }

// gradients are also those of backward, where nothing of them is recorded.
func (r *quantizedRecord) gradients(dy *Tensor) []*Tensor {
	grads := make([]*Tensor, 2)
	flat := dy.Reshape(-1, r.w.Out)
	if r.x.requires {
		grads[0] = flat.MatMul(r.w.Dequantize()).Reshape(r.x.shape...)
	}
	if r.b != nil && r.b.requires {
		grads[1] = flat.Sum(0)
	}
	return grads
}

func (r *quantizedRecord) backward(s *sweep, dy *Tensor) {
	var grads []*Tensor
	NoGrad(func() { grads = r.gradients(dy) })
	for i, x := range []*Tensor{r.x, r.b} {
		if grads[i] != nil {
			s.add(x, grads[i].packed())
		}
	}
}
