package dl

import "modelbook/dl/internal/vec"

func (cpu) compare(o ordering, a, b, y *Tensor) {
	j := loops.Get().(*loop)
	j.order = o
	j.s = [4]*storage{y.storage, a.storage, b.storage}
	j.walk = newWalk("a comparison", y.layout(), a.layout().expand(y.shape), b.layout().expand(y.shape))
	j.over(cpuTypes[a.dtype].compare)
}

// compareRows does rows of a comparison.
func compareRows[T number](j *loop, lo, hi int) {
	out, a, b := j.s[0].data.([]bool), j.s[1].data.([]T), j.s[2].data.([]T)
	_, steps := j.inner()
	if steps[1] != 1 || steps[2] > 1 {
		pairAll(j, lo, hi, comparison[T](j.order))
		return
	}
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		y, x, at := out[c.at[0]:][:n], a[c.at[1]:][:n], c.at[2]
		if steps[2] == 1 {
			compareRow(j.order, y, x, b[at:][:n])
		} else {
			compareWith(j.order, y, x, b[at])
		}
		j.next(&c)
	}
}

// compareRow compares elements with each other, compareWith with one.
func compareRow[T number](o ordering, y []bool, a, b []T) {
	a, b = a[:len(y)], b[:len(y)]
	switch o {
	case equal:
		for i := range y {
			y[i] = a[i] == b[i]
		}
	case unequal:
		for i := range y {
			y[i] = a[i] != b[i]
		}
	case greater:
		for i := range y {
			y[i] = a[i] > b[i]
		}
	case greaterEqual:
		for i := range y {
			y[i] = a[i] >= b[i]
		}
	case less:
		for i := range y {
			y[i] = a[i] < b[i]
		}
	case lessEqual:
		for i := range y {
			y[i] = a[i] <= b[i]
		}
	}
}

func compareWith[T number](o ordering, y []bool, a []T, b T) {
	a = a[:len(y)]
	switch o {
	case equal:
		for i := range y {
			y[i] = a[i] == b
		}
	case unequal:
		for i := range y {
			y[i] = a[i] != b
		}
	case greater:
		for i := range y {
			y[i] = a[i] > b
		}
	case greaterEqual:
		for i := range y {
			y[i] = a[i] >= b
		}
	case less:
		for i := range y {
			y[i] = a[i] < b
		}
	case lessEqual:
		for i := range y {
			y[i] = a[i] <= b
		}
	}
}

// comparison is the function of an ordering.
func comparison[T number](o ordering) func(a, b T) bool {
	switch o {
	case unequal:
		return func(a, b T) bool { return a != b }
	case greater:
		return func(a, b T) bool { return a > b }
	case greaterEqual:
		return func(a, b T) bool { return a >= b }
	case less:
		return func(a, b T) bool { return a < b }
	case lessEqual:
		return func(a, b T) bool { return a <= b }
	}
	return func(a, b T) bool { return a == b }
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
	if chooseFloats(j, lo, hi, any(out), cond, any(a), any(b), steps) {
		return
	}
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

// chooseFloats does rows of float32 with a kernel, and reports whether it did.
func chooseFloats(j *loop, lo, hi int, out any, cond []bool, a, b any, steps [4]int) bool {
	y, ok := out.([]float32)
	if !ok || steps[1] != 1 || steps[2] > 1 || steps[3] > 1 {
		return false
	}
	x, z := a.([]float32), b.([]float32)
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		vec.Choose(y[c.at[0]:][:n], cond[c.at[1]:][:n], x[c.at[2]:], z[c.at[3]:], steps[2], steps[3])
		j.next(&c)
	}
	return true
}
