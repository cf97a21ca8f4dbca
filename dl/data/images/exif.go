package images

import (
	"bufio"
	"encoding/binary"
	"image"
	"io"
)

// orientation is how a JPEG is to be turned, as its EXIF data says: 1 to 8, and 1 where it says nothing, or nothing
// sensible. r begins with the file. https://www.cipa.jp/std/documents/e/DC-008-2012_E.pdf, 4.6.4
func orientation(r io.Reader) int {
	in := bufio.NewReader(r)
	var head [4]byte
	if _, err := io.ReadFull(in, head[:2]); err != nil || head[0] != 0xff || head[1] != 0xd8 {
		return 1
	}
	for range 64 { // segments before the picture
		if _, err := io.ReadFull(in, head[:]); err != nil || head[0] != 0xff {
			return 1
		}
		size := int(binary.BigEndian.Uint16(head[2:])) - 2
		switch kind := head[1]; {
		case size < 0 || kind == 0xda || kind == 0xd9: // the picture begins, or the file ends
			return 1
		case kind == 0xe1:
			segment := make([]byte, size)
			if _, err := io.ReadFull(in, segment); err != nil {
				return 1
			}
			if len(segment) > 6 && string(segment[:6]) == "Exif\x00\x00" {
				return inTIFF(segment[6:])
			}
		default:
			if _, err := in.Discard(size); err != nil {
				return 1
			}
		}
	}
	return 1
}

// inTIFF finds the tag Orientation, 274, in the first directory of TIFF data.
func inTIFF(b []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	if len(b) < 8 {
		return 1
	}
	switch string(b[:2]) {
	case "II":
	case "MM":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if order.Uint16(b[2:]) != 42 || at < 8 || at+2 > int64(len(b)) {
		return 1
	}
	entries := b[at+2:]
	for range order.Uint16(b[at:]) {
		if len(entries) < 12 {
			return 1
		}
		tag, kind, count := order.Uint16(entries), order.Uint16(entries[2:]), order.Uint32(entries[4:])
		if tag == 274 && kind == 3 && count == 1 { // a short
			if v := int(order.Uint16(entries[8:])); v >= 1 && v <= 8 {
				return v
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// turned is a picture from 0, 0 as it is to be seen: mirrored or turned by an orientation from 1 to 8.
func turned(img *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		to = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			fx, fy := x, y // where the pixel comes from
			switch orientation {
			case 2:
				fx = w - 1 - x
			case 3:
				fx, fy = w-1-x, h-1-y
			case 4:
				fy = h - 1 - y
			case 5:
				fx, fy = y, x
			case 6:
				fx, fy = y, h-1-x
			case 7:
				fx, fy = w-1-y, h-1-x
			case 8:
				fx, fy = w-1-y, x
			}
			copy(to.Pix[y*to.Stride+4*x:][:4], img.Pix[fy*img.Stride+4*fx:][:4])
		}
	}
	return to
}
