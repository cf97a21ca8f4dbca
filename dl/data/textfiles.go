package data

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data/internal/invalid"
)

// Texts is labelled texts in memory. A tokenizer makes tokens of them: see [Texts.Sequences].
type Texts struct {
	Texts   []string
	Labels  []int32  // the class of each text; nil: there are none
	Classes []string // the classes' names
	Files   []string // where each text is from, if from a file of its own
}

// maxText is the size of a text file above which TextFolder refuses it.
const maxText = 64 << 20

// TextFolder reads a folder that has a folder for each class with a file for each text, as
// text_dataset_from_directory of Keras: classes and files are in the order of their names. Files are UTF-8; those whose
// names begin with a dot are left out.
func TextFolder(dir string) (*Texts, error) {
	classes, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	t := &Texts{}
	for _, class := range classes {
		if !class.IsDir() || strings.HasPrefix(class.Name(), ".") {
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, class.Name()))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if file.IsDir() || strings.HasPrefix(file.Name(), ".") {
				continue
			}
			path := filepath.Join(dir, class.Name(), file.Name())
			if info, err := file.Info(); err != nil {
				return nil, err
			} else if info.Size() > maxText || !info.Mode().IsRegular() {
				return nil, &FormatError{File: path, Found: fmt.Sprintf("is %v with %d bytes", info.Mode(), info.Size()),
					Expected: fmt.Sprintf("a file of at most %d bytes", maxText), Remedy: "move it elsewhere"}
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			if at := invalid.UTF8(text); at >= 0 {
				line, column := 1+bytes.Count(text[:at], []byte{'\n'}), at-bytes.LastIndexByte(text[:at], '\n')
				return nil, &FormatError{File: path, Found: fmt.Sprintf("is not UTF-8: line %d has %#x as byte %d", line, text[at], column),
					Expected: "text", Remedy: "convert it, with iconv for instance"}
			}
			t.Texts, t.Files = append(t.Texts, string(text)), append(t.Files, path)
			t.Labels = append(t.Labels, int32(len(t.Classes)))
		}
		t.Classes = append(t.Classes, class.Name())
	}
	if len(t.Classes) == 0 {
		return nil, &FormatError{File: dir, Found: "has no folders", Expected: "a folder for each class with the texts in it"}
	}
	return t, nil
}

// Sequences makes a dataset of the texts with a function that makes tokens of one.
func (t *Texts) Sequences(tokens func(text string) []int32) *Sequences {
	given("data.Texts.Sequences", "the function", tokens != nil)
	if t.Labels != nil && len(t.Labels) != len(t.Texts) {
		dl.PanicValue("data.Texts.Sequences", "%d labels for %d texts", len(t.Labels), len(t.Texts))
	}
	s := &Sequences{Labels: t.Labels, Classes: t.Classes}
	for _, text := range t.Texts {
		s.Tokens = append(s.Tokens, tokens(text))
	}
	return s
}

// maxTextLine is the longest line that Lines reads.
const maxTextLine = 64 << 20

// Lines is the lines of text files one after the other, without their ends, gzip-compressed or not: files may be larger
// than memory. A file that cannot be read ends them with an error.
func Lines(paths ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, path := range paths {
			more, err := linesOf(path, yield)
			if err != nil {
				yield("", fmt.Errorf("%s: %w", path, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

func linesOf(path string, yield func(string, error) bool) (more bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, errors.Unwrap(err)
	}
	defer f.Close()
	in := bufio.NewReader(f)
	if magic, _ := in.Peek(2); slices.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return false, err
		}
		in = bufio.NewReader(z)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxTextLine)
	n := 0
	for lines.Scan() {
		n++
		if at := invalid.UTF8(lines.Bytes()); at >= 0 {
			return false, fmt.Errorf("line %d is not UTF-8: its byte %d is %#x; convert the file, with iconv for instance", n, at+1, lines.Bytes()[at])
		}
		if !yield(lines.Text(), nil) {
			return false, nil
		}
	}
	if err := lines.Err(); err != nil {
		return false, fmt.Errorf("after line %d: %w", n, err)
	}
	return true, nil
}

// ReadLines is all lines of text files in memory: see [Lines].
func ReadLines(paths ...string) ([]string, error) {
	var all []string
	for line, err := range Lines(paths...) {
		if err != nil {
			return nil, err
		}
		all = append(all, line)
	}
	return all, nil
}
