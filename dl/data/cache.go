package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/renameio/v2"

	"modelbook/dl"
)

// Cached keeps the samples of a dataset on disk once they have been read: for those that are slow to make, such as
// decoded and resized images. See [CacheOnDisk].
type Cached struct {
	Dataset
	dir  string // of this key
	most int64
	used atomic.Int64 // bytes in all of the cache's folder, as far as this program knows

	mu     sync.Mutex
	others []kept // what is kept under other keys, the oldest first
}

// CacheOnDisk is a dataset whose samples are kept as files in a folder, made if there is none. The key says what the
// samples are: whatever changes them (a size, a transform, the version of a file) must change the key. Shapes, types and
// the number of samples are part of it anyway. A file is written whole or not at all and has a checksum; a damaged one is
// made anew. When the folder has maxBytes (0: 10 GiB), what was kept under other keys goes, the oldest first, and then
// nothing more is kept. What is random must come after the cache, not before it.
func CacheOnDisk(d Dataset, dir, key string, maxBytes int64) (*Cached, error) {
	const op = "data.CacheOnDisk"
	mustBeNumbered(op, d)
	if varies(d) || changes(d) {
		dl.PanicValue(op, "samples of different shapes, or that change from pass to pass, are not kept; put Map and the like behind the cache")
	}
	if dir == "" || maxBytes < 0 {
		dl.PanicValue(op, "a folder of its own is needed, and 0 bytes or more, not %q and %d", dir, maxBytes)
	}
	if maxBytes == 0 {
		maxBytes = 10 << 30
	}
	s := d.Spec()
	sum := sha256.Sum256(fmt.Appendf(nil, "1 %q %d %v %v %v %v %v", key, d.Len(), s.X, s.XType, s.Y, s.YType, s.More))
	c := &Cached{Dataset: d, dir: filepath.Join(dir, hex.EncodeToString(sum[:12])), most: maxBytes}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, err
	}
	files, err := c.files()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		c.used.Add(f.size)
		if filepath.Dir(f.path) != c.dir {
			c.others = append(c.others, f)
		}
	}
	slices.SortFunc(c.others, func(a, b kept) int { return a.written.Compare(b.written) })
	c.makeRoom(0)
	return c, nil
}

func (c *Cached) parts() []Dataset { return []Dataset{c.Dataset} }

// made refuses a Cached that CacheOnDisk has not made.
func (c *Cached) made(op string) {
	if c.Dataset == nil || c.dir == "" {
		dl.PanicValue(op, "data.CacheOnDisk makes a Cached; a zero one keeps nothing")
	}
}

// Len is the number of samples: see [Dataset].
func (c *Cached) Len() int {
	c.made("data.Cached.Len")
	return c.Dataset.Len()
}

// Spec describes the samples: see [Dataset].
func (c *Cached) Spec() Spec {
	c.made("data.Cached.Spec")
	return c.Dataset.Spec()
}

// kept is a file of the cache.
type kept struct {
	path    string
	size    int64
	written time.Time
}

const cacheEnd = ".sample"

// files are all files of the cache's folder, of this key and others. What is not the cache's is left out.
func (c *Cached) files() ([]kept, error) {
	var all []kept
	folders, err := os.ReadDir(filepath.Dir(c.dir))
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if name := folder.Name(); !folder.IsDir() || len(name) != 24 || strings.Trim(name, "0123456789abcdef") != "" {
			continue
		}
		names, err := os.ReadDir(filepath.Join(filepath.Dir(c.dir), folder.Name()))
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			info, err := n.Info()
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			path := filepath.Join(filepath.Dir(c.dir), folder.Name(), n.Name())
			switch {
			case strings.HasPrefix(n.Name(), ".") && time.Since(info.ModTime()) > time.Hour: // of a program that was ended
				os.Remove(path)
			case strings.HasSuffix(n.Name(), cacheEnd):
				all = append(all, kept{path, info.Size(), info.ModTime()})
			}
		}
	}
	return all, nil
}

// makeRoom removes files of other keys, the oldest first, until there is room for so many bytes more, and says whether
// there is.
func (c *Cached) makeRoom(bytes int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.others) > 0 && c.used.Load()+bytes > c.most {
		f := c.others[0]
		c.others = c.others[1:]
		if err := os.Remove(f.path); err == nil || errors.Is(err, fs.ErrNotExist) {
			c.used.Add(-f.size)
			os.Remove(filepath.Dir(f.path)) // when it is empty
		}
	}
	if c.used.Load()+bytes > c.most {
		return false
	}
	c.used.Add(bytes)
	return true
}

// Clear removes what is kept under this key.
func (c *Cached) Clear() error {
	c.made("data.Cached.Clear")
	files, err := c.files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if filepath.Dir(f.path) == c.dir {
			if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			c.used.Add(-f.size)
		}
	}
	return nil
}

func (c *Cached) path(sample int) string {
	return filepath.Join(c.dir, strconv.Itoa(sample)+cacheEnd)
}

// Read fills a batch, from files where there are some: see [Dataset].
func (c *Cached) Read(b Batch, samples []int) error {
	spec := c.Spec()
	if err := b.room(&spec, samples, c.Len()); err != nil {
		return err
	}
	var rows, numbers []int
	for row, s := range samples {
		one, ok := c.load(s, &spec)
		if !ok {
			rows, numbers = append(rows, row), append(numbers, s)
			continue
		}
		b.put(one, []int{row})
	}
	if len(rows) == 0 {
		return nil
	}
	part := newBatch(spec, len(rows))
	if err := c.Dataset.Read(part, numbers); err != nil {
		return err
	}
	b.put(part, rows)
	one := newBatch(spec, 1)
	for i, s := range numbers {
		copyBatch(one, part, i)
		if err := c.keep(s, one); err != nil {
			return fmt.Errorf("data: keeping sample %d: %w", s, err)
		}
	}
	return nil
}

// copyBatch copies a row to a batch of one.
func copyBatch(one, b Batch, row int) {
	copyTensor(one.X, b.X, []int{row})
	if b.Y != nil {
		copyTensor(one.Y, b.Y, []int{row})
	}
	for i := range b.More {
		copyTensor(one.More[i].Tensor, b.More[i].Tensor, []int{row})
	}
}

// load reads a sample's file. One that is damaged counts as missing.
func (c *Cached) load(sample int, spec *Spec) (Batch, bool) {
	content, err := os.ReadFile(c.path(sample))
	if err != nil || len(content) < sha256.Size {
		return Batch{}, false
	}
	body := content[sha256.Size:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], content[:sha256.Size]) {
		return Batch{}, false
	}
	named, _, err := dl.ReadSafetensors(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return Batch{}, false
	}
	one := Batch{}
	for _, n := range named {
		switch {
		case n.Name == "x":
			one.X = n.Tensor
		case n.Name == "y":
			one.Y = n.Tensor
		}
	}
	for i, f := range spec.More {
		for _, n := range named {
			if n.Name == strconv.Itoa(i) {
				one.More = append(one.More, Value{f, n.Tensor})
			}
		}
	}
	return one, one.fits(spec, 1)
}

// keep writes a sample's file if there is room.
func (c *Cached) keep(sample int, one Batch) error {
	named := []dl.Named{{Name: "x", Tensor: one.X}}
	if one.Y != nil {
		named = append(named, dl.Named{Name: "y", Tensor: one.Y})
	}
	for i, v := range one.More {
		named = append(named, dl.Named{Name: strconv.Itoa(i), Tensor: v.Tensor})
	}
	var body bytes.Buffer
	if err := dl.WriteSafetensors(&body, named, nil); err != nil {
		return err
	}
	size := int64(sha256.Size + body.Len())
	if !c.makeRoom(size) {
		return nil
	}
	sum := sha256.Sum256(body.Bytes())
	err := renameio.WriteFile(c.path(sample), append(sum[:], body.Bytes()...), 0o600, renameio.WithTempDir(c.dir))
	if err != nil {
		c.used.Add(-size)
	}
	return err
}
