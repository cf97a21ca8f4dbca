package plotting

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font/opentype"
)

// misaligned is a font with the tables of another one, all two bytes further on, alone or in a collection.
func misaligned(font []byte, collection bool) []byte {
	var shift uint32 = 2
	head := []byte{}
	if collection {
		head = append([]byte("ttcf"), 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 16)
		shift += 16
	}
	end := 12 + 16*int(binary.BigEndian.Uint16(font[4:]))
	records := slices.Clone(font[:end])
	for i := 12; i < end; i += 16 {
		binary.BigEndian.PutUint32(records[i+8:], binary.BigEndian.Uint32(records[i+8:])+shift)
	}
	return slices.Concat(head, records, []byte{0, 0}, font[end:])
}

// A font whose tables begin anywhere has its letters all the same.
func TestMisalignedFonts(t *testing.T) {
	for _, collection := range []bool{false, true} {
		font := misaligned(liberationsansregular.TTF, collection)
		if c, err := opentype.ParseCollection(font); err == nil {
			if _, err = c.Font(0); err == nil {
				t.Fatal("package sfnt reads such fonts by itself")
			}
		}
		path := filepath.Join(t.TempDir(), "font.ttf")
		if err := os.WriteFile(path, font, 0o666); err != nil {
			t.Fatal(err)
		}
		if openFont(path, 'Ω') == nil {
			t.Errorf("collection %v: no letter is found", collection)
		}
		if openFont(path, '猫') != nil {
			t.Error("a letter is found that the font does not have")
		}
	}
}

func FuzzRealigned(f *testing.F) {
	f.Add(misaligned(liberationsansregular.TTF, false)[:2000])
	f.Add([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"))
	f.Add([]byte("\x00\x01\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if font, err := realigned(bytes.NewReader(b), int64(len(b))); err == nil {
			writes(font, 'a')
		}
	})
}
