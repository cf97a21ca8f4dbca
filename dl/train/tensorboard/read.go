package tensorboard

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Event is a record of an event file.
type Event struct {
	Time    time.Time
	Step    int
	Version string // "brain.Event:2" in the first event of a file
	Graph   []byte // a GraphDef, a protocol buffer
	Values  []Value
}

// Value is what an event says of a tag: a number, a histogram, an image or texts.
type Value struct {
	Tag       string
	Plugin    string // of TensorBoard that shows it, "" where the file does not say: "scalars", "text", ...
	IsScalar  bool
	Scalar    float64
	Histogram *Histogram
	Image     []byte // as it is in the file: a PNG
	Texts     []string
}

// Read reads the events of a file, be they written by this package, by PyTorch or by TensorFlow; what it does not know,
// such as audio, is left out. A file that is still being written may end in the middle of a record: then the last error
// is an io.ErrUnexpectedEOF.
func Read(r io.Reader) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		if r == nil {
			yield(Event{}, errors.New("tensorboard: Read needs a reader, such as a file"))
			return
		}
		in, b := bufio.NewReader(r), &bytes.Buffer{}
		for n := 1; ; n++ {
			content, err := readRecord(in, b)
			if err == io.EOF {
				return
			}
			var e Event
			if err == nil {
				e, err = decodeEvent(content)
			}
			if err != nil {
				yield(Event{}, fmt.Errorf("tensorboard: event %d: %w", n, err))
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

// errProto is the error of bytes that are no protocol buffer of the kind.
var errProto = errors.New("it is no event of TensorFlow's format")

// field is one of a message: number or bytes, as its type says.
type field struct {
	id     protowire.Number
	kind   protowire.Type
	number uint64
	bytes  []byte
}

// fields are those of a message.
func fields(b []byte) iter.Seq2[field, error] {
	return func(yield func(field, error) bool) {
		for len(b) > 0 {
			id, kind, n := protowire.ConsumeTag(b)
			if n < 0 {
				yield(field{}, errProto)
				return
			}
			b = b[n:]
			f := field{id: id, kind: kind}
			switch kind {
			case protowire.VarintType:
				f.number, n = protowire.ConsumeVarint(b)
			case protowire.Fixed32Type:
				var v uint32
				v, n = protowire.ConsumeFixed32(b)
				f.number = uint64(v)
			case protowire.Fixed64Type:
				f.number, n = protowire.ConsumeFixed64(b)
			case protowire.BytesType:
				f.bytes, n = protowire.ConsumeBytes(b)
			default:
				n = protowire.ConsumeFieldValue(id, kind, b)
			}
			if n < 0 {
				yield(field{}, errProto)
				return
			}
			b = b[n:]
			if !yield(f, nil) {
				return
			}
		}
	}
}

// double is the value of a field of that type.
func (f field) double() float64 { return math.Float64frombits(f.number) }

// float is the value of a field of that type.
func (f field) float() float64 { return float64(math.Float32frombits(uint32(f.number))) }

func decodeEvent(b []byte) (e Event, err error) {
	for f, err := range fields(b) {
		if err != nil {
			return e, err
		}
		switch {
		case f.id == eventTime && f.kind == protowire.Fixed64Type:
			if t := f.double(); t > -1e9 && t < 1e11 { // seconds of a time of people
				e.Time = time.Unix(0, int64(math.Round(t*1e6))*1e3)
			}
		case f.id == eventStep && f.kind == protowire.VarintType:
			e.Step = int(int64(f.number))
		case f.id == eventVersion && f.kind == protowire.BytesType:
			e.Version = string(f.bytes)
		case f.id == eventGraph && f.kind == protowire.BytesType:
			e.Graph = bytes.Clone(f.bytes)
		case f.id == eventSummary && f.kind == protowire.BytesType:
			for f, err := range fields(f.bytes) {
				if err != nil {
					return e, err
				}
				if f.id != summaryValue || f.kind != protowire.BytesType {
					continue
				}
				v, err := decodeValue(f.bytes)
				if err != nil {
					return e, err
				}
				e.Values = append(e.Values, v)
			}
		}
	}
	return e, nil
}

func decodeValue(b []byte) (v Value, err error) {
	var tensor []byte
	for f, err := range fields(b) {
		if err != nil {
			return v, err
		}
		switch {
		case f.id == valueTag && f.kind == protowire.BytesType:
			v.Tag = string(f.bytes)
		case f.id == valueScalar && f.kind == protowire.Fixed32Type:
			v.IsScalar, v.Scalar = true, f.float()
		case f.id == valueImage && f.kind == protowire.BytesType:
			for f, err := range fields(f.bytes) {
				if err != nil {
					return v, err
				}
				if f.id == 4 && f.kind == protowire.BytesType {
					v.Image = bytes.Clone(f.bytes)
				}
			}
		case f.id == valueHistogram && f.kind == protowire.BytesType:
			if v.Histogram, err = decodeHistogram(f.bytes); err != nil {
				return v, err
			}
		case f.id == valueTensor && f.kind == protowire.BytesType:
			tensor = f.bytes
		case f.id == valueMetadata && f.kind == protowire.BytesType:
			if v.Plugin, err = pluginOf(f.bytes); err != nil {
				return v, err
			}
		}
	}
	if tensor != nil {
		err = v.decodeTensor(tensor)
	}
	return v, err
}

// pluginOf is the name of the plugin in a SummaryMetadata.
func pluginOf(b []byte) (name string, err error) {
	for f, err := range fields(b) {
		if err != nil {
			return "", err
		}
		if f.id != 1 || f.kind != protowire.BytesType {
			continue
		}
		for f, err := range fields(f.bytes) {
			if err != nil {
				return "", err
			}
			if f.id == 1 && f.kind == protowire.BytesType {
				name = string(f.bytes)
			}
		}
	}
	return name, nil
}

func decodeHistogram(b []byte) (*Histogram, error) {
	h := &Histogram{}
	for f, err := range fields(b) {
		if err != nil {
			return nil, err
		}
		if f.kind == protowire.Fixed64Type {
			switch f.id {
			case 1:
				h.Min = f.double()
			case 2:
				h.Max = f.double()
			case 3:
				h.Count = f.double()
			case 4:
				h.Sum = f.double()
			case 5:
				h.Squares = f.double()
			case 6: // not packed, as older programs write them
				h.Limits = append(h.Limits, f.double())
			case 7:
				h.Counts = append(h.Counts, f.double())
			}
			continue
		}
		if f.kind != protowire.BytesType || f.id != 6 && f.id != 7 {
			continue
		}
		if len(f.bytes)%8 != 0 {
			return nil, errProto
		}
		values := make([]float64, 0, len(f.bytes)/8)
		for b := f.bytes; len(b) > 0; b = b[8:] {
			bits, _ := protowire.ConsumeFixed64(b)
			values = append(values, math.Float64frombits(bits))
		}
		if f.id == 6 {
			h.Limits = append(h.Limits, values...)
		} else {
			h.Counts = append(h.Counts, values...)
		}
	}
	if len(h.Limits) != len(h.Counts) {
		return nil, fmt.Errorf("a histogram of %d limits and %d counts", len(h.Limits), len(h.Counts))
	}
	return h, nil
}
