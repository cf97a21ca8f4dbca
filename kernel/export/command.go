package export

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/engine"
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
	case "%pwd":
		w.imports["fmt"], w.imports["os"] = "fmt", "os"
		return "fmt.Println(must(os.Getwd()))\n"
	case "%env":
		name, value, ok := strings.Cut(strings.Join(c.Args, " "), "=")
		if !ok || strings.ContainsAny(name, " \t") {
			name, value, ok = strings.Cut(strings.Join(c.Args, " "), " ")
		}
		if ok && name != "" {
			w.imports["os"] = "os"
			return fmt.Sprintf("check(os.Setenv(%q, %s))\n", name, quote(value))
		}
	case "%%writefile":
		args, flag := c.Args, "os.O_TRUNC"
		if len(args) == 2 && args[0] == "-a" {
			args, flag = args[1:], "os.O_APPEND"
		}
		if len(args) == 1 {
			w.imports["os"] = "os"
			return fmt.Sprintf("writeFile(expand(%q), %s, %s)\n", args[0], flag, quote(ended(c.Body)))
		}
	case "%%bash", "%%sh":
		return fmt.Sprintf("script(%s, %q)\n", quote(ended(c.Body)), strings.TrimPrefix(c.Name, "%%"))
	case "%%script":
		if len(c.Args) > 0 {
			return fmt.Sprintf("script(%s, %s)\n", quote(ended(c.Body)), list(c.Args))
		}
	case "%capture":
		args, flag := c.Args, "os.O_TRUNC"
		if len(args) == 2 && args[0] == "-a" {
			args, flag = args[1:], "os.O_APPEND"
		}
		if len(args) == 1 {
			w.imports["os"], w.captures = "os", true
			return fmt.Sprintf("copyOutput(expand(%q), %s)\n", args[0], flag)
		}
	case "%%capture":
		w.captures = true
		return "capture()\n"
	case "%with_inputs", "%with_password":
		return comment(c.Name+": the next command reads what you type") + "\n"
	case "!*":
		if engine.AboutModules(c) {
			return comment("!*"+c.Text+": see go.mod") + "\n"
		}
	}
	if mime := engine.ShownAs(c.Name); mime != "" {
		return fmt.Sprintf("save(map[string]any{%q: %s, \"text/plain\": %s})\n", mime, quote(c.Body), quote(strings.TrimRight(c.Body, "\n")))
	}
	return w.notebookOnly(c)
}

// silent are commands that tell or set what a program has no need of: that
// they are left out is not worth a word to the user.
var silent = []string{"%who", "%whos", "%ls", "%list", "%doc", "%help", "%lsmagic", "%version", "%hist", "%history", "%recall", "%load",
	"%autoget", "%noautoget", "%goflags", "%goworkfix", "%track", "%untrack", "%widgets", "%widgets_hb", "%time", "%prun", "%cd", "%env"}

// notebookOnly is the comment that stands for a command.
func (w *writer) notebookOnly(c cell.Command) string {
	text := c.Name
	switch {
	case c.Text == "":
	case c.Name == "!*":
		text += c.Text
	default:
		text += " " + c.Text
	}
	if !slices.Contains(silent, c.Name) {
		first, _, _ := strings.Cut(text, "\n")
		w.remark("%s has no place in a program", first)
	}
	return comment(text+" (in notebooks only)") + "\n"
}

// ended is the text of a cell, with a newline at its end.
func ended(body string) string {
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	return body
}

// quote is a Go string, raw where that reads better.
func quote(s string) string {
	if !strings.Contains(s, "`") && !strings.Contains(s, "\r") && strings.ContainsAny(s, "\n\"\\") && strings.ToValidUTF8(s, "") == s && !strings.ContainsRune(s, '\uFEFF') {
		return "`" + s + "`"
	}
	return fmt.Sprintf("%q", s)
}

// list are Go strings as arguments.
func list(texts []string) string {
	var all []string
	for _, s := range texts {
		all = append(all, quote(s))
	}
	return strings.Join(all, ", ")
}
