package data

import (
	"fmt"
	"slices"
	"sync/atomic"

	"modelbook/dl"
)

// Sample is one sample of a dataset: its input and target without the batch axis, and what else it has.
type Sample struct {
	X, Y *dl.Tensor // Y is nil without targets
	More []Value
	Rand *dl.Rand // for what is random: seeded by the sample's number and the pass, so that workers change nothing
}

// Map changes each sample by a function, such as one of package transforms, every time it is read: targets and shapes
// may change, too. What is random in f must come from the sample's Rand. f runs on the goroutines that read, several at
// a time; it may change the sample's tensors in place. All results need the shapes and types of the first sample's.
//
//	training = data.Map(training, func(s data.Sample) data.Sample {
//		s.X = augment.Apply(s.X, s.Rand)
//		return s
//	})
func Map(d Dataset, f func(s Sample) Sample) Dataset { return MapSeeded(d, 0, f) }

// MapSeeded is Map with other random numbers.
func MapSeeded(d Dataset, seed uint64, f func(s Sample) Sample) Dataset {
	mustBeDataset("data.Map", d)
	given("data.Map", "the function", f != nil)
	m := &mapped{Dataset: d, f: f, seed: seed}
	switch {
	case d.Len() < 0:
		dl.PanicValue("data.Map", "a stream is changed where it is read; see Stream.Map")
	case d.Len() == 0:
		m.spec = d.Spec()
		return m
	}
	b := newBatch(specOf(d, []int{0}), 1)
	if err := d.Read(b, []int{0}); err != nil { // told again, as an error, when it is read
		m.broken = err
		m.spec = d.Spec()
		return m
	}
	out := m.apply(b, 0, 0)
	m.spec = specOfSample(out)
	m.spec.named(d.Spec())
	return m
}

// named gives a Spec the names of another one.
func (s *Spec) named(as Spec) { s.Classes, s.XName, s.YName = as.Classes, as.XName, as.YName }

type mapped struct {
	Dataset
	f      func(s Sample) Sample
	seed   uint64
	spec   Spec
	broken error
	pass   atomic.Uint64
}

func (m *mapped) parts() []Dataset      { return []Dataset{m.Dataset} }
func (m *mapped) Spec() Spec            { return m.spec }
func (m *mapped) StartPass(pass uint64) { m.pass.Store(pass) }

// BatchSpec hides that of a dataset whose samples differ in shape: those of the result do not.
func (m *mapped) BatchSpec([]int) Spec { return m.spec }

// specOfSample is the Spec of samples like s.
func specOfSample(s Sample) Spec {
	if s.X == nil {
		dl.PanicValue("data.Map", "the function returns a sample without X")
	}
	spec := Spec{X: slices.Clone(s.X.Shape()), XType: s.X.DType(), YType: NoTarget}
	if s.Y != nil {
		spec.Y, spec.YType = slices.Clone(s.Y.Shape()), s.Y.DType()
	}
	for _, v := range s.More {
		given("data.Map", fmt.Sprintf("the field %q that the function returns", v.Field.Name), v.Tensor != nil)
		v.Field.Shape, v.Field.DType = slices.Clone(v.Tensor.Shape()), v.Tensor.DType()
		spec.More = append(spec.More, v.Field)
	}
	return spec
}

// apply calls the function with a row of a batch.
func (m *mapped) apply(b Batch, row, number int) Sample {
	s := Sample{X: sampleOf(b.X, row), Rand: randOf(m.seed, m.pass.Load(), uint64(number))}
	if b.Y != nil {
		s.Y = sampleOf(b.Y, row)
	}
	for _, v := range b.More {
		s.More = append(s.More, Value{v.Field, sampleOf(v.Tensor, row)})
	}
	return m.f(s)
}

// sampleOf is a copy of a row of a batch.
func sampleOf(t *dl.Tensor, row int) *dl.Tensor {
	out := dl.New(t.DType(), append(dl.Shape{1}, t.Shape()[1:]...)...)
	copyTensor(out, t, []int{row})
	return out.Reshape(t.Shape()[1:]...)
}

// Read fills a batch: see [Dataset].
func (m *mapped) Read(b Batch, samples []int) error {
	if m.broken != nil {
		return m.broken
	}
	if err := b.room(&m.spec, samples, m.Len()); err != nil {
		return err
	}
	in := newBatch(specOf(m.Dataset, samples), len(samples))
	if err := m.Dataset.Read(in, samples); err != nil {
		return err
	}
	for row, number := range samples {
		out := m.apply(in, row, number)
		var s Spec
		if err := dl.Try(func() { s = specOfSample(out) }); err != nil {
			return err
		}
		if !sameSpec(&s, &m.spec) {
			return fmt.Errorf("data.Map: sample %d becomes %v %v with the target %v %v, the first became %v %v and %v %v; all must be alike",
				number, s.XType, s.X, s.YType, s.Y, m.spec.XType, m.spec.X, m.spec.YType, m.spec.Y)
		}
		part := Batch{X: out.X.Contiguous().Unsqueeze(0)}
		if out.Y != nil {
			part.Y = out.Y.Contiguous().Unsqueeze(0)
		}
		for _, v := range out.More {
			part.More = append(part.More, Value{v.Field, v.Tensor.Contiguous().Unsqueeze(0)})
		}
		b.put(part, []int{row})
	}
	return nil
}

// MapBatches changes each batch by a function after its samples were read, such as transforms.MixUp, which mixes
// samples with each other. What is random in f must come from r, which is seeded by the batch's samples and the pass. f
// gets tensors of its own and may change them in place; the number of samples must stay. See also [Map].
func MapBatches(d Dataset, seed uint64, f func(b Batch, r *dl.Rand) Batch) Dataset {
	mustBeDataset("data.MapBatches", d)
	given("data.MapBatches", "the function", f != nil)
	m := &mappedBatches{Dataset: d, f: f, seed: seed, spec: d.Spec()}
	switch {
	case d.Len() < 0:
		dl.PanicValue("data.MapBatches", "a stream is changed where it is read")
	case varies(d):
		dl.PanicValue("data.MapBatches", "the samples differ in shape; Map may make them alike")
	case d.Len() == 0:
		return m
	}
	b := newBatch(d.Spec(), 1)
	if m.broken = d.Read(b, []int{0}); m.broken == nil {
		out := f(b, randOf(seed))
		spec := specOfBatch(out)
		spec.named(m.spec)
		m.spec = spec
	}
	return m
}

type mappedBatches struct {
	Dataset
	f      func(b Batch, r *dl.Rand) Batch
	seed   uint64
	spec   Spec
	broken error
	pass   atomic.Uint64
}

func (m *mappedBatches) parts() []Dataset      { return []Dataset{m.Dataset} }
func (m *mappedBatches) Spec() Spec            { return m.spec }
func (m *mappedBatches) StartPass(pass uint64) { m.pass.Store(pass) }

func specOfBatch(b Batch) Spec {
	const op = "data.MapBatches"
	if b.X == nil || b.X.Rank() < 1 {
		dl.PanicValue(op, "the function returns a batch without X")
	}
	row := func(name string, t *dl.Tensor) {
		given(op, fmt.Sprintf("the field %q that the function returns", name), t != nil)
		if t.Rank() < 1 || t.Dim(0) != b.X.Dim(0) {
			dl.PanicShape(op, fmt.Sprintf("X and the field %q that the function returns need a row for each sample", name), b.X, t)
		}
	}
	if b.Y != nil {
		row("y", b.Y)
	}
	for _, v := range b.More {
		row(v.Field.Name, v.Tensor)
	}
	return fromBatch(Batch{X: b.X, Y: b.Y, More: described(b.More)}).spec
}

// described gives fields the shapes and types of their tensors.
func described(more []Value) []Value {
	more = slices.Clone(more)
	for i := range more {
		more[i].Field.Shape, more[i].Field.DType = sampleShape(more[i].Tensor), more[i].Tensor.DType()
	}
	return more
}

// Read fills a batch: see [Dataset].
func (m *mappedBatches) Read(b Batch, samples []int) error {
	if m.broken != nil {
		return m.broken
	}
	if err := b.room(&m.spec, samples, m.Len()); err != nil {
		return err
	}
	in := newBatch(m.Dataset.Spec(), len(samples))
	if err := m.Dataset.Read(in, samples); err != nil {
		return err
	}
	seeds := []uint64{m.seed, m.pass.Load()}
	for _, s := range samples {
		seeds = append(seeds, uint64(s))
	}
	out := m.f(in, randOf(seeds...))
	if out.X != nil && out.X.Rank() > 0 && out.Len() != len(samples) {
		return fmt.Errorf("data.MapBatches: a batch of %d samples becomes %d of them; as many are needed", len(samples), out.Len())
	}
	var s Spec
	if err := dl.Try(func() { s = specOfBatch(out) }); err != nil {
		return err
	}
	if !sameSpec(&s, &m.spec) {
		return fmt.Errorf("data.MapBatches: a batch of samples becomes %v %v with the target %v %v, the first became %v %v and %v %v",
			s.XType, s.X, s.YType, s.Y, m.spec.XType, m.spec.X, m.spec.YType, m.spec.Y)
	}
	for i := range out.More {
		out.More[i].Tensor = out.More[i].Tensor.Contiguous()
	}
	if out.X = out.X.Contiguous(); out.Y != nil {
		out.Y = out.Y.Contiguous()
	}
	b.put(out, sequence(len(samples)))
	return nil
}
