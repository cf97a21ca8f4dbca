package dl

import "sync/atomic"

// A Precision is how products of float32 matrices are computed; the names are
// those of torch.set_float32_matmul_precision.
type Precision uint8

const (
	// PrecisionHighest multiplies float32.
	PrecisionHighest Precision = iota
	// PrecisionMedium rounds the operands of a product to bfloat16 (8 bits of
	// precision, the range of float32) and adds up in float32: mixed precision,
	// about twice as fast on processors that multiply bfloat16 (AVX512_BF16). On
	// others the results are the same up to the order of sums, and nothing is
	// gained.
	PrecisionMedium
)

var matMulPrecision atomic.Uint32

// SetMatMulPrecision sets how MatMul and Affine, and with them the dense layers
// of nn, multiply float32 matrices from now on, in their gradients, too.
// Tensors, weights and the optimizer's state stay float32; products of float64
// and convolutions are not affected.
func SetMatMulPrecision(p Precision) {
	if p > PrecisionMedium {
		PanicValue("SetMatMulPrecision", "there is no precision %d", p)
	}
	matMulPrecision.Store(uint32(p))
}

// MatMulPrecision returns how float32 matrices are multiplied.
func MatMulPrecision() Precision { return Precision(matMulPrecision.Load()) }
