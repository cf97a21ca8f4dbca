package ipywidgets

import (
	"fmt"
	"strings"
	"sync"

	"modelbook/kernel/worker/rt"
)

// An Output shows what a program gives it, as the output of a cell does: text,
// and values in the form that cells show them in.
type Output struct {
	View
	page *page // what is shown
	next *page // what is to be shown in its place, or nil

	capture func(f func()) // made when it is needed first
	once    sync.Once
}

// NewOutput makes an empty Output.
func NewOutput(traits ...Traits) *Output {
	o := &Output{page: new(page)}
	o.refresh = func(state map[string]any) { state["outputs"] = o.page.outputs() }
	o.open("Output", traits...)
	return o
}

// Write adds text. It makes an Output an io.Writer, and never fails.
func (o *Output) Write(text []byte) (int, error) {
	o.add(func(p *page) { p.print("stdout", text) })
	return len(text), nil
}

// Display adds a value in the form that cells show it in, or several together.
func (o *Output) Display(values ...any) {
	if len(values) > 0 {
		shown := bundle(values)
		o.add(func(p *page) { p.add(shown) })
	}
}

// bundle is the output that shows values.
func bundle(values []any) map[string]any {
	data, metadata := rt.Bundle(values...)
	if data == nil { // in a program that is no cell
		data = map[string]any{"text/plain": strings.TrimSuffix(fmt.Sprintln(values...), "\n")}
	}
	if metadata == nil {
		metadata = map[string]any{}
	}
	return map[string]any{"output_type": "display_data", "data": data, "metadata": metadata}
}

// Clear makes the Output empty.
func (o *Output) Clear() { o.add(func(p *page) { *p = page{} }) }

// Capture calls f. What f prints appears in the Output and not in the cell, and
// so does what goroutines print that f starts. What gonbui and C code show goes
// to the cell, and outside a notebook so does everything.
func (o *Output) Capture(f func()) {
	o.once.Do(func() {
		o.capture = rt.Capture(func(fd int, text []byte) {
			stream := "stdout"
			if fd == 2 {
				stream = "stderr"
			}
			o.add(func(p *page) { p.print(stream, text) })
		})
	})
	o.capture(f)
}

// add adds to the page that is being made, or to the one that is shown.
func (o *Output) add(f func(*page)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.next != nil {
		f(o.next)
		return
	}
	f(o.page)
	o.changed["outputs"] = true
	o.send()
}

// begin begins a new page. The old one is shown until turn.
func (o *Output) begin() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next = new(page)
}

// turn shows the page that was begun.
func (o *Output) turn() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.next != nil {
		o.page, o.next = o.next, nil
		o.changed["outputs"] = true
		o.send()
	}
}

// A page is a list of outputs.
type page struct {
	parts []part
	size  int // of all text
}

// A part is text of a stream, or one other output in the notebook's format.
type part struct {
	stream string
	text   []byte
	output map[string]any
}

// A page is part of the notebook, and is sent as a whole. What is more is cut off
// at its beginning.
const (
	maxParts = 1000
	maxText  = 512 << 10
)

// print adds text of a stream.
func (p *page) print(stream string, text []byte) {
	if n := len(p.parts); n == 0 || p.parts[n-1].stream != stream {
		p.parts = append(p.parts, part{stream: stream})
	}
	last := &p.parts[len(p.parts)-1]
	last.text = append(last.text, text...)
	p.size += len(text)
	p.cut()
}

func (p *page) add(output map[string]any) {
	p.parts = append(p.parts, part{output: output})
	p.cut()
}

func (p *page) cut() {
	for len(p.parts) > maxParts || p.size > maxText && p.size-len(p.parts[0].text) >= maxText {
		p.size -= len(p.parts[0].text)
		p.parts = p.parts[1:]
	}
	if over := p.size - maxText; over > 0 {
		p.parts[0].text = p.parts[0].text[over:]
		p.size = maxText
	}
}

// outputs is the page in the notebook's format.
func (p *page) outputs() []map[string]any {
	all := []map[string]any{}
	for _, part := range p.parts {
		if part.output == nil {
			part.output = map[string]any{"output_type": "stream", "name": part.stream, "text": strings.ToValidUTF8(string(part.text), "\uFFFD")}
		}
		all = append(all, part.output)
	}
	return all
}
