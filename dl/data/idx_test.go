package data

import (
	"bytes"
	"compress/gzip"
	"errors"
	"slices"
	"strings"
	"testing"
)

// small is a file of two pictures of 2 x 3.
func small() []byte {
	return []byte{0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func TestReadIDX(t *testing.T) {
	for name, content := range map[string][]byte{"plain": small(), "gzip": zipped(small())} {
		x, err := ReadIDX(bytes.NewReader(content), name, -1, 2, 3)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x.Dims, []int{2, 2, 3}) || !slices.Equal(x.Bytes, small()[16:]) {
			t.Errorf("%s: %v", name, x)
		}
	}
}

func TestReadIDXTellsWhatIsWrong(t *testing.T) {
	change := func(i int, b byte) []byte { c := small(); c[i] = b; return c }
	for _, c := range []struct {
		name    string
		content []byte
		says    string
	}{
		{"empty", nil, "ends within the header"},
		{"a web page", []byte("<html>not found</html>"), "begins with the bytes 3c 68 74 6d"},
		{"floats", change(2, 0x0d), "begins with the bytes 00 00 0d 03"},
		{"no dimensions", change(3, 0), "begins with the bytes"},
		{"200 dimensions", change(3, 200), "begins with the bytes"},
		{"header cut", small()[:10], "ends within the header; expected 3 dimensions"},
		{"values cut", small()[:20], "is cut short: ends after 4 values; expected 12 values"},
		{"values cut in gzip", zipped(small()[:20]), "is cut short"},
		{"gzip cut", zipped(small())[:len(zipped(small()))-4], "cut short"}, // in its check sum: compressors of Go releases differ before
		{"gzip broken", []byte{0x1f, 0x8b, 1, 2}, "broken gzip header"},
		{"more behind", append(small(), 1), "goes on behind its values"},
		{"claims 2^96 values", []byte{0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, "claims dimensions [4294967295]"},
		{"claims a gigabyte", []byte{0, 0, 8, 1, 0x3f, 255, 255, 255, 7}, "is cut short: ends after 1 values"},
		{"other dimensions", change(15, 4), "has dimensions [2 2 4]; expected [-1 2 3]"},
	} {
		dims := []int{-1, 2, 3}
		if c.name == "claims a gigabyte" {
			dims = nil
		}
		_, err := ReadIDX(bytes.NewReader(c.content), "some.gz", dims...)
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), c.says) ||
			!strings.HasPrefix(err.Error(), "some.gz: ") || !strings.HasSuffix(err.Error(), "fetch it again") {
			t.Errorf("%s: got %v, want it to say %q", c.name, err, c.says)
		}
	}
}

func FuzzReadIDX(f *testing.F) {
	f.Add(small())
	f.Add(zipped(small()))
	f.Add([]byte{0, 0, 8, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, content []byte) {
		x, err := ReadIDX(bytes.NewReader(content), "fuzz")
		if err != nil {
			return
		}
		n := 1
		for _, d := range x.Dims {
			n *= d
		}
		if n != len(x.Bytes) {
			t.Errorf("dimensions %v with %d values", x.Dims, len(x.Bytes))
		}
	})
}
