package cell

import "strings"

// Prefix may stand before a command, so that Go tools see a comment.
const Prefix = "//gonb:"

// sameAs are other names of commands, as users of IPython type them.
var sameAs = map[string]string{"%%time": "%time", "%%main": "%main", "%%prun": "%prun", "%%test": "%test", "%%file": "%%writefile"}

// goCells are the cell commands behind which Go follows.
var goCells = map[string]bool{"%%timeit": true, "%%capture": true}

// cellCommand returns the cell command on the first line that is not blank, or
// nil when the cell is Go. "%%" alone (with arguments or not) is the line
// command for main.
func cellCommand(code string) *Command {
	line, rest := 1, code
	for {
		text, after, more := strings.Cut(rest, "\n")
		text = strings.TrimSuffix(text, "\r")
		if strings.TrimSpace(text) == "" {
			if !more {
				return nil
			}
			line, rest = line+1, after
			continue
		}
		text = strings.TrimPrefix(text, Prefix)
		if len(text) < 3 || text[:2] != "%%" || text[2] == ' ' || text[2] == '\t' {
			return nil
		}
		cmd := newCommand(text, line)
		if !strings.HasPrefix(cmd.Name, "%%") || goCells[cmd.Name] {
			return nil
		}
		cmd.Body = after
		return &cmd
	}
}

// newCommand makes a command of its text, without prefix.
func newCommand(text string, line int) Command {
	cmd := Command{Line: line}
	switch {
	case strings.HasPrefix(text, "!"):
		cmd.Name, text = "!", strings.TrimLeft(text[1:], " \t")
		if strings.HasPrefix(text, "*") {
			cmd.Name, text = "!*", text[1:]
		}
		cmd.Text = strings.TrimSpace(text)
		return cmd
	case strings.HasPrefix(text, "%%"):
		cmd.Name, text = "%%", text[2:]
	default:
		cmd.Name, text = "%", strings.TrimLeft(text[1:], " \t")
	}
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		end = len(text)
	}
	cmd.Name += text[:end]
	cmd.Text = strings.TrimSpace(text[end:])
	cmd.Args = Fields(cmd.Text)
	if name := sameAs[cmd.Name]; name != "" {
		cmd.Name = name
	}
	if cmd.Name == "%test" { // flags are quoted as in a shell
		cmd.Args = fields(cmd.Text, true)
	}
	return cmd
}

// Fields splits the arguments of a command at blanks, as GoNB does: double
// quotes keep blanks together and allow an empty argument; inside them \n and
// \t are newline and tab, and a backslash before another character stands for
// that character. A blank behind a backslash, as Tab writes it, keeps the field
// together, too.
func Fields(text string) []string { return fields(text, false) }

// fields is Fields; with single, single quotes at the start of a field, or of a
// flag's value, keep what is between them as it is.
func fields(text string, single bool) []string {
	var fields []string
	var field strings.Builder
	started, quoted := false, false
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case single && b == '\'' && !quoted && (!started || text[i-1] == '='):
			end := strings.IndexByte(text[i+1:], '\'')
			if end < 0 {
				break
			}
			field.WriteString(text[i+1 : i+1+end])
			i, started = i+1+end, true
			continue
		case !quoted && (b == ' ' || b == '\t' || b == '\n' || b == '\r'):
			if started {
				fields = append(fields, field.String())
				field.Reset()
				started = false
			}
			continue
		case b == '"':
			quoted, started = !quoted, true
			continue
		case b == '\\' && !quoted && i+1 < len(text) && text[i+1] == ' ':
			i++
			b = ' '
		case b == '\\' && quoted && i+1 < len(text):
			i++
			switch b = text[i]; b {
			case 'n':
				b = '\n'
			case 't':
				b = '\t'
			}
		}
		field.WriteByte(b)
		started = true
	}
	if started {
		fields = append(fields, field.String())
	}
	return fields
}

// separate takes the command lines out of a cell. It returns them and the
// text with each of their bytes, line ends excepted, replaced by a blank.
//
// A command stands at the very start of a line, outside strings and comments.
// No Go line starts with a binary operator such as %, so % is always a
// command; ! is one where a statement could start, and the operator "not"
// where an expression goes on.
func separate(code string) (commands []Command, goText string, err error) {
	text := []byte(code)
	line := 1
	var last, before byte // the last two bytes of Go that are not blank
	seen := func(b byte) { before, last = last, b }
	for i := 0; i < len(code); {
		if i == 0 || code[i-1] == '\n' {
			if cmd, n, ok := question(code[i:], line); ok && startsStatement(before, last) {
				cmd.After = last != 0
				commands = append(commands, cmd)
				blank(text[i : i+n])
				i += n
				continue
			}
			if mark := commandMark(code[i:]); mark == '%' || mark == '!' && startsStatement(before, last) {
				start, first := i, line
				var joined string
				joined, i, line = joinLines(code, i, line)
				cmd := newCommand(joined, first)
				if cmd.Name == "%" || cmd.Text == "" && mark == '!' {
					return nil, "", &SyntaxError{Line: first, Col: 1, Msg: "a command is missing after " + cmd.Name + " (%help lists the commands)"}
				}
				cmd.After = last != 0
				if behind := cmd.options(code[start : start+lineEnd(code[start:])]); behind > 0 { // Go, which goes on where it likes
					i, line = start+behind, first
				}
				commands = append(commands, cmd)
				blank(text[start:i])
				continue
			}
		}
		switch b := code[i]; {
		case b == '\n':
			line++
			i++
		case b == ' ' || b == '\t' || b == '\r':
			i++
		case strings.HasPrefix(code[i:], "//"):
			start := i
			i += lineEnd(code[i:])
			withoutDirective(text[start:i])
		case strings.HasPrefix(code[i:], "/*"):
			n := closed(code[i+2:], "*/")
			line += strings.Count(code[i:i+2+n], "\n")
			withoutDirective(text[i : i+2+n])
			i += 2 + n
		case b == '`':
			n := closed(code[i+1:], "`")
			line += strings.Count(code[i:i+1+n], "\n")
			i += 1 + n
			seen(b)
		case b == '"' || b == '\'':
			i += 1 + quotedEnd(code[i+1:], b)
			seen(b)
		default:
			seen(b)
			i++
		}
	}
	return commands, string(text), nil
}

// withoutDirective blanks a line directive (//line file:10), as generators of
// Go write it: positions are those in the cell.
func withoutDirective(comment []byte) {
	if len(comment) > 7 && string(comment[2:7]) == "line " {
		blank(comment)
	}
}

// commandMark returns '%' or '!' when the line can be a command, else 0.
func commandMark(line string) byte {
	if rest, ok := strings.CutPrefix(line, Prefix); ok {
		line = rest
	}
	if line != "" && (line[0] == '%' || line[0] == '!' && !strings.HasPrefix(line, "!=")) {
		return line[0]
	}
	return 0
}

// startsStatement reports whether a line behind Go text that ends in these two
// bytes starts a new statement: whether Go's lexer puts a semicolon there.
func startsStatement(before, last byte) bool {
	switch last {
	case 0, ';', ')', ']', '}', '"', '\'', '`':
		return true
	case '+', '-':
		return before == last
	}
	return last == '_' || last >= 0x80 ||
		'0' <= last && last <= '9' || 'a' <= last && last <= 'z' || 'A' <= last && last <= 'Z'
}

// joinLines returns the command that starts at offset i, lines that end in a
// backslash continued, and the offset and number of the line behind it.
func joinLines(code string, i, line int) (text string, next, nextLine int) {
	var b strings.Builder
	for i < len(code) {
		n := lineEnd(code[i:])
		s := strings.TrimPrefix(strings.TrimSuffix(code[i:i+n], "\r"), Prefix)
		i += n
		if i < len(code) {
			i++
			line++
		}
		s, more := strings.CutSuffix(s, `\`)
		b.WriteString(s)
		if !more {
			break
		}
		b.WriteByte(' ')
	}
	return b.String(), i, line
}

func lineEnd(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

// closed returns the length of s through the first end, or all of s.
func closed(s, end string) int {
	if n := strings.Index(s, end); n >= 0 {
		return n + len(end)
	}
	return len(s)
}

// quotedEnd returns the length of s through the closing quote, or to the line
// end, which no such literal crosses.
func quotedEnd(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 < len(s) && s[i+1] != '\n' {
				i++
			}
		case quote:
			return i + 1
		case '\n':
			return i
		}
	}
	return len(s)
}

// blank replaces everything but line ends by spaces.
func blank(text []byte) {
	for i, b := range text {
		if b != '\n' && b != '\r' {
			text[i] = ' '
		}
	}
}

// measuring are the commands that may have statements behind them, with those
// of their options that take a value and those that do not.
var measuring = map[string]struct{ valued, plain string }{
	"%time": {}, "%timeit": {"nr", "q"}, "%%timeit": {"nr", "q"}, "%prun": {"lD", "q"},
}

// options takes the options off the text of a command that measures
// statements, given its line. It returns the length of what stands before the
// statements, or 0 when there are none in this line.
func (cmd *Command) options(text string) (behind int) {
	kinds, ok := measuring[cmd.Name]
	if !ok {
		return 0
	}
	rest := strings.TrimLeft(strings.TrimPrefix(text, Prefix), "% \t")
	rest = strings.TrimLeft(rest[len(word(rest)):], " \t")
	cmd.Args = nil
	for {
		option := word(rest)
		if len(option) < 2 || option[0] != '-' {
			break
		}
		valued := strings.IndexByte(kinds.valued, option[1]) >= 0
		switch {
		case option == "--":
		case valued && len(option) == 2: // the value is the next word
			value := word(strings.TrimLeft(rest[2:], " \t"))
			cmd.Args = append(cmd.Args, option, value)
			rest = strings.TrimLeft(rest[2:], " \t")
			option = value
		case valued && strings.Trim(option[2:], "0123456789") == "":
			cmd.Args = append(cmd.Args, option[:2], option[2:])
		case len(option) == 2 && strings.IndexByte(kinds.plain, option[1]) >= 0:
			cmd.Args = append(cmd.Args, option)
		default:
			option = ""
		}
		end := option == "--" || option == ""
		rest = strings.TrimLeft(rest[len(option):], " \t")
		if end {
			break
		}
	}
	cmd.Text = strings.TrimSpace(rest)
	cmd.measures = cmd.Name == "%%timeit" || cmd.Text != ""
	if cmd.Text == "" {
		return 0
	}
	return len(text) - len(rest)
}

// word is what s has before its first blank.
func word(s string) string {
	if i := strings.IndexAny(s, " \t\r"); i >= 0 {
		return s[:i]
	}
	return s
}
