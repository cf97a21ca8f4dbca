package command

import (
	"bufio"
	"fmt"
	"html"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modelbook/internal/number"
	"modelbook/kernel/table"
)

// A block is a part of a cell whose statements run together: those between two
// positions, how many they are, and how often they ran.
type block struct {
	line, col, endLine, endCol int
	statements, count          int
}

var profileLine = regexp.MustCompile(`^(?:.*/)?([^/:]+):(\d+)\.(\d+),(\d+)\.(\d+) (\d+) (\d+)$`)

// readProfile reads a coverage profile of go test as blocks of cells. It also
// returns the profile with cells in place of files.
func readProfile(p *TestPackage, name string) (cells map[int][]block, mapped string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	cells = map[int][]block{}
	var b strings.Builder
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		g := profileLine.FindStringSubmatch(lines.Text())
		if g == nil {
			b.WriteString(lines.Text() + "\n") // the mode
			continue
		}
		var n [6]int
		for i := range n {
			if n[i], err = strconv.Atoi(g[i+2]); err != nil {
				return nil, "", err
			}
		}
		at := block{statements: n[4], count: n[5]}
		cell, ok := 0, false
		if cell, at.line, at.col, ok = p.Place(g[1], n[0], n[1]); !ok {
			continue
		}
		_, at.endLine, at.endCol, _ = p.Place(g[1], n[2], n[3])
		cells[cell] = append(cells[cell], at)
		fmt.Fprintf(&b, "%s:%d.%d,%d.%d %d %d\n", p.Name(cell), at.line, at.col, at.endLine, at.endCol, at.statements, at.count)
	}
	return cells, b.String(), lines.Err()
}

// The states of a line.
const (
	noStatement = ' '
	ran         = '+'
	didNotRun   = '-'
	ranInPart   = '~'
)

// lineStates tells for each line of a cell whether its statements ran.
func lineStates(lines []string, blocks []block) []byte {
	states := make([]byte, len(lines))
	for i, text := range lines {
		states[i] = noStatement
		for _, b := range blocks {
			from, to := 0, len(text) // what the block has of the line
			switch n := i + 1; {
			case n < b.line || n > b.endLine:
				continue
			case n == b.line && n == b.endLine:
				from, to = b.col-1, b.endCol-1
			case n == b.line:
				from = b.col - 1
			case n == b.endLine:
				to = b.endCol - 1
			}
			from, to = min(max(from, 0), len(text)), min(max(to, 0), len(text))
			if part := strings.Trim(text[from:max(from, to)], "{} \t\r"); part == "" || strings.HasPrefix(part, "//") {
				continue
			}
			state := byte(didNotRun)
			if b.count > 0 {
				state = ran
			}
			switch states[i] {
			case noStatement:
				states[i] = state
			case state:
			default:
				states[i] = ranInPart
			}
		}
	}
	return states
}

// ranges lists the lines in a state: "3, 5-7".
func ranges(states []byte, state byte) string {
	var all []string
	for i := 0; i < len(states); i++ {
		if states[i] != state {
			continue
		}
		last := i
		for last+1 < len(states) && (states[last+1] == state || states[last+1] == noStatement && last+2 < len(states) && states[last+2] == state) {
			last++
		}
		if text := strconv.Itoa(i + 1); last > i {
			all = append(all, fmt.Sprintf("%s-%d", text, last+1))
		} else {
			all = append(all, text)
		}
		i = last
	}
	return strings.Join(all, ", ")
}

// showCoverage shows which lines of cells ran: a table of the cells, and their
// source with a mark at each line. The profile is also kept in a file if that is
// not "".
func (r *Run) showCoverage(p *TestPackage, profile, kept string) error {
	cells, mapped, err := readProfile(p, profile)
	if os.IsNotExist(err) {
		return nil // the tests have not run
	}
	if err == nil && kept != "" {
		err = os.WriteFile(kept, []byte(mapped), 0o644)
	}
	if err != nil {
		return err
	}
	var numbers []int
	for n := range cells {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	t := table.Table{Head: []string{"cell", "covered", "lines not run"}}
	var plain, rich strings.Builder
	all, covered := 0, 0
	for _, n := range numbers {
		statements, count := 0, 0
		for _, b := range cells[n] {
			statements += b.statements
			if b.count > 0 {
				count += b.statements
			}
		}
		all, covered = all+statements, covered+count
		lines := p.Lines(n)
		states := lineStates(lines, cells[n])
		t.Rows = append(t.Rows, []string{p.Name(n), number.PercentOf(float64(count), float64(statements)), ranges(states, didNotRun)})
		fmt.Fprintf(&plain, "\n%s\n", p.Name(n))
		fmt.Fprintf(&rich, "<p>%s</p>\n<pre>", html.EscapeString(p.Name(n)))
		for i, text := range lines {
			text = strings.TrimRight(text, "\r")
			fmt.Fprintf(&plain, "%s\n", strings.TrimRight(fmt.Sprintf("%4d %c %s", i+1, states[i], text), " "))
			line := fmt.Sprintf("%4d %s", i+1, html.EscapeString(text))
			if colour := lineColours[states[i]]; colour != "" {
				line = `<span style="background:` + colour + `;color:#1f2328">` + line + "</span>"
			}
			rich.WriteString(line + "\n")
		}
		rich.WriteString("</pre>\n")
	}
	t.Title = "coverage: " + number.PercentOf(float64(covered), float64(all)) + " of statements"
	legend := "+ ran, - did not run, ~ ran in part"
	r.display(map[string]any{
		"text/plain": t.Text() + "\n\n" + legend + "\n" + strings.TrimRight(plain.String(), "\n"),
		"text/html": t.HTML() + "\n<p>" + fmt.Sprintf(`<span style="background:%s;color:#1f2328">ran</span> <span style="background:%s;color:#1f2328">did not run</span> <span style="background:%s;color:#1f2328">ran in part</span>`,
			lineColours[ran], lineColours[didNotRun], lineColours[ranInPart]) + "</p>\n" + rich.String(),
	})
	return nil
}

// lineColours are the backgrounds of lines in a state.
var lineColours = map[byte]string{ran: "#dafbe1", didNotRun: "#ffcecb", ranInPart: "#fff1b8"}
