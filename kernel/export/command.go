package export

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
)

// command writes a command of a cell as Go, or as a comment if it makes sense only
// in a notebook.
func (w *writer) command(c cell.Command) string {
	switch c.Name {
	case "!":
		return fmt.Sprintf("%s(%s)\n", w.name("shell"), quote(c.Text))
	case "%cd":
		if len(c.Args) == 1 {
			return fmt.Sprintf("check(%s.Chdir(%s(%q)))\n", w.pkg("os"), w.name("expand"), c.Args[0])
		}
	case "%pwd":
		return w.pkg("fmt") + ".Println(must(" + w.pkg("os") + ".Getwd()))\n"
	case "%env":
		name, value, ok := strings.Cut(strings.Join(c.Args, " "), "=")
		if !ok || strings.ContainsAny(name, " \t") {
			name, value, ok = strings.Cut(strings.Join(c.Args, " "), " ")
		}
		if ok && name != "" {
			return fmt.Sprintf("check(%s.Setenv(%q, %s))\n", w.pkg("os"), name, quote(value))
		}
	case "%%writefile":
		args, flag := c.Args, ".O_TRUNC"
		if len(args) == 2 && args[0] == "-a" {
			args, flag = args[1:], ".O_APPEND"
		}
		if len(args) == 1 {
			return fmt.Sprintf("%s(%s(%q), %s, %s)\n", w.name("writeFile"), w.name("expand"), args[0], w.pkg("os")+flag, quote(ended(c.Body)))
		}
	case "%%bash", "%%sh":
		return fmt.Sprintf("%s(%s, %q)\n", w.name("script"), quote(ended(c.Body)), strings.TrimPrefix(c.Name, "%%"))
	case "%%script":
		if len(c.Args) > 0 {
			return fmt.Sprintf("%s(%s, %s)\n", w.name("script"), quote(ended(c.Body)), list(c.Args))
		}
	case "%capture":
		args, flag := c.Args, ".O_TRUNC"
		if len(args) == 2 && args[0] == "-a" {
			args, flag = args[1:], ".O_APPEND"
		}
		if len(args) == 1 {
			w.captures = true
			return fmt.Sprintf("%s(%s(%q), %s)\n", w.name("copyOutput"), w.name("expand"), args[0], w.pkg("os")+flag)
		}
	case "%%capture":
		w.captures = true
		return w.name("capture") + "()\n"
	case "%with_inputs", "%with_password":
		return comment(c.Name+": the next command reads what you type") + "\n"
	case "!*":
		if command.ChangesModules(c.Name, c.Text) {
			return comment("!*"+c.Text+": see go.mod") + "\n"
		}
	}
	if mime := command.ShownAs(c.Name); mime != "" {
		return fmt.Sprintf("%s(map[string]any{%q: %s, \"text/plain\": %s})\n", w.name("save"), mime, quote(c.Body), quote(strings.TrimRight(c.Body, "\n")))
	}
	return w.notebookOnly(c)
}

// silent are commands that show or set something that a program does not need.
// They are left out without telling the user.
var silent = []string{"%who", "%whos", "%ls", "%list", "%doc", "%help", "%lsmagic", "%version", "%hist", "%history", "%recall", "%load",
	"%autoget", "%noautoget", "%goflags", "%goworkfix", "%track", "%untrack", "%widgets", "%widgets_hb", "%time", "%prun", "%cd", "%env"}

// notebookOnly is the comment in place of a command.
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
