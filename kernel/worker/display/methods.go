package display

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Methods by which a value shows itself. The single-type ones are those of
// gophernotes, so that libraries written for it work here.
type (
	bundler    interface{ MimeBundle() map[string]any }
	annotator  interface{ MimeMetadata() map[string]any }
	htmler     interface{ HTML() string }
	markdowner interface{ Markdown() string }
	latexer    interface{ Latex() string }
	svger      interface{ SVG() string }
	pnger      interface{ PNG() []byte }
	jpeger     interface{ JPEG() []byte }
	jsoner     interface{ JSON() map[string]any }
)

// rich asks v's own methods. A method that panics counts as absent, and the
// text says so.
func rich(v any) (data, metadata map[string]any, ok bool) {
	data = map[string]any{}
	var failed []string
	ask := func(name string, method func()) {
		defer func() {
			if p := caught(recover()); p != nil {
				failed = append(failed, fmt.Sprintf("%s panicked: %s", name, panicText(p)))
			}
		}()
		method()
	}
	for _, v := range []any{v, addressed(v)} {
		if m, is := v.(bundler); is {
			ask("MimeBundle", func() {
				for mime, value := range m.MimeBundle() {
					if value = encoded(mime, value); value != nil {
						data[mime] = value
					}
				}
			})
			if m, is := v.(annotator); is {
				ask("MimeMetadata", func() { metadata = m.MimeMetadata() })
			}
		}
		put := func(mime, text string) {
			if text != "" {
				data[mime] = text
			}
		}
		if len(data) == 0 {
			if m, is := v.(htmler); is {
				ask("HTML", func() { put("text/html", m.HTML()) })
			}
			if m, is := v.(markdowner); is {
				ask("Markdown", func() { put("text/markdown", m.Markdown()) })
			}
			if m, is := v.(latexer); is {
				ask("Latex", func() { put("text/latex", m.Latex()) })
			}
			if m, is := v.(svger); is {
				ask("SVG", func() { put("image/svg+xml", m.SVG()) })
			}
			if m, is := v.(pnger); is {
				ask("PNG", func() { put("image/png", base64.StdEncoding.EncodeToString(m.PNG())) })
			}
			if m, is := v.(jpeger); is {
				ask("JPEG", func() { put("image/jpeg", base64.StdEncoding.EncodeToString(m.JPEG())) })
			}
			if m, is := v.(jsoner); is {
				ask("JSON", func() {
					if j := m.JSON(); j != nil {
						data["application/json"] = j
					}
				})
			}
		}
		if len(data) > 0 || len(failed) > 0 {
			break
		}
	}
	if len(data) == 0 && len(failed) == 0 {
		// Types that carry their meaning in their name alone.
		if raw, is := v.(json.RawMessage); is && json.Valid(raw) {
			data["application/json"] = raw
			data["text/plain"] = string(raw)
		}
		if t := reflect.TypeOf(v); t.PkgPath() == "html/template" && t.Name() == "HTML" {
			data["text/html"] = reflect.ValueOf(v).String()
			data["text/plain"] = reflect.ValueOf(v).String()
		}
	}
	if len(failed) > 0 {
		data["text/plain"] = plain(v) + " (" + strings.Join(failed, "; ") + ")"
	}
	return data, metadata, len(data) > 0
}

// encoded makes a value fit for a message: binary data becomes base64, bytes
// of text become a string, everything else must encode as JSON. It returns nil
// for what does not fit.
func encoded(mime string, value any) any {
	switch value := value.(type) {
	case nil:
		return nil
	case string:
		return value
	case []byte:
		switch {
		case mime == "application/json" || strings.HasSuffix(mime, "+json"):
			if json.Valid(value) {
				return json.RawMessage(value)
			}
			return nil
		case strings.HasPrefix(mime, "text/") || strings.HasSuffix(mime, "+xml") || mime == "application/javascript":
			return string(value)
		}
		return base64.StdEncoding.EncodeToString(value)
	case fmt.Stringer:
		if strings.HasPrefix(mime, "text/") {
			return value.String()
		}
	}
	return value
}

// withoutClock is String, without the monotonic clock's reading that Time's
// String shows ("m=+0.01").
func withoutClock(s fmt.Stringer) string {
	if t, ok := s.(time.Time); ok {
		return t.Round(0).String()
	}
	return s.String()
}
