package data

import (
	"cmp"
	"math"
	"slices"

	"modelbook/dl"
)

// StratifiedGroupKFold keeps samples of a group together, as [GroupKFold] does, and the shares of the classes as equal
// between the parts as groups allow. The groups whose classes differ most in number go first, each to the part that
// leaves the shares most equal: the folds are those of scikit-learn's class of this name, without shuffling.
type StratifiedGroupKFold struct {
	Labels  []int32  // the class of each sample: see [Labels]
	Groups  []int    // the group of each sample, any numbers
	K       int      // 0: 5, as in scikit-learn
	Shuffle *dl.Rand // nil: groups that are alike are taken in the order of their numbers
}

// Folds divides n samples: see [Splitter].
func (k StratifiedGroupKFold) Folds(n int) []Fold {
	const op = "data.StratifiedGroupKFold"
	if len(k.Groups) != n {
		dl.PanicValue(op, "%d groups for %d samples", len(k.Groups), n)
	}
	parts := foldCount(op, k.K, n)
	classes := byClass(op, k.Labels, n)
	if !slices.ContainsFunc(classes, func(c []int) bool { return len(c) >= parts }) {
		dl.PanicValue(op, "no class has the %d samples that %[1]d folds need", parts)
	}
	numbers := slices.Compact(slices.Sorted(slices.Values(k.Groups)))
	if len(numbers) < parts {
		dl.PanicValue(op, "%d groups do not make %d folds", len(numbers), parts)
	}
	group := map[int]int{} // the place of a number among numbers
	for i, g := range numbers {
		group[g] = i
	}
	members := make([][]float64, len(numbers)) // of each class, in each group
	for i := range members {
		members[i] = make([]float64, len(classes))
	}
	for c, samples := range classes {
		for _, i := range samples {
			members[group[k.Groups[i]]][c]++
		}
	}
	order := sequence(len(numbers))
	if k.Shuffle != nil {
		order = k.Shuffle.Perm(len(numbers))
	}
	spread := make([]float64, len(numbers))
	for i, m := range members {
		spread[i] = deviation(m)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(spread[b], spread[a]) })
	d := newDeal(parts, classes)
	home := make([]int, len(numbers))
	for _, g := range order {
		home[g] = d.give(members[g])
	}
	part := make([]int, n)
	for i, g := range k.Groups {
		part[i] = home[group[g]]
	}
	return foldsOf(part, parts)
}

// deal is what groups have brought to the parts so far.
type deal struct {
	shares  [][]float64 // of each class, of all of that class, in each part
	samples []float64   // in each part
	whole   []float64   // of each class
}

func newDeal(parts int, classes [][]int) *deal {
	d := &deal{samples: make([]float64, parts)}
	for _, samples := range classes {
		d.shares, d.whole = append(d.shares, make([]float64, parts)), append(d.whole, float64(len(samples)))
	}
	return d
}

// give adds a group to the part that then leaves the shares most equal, of equals to the smallest.
func (d *deal) give(members []float64) (best int) {
	least, fewest := math.Inf(1), math.Inf(1)
	for p, n := range d.samples {
		d.add(p, members, 1)
		unequal := 0.0
		for _, shares := range d.shares {
			unequal += deviation(shares) / float64(len(d.shares))
		}
		d.add(p, members, -1)
		alike := math.Abs(unequal-least) <= 1e-8+1e-5*least
		if unequal < least || alike && n < fewest {
			best, least, fewest = p, unequal, n
		}
	}
	d.add(best, members, 1)
	return best
}

func (d *deal) add(part int, members []float64, sign float64) {
	for c, n := range members {
		d.shares[c][part] += sign * n / d.whole[c]
		d.samples[part] += sign * n
	}
}

// deviation is the standard deviation of values.
func deviation(values []float64) float64 {
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean) / float64(len(values))
	}
	return math.Sqrt(squares)
}
