package notebook

import (
	"html"
	"strconv"
	"strings"
)

// ansiHTML turns text with the escapes of terminal colours into HTML: a span
// with classes such as "ansi-red ansi-bold" for each stretch. Other escapes
// are left out.
func ansiHTML(text string) string {
	var b strings.Builder
	var bold, dim bool
	color := ""
	at := 0
	put := func(part string) {
		if part == "" {
			return
		}
		var classes []string
		if color != "" {
			classes = append(classes, "ansi-"+color)
		}
		if bold {
			classes = append(classes, "ansi-bold")
		}
		if dim {
			classes = append(classes, "ansi-dim")
		}
		if classes == nil {
			b.WriteString(html.EscapeString(part))
			return
		}
		b.WriteString(`<span class="` + strings.Join(classes, " ") + `">` + html.EscapeString(part) + "</span>")
	}
	for _, m := range escapes.FindAllStringIndex(text, -1) {
		put(text[at:m[0]])
		at = m[1]
		escape := text[m[0]:m[1]]
		if !strings.HasSuffix(escape, "m") {
			continue
		}
		codes := strings.Split(escape[2:len(escape)-1], ";")
		for i := 0; i < len(codes); i++ {
			n, _ := strconv.Atoi(codes[i]) // "" is 0
			switch {
			case n == 0:
				bold, dim, color = false, false, ""
			case n == 1:
				bold = true
			case n == 2:
				dim = true
			case n == 22:
				bold, dim = false, false
			case n >= 30 && n <= 37:
				color = colors[n-30]
			case n >= 90 && n <= 97:
				color = colors[n-90]
			case n == 39:
				color = ""
			case n == 38 || n == 48: // of 256 colours or true colour: their arguments are not codes
				if i+1 < len(codes) && codes[i+1] == "5" {
					i += 2
				} else {
					i += 4
				}
			}
		}
	}
	put(text[at:])
	return b.String()
}

var colors = [8]string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}
