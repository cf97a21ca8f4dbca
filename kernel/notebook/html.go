package notebook

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// HTML is the notebook as a single page, without a network, scripts of its own, or
// a server. HTML that cells show is included as it is, as in nbconvert's pages;
// from HTML in text cells, everything that could run is removed. Cells tagged
// remove_cell, remove_input, remove_output (or hide-cell, hide-input, hide-output
// and the like) are shown without what the tag names; with noInput, no code is
// shown.
func (nb *Notebook) HTML(title string, noInput bool) ([]byte, error) {
	b, err := nb.Encode()
	if err != nil {
		return nil, err
	}
	var stored struct{ Cells []storedCell }
	if err := json.Unmarshal(b, &stored); err != nil {
		return nil, err
	}
	type cell struct {
		Kind           string
		Number         string
		Source, Output template.HTML
	}
	page := struct {
		Title string
		Cells []cell
	}{Title: title}
	for _, c := range stored.Cells {
		if c.hidden("cell") {
			continue
		}
		out := cell{Kind: c.Type}
		switch c.Type {
		case "markdown":
			out.Source = template.HTML(c.markdown())
		case "code":
			if n := 0; json.Unmarshal(c.Count, &n) == nil && n > 0 {
				out.Number = fmt.Sprint(n)
			}
			if !noInput && !c.hidden("input") && c.Source != "" {
				out.Source = template.HTML(highlight(string(c.Source), htmlStyle))
			}
			if !c.hidden("output") {
				var shown strings.Builder
				var outputs []storedOutput
				json.Unmarshal(c.Outputs, &outputs)
				for _, o := range outputs {
					shown.WriteString(o.html())
				}
				out.Output = template.HTML(shown.String())
			}
		default:
			out.Source = template.HTML(html.EscapeString(string(c.Source)))
		}
		if out.Source != "" || out.Output != "" {
			page.Cells = append(page.Cells, out)
		}
	}
	var w bytes.Buffer
	err = pageTemplate.Execute(&w, page)
	return w.Bytes(), err
}

// Title is the notebook's first heading, or "".
func (nb *Notebook) Title() string {
	for _, c := range nb.Cells {
		if c.Type != "markdown" {
			continue
		}
		for line := range strings.Lines(c.Source) {
			if heading := strings.TrimLeft(line, "#"); heading != line && strings.HasPrefix(heading, " ") {
				return strings.TrimSpace(heading)
			}
		}
	}
	return ""
}

// storedCell is a cell as nbformat 4 stores it.
type storedCell struct {
	Type        string          `json:"cell_type"`
	Source      multiline       `json:"source"`
	Count       json.RawMessage `json:"execution_count"`
	Outputs     json.RawMessage `json:"outputs"`
	Attachments json.RawMessage
	Metadata    json.RawMessage
}

// hidden reports whether a tag hides a part of the cell, in one of the ways
// that nbconvert and Jupyter Book know.
func (c *storedCell) hidden(part string) bool {
	var metadata struct{ Tags []string }
	json.Unmarshal(c.Metadata, &metadata) // tags of another form are ignored
	return slices.ContainsFunc(metadata.Tags, func(tag string) bool {
		tag = strings.ReplaceAll(tag, "-", "_")
		return tag == "remove_"+part || tag == "hide_"+part
	})
}

// markdown renders a text cell; pictures attached to it are put in.
func (c *storedCell) markdown() string {
	text := string(c.Source)
	var attachments map[string]map[string]multiline
	json.Unmarshal(c.Attachments, &attachments)
	for name, data := range attachments {
		for mime, v := range data {
			text = strings.ReplaceAll(text, "(attachment:"+name+")", "(data:"+mime+";base64,"+strings.Join(strings.Fields(string(v)), "")+")")
			break
		}
	}
	return renderMarkdown(text)
}

// storedOutput is an output as nbformat 4 stores it.
type storedOutput struct {
	Type      string `json:"output_type"`
	Name      string
	Text      multiline
	Data      map[string]json.RawMessage
	Metadata  map[string]json.RawMessage
	Ename     string
	Evalue    string
	Traceback []string
}

func (o *storedOutput) html() string {
	switch o.Type {
	case "stream":
		return fmt.Sprintf("<pre class=\"%s\">%s</pre>\n", html.EscapeString(o.Name), ansiHTML(string(o.Text)))
	case "error":
		text := strings.Join(o.Traceback, "\n")
		if text == "" {
			text = o.Ename + ": " + o.Evalue
		}
		return "<pre class=\"error\">" + ansiHTML(text) + "</pre>\n"
	}
	for _, mime := range []string{"text/html", "image/svg+xml", "image/png", "image/jpeg", "image/gif", "text/markdown", "text/latex", "text/plain"} {
		var v multiline
		if raw, ok := o.Data[mime]; !ok || json.Unmarshal(raw, &v) != nil {
			continue
		}
		text := string(v)
		switch {
		case mime == "text/html":
			return "<div class=\"html\">" + text + "</div>\n"
		case mime == "text/markdown", mime == "text/latex":
			return "<div class=\"html\">" + renderMarkdown(text) + "</div>\n"
		case mime == "image/svg+xml": // as an image it cannot run anything
			return o.image(mime, base64.StdEncoding.EncodeToString([]byte(text)))
		case strings.HasPrefix(mime, "image/"):
			return o.image(mime, strings.Join(strings.Fields(text), ""))
		}
		return "<pre>" + ansiHTML(text) + "</pre>\n"
	}
	return ""
}

// image is a picture embedded in the page, in the size that its metadata gives.
func (o *storedOutput) image(mime, data string) string {
	var size struct{ Width, Height float64 }
	json.Unmarshal(o.Metadata[mime], &size)
	text := ""
	var plain multiline
	json.Unmarshal(o.Data["text/plain"], &plain)
	if first, _, _ := strings.Cut(string(plain), "\n"); first != "" {
		text = ` alt="` + html.EscapeString(first) + `"`
	}
	if size.Width > 0 {
		text += fmt.Sprintf(` width="%g"`, size.Width)
	}
	return fmt.Sprintf("<img src=\"data:%s;base64,%s\"%s>\n", mime, html.EscapeString(data), text)
}

// htmlStyle wraps a part of Go code for the page.
func htmlStyle(ansi, text string) string {
	class := map[string]string{blue: "keyword", yellow: "string", dim: "comment"}[ansi]
	text = html.EscapeString(text)
	if class == "" || text == "" {
		return text
	}
	return `<span class="` + class + `">` + text + "</span>"
}
