package data

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"

	"modelbook/dl"
)

// Closer is a Source that holds a file or the like. A stream that is read through it is closed when a pass ends.
type Closer interface {
	Source
	io.Closer
}

// ShuffleBuffer is the stream in a random order, as far as a buffer of so many samples allows: each sample handed out is
// drawn from the buffer, whose place the next one of the stream takes, as in tf.data. A new order is drawn from r for
// each pass. The buffer should be larger than stretches of one kind in the stream.
func (s *Stream) ShuffleBuffer(samples int, r *dl.Rand) *Stream {
	if samples < 1 {
		dl.PanicValue("data.Stream.ShuffleBuffer", "a buffer for %d samples", samples)
	}
	r = orDefault(r)
	return &Stream{Sample: s.Sample, Open: func() (Source, error) {
		source, err := s.begin()
		if err != nil {
			return nil, err
		}
		return &shuffler{source: source, spec: s.Sample, size: samples, r: rand.New(rand.NewPCG(r.Uint64(), r.Uint64()))}, nil
	}}
}

// atOnce is how many samples streams ask for that pass on samples one at a time.
const atOnce = 64

// shuffler is a pass over a shuffled stream.
type shuffler struct {
	source Source
	spec   Spec
	size   int
	r      *rand.Rand
	held   []Batch // of one sample each; memory grows with what is really there
	reader reader
}

func (s *shuffler) Next(b Batch) (int, error) {
	for row := range b.Len() {
		for len(s.held) < s.size && !s.reader.ended {
			one, err := s.reader.next(s.source, &s.spec, nil)
			if err != nil {
				return row, err
			}
			if one.X != nil {
				s.held = append(s.held, one)
			}
		}
		if len(s.held) == 0 {
			return row, nil
		}
		i := s.r.IntN(len(s.held))
		b.put(s.held[i], []int{row})
		one, err := s.reader.next(s.source, &s.spec, &s.held[i])
		if err != nil {
			return row, err
		}
		if one.X == nil { // the end
			last := len(s.held) - 1
			s.held[i] = s.held[last]
			s.held = s.held[:last]
		}
	}
	return b.Len(), nil
}

func (s *shuffler) Close() error { return closeSource(s.source) }

func closeSource(s Source) error {
	if c, ok := s.(Closer); ok {
		return c.Close()
	}
	return nil
}

// reader takes single samples from a source.
type reader struct {
	buffer Batch
	at, n  int
	ended  bool
}

// next is the next sample as a batch of one, in place of into if that is not nil; without X at the end.
func (r *reader) next(source Source, spec *Spec, into *Batch) (Batch, error) {
	if r.at == r.n && !r.ended {
		if r.buffer.X == nil {
			r.buffer = newBatch(*spec, atOnce)
		}
		n, err := source.Next(r.buffer)
		if err != nil {
			return Batch{}, err
		}
		if n < 0 || n > atOnce {
			return Batch{}, fmt.Errorf("data: a stream read %d samples into a batch of %d", n, atOnce)
		}
		r.at, r.n, r.ended = 0, n, n < atOnce
	}
	if r.at == r.n {
		return Batch{}, nil
	}
	one := Batch{}
	if into != nil {
		one = *into
	} else {
		one = newBatch(*spec, 1)
	}
	copyTensor(one.X, r.buffer.X, []int{r.at})
	if one.Y != nil {
		copyTensor(one.Y, r.buffer.Y, []int{r.at})
	}
	for i := range one.More {
		copyTensor(one.More[i].Tensor, r.buffer.More[i].Tensor, []int{r.at})
	}
	r.at++
	return one, nil
}

// Map changes each sample by a function, as the function [Map] does: the samples' numbers, which seed the random
// numbers, are their places in the stream. out describes the result. A sample for which f returns no X is left out.
func (s *Stream) Map(out Spec, seed uint64, f func(s Sample) Sample) *Stream {
	given("data.Stream.Map", "the function", f != nil)
	passes := randOf(seed)
	return &Stream{Sample: out, Open: func() (Source, error) {
		source, err := s.begin()
		if err != nil {
			return nil, err
		}
		return &streamMap{source: source, in: s.Sample, out: out, seed: passes.Uint64(), f: f}, nil
	}}
}

type streamMap struct {
	source  Source
	in, out Spec
	seed    uint64
	number  int
	f       func(s Sample) Sample
	reader  reader
	one     Batch
}

func (m *streamMap) Next(b Batch) (int, error) {
	if m.one.X == nil {
		m.one = newBatch(m.in, 1)
	}
	for row := 0; row < b.Len(); {
		one, err := m.reader.next(m.source, &m.in, &m.one)
		if err != nil || one.X == nil {
			return row, err
		}
		sample := (&mapped{f: m.f, seed: m.seed}).apply(one, 0, m.number)
		m.number++
		if sample.X == nil {
			continue
		}
		if s := specOfSample(sample); !sameSpec(&s, &m.out) {
			return row, fmt.Errorf("data.Stream.Map: sample %d becomes %v %v with the target %v %v, expected are %v %v and %v %v",
				m.number-1, s.XType, s.X, s.YType, s.Y, m.out.XType, m.out.X, m.out.YType, m.out.Y)
		}
		part := Batch{X: sample.X.Contiguous().Unsqueeze(0)}
		if sample.Y != nil {
			part.Y = sample.Y.Contiguous().Unsqueeze(0)
		}
		for _, v := range sample.More {
			part.More = append(part.More, Value{v.Field, v.Tensor.Contiguous().Unsqueeze(0)})
		}
		b.put(part, []int{row})
		row++
	}
	return b.Len(), nil
}

func (m *streamMap) Close() error { return closeSource(m.source) }

// Chain is the samples of several streams one after the other, such as the files of a data set.
func Chain(streams ...*Stream) *Stream {
	if len(streams) == 0 {
		dl.PanicValue("data.Chain", "no streams")
	}
	for i, s := range streams {
		if s == nil {
			dl.PanicValue("data.Chain", "stream %d is nil", i)
		}
		if !sameSpec(&s.Sample, &streams[0].Sample) {
			dl.PanicValue("data.Chain", "the samples of stream %d are %v, those of stream 0 are %v", i, s.Sample, streams[0].Sample)
		}
	}
	streams = slices.Clone(streams)
	return &Stream{Sample: streams[0].Sample, Open: func() (Source, error) { return &chain{left: streams}, nil }}
}

type chain struct {
	left   []*Stream
	source Source
	reader reader
	spec   Spec
}

func (c *chain) Next(b Batch) (int, error) {
	for row := 0; row < b.Len(); {
		if c.source == nil {
			if len(c.left) == 0 {
				return row, nil
			}
			var err error
			if c.source, err = c.left[0].begin(); err != nil {
				return row, err
			}
			c.spec, c.reader, c.left = c.left[0].Sample, reader{}, c.left[1:]
		}
		one, err := c.reader.next(c.source, &c.spec, nil)
		if err != nil {
			return row, err
		}
		if one.X == nil {
			if err := closeSource(c.source); err != nil {
				return row, err
			}
			c.source = nil
			continue
		}
		b.put(one, []int{row})
		row++
	}
	return b.Len(), nil
}

func (c *chain) Close() error {
	if c.source == nil {
		return nil
	}
	return closeSource(c.source)
}
