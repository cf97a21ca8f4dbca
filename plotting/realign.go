package plotting

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"golang.org/x/image/font/opentype"
)

// largestFont is how many bytes the tables of a font may have that is read as a whole.
const largestFont = 64 << 20

var errNoFont = errors.New("plotting: not a font")

// realigned reads a font, the first one of a collection, whose tables do not begin at multiples of four bytes, which the
// format asks for and package sfnt insists on; some that are in wide use do not keep to it, such as WenQuanYi Micro Hei.
func realigned(file io.ReaderAt, size int64) (*opentype.Font, error) {
	begin := int64(0)
	head := make([]byte, 16)
	if _, err := file.ReadAt(head, 0); err != nil {
		return nil, err
	}
	if string(head[:4]) == "ttcf" {
		begin = int64(binary.BigEndian.Uint32(head[12:]))
	}
	if _, err := file.ReadAt(head[:12], begin); err != nil {
		return nil, err
	}
	tables := int(binary.BigEndian.Uint16(head[4:]))
	records := make([]byte, 16*tables)
	if _, err := file.ReadAt(records, begin+12); err != nil {
		return nil, err
	}
	font := slices.Concat(head[:12], records)
	for i := range tables {
		record := font[12+16*i:]
		from, length := int64(binary.BigEndian.Uint32(record[8:])), int64(binary.BigEndian.Uint32(record[12:]))
		at := int64(len(font))
		if from+length > size || at+length > largestFont {
			return nil, errNoFont
		}
		binary.BigEndian.PutUint32(record[8:], uint32(at))
		font = append(font, make([]byte, (length+3)&^3)...)
		if _, err := file.ReadAt(font[at:at+length], from); err != nil {
			return nil, err
		}
	}
	return opentype.Parse(font)
}
