package tensorboard

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Curve is what the event files of a folder say of a tag, in the order of the steps.
type Curve struct {
	Run    string // the folder, below the one that was read; "." for that itself
	Tag    string
	Steps  []int
	Values []float64
}

// String says what the curve is about.
func (c Curve) String() string {
	n := min(len(c.Steps), len(c.Values))
	if n == 0 {
		return fmt.Sprintf("%s/%s: no values", c.Run, c.Tag)
	}
	return fmt.Sprintf("%s/%s: %d values, steps %d to %d, the last %.4g", c.Run, c.Tag, n, c.Steps[0], c.Steps[n-1], c.Values[n-1])
}

// Runs reads the numbers of all event files below a folder, of Keras, TensorFlow and PyTorch, too: a curve for each tag
// of each run, in the order of their names. Where a step has several values, of files that go on with one another, the
// last one counts. A file that is being written is read as far as it goes.
func Runs(dir string) ([]Curve, error) {
	type key struct{ run, tag string }
	points := map[key]map[int]float64{}
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() || !strings.Contains(d.Name(), "tfevents") {
			return nil
		}
		files++
		run, err := filepath.Rel(dir, filepath.Dir(path))
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		for e, err := range Read(f) {
			if errors.Is(err, io.ErrUnexpectedEOF) {
				break
			}
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			for _, v := range e.Values {
				if v.IsScalar {
					k := key{filepath.ToSlash(run), v.Tag}
					if points[k] == nil {
						points[k] = map[int]float64{}
					}
					points[k][e.Step] = v.Scalar
				}
			}
		}
		return nil
	})
	if err == nil && files == 0 {
		err = fmt.Errorf("there is no event file below %q", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	var curves []Curve
	for k, values := range points {
		c := Curve{Run: k.run, Tag: k.tag}
		for step := range values {
			c.Steps = append(c.Steps, step)
		}
		slices.Sort(c.Steps)
		for _, step := range c.Steps {
			c.Values = append(c.Values, values[step])
		}
		curves = append(curves, c)
	}
	slices.SortFunc(curves, func(a, b Curve) int {
		return cmp.Or(strings.Compare(a.Run, b.Run), strings.Compare(a.Tag, b.Tag))
	})
	return curves, nil
}
