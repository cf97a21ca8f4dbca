// Package notebook reads, executes and writes Jupyter notebooks (.ipynb, nbformat
// 4) without a Jupyter server, a browser or Python. The result is what JupyterLab
// would have stored.
//
//   - notebook.go is the file format, outputs.go that of outputs.
//   - run.go executes cells; screen.go shows a run in a terminal, record.go notes
//     times and failures, parameters.go sets parameters as papermill does.
//   - html.go, markdown.go, math.go and package tex make the page.
//
// It imports kernel/engine for the types of a cell's outputs, and kernel/jupyter
// for those of messages. It runs cells through its interface Engine.
package notebook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"modelbook/kernel/jupyter"
)

// maxFile is the size of a notebook file that is still read.
const maxFile = 256 << 20

// A Notebook is a notebook file. Members that this package does not know are kept
// as they were.
type Notebook struct {
	Cells []*Cell

	fields fields // the rest
}

// A Cell is one cell of a notebook.
type Cell struct {
	Type   string // "code", "markdown" or "raw"
	Source string
	Tags   []string

	fields  fields    // as read; source, outputs and execution_count may be older than what follows
	ran     bool      // outputs and number replace what was read
	number  int       // execution count; 0 is none
	outputs []*output // of the execution
}

// fields are the members of a JSON object, not decoded.
type fields map[string]json.RawMessage

// multiline is text that nbformat stores as a string or as a list of lines.
type multiline string

func (m *multiline) UnmarshalJSON(b []byte) error {
	var list []string
	if err := json.Unmarshal(b, (*string)(m)); err == nil {
		return nil
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return errors.New("neither a string nor a list of strings")
	}
	*m = multiline(strings.Join(list, ""))
	return nil
}

func (m multiline) MarshalJSON() ([]byte, error) { return encode(splitLines(string(m))) }

// splitLines cuts text into lines that keep their newline.
func splitLines(text string) []string {
	lines := slices.Collect(strings.Lines(text))
	if lines == nil {
		lines = []string{}
	}
	return lines
}

// ReadFile reads a notebook file, or standard input when its name is "-".
func ReadFile(path string) (*Notebook, error) {
	f := os.Stdin
	if path != "-" {
		var err error
		if f, err = os.Open(path); err != nil {
			return nil, err
		}
		defer f.Close()
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, maxFile>>20)
	}
	nb, err := Parse(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return nb, nil
}

// Parse reads a notebook from its JSON.
func Parse(b []byte) (*Notebook, error) {
	nb := new(Notebook)
	if err := json.Unmarshal(b, &nb.fields); err != nil || nb.fields == nil {
		return nil, fmt.Errorf("not a notebook: %w", orObject(err))
	}
	var format int
	if err := json.Unmarshal(nb.fields["nbformat"], &format); err != nil {
		return nil, errors.New("not a notebook: it has no nbformat number")
	}
	if format != 4 {
		return nil, fmt.Errorf("notebook format %d; only format 4 is known (`jupyter nbconvert --to notebook` upgrades a file)", format)
	}
	var cells []fields
	if err := json.Unmarshal(nb.fields["cells"], &cells); err != nil {
		return nil, errors.New("not a notebook: its cells are not a list of objects")
	}
	delete(nb.fields, "cells")
	for i, f := range cells {
		c, err := parseCell(f)
		if err != nil {
			return nil, fmt.Errorf("cell %d of the notebook: %w", i+1, err)
		}
		nb.Cells = append(nb.Cells, c)
	}
	return nb, nil
}

func orObject(err error) error {
	if err == nil {
		return errors.New("null instead of an object")
	}
	return err
}

func parseCell(f fields) (*Cell, error) {
	if f == nil {
		return nil, errors.New("null instead of an object")
	}
	c := &Cell{fields: f}
	if err := json.Unmarshal(f["cell_type"], &c.Type); err != nil {
		return nil, errors.New("no cell_type")
	}
	var source multiline
	if raw, ok := f["source"]; ok {
		if err := json.Unmarshal(raw, &source); err != nil {
			return nil, fmt.Errorf("source: %w", err)
		}
	}
	c.Source = string(source)
	if raw, ok := f["metadata"]; ok {
		var metadata struct {
			Tags []string `json:"tags"`
		}
		json.Unmarshal(raw, &metadata) // tags of another form are ignored
		c.Tags = metadata.Tags
	}
	return c, nil
}

// NewCode makes a code cell.
func NewCode(source string, tags ...string) *Cell {
	c := &Cell{Type: "code", Source: source, Tags: tags, ran: true}
	c.fields = fields{"cell_type": must("code"), "source": must(multiline(source)), "metadata": must(map[string]any{"tags": tags})}
	return c
}

// Encode writes the notebook as JupyterLab does: format 4.5, every cell with
// an ID, sorted keys, an indent of one.
func (nb *Notebook) Encode() ([]byte, error) {
	whole := fields{}
	for k, v := range nb.fields {
		whole[k] = v
	}
	var minor int
	if json.Unmarshal(whole["nbformat_minor"], &minor) != nil || minor < 5 {
		whole["nbformat_minor"] = must(5)
	}
	if len(whole["metadata"]) == 0 {
		whole["metadata"] = must(struct{}{})
	}
	taken := map[string]bool{}
	for _, c := range nb.Cells {
		taken[c.id()] = true
	}
	cells := make([]fields, len(nb.Cells))
	for i, c := range nb.Cells {
		f, err := c.encode()
		if err != nil {
			return nil, fmt.Errorf("cell %d: %w", i+1, err)
		}
		if c.id() == "" {
			f["id"] = must(newID(c, i, taken))
		}
		cells[i] = f
	}
	raw, err := encode(cells)
	if err != nil {
		return nil, err
	}
	whole["cells"] = raw
	raw, err = encode(whole)
	if err != nil {
		return nil, err
	}
	return sorted(raw)
}

// sorted formats JSON with sorted keys. Numbers are kept as they were written.
func sorted(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

func (c *Cell) encode() (fields, error) {
	f := fields{}
	for k, v := range c.fields {
		f[k] = v
	}
	if _, ok := f["metadata"]; !ok {
		f["metadata"] = must(struct{}{})
	}
	if _, ok := f["source"]; !ok {
		f["source"] = must(multiline(c.Source))
	}
	if !c.ran {
		return f, nil
	}
	f["execution_count"] = json.RawMessage("null")
	if c.number > 0 {
		f["execution_count"] = must(c.number)
	}
	outputs := []any{}
	for _, o := range c.outputs {
		outputs = append(outputs, o.stored())
	}
	raw, err := encode(outputs)
	f["outputs"] = raw
	return f, err
}

// id is the cell's ID in the file, or "".
func (c *Cell) id() (id string) {
	json.Unmarshal(c.fields["id"], &id)
	return id
}

// newID makes an ID for a cell without one; the same file gets the same IDs.
func newID(c *Cell, index int, taken map[string]bool) string {
	for salt := 0; ; salt++ {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %s", index, salt, c.Source))
		id := hex.EncodeToString(sum[:4])
		if !taken[id] {
			taken[id] = true
			return id
		}
	}
}

// Language is the language that the notebook says its cells are in, or "".
func (nb *Notebook) Language() string {
	var m struct {
		Kernelspec struct{ Language string }
		Info       struct{ Name string } `json:"language_info"`
	}
	json.Unmarshal(nb.fields["metadata"], &m) // metadata of another form are ignored
	if m.Info.Name != "" {
		return m.Info.Name
	}
	return m.Kernelspec.Language
}

// A Kernelspec names the kernel that a notebook is for.
type Kernelspec struct {
	Name        string `json:"name"`
	DisplayName string `json:"display_name"`
	Language    string `json:"language"`
}

// SetLanguage records kernel and language in the notebook's metadata, as front
// ends do. Existing entries are kept, except the language's version.
func (nb *Notebook) SetLanguage(kernel Kernelspec, language jupyter.LanguageInfo) {
	var metadata fields
	if json.Unmarshal(nb.fields["metadata"], &metadata) != nil || metadata == nil {
		metadata = fields{}
	}
	if _, ok := metadata["kernelspec"]; !ok {
		metadata["kernelspec"] = must(kernel)
	}
	metadata["language_info"] = must(language)
	nb.fields["metadata"] = must(metadata)
}

// WriteFile writes the notebook to a file, which is replaced as a whole or not at
// all. What is not a regular file, such as a pipe, is written to.
func (nb *Notebook) WriteFile(path string) error {
	b, err := nb.Encode()
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the link is kept
	}
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return os.WriteFile(path, b, 0)
	}
	return renameio.WriteFile(path, b, 0o644, renameio.WithTempDir(filepath.Dir(path)))
}

// encode is json.Marshal without the escapes for HTML.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// must encodes values that cannot fail to.
func must(v any) json.RawMessage {
	b, err := encode(v)
	if err != nil {
		panic(err)
	}
	return b
}
