package tensorboard

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Event files are made of TensorFlow's records: the length as eight bytes, the masked checksum of these, the content,
// and its masked checksum; all little-endian.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is the checksum of TensorFlow's records: a CRC-32C, turned and moved, so that the checksum of what holds
// checksums is a good one.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// appendRecord appends a record with this content.
func appendRecord(to, content []byte) []byte {
	start := len(to)
	to = binary.LittleEndian.AppendUint64(to, uint64(len(content)))
	to = binary.LittleEndian.AppendUint32(to, masked(to[start:]))
	to = append(to, content...)
	return binary.LittleEndian.AppendUint32(to, masked(content))
}

// largest is the most bytes that a record may have: TensorBoard's own limit is that of protocol buffers.
const largest = 1 << 31

// errCut is the error of a record that ends before its time.
var errCut = fmt.Errorf("the last record is cut off: %w", io.ErrUnexpectedEOF)

// readRecord reads the content of a record into b's memory. At the end of the file the error is io.EOF.
func readRecord(r io.Reader, b *bytes.Buffer) ([]byte, error) {
	var head [12]byte
	switch _, err := io.ReadFull(r, head[:]); {
	case err == io.ErrUnexpectedEOF:
		return nil, errCut
	case err != nil:
		return nil, err
	}
	n := binary.LittleEndian.Uint64(head[:])
	if masked(head[:8]) != binary.LittleEndian.Uint32(head[8:]) {
		return nil, errors.New("the checksum of a record's length is wrong: the file is no event file, or it is damaged")
	}
	if n > largest {
		return nil, fmt.Errorf("a record of %d bytes: at most %d are read", n, largest)
	}
	b.Reset()
	// Memory is taken as bytes come, not as a length promises.
	if got, err := io.CopyN(b, r, int64(n)+4); err == io.EOF && got < int64(n)+4 {
		return nil, errCut
	} else if err != nil {
		return nil, err
	}
	content := b.Bytes()[:n]
	if masked(content) != binary.LittleEndian.Uint32(b.Bytes()[n:]) {
		return nil, errors.New("the checksum of a record is wrong: the file is damaged")
	}
	return content, nil
}
