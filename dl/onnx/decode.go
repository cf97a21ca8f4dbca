package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field of a message that is being read: number or bytes, by its type.
type field struct {
	number protowire.Number
	kind   protowire.Type
	value  uint64 // of a varint or a fixed size
	bytes  []byte // shared with the message
}

// fields calls f for each field of a message.
func fields(b []byte, f func(v field) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		v := field{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			v.value, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var x uint32
			x, n = protowire.ConsumeFixed32(b)
			v.value = uint64(x)
		case protowire.Fixed64Type:
			v.value, n = protowire.ConsumeFixed64(b)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

var errType = errors.New("a field has another type than in onnx.proto")

func (v field) text() (string, error) {
	if v.kind != protowire.BytesType {
		return "", errType
	}
	return string(v.bytes), nil
}

func (v field) integer() (int64, error) {
	if v.kind != protowire.VarintType {
		return 0, errType
	}
	return int64(v.value), nil
}

// message reads the field as a message.
func (v field) message(f func(v field) error) error {
	if v.kind != protowire.BytesType {
		return errType
	}
	return fields(v.bytes, f)
}

// integers appends the one integer of a field, or its packed ones.
func (v field) integers(to *[]int64) error {
	switch v.kind {
	case protowire.VarintType:
		*to = append(*to, int64(v.value))
		return nil
	case protowire.BytesType:
		for b := v.bytes; len(b) > 0; {
			x, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return protowire.ParseError(n)
			}
			*to, b = append(*to, int64(x)), b[n:]
		}
		return nil
	}
	return errType
}

func (v field) floats(to *[]float32) error {
	switch v.kind {
	case protowire.Fixed32Type:
		*to = append(*to, math.Float32frombits(uint32(v.value)))
		return nil
	case protowire.BytesType:
		for b := v.bytes; len(b) > 0; {
			x, n := protowire.ConsumeFixed32(b)
			if n < 0 {
				return protowire.ParseError(n)
			}
			*to, b = append(*to, math.Float32frombits(x)), b[n:]
		}
		return nil
	}
	return errType
}

func (v field) doubles(to *[]float64) error {
	switch v.kind {
	case protowire.Fixed64Type:
		*to = append(*to, math.Float64frombits(v.value))
		return nil
	case protowire.BytesType:
		for b := v.bytes; len(b) > 0; {
			x, n := protowire.ConsumeFixed64(b)
			if n < 0 {
				return protowire.ParseError(n)
			}
			*to, b = append(*to, math.Float64frombits(x)), b[n:]
		}
		return nil
	}
	return errType
}

func (p *modelProto) decode(b []byte) error {
	return fields(b, func(v field) (err error) {
		switch v.number {
		case 1:
			p.irVersion, err = v.integer()
		case 2:
			p.producer, err = v.text()
		case 7:
			if v.kind != protowire.BytesType {
				return errType
			}
			err = p.graph.decode(v.bytes)
		case 8:
			var o opset
			err = v.message(func(v field) (err error) {
				switch v.number {
				case 1:
					o.domain, err = v.text()
				case 2:
					o.version, err = v.integer()
				}
				return err
			})
			p.opsets = append(p.opsets, o)
		case 25:
			p.functions = true
		}
		return err
	})
}

func (g *graphProto) decode(b []byte) error {
	return fields(b, func(v field) (err error) {
		switch v.number {
		case 1:
			var n nodeProto
			err = v.message(n.decode)
			if err != nil {
				return fmt.Errorf("node %d: %w", len(g.nodes)+1, err)
			}
			g.nodes = append(g.nodes, n)
		case 2:
			g.name, err = v.text()
		case 5:
			var t tensorProto
			err = v.message(t.decode)
			g.initializers = append(g.initializers, t)
		case 11, 12:
			var i valueInfo
			err = v.message(i.decode)
			if v.number == 11 {
				g.inputs = append(g.inputs, i)
			} else {
				g.outputs = append(g.outputs, i)
			}
		case 15:
			g.sparse = true
		}
		return err
	})
}

func (n *nodeProto) decode(v field) (err error) {
	switch v.number {
	case 1, 2:
		var name string
		if name, err = v.text(); v.number == 1 {
			n.in = append(n.in, name)
		} else {
			n.out = append(n.out, name)
		}
	case 3:
		n.name, err = v.text()
	case 4:
		n.op, err = v.text()
	case 5:
		var a attribute
		err = v.message(a.decode)
		n.attrs = append(n.attrs, a)
	case 7:
		n.domain, err = v.text()
	}
	return err
}

func (a *attribute) decode(v field) (err error) {
	switch v.number {
	case 1:
		a.name, err = v.text()
	case 2:
		if v.kind != protowire.Fixed32Type {
			return errType
		}
		a.f = math.Float32frombits(uint32(v.value))
	case 3:
		a.i, err = v.integer()
	case 4:
		a.s, err = v.text()
	case 5:
		a.t = &tensorProto{}
		err = v.message(a.t.decode)
	case 7:
		err = v.floats(&a.floats)
	case 8:
		err = v.integers(&a.ints)
	case 9:
		var s string
		s, err = v.text()
		a.strings = append(a.strings, s)
	case 20:
		a.kind, err = v.integer()
	case 21:
		a.ref = true
	}
	return err
}

func (t *tensorProto) decode(v field) (err error) {
	switch v.number {
	case 1:
		err = v.integers(&t.dims)
	case 2:
		t.dtype, err = v.integer()
	case 4:
		err = v.floats(&t.floats)
	case 5, 7, 11:
		err = v.integers(&t.ints)
	case 8:
		t.name, err = v.text()
	case 9:
		if v.kind != protowire.BytesType {
			return errType
		}
		t.raw, t.hasRaw = v.bytes, true
	case 10:
		err = v.doubles(&t.doubles)
	case 13:
		t.external = true
	case 14:
		var where int64
		where, err = v.integer()
		t.external = t.external || where != 0
	}
	return err
}

func (i *valueInfo) decode(v field) (err error) {
	switch v.number {
	case 1:
		i.name, err = v.text()
	case 2:
		err = v.message(func(v field) error {
			if v.number != 1 {
				return nil
			}
			return v.message(func(v field) (err error) {
				switch v.number {
				case 1:
					i.dtype, err = v.integer()
				case 2:
					i.known = true
					err = v.message(i.dimension)
				}
				return err
			})
		})
	}
	return err
}

func (i *valueInfo) dimension(v field) error {
	if v.number != 1 {
		return nil
	}
	var d dimension
	err := v.message(func(v field) (err error) {
		switch v.number {
		case 1:
			d.value, err = v.integer()
		case 2:
			d.param, err = v.text()
		}
		return err
	})
	i.shape = append(i.shape, d)
	return err
}
