package gemm

// Transpose writes the transpose of src, rows x cols with rows lds apart, to
// dst, rows ldd apart.
func Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	eights := 0 // rows that are done as far as cols is a multiple of 8
	for eights+8 <= rows && cols >= 8 && transpose8(dst[eights:], src[eights*lds:], ldd, lds, cols/8) {
		eights += 8
	}
	for i := range rows {
		j := 0
		if i < eights {
			j = cols &^ 7
		}
		for ; j < cols; j++ {
			dst[j*ldd+i] = src[i*lds+j]
		}
	}
}
