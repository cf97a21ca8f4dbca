package gopls

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Position is one of LSP: lines and UTF-16 units in a line, from 0.
type Position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// position is the place of a byte offset in a text.
func position(text string, offset int) Position {
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	p := Position{Line: strings.Count(text[:start], "\n")}
	for _, r := range text[start:offset] {
		p.Character += units(r)
	}
	return p
}

// offset is the byte offset of a place in a text, the nearest that there is.
func offset(text string, p Position) int {
	at := 0
	for range p.Line {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		at += n + 1
	}
	for n := p.Character; n > 0 && at < len(text) && text[at] != '\n'; {
		r, size := utf8.DecodeRuneInString(text[at:])
		at, n = at+size, n-units(r)
	}
	return at
}

func units(r rune) int {
	if n := utf16.RuneLen(r); n > 0 {
		return n
	}
	return 1
}

// An Item is one completion.
type Item struct {
	Label  string
	Kind   int // as LSP counts them
	Detail string
	// Text replaces the bytes From to To of the file asked about.
	Text     string
	From, To int
}

// Show tells gopls what files of its folder hold, by name. It returns
// ErrNotReady while gopls starts.
func (s *Server) Show(files map[string]string) error {
	r, err := s.current()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, text := range files {
		doc, open := r.open[name]
		if open && doc.text == text {
			continue
		}
		doc.version, doc.text = doc.version+1, text
		r.open[name] = doc
		id := map[string]any{"uri": uri(filepath.Join(s.cfg.Dir, name)), "version": doc.version}
		if open {
			err = r.conn.notify("textDocument/didChange", map[string]any{"textDocument": id, "contentChanges": []any{map[string]any{"text": text}}})
		} else {
			id["languageId"], id["text"] = "go", text
			err = r.conn.notify("textDocument/didOpen", map[string]any{"textDocument": id})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// at is where a question is asked.
func (s *Server) at(name, text string, at int) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uri(filepath.Join(s.cfg.Dir, name))}, "position": position(text, at)}
}

// Complete lists what may stand at an offset of a file that was shown.
func (s *Server) Complete(ctx context.Context, name, text string, at int) ([]Item, error) {
	r, err := s.current()
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []struct {
			Label, Detail, InsertText string
			Kind                      int
			TextEdit                  *struct {
				NewText        string
				Range, Replace *struct{ Start, End Position }
			}
		}
	}
	if err := r.conn.call(ctx, "textDocument/completion", s.at(name, text, at), &list); err != nil {
		return nil, err
	}
	var items []Item
	for _, i := range list.Items {
		item := Item{Label: i.Label, Kind: i.Kind, Detail: i.Detail, Text: i.Label, From: at, To: at}
		if i.InsertText != "" {
			item.Text = i.InsertText
		}
		if e := i.TextEdit; e != nil {
			item.Text = e.NewText
			if e.Range == nil {
				e.Range = e.Replace
			}
			if e.Range != nil {
				item.From, item.To = offset(text, e.Range.Start), offset(text, e.Range.End)
			}
		}
		items = append(items, item)
	}
	return items, nil
}

// Hover is what gopls says of an offset of a file that was shown, in Markdown;
// "" when it has nothing to say.
func (s *Server) Hover(ctx context.Context, name, text string, at int) (string, error) {
	r, err := s.current()
	if err != nil {
		return "", err
	}
	var hover struct{ Contents struct{ Value string } }
	err = r.conn.call(ctx, "textDocument/hover", s.at(name, text, at), &hover)
	return hover.Contents.Value, err
}

// Signature is the function whose arguments an offset is among, and what is
// said of it in Markdown.
func (s *Server) Signature(ctx context.Context, name, text string, at int) (label, doc string, err error) {
	r, err := s.current()
	if err != nil {
		return "", "", err
	}
	var help struct {
		Signatures []struct {
			Label         string
			Documentation json.RawMessage
		}
	}
	err = r.conn.call(ctx, "textDocument/signatureHelp", s.at(name, text, at), &help)
	if err != nil || len(help.Signatures) == 0 {
		return "", "", err
	}
	sig := help.Signatures[0]
	var markup struct{ Value string }
	if json.Unmarshal(sig.Documentation, &markup) != nil {
		json.Unmarshal(sig.Documentation, &markup.Value)
	}
	return sig.Label, markup.Value, nil
}
