package pipe

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"regexp"
	"strings"
)

// bundle converts the data of a message for front ends: bytes of text become
// strings, other bytes base64, what has no JSON form is left out, and there is
// always a text/plain for front ends that show nothing else.
func bundle(data map[string]any) map[string]any {
	shown := map[string]any{}
	for mime, value := range data {
		switch v := value.(type) {
		case string:
			shown[mime] = strings.ToValidUTF8(v, "\uFFFD")
		case []byte:
			switch {
			case isJSON(mime):
				if json.Valid(v) {
					shown[mime] = json.RawMessage(v)
				}
			case strings.HasPrefix(mime, "text/") || strings.HasSuffix(mime, "+xml") || mime == "application/javascript":
				shown[mime] = strings.ToValidUTF8(string(v), "\uFFFD")
			default:
				shown[mime] = base64.StdEncoding.EncodeToString(v)
			}
		default:
			if _, err := json.Marshal(v); err == nil {
				shown[mime] = v
			}
		}
	}
	if _, ok := shown["text/plain"]; !ok && len(shown) > 0 {
		shown["text/plain"] = plain(shown)
	}
	return shown
}

func isJSON(mime string) bool {
	return mime == "application/json" || strings.HasSuffix(mime, "+json")
}

var (
	hidden = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>`)
	drawn  = regexp.MustCompile(`(?is)<svg\b.*?</svg>`)
	breaks = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>`)
	cells  = regexp.MustCompile(`(?i)</t[dh]>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

// plain makes a text/plain for data that has none.
func plain(shown map[string]any) string {
	if s, ok := shown["text/markdown"].(string); ok {
		return s
	}
	if s, ok := shown["text/html"].(string); ok {
		const limit = 64 << 10
		if len(s) > limit {
			s = strings.ToValidUTF8(s[:limit], "")
		}
		if s = hidden.ReplaceAllString(s, ""); strings.TrimSpace(s) == "" {
			return "" // nothing visible, perhaps a script
		}
		s = cells.ReplaceAllString(breaks.ReplaceAllString(drawn.ReplaceAllString(s, ""), "\n"), " ")
		if s = strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(s, ""))); s != "" {
			return s
		}
	}
	best := ""
	for mime := range shown {
		if best == "" || mime < best {
			best = mime
		}
	}
	return "[" + best + "]"
}

// jsonOnly removes metadata that has no JSON form.
func jsonOnly(metadata map[string]any) map[string]any {
	for key, value := range metadata {
		if _, err := json.Marshal(value); err != nil {
			delete(metadata, key)
		}
	}
	return metadata
}
