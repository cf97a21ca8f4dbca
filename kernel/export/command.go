package export

import (
	"fmt"
	"strings"

	"modelbook/kernel/cell"
)

// command writes a command of a cell as Go, or as a comment where it has a
// meaning in a notebook only.
func (w *writer) command(c cell.Command) string {
	switch c.Name {
	case "!":
		return fmt.Sprintf("shell(%s)\n", quote(c.Text))
	case "%cd":
		if len(c.Args) == 1 {
			w.imports["os"] = "os"
			return fmt.Sprintf("check(os.Chdir(expand(%q)))\n", c.Args[0])
		}
	case "%env":
		name, value, ok := strings.Cut(c.Text, "=")
		if !ok || strings.ContainsAny(name, " \t") {
			name, value, ok = strings.Cut(c.Text, " ")
		}
		if ok && name != "" {
			w.imports["os"] = "os"
			return fmt.Sprintf("check(os.Setenv(%q, %s))\n", name, quote(strings.TrimSpace(value)))
		}
	case "%%writefile":
		args, flag := c.Args, "os.O_TRUNC"
		if len(args) == 2 && args[0] == "-a" {
			args, flag = args[1:], "os.O_APPEND"
		}
		if len(args) == 1 {
			w.imports["os"] = "os"
			body := c.Body
			if body != "" && !strings.HasSuffix(body, "\n") {
				body += "\n"
			}
			return fmt.Sprintf("writeFile(expand(%q), %s, %s)\n", args[0], flag, quote(body))
		}
	case "%%bash", "%%sh":
		return fmt.Sprintf("script(%q, %s)\n", strings.TrimPrefix(c.Name, "%%"), quote(c.Body))
	case "%%script":
		if len(c.Args) > 0 {
			return fmt.Sprintf("script(%s, %s)\n", quote(c.Text), quote(c.Body))
		}
	}
	text := c.Name
	if c.Text != "" {
		if c.Name == "!*" {
			text += c.Text
		} else {
			text += " " + c.Text
		}
	}
	return comment(text+" (in notebooks only)") + "\n"
}

// quote is a Go string, raw where that reads better.
func quote(s string) string {
	if strings.Contains(s, "\n") && !strings.Contains(s, "`") && !strings.Contains(s, "\r") {
		return "`" + s + "`"
	}
	return fmt.Sprintf("%q", s)
}
