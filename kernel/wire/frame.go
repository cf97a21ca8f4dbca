package wire

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Flags of a ZMTP 3 frame (https://rfc.zeromq.org/spec/23/).
const (
	flagMore    = 1
	flagLong    = 2
	flagCommand = 4
)

// A frame is one ZMTP frame.
type frame struct {
	more, command bool
	body          []byte
}

// errTooLarge is the reason for cutting a connection that announces more than
// it may send.
var errTooLarge = errors.New("frame over the limit")

// readFrame reads one frame whose body has at most max bytes. Memory is allocated
// as the bytes arrive, not as the header announces them.
func readFrame(r *bufio.Reader, max int64) (frame, error) {
	flags, err := r.ReadByte()
	if err != nil {
		return frame{}, err
	}
	f := frame{more: flags&flagMore != 0, command: flags&flagCommand != 0}
	if flags&^(flagMore|flagLong|flagCommand) != 0 {
		return frame{}, fmt.Errorf("reserved bits in frame flags %#02x", flags)
	}
	if f.command && f.more {
		return frame{}, errors.New("a command of several frames")
	}
	var length [8]byte
	if flags&flagLong != 0 {
		_, err = io.ReadFull(r, length[:])
	} else {
		_, err = io.ReadFull(r, length[7:])
	}
	if err != nil {
		return frame{}, unexpected(err)
	}
	size := binary.BigEndian.Uint64(length[:])
	if size > uint64(max) {
		return frame{}, fmt.Errorf("%w: %d bytes announced, %d allowed", errTooLarge, size, max)
	}
	const atOnce = 64 << 10 // bytes that may be allocated before they have arrived
	if size <= atOnce {
		f.body = make([]byte, size)
		_, err = io.ReadFull(r, f.body)
		return f, unexpected(err)
	}
	var b bytes.Buffer
	b.Grow(atOnce)
	_, err = io.CopyN(&b, r, int64(size))
	f.body = b.Bytes()
	return f, unexpected(err)
}

// unexpected turns an end of input inside a frame into an error of its own.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// appendFrame appends the frame as it goes over the wire.
func appendFrame(b []byte, f frame) []byte {
	var flags byte
	if f.more {
		flags |= flagMore
	}
	if f.command {
		flags |= flagCommand
	}
	if len(f.body) > 255 {
		b = append(b, flags|flagLong)
		b = binary.BigEndian.AppendUint64(b, uint64(len(f.body)))
	} else {
		b = append(b, flags, byte(len(f.body)))
	}
	return append(b, f.body...)
}

// commandName splits the body of a command frame into its name and its data.
func (f frame) commandName() (name string, data []byte, err error) {
	if len(f.body) == 0 || int(f.body[0]) > len(f.body)-1 {
		return "", nil, errors.New("malformed command")
	}
	n := 1 + int(f.body[0])
	return string(f.body[1:n]), f.body[n:], nil
}

// command makes a command frame.
func command(name string, data []byte) frame {
	body := append([]byte{byte(len(name))}, name...)
	return frame{command: true, body: append(body, data...)}
}

// A boundary watches outgoing bytes and knows where messages end: a command may
// be sent only between two messages.
type boundary struct {
	header []byte // of the present frame, until its length is known
	left   uint64 // bytes of the frame's body still to come
	more   bool   // the message goes on after this frame
}

// between reports that no message is written in part.
func (b *boundary) between() bool { return len(b.header) == 0 && b.left == 0 && !b.more }

// follow records that p is being written.
func (b *boundary) follow(p []byte) {
	for len(p) > 0 {
		if b.left > 0 {
			n := min(b.left, uint64(len(p)))
			b.left -= n
			p = p[n:]
			continue
		}
		b.header = append(b.header, p[0])
		p = p[1:]
		long := b.header[0]&flagLong != 0
		switch {
		case long && len(b.header) == 9:
			b.left = binary.BigEndian.Uint64(b.header[1:])
		case !long && len(b.header) == 2:
			b.left = uint64(b.header[1])
		default:
			continue
		}
		b.more = b.header[0]&flagMore != 0
		b.header = b.header[:0]
	}
}
