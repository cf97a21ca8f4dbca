package gemm

// packA copies a tile of op(A) into contiguous memory and returns its strides.
func (p *product) packA(dst []float32, i, rows, ks, ke int) (stepI, stepK int64) {
	unit := p.kern.unit()
	if !p.transA { // row by row, not a power of two apart
		ld := depth + 16
		if ke-ks > depth {
			ld += depth
		}
		for r := range rows {
			copy(dst[r*ld:][:(ke-ks)*unit], p.a[(i+r)*p.lda+ks*unit:])
		}
		return int64(ld), int64(unit)
	}
	if src, ld := p.a[ks*p.lda+i*unit:], 16*unit; !narrow(dst, src, ld, p.lda, ke-ks, rows*unit) {
		for k := range ke - ks {
			copy(dst[k*ld:][:rows*unit], src[k*p.lda:])
		}
	}
	return int64(unit), int64(16 * unit)
}

// packB copies a block of op(B), panel by panel.
func (p *product) packB(dst []float32, cols, js, je, ks, ke int) {
	size := p.kern.panelSize(ke-ks, p.transB)
	if p.transB {
		for j := js; j < je; j += cols {
			if p.kern.long {
				p.packDoubles(dst[(j-js)/cols*size:], cols, j/2, min(cols, je-j)/2, ks, ke)
				continue
			}
			for k := ks; k < ke; k += depth { // so much of the panel stays in the first cache
				Transpose(dst[(j-js)/cols*size+(k-ks)*cols:], cols, p.b[j*p.ldb+k:], p.ldb, min(cols, je-j), min(depth, ke-k))
			}
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
