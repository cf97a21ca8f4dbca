package dl

// operations compute the cases of testdata/operations_statistics.json, too.
func init() {
	both := func(f func(x *Tensor, axis int) (values, indices *Tensor), axis int) op {
		return func(x []*Tensor) []*Tensor {
			values, indices := f(x[0], axis)
			return []*Tensor{values, indices}
		}
	}
	for name, f := range map[string]func(x *Tensor, axis int) (values, indices *Tensor){"CumMax": (*Tensor).CumMax, "CumMin": (*Tensor).CumMin} {
		for i, n := range []string{" 0", " 1", " 2"} {
			operations[name+n] = both(f, i)
		}
		operations[name+" of ties and NaN"], operations[name+" of integers"] = both(f, 1), both(f, 0)
	}
	number := one(func(x *Tensor) *Tensor { return x.NaNToNum(7.5, 100, -200) })
	cross := func(axis int) op { return two(func(x, y *Tensor) *Tensor { return x.Cross(y, axis) }) }
	for name, f := range map[string]op{
		"Logit": one((*Tensor).Logit), "Logit at the ends": one((*Tensor).Logit),
		"NaNSum": axes((*Tensor).NaNSum), "NaNSum over 1": axes((*Tensor).NaNSum, 1), "NaNSum of numbers": axes((*Tensor).NaNSum, 0),
		"NaNMean": axes((*Tensor).NaNMean), "NaNMean over 1": axes((*Tensor).NaNMean, 1), "NaNMean over 0": axes((*Tensor).NaNMean, 0),
		"NaNMean of numbers": axes((*Tensor).NaNMean, 0), "NaNToNum": number, "NaNToNum of numbers": number,
		"Cov": one((*Tensor).Cov), "Cov of one variable": one((*Tensor).Cov), "CorrCoef": one((*Tensor).CorrCoef),
		"Cross 0": cross(0), "Cross -1": cross(-1), "Kron": two((*Tensor).Kron), "Kron of other ranks": two((*Tensor).Kron),
	} {
		operations[name] = f
	}
}
