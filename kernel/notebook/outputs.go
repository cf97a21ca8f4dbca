package notebook

import (
	"strings"

	"modelbook/kernel/engine"
	"modelbook/kernel/jupyter"
)

// An output is one output of a cell.
type output struct {
	kind     string // "stream", "display_data", "execute_result", "error"
	name     string // of a stream
	text     page   // of a stream
	data     map[string]any
	metadata map[string]any
	number   int // of a result
	err      *engine.CellError
}

// maxText is the text of one stream output that is stored.
const maxText = 8 << 20

// Outputs as nbformat 4 stores them.
type (
	storedStream struct {
		Type string    `json:"output_type"`
		Name string    `json:"name"`
		Text multiline `json:"text"`
	}
	storedDisplay struct {
		Type string `json:"output_type"`
		jupyter.Value
	}
	storedResult struct {
		storedDisplay
		Number int `json:"execution_count"`
	}
	storedError struct {
		Type string `json:"output_type"`
		jupyter.Failure
	}
)

// stored is the output as nbformat 4 stores it.
func (o *output) stored() any {
	switch o.kind {
	case "stream":
		return storedStream{o.kind, o.name, multiline(o.text.String())}
	case "error":
		return storedError{o.kind, jupyter.Failure{Name: o.err.Name, Value: o.err.Value, Traceback: o.err.Traceback}}
	}
	d := storedDisplay{o.kind, jupyter.NewValue(bundle(o.data), o.metadata)}
	if o.kind == "execute_result" {
		return storedResult{d, o.number}
	}
	return d
}

// bundle stores MIME data: texts as lists of lines, the rest as it is.
func bundle(data map[string]any) map[string]any {
	stored := map[string]any{}
	for mime, v := range data {
		text, ok := v.(string)
		if ok && (strings.HasPrefix(mime, "text/") || mime == "image/svg+xml" || mime == "application/javascript") {
			v = multiline(text)
		}
		stored[mime] = v
	}
	return stored
}

// outputs collects the outputs of one cell.
type outputs struct {
	cell     *Cell
	displays map[string][]*output // by display ID, of the whole notebook
	clear    bool                 // when the next output arrives
	length   int                  // of the stream text
}

func (s *outputs) add(o *output) *output {
	s.cleared()
	s.cell.outputs = append(s.cell.outputs, o)
	return o
}

// cleared does a clear that waited for the next output.
func (s *outputs) cleared() {
	if s.clear {
		s.clear = false
		s.cell.outputs = nil
	}
}

func (s *outputs) stream(name, text string) {
	if s.length > maxText {
		return
	}
	if s.length += len(text); s.length > maxText {
		text = "\n[modelbook: the rest of this output is not stored]\n"
	}
	s.cleared()
	if n := len(s.cell.outputs); n > 0 {
		if last := s.cell.outputs[n-1]; last.kind == "stream" && last.name == name {
			last.text.write(text)
			return
		}
	}
	s.add(&output{kind: "stream", name: name}).text.write(text)
}

func (s *outputs) display(kind string, d engine.Display, number int) {
	if d.Update {
		for _, o := range s.displays[d.ID] {
			o.data, o.metadata = d.Data, d.Metadata
		}
		return
	}
	o := s.add(&output{kind: kind, data: d.Data, metadata: d.Metadata, number: number})
	if d.ID != "" {
		s.displays[d.ID] = append(s.displays[d.ID], o)
	}
}
