// Package golden compares what tests make with files in testdata that a person has looked at.
package golden

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"hash/crc32"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var (
	write = flag.Bool("golden", false, "write the golden files anew; look at each before it is committed")
	pages = flag.String("pages", "", "a folder for pages that show what the golden files are of, in light and in dark")
)

var picture = regexp.MustCompile(`data:image/png;base64,([A-Za-z0-9+/=]*)`)

// Check compares text with the golden file of a name in testdata/shown. In place of pictures stand their sizes and a sum
// of their pixels: compression is not the same in all versions of Go.
func Check(t *testing.T, name, text string) {
	t.Helper()
	if *pages != "" {
		page(t, name, text)
	}
	got := picture.ReplaceAllStringFunc(text, func(s string) string {
		raw, err := base64.StdEncoding.DecodeString(picture.FindStringSubmatch(s)[1])
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		sum := crc32.NewIEEE()
		b := img.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				red, green, blue, alpha := img.At(x, y).RGBA()
				sum.Write([]byte{byte(red >> 8), byte(green >> 8), byte(blue >> 8), byte(alpha >> 8)})
			}
		}
		return fmt.Sprintf("picture:%dx%d,%08x", b.Dx(), b.Dy(), sum.Sum32())
	})
	path := filepath.Join("testdata", "shown", name)
	if *write {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got+"\n" {
		t.Errorf("%s is not as it was:\n%s\nlook at the new one with -pages=FOLDER, and if it is right run with -golden", path, got)
	}
}

// page writes a page that shows a piece of HTML, or text, in light and in dark.
func page(t *testing.T, name, text string) {
	t.Helper()
	if filepath.Ext(name) == ".txt" {
		return
	}
	const style = "table{border-collapse:collapse;font-size:12px}td,th{padding:3px 8px}"
	content := fmt.Sprintf(`<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0;font-family:sans-serif}%s.l,.d{padding:14px}.d{background:#111;color:#e0e0e0}</style>`+
		`<div class="l">%s</div><div class="d">%[2]s</div>`, style, text)
	if err := os.WriteFile(filepath.Join(*pages, name+".page.html"), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}
