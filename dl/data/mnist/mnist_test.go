package mnist

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modelbook/dl/data"
)

func TestMNISTComesWithTheProject(t *testing.T) {
	d, err := Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.Len() != 60000 || d.Test.Len() != 10000 || d.Train.Height != 28 || d.Train.Width != 28 {
		t.Fatalf("%v", d)
	}
	for i, want := range []int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4} { // the well-known first digits
		if d.Train.Label(i) != want {
			t.Errorf("training digit %d is a %d, not a %d", i, d.Train.Label(i), want)
		}
	}
	if n := len(d.Test.Of(7)); n != 1028 {
		t.Errorf("%d sevens to test with, published are 1028", n)
	}
}

// tiny is a collection of 3 and 2 pictures, and its files' contents by name.
func tiny(mirrors ...string) (collection, map[string][]byte) {
	c := collection{name: "tiny", mirrors: mirrors, classes: []string{"a", "b", "c"}}
	contents := map[string][]byte{}
	for i, n := range []int{3, 3, 2, 2} {
		idx := []byte{0, 0, 8, 1, 0, 0, 0, byte(n)}
		if i%2 == 0 {
			idx = []byte{0, 0, 8, 3, 0, 0, 0, byte(n), 0, 0, 0, 28, 0, 0, 0, 28}
		}
		for j := range n * []int{784, 1}[i%2] {
			idx = append(idx, byte(j*37%3))
		}
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.NoCompression)
		z.Write(idx)
		z.Close()
		sum := sha256.Sum256(b.Bytes())
		name := fmt.Sprintf("file%d.gz", i)
		c.files[i] = file{name: name, size: int64(b.Len()), sha256: hex.EncodeToString(sum[:])}
		contents[name] = b.Bytes()
	}
	return c, contents
}

// serve is a mirror that answers with f.
func serve(t *testing.T, f http.HandlerFunc) string {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// away moves the test to where no data are, and gives it an empty cache, which is returned.
func away(t *testing.T) string {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("MODELBOOK_DATA", "")
	t.Setenv("MODELBOOK_HOME", "")
	t.Chdir(t.TempDir())
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "modelbook", "tiny")
}

func TestDownloadTakesTheFirstMirrorThatDelivers(t *testing.T) {
	cache := away(t)
	c, contents := tiny()
	asked := 0
	good := func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(contents[strings.TrimPrefix(r.URL.Path, "/")]))
	}
	c.mirrors = []string{
		"http://127.0.0.1:1/", // nobody there
		serve(t, func(w http.ResponseWriter, r *http.Request) { http.Error(w, "gone", 404) }),
		serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>Please log in</html>") }),
		serve(t, func(w http.ResponseWriter, r *http.Request) { // forged: right size, wrong bytes
			w.Write(make([]byte, len(contents[strings.TrimPrefix(r.URL.Path, "/")])))
		}),
		serve(t, func(w http.ResponseWriter, r *http.Request) { // endless
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}),
		serve(t, good),
	}
	var progress bytes.Buffer
	d, err := c.load(t.Context(), options{progress: &progress})
	if err != nil {
		t.Fatal(err)
	}
	if d.Train.Len() != 3 || d.Test.Len() != 2 || d.Dir != cache || d.Train.Label(1) != 1 {
		t.Errorf("%v", d)
	}
	if !strings.Contains(progress.String(), "file0.gz") {
		t.Errorf("progress: %q", progress.String())
	}
	names, _ := filepath.Glob(filepath.Join(cache, "*"))
	if len(names) != 4 {
		t.Errorf("the cache holds %v", names)
	}
	before := asked
	if _, err := c.load(t.Context(), options{progress: &progress}); err != nil || asked != before {
		t.Errorf("a second load asks again, or fails: %v", err)
	}
}

func TestDownloadGoesOnAfterABreak(t *testing.T) {
	cache := away(t)
	c, contents := tiny()
	var ranges []string
	broken := true
	c.mirrors = []string{serve(t, func(w http.ResponseWriter, r *http.Request) {
		content := contents[strings.TrimPrefix(r.URL.Path, "/")]
		if strings.HasSuffix(r.URL.Path, "file0.gz") {
			ranges = append(ranges, r.Header.Get("Range"))
			if broken {
				w.Header().Set("Content-Length", fmt.Sprint(len(content)))
				w.Write(content[:1000])
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})}
	_, err := c.load(t.Context(), options{progress: io.Discard})
	if err == nil || !strings.Contains(err.Error(), "after 1000 of") || !strings.Contains(err.Error(), "MODELBOOK_DATA") {
		t.Fatalf("a broken connection: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cache, "file0.gz")); err == nil {
		t.Error("an incomplete file stands under its final name")
	}
	broken = false
	if _, err := c.load(t.Context(), options{progress: io.Discard}); err != nil {
		t.Fatal(err)
	}
	if len(ranges) != 2 || ranges[1] != "bytes=1000-" {
		t.Errorf("ranges asked for: %q", ranges)
	}
}

func TestASpoiledPartIsFetchedAnew(t *testing.T) {
	cache := away(t)
	c, contents := tiny()
	c.mirrors = []string{serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(contents[strings.TrimPrefix(r.URL.Path, "/")]))
	})}
	os.MkdirAll(cache, 0o755)
	for _, part := range []string{"garbage", strings.Repeat("garbage", 1000)} {
		os.Remove(filepath.Join(cache, "file0.gz"))
		if err := os.WriteFile(filepath.Join(cache, "file0.gz.part"), []byte(part), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := c.load(t.Context(), options{progress: io.Discard}); err != nil {
			t.Errorf("with a spoiled part of %d bytes: %v", len(part), err)
		}
	}
}

func TestAMirrorThatFallsSilentIsGivenUp(t *testing.T) {
	away(t)
	c, _ := tiny()
	c.mirrors = []string{serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte{1})
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})}
	_, err := c.load(t.Context(), options{progress: io.Discard, stall: 50 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "nothing arrived for 50ms") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.load(ctx, options{progress: io.Discard}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestAForgedFileIsRefused(t *testing.T) {
	away(t)
	c, contents := tiny()
	dir := t.TempDir()
	t.Setenv("MODELBOOK_DATA", dir)
	for name, content := range contents {
		os.WriteFile(filepath.Join(dir, name), content, 0o644)
	}
	if _, err := c.load(t.Context(), options{}); err != nil {
		t.Fatal(err)
	}
	forged := bytes.Clone(contents["file1.gz"])
	forged[len(forged)/2] ^= 1
	path := filepath.Join(dir, "file1.gz")
	os.WriteFile(path, forged, 0o644)
	_, err := c.load(t.Context(), options{})
	var format *data.FormatError
	if !errors.As(err, &format) || format.File != path || !strings.Contains(err.Error(), "SHA-256") || !strings.Contains(err.Error(), "delete the file") {
		t.Errorf("forged: %v", err)
	}
	os.Remove(path)
	if _, err = c.load(t.Context(), options{}); err == nil || !strings.Contains(err.Error(), "file1.gz: is missing, other files of tiny are there") {
		t.Errorf("one is missing: %v", err)
	}
	sub := filepath.Join(dir, "tiny") // a folder named after the collection is believed to be meant
	os.Mkdir(sub, 0o755)
	for name, content := range contents {
		os.WriteFile(filepath.Join(sub, name), content[:len(content)-1], 0o644)
		os.Remove(filepath.Join(dir, name))
	}
	if _, err = c.load(t.Context(), options{}); err == nil || !strings.Contains(err.Error(), "expected the published file of") {
		t.Errorf("cut: %v", err)
	}
}

func TestUnpackedFilesAreRead(t *testing.T) {
	away(t)
	c, contents := tiny()
	dir := t.TempDir()
	t.Setenv("MODELBOOK_DATA", dir)
	sub := filepath.Join(dir, "tiny")
	os.Mkdir(sub, 0o755)
	for name, content := range contents {
		z, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(sub, strings.TrimSuffix(name, ".gz")), plain, 0o644)
	}
	d, err := c.load(t.Context(), options{})
	if err != nil || d.Train.Len() != 3 || d.Test.Len() != 2 {
		t.Errorf("%v %v", d, err)
	}
	os.WriteFile(filepath.Join(sub, "file1"), []byte("not an idx file"), 0o644)
	if _, err := c.load(t.Context(), options{}); err == nil || !strings.Contains(err.Error(), "file1") {
		t.Errorf("damaged: %v", err)
	}
}

// Fashion-MNIST is looked for in a folder of its own, and an error names the file that is missing there.
func TestFashionNamesItsFiles(t *testing.T) {
	away(t)
	dir := t.TempDir()
	t.Setenv("MODELBOOK_DATA", dir)
	sub := filepath.Join(dir, "fashion-mnist")
	os.Mkdir(sub, 0o755)
	os.WriteFile(filepath.Join(sub, "train-images-idx3-ubyte.gz"), []byte("cut"), 0o644)
	_, err := LoadFashion(t.Context())
	if err == nil || !strings.Contains(err.Error(), filepath.Join("fashion-mnist", "train-labels-idx1-ubyte.gz")+": is missing, other files of fashion-mnist are there") {
		t.Errorf("got %v", err)
	}
	for _, f := range fashion.files {
		os.WriteFile(filepath.Join(sub, f.name), []byte("cut"), 0o644)
	}
	_, err = LoadFashion(t.Context())
	var format *data.FormatError
	if !errors.As(err, &format) || !strings.Contains(err.Error(), "expected the published file of 26421880 bytes") {
		t.Errorf("got %v", err)
	}
}
