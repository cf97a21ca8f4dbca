package cell

import (
	"regexp"
	"strings"
)

// A question is a line that is nothing but a name with one or two question
// marks, as in IPython.
var questionLine = regexp.MustCompile(`^[ \t]*(?:(\?\??)[ \t]*([\pL_%"][^\s?;{}]*)|([\pL_%"][^\s?;{}]*)[ \t]*(\?\??))[ \t]*;?[ \t]*\r?$`)

// question reads a line that asks for documentation, "name?" or, with the
// source, "name??": these are "%doc name" and "%doc -src name". No Go line
// ends so. n is the length of the line.
func question(rest string, line int) (cmd Command, n int, ok bool) {
	n = lineEnd(rest)
	if !strings.Contains(rest[:n], "?") {
		return Command{}, 0, false
	}
	g := questionLine.FindStringSubmatch(rest[:n])
	if g == nil {
		return Command{}, 0, false
	}
	name := g[2] + g[3]
	if g[1]+g[4] == "??" {
		name = "-src " + name
	}
	return newCommand("%doc "+name, line), n, true
}
