package plotting

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
)

// encodePNG makes a PNG file of an image. Of each row it stores the difference to the row above, which is mostly zeros in
// a figure. Package image/png tries five ways for every row, and takes more than twice as long: longer than the drawing.
func encodePNG(img *image.RGBA) []byte {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	chunk(&b, "IHDR", append(header, 8, 6, 0, 0, 0)) // 8 bits of red, green, blue and alpha each
	chunk(&b, "IDAT", rowDifferences(img))
	chunk(&b, "IEND", nil)
	return b.Bytes()
}

// chunk writes a part of a PNG file.
func chunk(b *bytes.Buffer, kind string, content []byte) {
	var four [4]byte
	binary.BigEndian.PutUint32(four[:], uint32(len(content)))
	b.Write(four[:])
	start := b.Len()
	b.WriteString(kind)
	b.Write(content)
	binary.BigEndian.PutUint32(four[:], crc32.ChecksumIEEE(b.Bytes()[start:]))
	b.Write(four[:])
}

func rowDifferences(img *image.RGBA) []byte {
	const up = 2 // the number of the way of storing
	var b bytes.Buffer
	compressed, err := zlib.NewWriterLevel(&b, zlib.BestSpeed)
	if err != nil {
		panic(err) // the level is one that there is
	}
	length := 4 * img.Rect.Dx()
	above, row, difference := make([]byte, length), make([]byte, length), make([]byte, 1+length)
	difference[0] = up
	for y := range img.Rect.Dy() {
		copy(row, img.Pix[y*img.Stride:])
		for i := 0; i < length; i += 4 {
			if alpha := row[i+3]; alpha != 0 && alpha != 255 { // colours are stored as they are without alpha
				c := color.NRGBAModel.Convert(color.RGBA{row[i], row[i+1], row[i+2], alpha}).(color.NRGBA)
				row[i], row[i+1], row[i+2] = c.R, c.G, c.B
			}
		}
		for i, v := range row {
			difference[1+i] = v - above[i]
		}
		compressed.Write(difference) // a buffer takes everything
		above, row = row, above
	}
	compressed.Close()
	return b.Bytes()
}
