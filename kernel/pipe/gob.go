package pipe

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"os"
)

// encoding/gob is not made for untrusted input: a few bytes can make it allocate
// many gigabytes (maps) or overflow the stack (nested interfaces), and one error
// ends its stream. This decoder reads the same streams into plain values, bounds
// everything, and continues after a bad message. The format is described in the
// documentation of encoding/gob.

const (
	maxFrame   = 64 << 20 // bytes of one message
	maxValues  = 1 << 20  // values in one message
	maxNesting = 100
	maxTypes   = 4096
	maxFields  = 1024
	maxName    = 1024 // bytes of a field's name
)

// A record is a decoded struct: its fields that are not zero, by name.
type record = map[string]any

// A formatError tells of a message that cannot be decoded. When lost is set, it
// is not known where the next message starts.
type formatError struct {
	msg  string
	lost bool
}

func (e *formatError) Error() string { return "gob: " + e.msg }

// A gobType is a type that the stream has defined.
type gobType struct {
	kind      kind
	key, elem int64
	fields    []gobField
}

type gobField struct {
	name string
	id   int64
}

type kind uint8

const (
	arrayKind kind = iota
	structKind
	mapKind
	opaqueKind // with an encoding of its own, which is not decoded
)

// Identifiers of the types that need no definition.
const (
	boolID      = 1
	intID       = 2
	uintID      = 3
	floatID     = 4
	bytesID     = 5
	stringID    = 6
	complexID   = 7
	interfaceID = 8
	firstID     = 64
)

// A decoder reads one gob stream.
type decoder struct {
	from   *bufio.Reader
	in     *inlet // what from reads, if that is a pipe
	types  map[int64]gobType
	frame  []byte // the rest of the present message
	size   int    // bytes of the messages of the present value
	values int
	anew   func() // called when a new stream seems to start; or nil
}

func newDecoder(r io.Reader) *decoder {
	in, _ := r.(*inlet)
	return &decoder{from: bufio.NewReaderSize(r, 64<<10), in: in, types: map[int64]gobType{}}
}

// next returns the next struct in the stream. It can be called again after a
// *formatError; any other error is that of the reader.
func (d *decoder) next() (m record, err error) {
	defer func() {
		if p := recover(); p != nil {
			switch p := p.(type) {
			case *formatError:
				err = p
			case readError:
				err = p.error
			default:
				panic(p)
			}
			m = nil
		}
	}()
	for {
		if d.from.Buffered() == 0 && d.in != nil {
			d.in.handled()
		}
		d.values, d.size = 0, 0
		d.nextFrame()
		id := d.int()
		if id < 0 {
			d.define(-id)
			continue
		}
		if t, ok := d.types[id]; !ok || t.kind != structKind {
			d.lose("a value of type %d where a struct is expected", id)
		}
		m, _ = d.value(id, 0).(record)
		if len(d.frame) > 0 {
			d.fail("%d bytes too many", len(d.frame))
		}
		return m, nil
	}
}

// drain discards what has been written, so that the next write starts a message.
func (d *decoder) drain() {
	d.from.Discard(d.from.Buffered())
	if d.in != nil {
		d.in.discard()
	}
}

// A readError carries an error of the reader through the decoder.
type readError struct{ error }

func (d *decoder) fail(format string, args ...any) {
	panic(&formatError{msg: fmt.Sprintf(format, args...)})
}

// lose is fail for where the start of the next message is not known.
func (d *decoder) lose(format string, args ...any) {
	panic(&formatError{msg: fmt.Sprintf(format, args...), lost: true})
}

// unread ends decoding with an error of the reader.
func (d *decoder) unread(err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		d.lose("a message whose end did not arrive")
	}
	panic(readError{err})
}

// nextFrame reads a message: a length and as many bytes. The buffer grows with
// the bytes that arrive, whatever the length says.
func (d *decoder) nextFrame() {
	read := func() byte {
		b, err := d.from.ReadByte()
		if err != nil {
			d.unread(err)
		}
		return b
	}
	length := uint64(read())
	if length > 0x7f {
		n := -int(int8(length))
		if n > 8 {
			d.lose("no length where a message starts")
		}
		length = 0
		for range n {
			length = length<<8 | uint64(read())
		}
	}
	if length > uint64(maxFrame-d.size) {
		d.lose("a message of %d bytes (at most %d)", length, maxFrame)
	}
	d.size += int(length) + 1
	var buf bytes.Buffer
	if _, err := io.CopyN(&buf, d.from, int64(length)); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		d.unread(err)
	}
	d.frame = buf.Bytes()
}

func (d *decoder) byte() byte {
	if len(d.frame) == 0 {
		d.fail("a message ends too early")
	}
	b := d.frame[0]
	d.frame = d.frame[1:]
	return b
}

func (d *decoder) uint() uint64 {
	b := d.byte()
	if b <= 0x7f {
		return uint64(b)
	}
	n := -int(int8(b))
	if n > 8 {
		d.fail("an integer of %d bytes", n)
	}
	var u uint64
	for range n {
		u = u<<8 | uint64(d.byte())
	}
	return u
}

func (d *decoder) int() int64 {
	u := d.uint()
	if u&1 != 0 {
		return ^int64(u >> 1)
	}
	return int64(u >> 1)
}

// bytes reads a length and as many bytes. They share memory with the message.
func (d *decoder) bytes() []byte {
	n := d.uint()
	if n > uint64(len(d.frame)) {
		d.fail("%d bytes where %d are left", n, len(d.frame))
	}
	b := d.frame[:n:n]
	d.frame = d.frame[n:]
	return b
}

func (d *decoder) float() float64 {
	return math.Float64frombits(bits.ReverseBytes64(d.uint()))
}

// value decodes a value of the type with this id.
func (d *decoder) value(id int64, depth int) any {
	if d.values++; d.values > maxValues {
		d.fail("more than %d values in a message", maxValues)
	}
	if depth > maxNesting {
		d.fail("values nested deeper than %d", maxNesting)
	}
	switch id {
	case boolID:
		return d.uint() != 0
	case intID:
		return d.int()
	case uintID:
		return d.uint()
	case floatID:
		return d.float()
	case bytesID:
		return bytes.Clone(d.bytes())
	case stringID:
		return string(d.bytes())
	case complexID:
		return fmt.Sprint(complex(d.float(), d.float()))
	case interfaceID:
		return d.dynamic(depth)
	}
	t, ok := d.types[id]
	if !ok {
		d.fail("type %d is not defined", id)
	}
	switch t.kind {
	case arrayKind:
		list := []any{}
		for n := d.uint(); n > 0; n-- {
			list = append(list, d.value(t.elem, depth+1))
		}
		return list
	case mapKind:
		m := map[string]any{}
		for n := d.uint(); n > 0; n-- {
			key, ok := d.value(t.key, depth+1).(string)
			if !ok {
				d.fail("a map whose keys are not strings")
			}
			m[key] = d.value(t.elem, depth+1)
		}
		return m
	case structKind:
		m := record{}
		for field := -1; ; {
			delta := d.uint()
			if delta == 0 {
				return m
			}
			if delta > uint64(len(t.fields)-1-field) {
				d.fail("field %d of a struct of %d", uint64(field)+delta, len(t.fields))
			}
			field += int(delta)
			m[t.fields[field].name] = d.value(t.fields[field].id, depth+1)
		}
	}
	return bytes.Clone(d.bytes())
}

// dynamic decodes an interface's value: the name of its type, perhaps the
// type's definition, the type, a length, the value.
func (d *decoder) dynamic(depth int) any {
	if name := d.bytes(); len(name) == 0 {
		return nil
	}
	id := d.int()
	for id < 0 {
		d.define(-id)
		// A definition ends a message, or the length of the rest follows.
		if len(d.frame) == 0 {
			d.nextFrame()
		} else {
			d.uint()
		}
		id = d.int()
	}
	d.uint() // the length of the value
	if t, ok := d.types[id]; !ok || t.kind != structKind {
		if d.uint() != 0 { // a zero stands before every value that is no struct
			d.fail("a value of type %d without a zero in front", id)
		}
	}
	return d.value(id, depth+1)
}

// define reads the definition of a type. When another program starts a new
// stream, it may define the same type again.
func (d *decoder) define(id int64) {
	if id < firstID || len(d.types) >= maxTypes {
		d.lose("type %d cannot be defined", id)
	}
	var t gobType
	d.fields(func(field int) {
		switch field {
		case 0, 1: // ArrayT, SliceT
			t.kind = arrayKind
			d.fields(func(field int) {
				switch field {
				case 0:
					d.common()
				case 1:
					t.elem = d.int()
				default:
					d.int() // Len
				}
			})
		case 2: // StructT
			t.kind = structKind
			d.fields(func(field int) {
				if field == 0 {
					d.common()
					return
				}
				for n := d.uint(); n > 0; n-- {
					var f gobField
					d.fields(func(field int) {
						if field == 0 {
							f.name = d.name()
						} else {
							f.id = d.int()
						}
					})
					if len(t.fields) == maxFields {
						d.fail("a struct of more than %d fields", maxFields)
					}
					t.fields = append(t.fields, f)
				}
			})
		case 3: // MapT
			t.kind = mapKind
			d.fields(func(field int) {
				switch field {
				case 0:
					d.common()
				case 1:
					t.key = d.int()
				default:
					t.elem = d.int()
				}
			})
		default: // GobEncoderT, BinaryMarshalerT, TextMarshalerT
			t.kind = opaqueKind
			d.fields(func(int) { d.common() })
		}
	})
	if _, again := d.types[id]; again && d.anew != nil {
		d.anew()
	}
	d.types[id] = t
}

// name is the name of a field.
func (d *decoder) name() string {
	b := d.bytes()
	if len(b) > maxName {
		d.fail("a name of %d bytes", len(b))
	}
	return string(b)
}

// common skips a CommonType: a name and an id.
func (d *decoder) common() {
	d.fields(func(field int) {
		if field == 0 {
			d.bytes()
		} else {
			d.int()
		}
	})
}

// fields calls each for the fields of a struct that were sent.
func (d *decoder) fields(each func(field int)) {
	for field := -1; ; {
		delta := d.uint()
		if delta == 0 {
			return
		}
		if delta > 16 || field > 16 {
			d.fail("a type with unknown parts")
		}
		field += int(delta)
		each(field)
	}
}
