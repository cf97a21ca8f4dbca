package dl

// A productScatter multiplies elements of t with those of src that have their places. Both are contiguous, of Float32,
// Float64 or Int64.
type productScatter struct {
	t, src  *Tensor
	at      []int // the places of the elements of src
	exclude bool  // the elements of t in places that have others do not count
}

// scatterProducts is ScatterReduce of products.
func (t *Tensor) scatterProducts(at []int, src *Tensor, exclude bool) *Tensor {
	d := Int64
	if t.dtype.IsFloat() {
		d = t.dtype.gradient()
	}
	s := productScatter{t.To(d).Contiguous(), src.To(d).Contiguous(), at, exclude}
	y := result(d, t.shape)
	device.scatterProducts(s, y)
	if recording(s.t, s.src) {
		r := scatterProductsKind.new()
		r.productScatter = s
		r.keep(s.t, s.src)
		attach(y, "ScatterReduce", r)
	}
	return y.To(t.dtype)
}

// scatterProductsRecord is the record of products.
type scatterProductsRecord struct {
	node
	productScatter
}

var scatterProductsKind = newKind[scatterProductsRecord]()

func (r *scatterProductsRecord) operands(list []*Tensor) []*Tensor { return append(list, r.t, r.src) }

func (r *scatterProductsRecord) backward(b *sweep, dy *Tensor) {
	dt, dsrc := result(r.t.dtype, r.t.shape), result(r.src.dtype, r.src.shape)
	device.scatterProductsGrad(r.productScatter, dy, dt, dsrc)
	b.hand(r.t, dt)
	b.hand(r.src, dsrc)
}

// compose multiplies two by two: see [scattering.products].
func (r *scatterProductsRecord) compose() *Tensor {
	s := r.t.scattering(r.at, r.exclude)
	return s.products(Concat(0, r.t.Reshape(r.t.size), r.src.Reshape(r.src.size)), r.t.shape)
}

// products multiplies the elements of each place two by two, then the products, until each place has one: so the
// gradient of a factor is made of the other factors, also where one is 0.
func (s *scattering) products(all *Tensor, shape Shape) *Tensor {
	first, most := ints(len(s.count)), 0 // where the elements of a place begin
	end := 0
	for place := range s.count {
		if s.own(place) {
			s.count[place] = -s.count[place] - 1 // its own, too: the sign says so until all are counted
		}
	}
	for place, n := range s.count {
		n = max(n, -n)
		first[place], end, most = end, end+n, max(most, n)
	}
	grouped, next := ints(end), ints(len(first))
	copy(next, first)
	for place, n := range s.count {
		if n < 0 {
			grouped[next[place]], s.count[place] = place, -n
			next[place]++
		}
	}
	for i, place := range s.at {
		grouped[next[place]] = s.t.size + i
		next[place]++
	}
	for ; most > 1; most = (most + 1) / 2 {
		left, right, single := ints(end)[:0], ints(end)[:0], ints(end)[:0]
		for place, n := range s.count {
			of := grouped[first[place] : first[place]+n]
			for ; len(of) > 1; of = of[2:] {
				left, right = append(left, of[0]), append(right, of[1])
			}
			single = append(single, of...)
		}
		pick := func(at []int) *Tensor { return all.picked("ScatterReduce", shapeOf(len(at)), at, 1) }
		all = Concat(0, pick(left).Mul(pick(right)), pick(single))
		pair, alone := 0, len(left)
		for place, n := range s.count {
			of := grouped[first[place]:]
			for i := range n / 2 {
				of[i] = pair
				pair++
			}
			if n%2 == 1 {
				of[n/2] = alone
				alone++
			}
			s.count[place] = (n + 1) / 2
		}
	}
	for place, i := range first {
		first[place] = grouped[i]
	}
	return all.picked("ScatterReduce", shape, first, 1)
}
