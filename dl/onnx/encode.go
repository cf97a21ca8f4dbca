package onnx

import (
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is one that is being written.
type message []byte

func (m *message) integer(field protowire.Number, v int64) {
	*m = protowire.AppendVarint(protowire.AppendTag(*m, field, protowire.VarintType), uint64(v))
}

func (m *message) float(field protowire.Number, v float32) {
	*m = protowire.AppendFixed32(protowire.AppendTag(*m, field, protowire.Fixed32Type), math.Float32bits(v))
}

func (m *message) bytes(field protowire.Number, b []byte) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, field, protowire.BytesType), b)
}

func (m *message) text(field protowire.Number, s string) {
	*m = protowire.AppendString(protowire.AppendTag(*m, field, protowire.BytesType), s)
}

// packed are integers in one field.
func (m *message) packed(field protowire.Number, values []int64) {
	var b []byte
	for _, v := range values {
		b = protowire.AppendVarint(b, uint64(v))
	}
	m.bytes(field, b)
}

func (p *modelProto) encode() []byte {
	var m message
	m.integer(1, p.irVersion)
	m.text(2, p.producer)
	m.bytes(7, p.graph.encode())
	for _, o := range p.opsets {
		var set message
		set.text(1, o.domain)
		set.integer(2, o.version)
		m.bytes(8, set)
	}
	return m
}

func (g *graphProto) encode() []byte {
	var m message
	for i := range g.nodes {
		m.bytes(1, g.nodes[i].encode())
	}
	m.text(2, g.name)
	for i := range g.initializers {
		m.bytes(5, g.initializers[i].encode())
	}
	for i := range g.inputs {
		m.bytes(11, g.inputs[i].encode())
	}
	for i := range g.outputs {
		m.bytes(12, g.outputs[i].encode())
	}
	return m
}

func (n *nodeProto) encode() []byte {
	var m message
	for _, in := range n.in {
		m.text(1, in)
	}
	for _, out := range n.out {
		m.text(2, out)
	}
	m.text(3, n.name)
	m.text(4, n.op)
	for i := range n.attrs {
		m.bytes(5, n.attrs[i].encode())
	}
	return m
}

func (a *attribute) encode() []byte {
	var m message
	m.text(1, a.name)
	m.integer(20, a.kind)
	switch a.kind {
	case attrFloat:
		m.float(2, a.f)
	case attrInt:
		m.integer(3, a.i)
	case attrString:
		m.text(4, a.s)
	case attrTensor:
		m.bytes(5, a.t.encode())
	case attrFloats:
		var b []byte
		for _, f := range a.floats {
			b = protowire.AppendFixed32(b, math.Float32bits(f))
		}
		m.bytes(7, b)
	case attrInts:
		m.packed(8, a.ints)
	case attrStrings:
		for _, s := range a.strings {
			m.text(9, s)
		}
	}
	return m
}

func (t *tensorProto) encode() []byte {
	var m message
	m.packed(1, t.dims)
	m.integer(2, t.dtype)
	m.text(8, t.name)
	m.bytes(9, t.raw)
	return m
}

func (v *valueInfo) encode() []byte {
	var shape message
	for _, d := range v.shape {
		var dim message
		if d.param != "" {
			dim.text(2, d.param)
		} else {
			dim.integer(1, d.value)
		}
		shape.bytes(1, dim)
	}
	var tensor, kind, m message
	tensor.integer(1, v.dtype)
	tensor.bytes(2, shape)
	kind.bytes(1, tensor)
	m.text(1, v.name)
	m.bytes(2, kind)
	return m
}
