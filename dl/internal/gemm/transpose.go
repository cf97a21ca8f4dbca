package gemm

// Transpose writes the transpose of src, rows x cols with rows lds apart, to
// dst, rows ldd apart.
func Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	done := 0 // rows, as far as cols is a multiple of 8
	for done+8 <= rows && cols >= 8 && transpose8(dst[done:], src[done*lds:], ldd, lds, cols/8) {
		done += 8
	}
	for i := range rows {
		j := 0
		if i < done {
			j = cols &^ 7
		}
		for ; j < cols; j++ {
			dst[j*ldd+i] = src[i*lds+j]
		}
	}
}
