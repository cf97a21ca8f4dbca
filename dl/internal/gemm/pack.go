package gemm

// packA copies a tile of op(A) together and returns its strides.
func (p *product) packA(dst []float32, i, rows, ks, ke int) (stepI, stepK int64) {
	if !p.transA { // row by row, not a power of two apart
		ld := depth + 16
		for r := range rows {
			copy(dst[r*ld:][:ke-ks], p.a[(i+r)*p.lda+ks:])
		}
		return int64(ld), 1
	}
	if src := p.a[ks*p.lda+i:]; !narrow(dst, src, 16, p.lda, ke-ks, rows) {
		for k := range ke - ks {
			copy(dst[k*16:][:rows], src[k*p.lda:])
		}
	}
	return 1, 16
}

// packB copies a block of op(B), panel by panel.
func (p *product) packB(dst []float32, cols, js, je, ks, ke int) {
	size := cols * (ke - ks)
	if p.transB {
		for j := js; j < je; j += cols {
			p.packColumns(dst[(j-js)/cols*size:], cols, j, min(cols, je-j), ks, ke)
		}
		return
	}
	j := js
	if full := (je - js) / cols; full > 0 && panels(dst, p.b[ks*p.ldb+js:], size, p.ldb, ke-ks, full, cols) {
		j += full * cols
	}
	for ; j < je; j += cols {
		d, n := dst[(j-js)/cols*size:], min(cols, je-j)
		for k := range ke - ks {
			copy(d[k*cols:][:n], p.b[(ks+k)*p.ldb+j:])
		}
	}
}

// packColumns copies n rows of a transposed B as a panel's columns.
func (p *product) packColumns(dst []float32, cols, j, n, ks, ke int) {
	depth := ke - ks
	eights := 0 // columns that are done as far as depth is a multiple of 8
	for eights+8 <= n && transpose8(dst[eights:], p.b[(j+eights)*p.ldb+ks:], cols, p.ldb, depth/8) {
		eights += 8
	}
	for jj := range n {
		k := 0
		if jj < eights {
			k = depth &^ 7
		}
		for src := p.b[(j+jj)*p.ldb+ks:]; k < depth; k++ {
			dst[k*cols+jj] = src[k]
		}
	}
}
