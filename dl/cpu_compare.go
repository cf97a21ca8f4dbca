package dl

func (cpu) compare(o ordering, a, b, y *Tensor) {
	j := loops.Get().(*loop)
	j.order = o
	j.s = [4]*storage{y.storage, a.storage, b.storage}
	j.walk = newWalk("a comparison", y.layout(), a.layout().expand(y.shape), b.layout().expand(y.shape))
	j.over(cpuTypes[a.dtype].compare)
}

// compareRows does rows of a comparison.
func compareRows[T number](j *loop, lo, hi int) {
	f := func(a, b T) bool { return a == b }
	switch j.order {
	case unequal:
		f = func(a, b T) bool { return a != b }
	case greater:
		f = func(a, b T) bool { return a > b }
	case greaterEqual:
		f = func(a, b T) bool { return a >= b }
	case less:
		f = func(a, b T) bool { return a < b }
	case lessEqual:
		f = func(a, b T) bool { return a <= b }
	}
	pairAll(j, lo, hi, f)
}

// compareBools takes true for the larger.
func compareBools(j *loop, lo, hi int) {
	f := func(a, b bool) bool { return a == b }
	switch j.order {
	case unequal:
		f = func(a, b bool) bool { return a != b }
	case greater:
		f = func(a, b bool) bool { return a && !b }
	case greaterEqual:
		f = func(a, b bool) bool { return a || !b }
	case less:
		f = func(a, b bool) bool { return !a && b }
	case lessEqual:
		f = func(a, b bool) bool { return !a || b }
	}
	pairAll(j, lo, hi, f)
}

func (cpu) choose(cond, a, b, y *Tensor) {
	j := loops.Get().(*loop)
	j.s = [4]*storage{y.storage, cond.storage, a.storage, b.storage}
	j.walk = newWalk("Where", y.layout(), cond.layout().expand(y.shape), a.layout().expand(y.shape), b.layout().expand(y.shape))
	j.over(cpuTypes[y.dtype].choose)
}

// chooseRows does rows of a choice.
func chooseRows[T Element](j *loop, lo, hi int) {
	out, cond, a, b := j.s[0].data.([]T), j.s[1].data.([]bool), j.s[2].data.([]T), j.s[3].data.([]T)
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		k, x, y := c.at[1], c.at[2], c.at[3]
		for i := range n {
			v := b[y]
			if cond[k] {
				v = a[x]
			}
			out[c.at[0]+i] = v
			k, x, y = k+steps[1], x+steps[2], y+steps[3]
		}
		j.next(&c)
	}
}
