package tensorboard

import (
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a protocol buffer that is being written: of event.proto, summary.proto, histogram.proto, tensor.proto and
// graph.proto of TensorFlow. Fields of the value 0 are left out, as in proto3, unless they are part of a choice.
type message []byte

func (m *message) integer(field protowire.Number, v int64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(v))
}

func (m *message) float(field protowire.Number, v float32) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(v))
}

func (m *message) double(field protowire.Number, v float64) {
	*m = protowire.AppendFixed64(protowire.AppendTag(*m, field, protowire.Fixed64Type), math.Float64bits(v))
}

func (m *message) doubles(field protowire.Number, values []float64) {
	b := make([]byte, 0, 8*len(values))
	for _, v := range values {
		b = protowire.AppendFixed64(b, math.Float64bits(v))
	}
	m.bytes(field, b)
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) text(field protowire.Number, s string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), s)
}

// The fields of Event, Summary and Summary.Value.
const (
	eventTime    = 1
	eventStep    = 2
	eventVersion = 3
	eventGraph   = 4
	eventSummary = 5
	eventSource  = 10

	summaryValue = 1

	valueTag       = 1
	valueScalar    = 2
	valueImage     = 4
	valueHistogram = 5
	valueTensor    = 8
	valueMetadata  = 9
)

// The numbers of types in TensorFlow.
const (
	typeFloat  = 1
	typeDouble = 2
	typeInt32  = 3
	typeString = 7
	typeInt64  = 9
)

// event begins an Event.
func event(at time.Time, step int) (m message) {
	m.double(eventTime, float64(at.UnixNano())/1e9)
	if step != 0 {
		m.integer(eventStep, int64(step))
	}
	return m
}

// scalarValue is a Summary.Value of a number.
func scalarValue(tag string, v float64) (m message) {
	m.text(valueTag, tag)
	m.float(valueScalar, float32(v))
	return m
}

// textValue is a Summary.Value of Markdown.
func textValue(tag, markdown string) (m message) {
	var plugin, metadata, tensor message
	plugin.text(1, "text")
	metadata.bytes(1, plugin)
	metadata.integer(4, 2) // DATA_CLASS_TENSOR
	tensor.integer(1, typeString)
	tensor.bytes(2, nil) // a shape without axes
	tensor.text(8, markdown)
	m.text(valueTag, tag)
	m.bytes(valueTensor, tensor)
	m.bytes(valueMetadata, metadata)
	return m
}

// imageValue is a Summary.Value of a PNG.
func imageValue(tag string, height, width, channels int, png []byte) (m message) {
	var image message
	image.integer(1, int64(height))
	image.integer(2, int64(width))
	image.integer(3, int64(channels))
	image.bytes(4, png)
	m.text(valueTag, tag)
	m.bytes(valueImage, image)
	return m
}

// histogramValue is a Summary.Value of a histogram.
func histogramValue(tag string, h *Histogram) (m message) {
	var histogram message
	histogram.double(1, h.Min)
	histogram.double(2, h.Max)
	histogram.double(3, h.Count)
	histogram.double(4, h.Sum)
	histogram.double(5, h.Squares)
	histogram.doubles(6, h.Limits)
	histogram.doubles(7, h.Counts)
	m.text(valueTag, tag)
	m.bytes(valueHistogram, histogram)
	return m
}

// shape is a TensorShapeProto.
func shape(sizes []int) (m message) {
	for _, n := range sizes {
		var dim message
		dim.integer(1, int64(n))
		m.bytes(2, dim)
	}
	return m
}
