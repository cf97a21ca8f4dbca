package tensorboard

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
)

// The checksum is CRC-32C; that it is masked as TensorFlow's is what TestSample tells.
func TestChecksums(t *testing.T) {
	if c := crc32.Checksum([]byte("123456789"), castagnoli); c != 0xe3069283 {
		t.Errorf("%#x", c)
	}
}

// Damage is told, a record that is cut off as such, and neither takes memory that is not there.
func TestDamagedFiles(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Scalar("loss", 1, 7); err != nil {
		t.Fatal(err)
	}
	whole := file.Bytes()
	last := func(b []byte) (n int, err error) {
		for _, e := range Read(bytes.NewReader(b)) {
			if err = e; err == nil {
				n++
			}
		}
		return n, err
	}
	if n, err := last(whole); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	for cut := 1; cut < len(whole); cut++ {
		if n, err := last(whole[:cut]); n > 1 || err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of %d bytes: %d events, %v", cut, len(whole), n, err)
		}
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 4
		if _, err := last(b); err == nil || !strings.Contains(err.Error(), "tensorboard: event ") {
			t.Errorf("byte %d: %v", i, err)
		}
	}
	long := appendRecord(nil, nil)
	long[4] = 1 // 4 GiB
	sum := masked(long[:8])
	long = append(long[:8], byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24))
	if _, err := last(long); err == nil || !strings.Contains(err.Error(), "at most") {
		t.Error(err)
	}
	if _, err := last(appendRecord(nil, []byte{0x08})); err == nil || !strings.Contains(err.Error(), "TensorFlow's format") {
		t.Error(err)
	}
	for _, err := range Read(nil) {
		if err == nil {
			t.Error("nil is read")
		}
	}
}

// Histograms of what is hard to divide.
func TestHistograms(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		values   []float64
		count    float64
		min, max float64
		buckets  int
	}{
		{[]float64{1, 2, 3, nan, inf, -inf}, 3, 1, 3, 30},
		{[]float64{5, 5, 5}, 3, 5, 5, 1},
		{[]float64{nan}, 0, 0, 0, 0},
		{nil, 0, 0, 0, 0},
		{[]float64{-math.MaxFloat64, 0, math.MaxFloat64}, 3, -math.MaxFloat64, math.MaxFloat64, 30},
		{[]float64{0, math.SmallestNonzeroFloat64}, 2, 0, math.SmallestNonzeroFloat64, 30},
		{[]float64{1, math.Nextafter(1, 2)}, 2, 1, math.Nextafter(1, 2), 30},
	} {
		h := HistogramOf(dl.Of(c.values))
		sum := 0.0
		for i, n := range h.Counts {
			sum += n
			if i > 0 && h.Limits[i] < h.Limits[i-1] {
				t.Errorf("%v: limits %v", c.values, h.Limits)
			}
		}
		if h.Count != c.count || sum != c.count || h.Min != c.min || h.Max != c.max || len(h.Counts) != c.buckets || len(h.Limits) != c.buckets {
			t.Errorf("%v: %+v", c.values, h)
		}
	}
	// Each value lies in its bucket.
	x := dl.NewRand(1).Normals(0, 3, 1000).To(dl.Float64)
	h := HistogramOf(x)
	counts := make([]float64, len(h.Limits))
	for _, v := range dl.Values[float64](x) {
		for i, limit := range h.Limits {
			if v < limit || i == len(h.Limits)-1 {
				counts[i]++
				break
			}
		}
	}
	for i := range counts {
		if counts[i] != h.Counts[i] {
			t.Errorf("bucket %d has %v values, want %v", i, h.Counts[i], counts[i])
		}
	}
}

// FuzzRead checks that no bytes break the reader, with right checksums and without.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"testdata/*tfevents*"} {
		names, _ := filepath.Glob(pattern)
		for _, name := range names {
			if b, err := os.ReadFile(name); err == nil {
				f.Add(b, false)
				for content := range contents(b) {
					f.Add(content, true)
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte, content bool) {
		if content {
			b = appendRecord(nil, b)
		}
		for e, err := range Read(bytes.NewReader(b)) {
			if err != nil {
				break
			}
			for _, v := range e.Values {
				if v.Histogram != nil && len(v.Histogram.Limits) != len(v.Histogram.Counts) {
					t.Errorf("%+v", v.Histogram)
				}
			}
		}
	})
}

// contents are those of a file's records.
func contents(b []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		r, memory := bytes.NewReader(b), &bytes.Buffer{}
		for {
			c, err := readRecord(r, memory)
			if err != nil || !yield(bytes.Clone(c)) {
				return
			}
		}
	}
}
