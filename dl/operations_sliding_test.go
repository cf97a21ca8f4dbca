package dl

// The gamma function and windows: see testdata/operations_sliding.py.
func init() {
	operations["Lgamma"], operations["Lgamma of special values"] = one((*Tensor).Lgamma), one((*Tensor).Lgamma)
	operations["Digamma"], operations["Digamma of special values"] = one((*Tensor).Digamma), one((*Tensor).Digamma)
	for i, name := range []string{"Polygamma 1", "Polygamma 2", "Polygamma 3", "Polygamma 4"} {
		operations[name] = one(func(x *Tensor) *Tensor { return x.Polygamma(i + 1) })
	}
	operations["Unfold"] = one(func(x *Tensor) *Tensor { return x.Unfold(1, 3, 1) })
	operations["Unfold with steps"] = one(func(x *Tensor) *Tensor { return x.Unfold(0, 4, 3) })
	operations["Unfold apart"] = one(func(x *Tensor) *Tensor { return x.Unfold(-1, 2, 3) })
	operations["Unfold twice"] = one(func(x *Tensor) *Tensor { return x.Unfold(0, 2, 1).Unfold(1, 3, 2) })
	for name, o := range map[string]WindowOptions{
		"":                         {Size: [2]int{2, 3}},
		" with stride and padding": {Size: [2]int{3, 2}, Stride: [2]int{2, 1}, Padding: Pad2D(1, 1)},
		" with dilation":           {Size: [2]int{2, 2}, Dilation: [2]int{2, 1}, Padding: Pad2D(0, 1), Stride: [2]int{1, 2}},
	} {
		operations["dl.Unfold"+name] = one(func(x *Tensor) *Tensor { return Unfold(x, o) })
		operations["dl.Fold"+name] = one(func(x *Tensor) *Tensor { return Fold(x, 5, 4, o) })
	}
}
