package data

import (
	"slices"
	"sort"

	"modelbook/dl"
)

// Skip is a dataset without its first n samples.
func Skip(d Dataset, n int) Dataset {
	mustBeNumbered("data.Skip", d)
	if n < 0 {
		dl.PanicValue("data.Skip", "%d samples cannot be left out", n)
	}
	return Subset(d, sequence(d.Len())[min(n, d.Len()):])
}

// Repeat is a dataset several times over: an epoch of it is several of the dataset.
func Repeat(d Dataset, times int) Dataset {
	mustBeNumbered("data.Repeat", d)
	if times < 0 || times > maxSamples/max(d.Len(), 1) {
		dl.PanicValue("data.Repeat", "a dataset of %d samples %d times over: 0 or more times, %d samples at most", d.Len(), times, maxSamples)
	}
	var samples []int
	for range times {
		samples = append(samples, sequence(d.Len())...)
	}
	return Subset(d, samples)
}

// Filter is the samples of a dataset for which keep says true. Each is read once, as a batch of one, to ask.
func Filter(d Dataset, keep func(sample Batch) bool) (Dataset, error) {
	mustBeNumbered("data.Filter", d)
	given("data.Filter", "the function", keep != nil)
	var samples []int
	loader := Loader{Dataset: d, BatchSize: 1}
	for i, b := range loader.Batches() {
		if keep(b) {
			samples = append(samples, i)
		}
	}
	if err := loader.Err(); err != nil {
		return nil, err
	}
	return Subset(d, samples), nil
}

// Concat is the samples of several datasets one after the other. They need the same Spec.
func Concat(datasets ...Dataset) Dataset {
	if len(datasets) == 0 {
		dl.PanicValue("data.Concat", "no datasets")
	}
	c := &concat{datasets: slices.Clone(datasets)}
	var first Spec
	for i, d := range datasets {
		switch {
		case d == nil:
			dl.PanicValue("data.Concat", "dataset %d is nil", i)
		case d.Len() < 0:
			dl.PanicValue("data.Concat", "dataset %d is a stream; Chain puts streams one after the other", i)
		case i == 0:
			first = d.Spec()
		}
		if s := d.Spec(); !varies(d) && !sameSpec(&s, &first) {
			dl.PanicValue("data.Concat", "the samples of dataset %d are %v, those of dataset 0 are %v", i, s, first)
		}
		if varies(d) {
			dl.PanicValue("data.Concat", "the samples of dataset %d differ in shape; make one dataset of their sequences", i)
		}
		c.ends = append(c.ends, c.Len()+d.Len())
	}
	return c
}

type concat struct {
	datasets []Dataset
	ends     []int // the number of samples up to the end of each dataset
}

func (c *concat) parts() []Dataset { return c.datasets }

func (c *concat) Len() int {
	if len(c.ends) == 0 {
		return 0
	}
	return c.ends[len(c.ends)-1]
}

func (c *concat) Spec() Spec { return c.datasets[0].Spec() }

func (c *concat) Read(b Batch, samples []int) error {
	spec := c.Spec()
	if err := b.room(&spec, samples, c.Len()); err != nil {
		return err
	}
	for which, d := range c.datasets {
		start := c.ends[which] - d.Len()
		var rows, numbers []int
		for row, s := range samples {
			if sort.SearchInts(c.ends, s+1) == which {
				rows, numbers = append(rows, row), append(numbers, s-start)
			}
		}
		switch {
		case len(rows) == 0:
			continue
		case len(rows) == len(samples):
			return d.Read(b, numbers)
		}
		part := newBatch(d.Spec(), len(rows))
		if err := d.Read(part, numbers); err != nil {
			return err
		}
		b.put(part, rows)
	}
	return nil
}

// put copies the rows of part to the given rows of b.
func (b Batch) put(part Batch, rows []int) {
	putTensor(b.X, part.X, rows)
	if b.Y != nil {
		putTensor(b.Y, part.Y, rows)
	}
	for i, v := range part.More {
		putTensor(b.More[i].Tensor, v.Tensor, rows)
	}
}

func putTensor(dst, src *dl.Tensor, rows []int) {
	size := src.Size() / max(src.Dim(0), 1)
	switch src.DType() {
	case dl.Float32:
		putRows(dst.Float32s(), src.Float32s(), rows, size)
	case dl.Float64:
		putRows(dst.Float64s(), src.Float64s(), rows, size)
	case dl.Int32:
		putRows(dst.Int32s(), src.Int32s(), rows, size)
	case dl.Int64:
		putRows(dst.Int64s(), src.Int64s(), rows, size)
	case dl.Uint8:
		putRows(dst.Uint8s(), src.Uint8s(), rows, size)
	case dl.Bool:
		putRows(dst.Bools(), src.Bools(), rows, size)
	default:
		dl.PanicDType("data.Read", "rows of this type cannot be copied", src)
	}
}

func putRows[T any](dst, src []T, rows []int, size int) {
	for i, row := range rows {
		copy(dst[row*size:(row+1)*size], src[i*size:(i+1)*size])
	}
}

func sameSpec(a, b *Spec) bool {
	return slices.Equal(a.X, b.X) && a.XType == b.XType && slices.Equal(a.Y, b.Y) && a.YType == b.YType &&
		slices.EqualFunc(a.More, b.More, func(f, g Field) bool {
			return f.Name == g.Name && f.Role == g.Role && f.DType == g.DType && slices.Equal(f.Shape, g.Shape)
		})
}

// Zip puts the samples of several datasets of one length beside each other: sample i has X and Y of the first, and
// those of the others as fields with the names given, one for each of the others: "left" has the Input "left" and the
// Target "left_y". Samples may differ in shape ([Ragged], [Sequences]): each batch has those of its own.
func Zip(first Dataset, names []string, others ...Dataset) Dataset {
	if len(names) != len(others) {
		dl.PanicValue("data.Zip", "%d names for %d datasets", len(names), len(others))
	}
	mustBeNumbered("data.Zip", first)
	z := &zip{datasets: append([]Dataset{first}, others...), names: append([]string{""}, names...)}
	for i, d := range z.datasets {
		if d == nil {
			dl.PanicValue("data.Zip", "dataset %d is nil", i)
		}
		if d.Len() < 0 || d.Len() != first.Len() {
			dl.PanicValue("data.Zip", "dataset %d has %d samples, dataset 0 has %d; equally many are needed", i, d.Len(), first.Len())
		}
	}
	z.spec = z.joined(Dataset.Spec)
	used := map[string]bool{"x": true, "y": true}
	for _, f := range z.spec.More {
		if f.Name == "" || used[f.Name] {
			dl.PanicValue("data.Zip", "a field needs a name of its own, not %q", f.Name)
		}
		used[f.Name] = true
	}
	return z
}

type zip struct {
	datasets []Dataset
	names    []string // of the datasets
	spec     Spec
}

func (z *zip) parts() []Dataset { return z.datasets }
func (z *zip) Len() int         { return z.datasets[0].Len() }
func (z *zip) Spec() Spec       { return z.spec }

// BatchSpec has the shapes of a batch of some samples.
func (z *zip) BatchSpec(samples []int) Spec {
	return z.joined(func(d Dataset) Spec { return specOf(d, samples) })
}

// joined is what the specs of the datasets are together.
func (z *zip) joined(of func(d Dataset) Spec) (all Spec) {
	for i, d := range z.datasets {
		s, name := of(d), z.names[i]
		if i == 0 {
			all = s
			all.More = slices.Clone(s.More)
			continue
		}
		all.More = append(all.More, Field{name, Input, s.X, s.XType})
		if s.YType != NoTarget {
			all.More = append(all.More, Field{name + "_y", Target, s.Y, s.YType})
		}
		for _, f := range s.More {
			f.Name = name + "_" + f.Name
			all.More = append(all.More, f)
		}
	}
	return all
}

func (z *zip) Read(b Batch, samples []int) error {
	// Of samples that differ in shape, a batch may have more room than they need: each dataset sees to that.
	if !varies(z) || len(b.More) != len(z.spec.More) {
		if err := b.room(&z.spec, samples, z.Len()); err != nil {
			return err
		}
	}
	more := b.More
	for i, d := range z.datasets {
		s := d.Spec()
		part := Batch{X: b.X, Y: b.Y}
		if i > 0 {
			part.X, part.Y, more = more[0].Tensor, nil, more[1:]
			if s.YType != NoTarget {
				part.Y, more = more[0].Tensor, more[1:]
			}
		}
		for j, f := range s.More {
			part.More = append(part.More, Value{f, more[j].Tensor})
		}
		more = more[len(s.More):]
		if err := d.Read(part, samples); err != nil {
			return err
		}
	}
	return nil
}

// Windows is a series cut into samples: Size steps as the input and what follows as the target, as
// timeseries_dataset_from_array of Keras.
type Windows struct {
	Series *dl.Tensor // float32 [steps] or [steps, features]
	Size   int        // steps of an input
	Ahead  int        // steps of a target, which follow the input; 0: 1
	Stride int        // steps from one sample to the next; 0: 1
	Target []int      // the features that are predicted; nil: all
}

// Dataset is the samples: inputs [Size, features] and targets [Ahead, features] of the series.
func (w Windows) Dataset() *Series {
	const op = "data.Windows"
	s := &Series{size: w.Size, ahead: max(w.Ahead, 0), stride: max(w.Stride, 0), target: slices.Clone(w.Target)}
	if s.ahead == 0 {
		s.ahead = 1
	}
	if s.stride == 0 {
		s.stride = 1
	}
	if w.Series == nil || w.Series.Rank() < 1 || w.Series.Rank() > 2 || w.Series.DType() != dl.Float32 {
		dl.PanicValue(op, "a series is a float32 tensor [steps] or [steps, features]")
	}
	if s.features = 1; w.Series.Rank() == 2 {
		s.features = w.Series.Dim(1)
	}
	if w.Size < 1 || w.Ahead < 0 || w.Stride < 0 {
		dl.PanicValue(op, "windows of %d steps, %d ahead, every %d steps: none may be negative, and the size is 1 or more", w.Size, w.Ahead, w.Stride)
	}
	if w.Target == nil {
		s.target = sequence(s.features)
	}
	if len(s.target) == 0 {
		dl.PanicValue(op, "no feature is predicted: Target names one or more, nil stands for all")
	}
	for _, f := range s.target {
		if f < 0 || f >= s.features {
			dl.PanicValue(op, "there is no feature %d of %d", f, s.features)
		}
	}
	steps := w.Series.Dim(0)
	if w.Size > steps || s.ahead > steps-w.Size {
		dl.PanicValue(op, "a series of %d steps is too short for windows of %d with %d ahead", steps, w.Size, s.ahead)
	}
	s.values = w.Series.Contiguous()
	s.n = (steps-w.Size-s.ahead)/s.stride + 1
	return s
}

// Series is a dataset of windows of a series: see [Windows].
type Series struct {
	values                           *dl.Tensor
	n, size, ahead, stride, features int
	target                           []int
}

// Len is the number of windows.
func (s *Series) Len() int { return s.n }

// Spec describes a window.
func (s *Series) Spec() Spec {
	return Spec{X: dl.Shape{s.size, s.features}, Y: dl.Shape{s.ahead, len(s.target)}, YType: dl.Float32}
}

// Read fills a batch: see [Dataset].
func (s *Series) Read(b Batch, samples []int) error {
	spec := s.Spec()
	if err := b.room(&spec, samples, s.n); err != nil || len(samples) == 0 {
		return err
	}
	v, x, y := s.values.Float32s(), b.X.Float32s(), b.Y.Float32s()
	for row, i := range samples {
		start := i * s.stride * s.features
		n := s.size * s.features
		copy(x[row*n:(row+1)*n], v[start:])
		for t := range s.ahead {
			for k, f := range s.target {
				y[(row*s.ahead+t)*len(s.target)+k] = v[start+n+t*s.features+f]
			}
		}
	}
	return nil
}
