package mpi

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"sync"

	"modelbook/kernel/output"
)

// A Reader is the sink of a program of ranks. It hands on what rank 0 prints and
// shows and what all ranks write to their standard error, and keeps back what says
// why they ended.
type Reader struct {
	output.Sink
	// Place puts positions in cells in place of those in the program's files.
	Place func(text string) string

	mu     sync.Mutex
	stdout string // what may be the beginning of a message
	stderr string // a line that may be the beginning of a fault
	within bool   // the rest of the line was handed on
	ranks  []string
	shown  map[string]bool // identifiers of displays
	fault  []string        // what the rank said that ended all, in lines
	boxed  bool            // within a box of mpirun
	said   []string        // lines of mpirun or srun
}

// Stream takes text of the launcher.
func (r *Reader) Stream(name, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name == "stdout" {
		r.out(text)
	} else {
		r.err(text)
	}
}

// End takes lines that were not ended.
func (r *Reader) End() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stdout != "" {
		r.Sink.Stream("stdout", r.stdout)
	}
	if r.stderr != "" {
		r.line(r.stderr, "")
	}
	r.stdout, r.stderr = "", ""
}

// out takes standard output: text with messages in it.
func (r *Reader) out(text string) {
	text = r.stdout + text
	r.stdout = ""
	for {
		before, rest, found := strings.Cut(text, firstMark)
		if !found {
			n := begun(text)
			r.print(text[:len(text)-n])
			r.stdout = text[len(text)-n:]
			return
		}
		r.print(before)
		message, after, whole := strings.Cut(rest, lastMark)
		if !whole {
			r.stdout = text[len(before):]
			return
		}
		r.message(message)
		text = after
	}
}

func (r *Reader) print(text string) {
	if text != "" {
		r.Sink.Stream("stdout", text)
	}
}

// begun is how many bytes at the end of a text may begin a message.
func begun(text string) int {
	for n := min(len(firstMark)-1, len(text)); n > 0; n-- {
		if strings.HasPrefix(firstMark, text[len(text)-n:]) {
			return n
		}
	}
	return 0
}

// message takes what rank 0 tells.
func (r *Reader) message(text string) {
	var m struct {
		Data, Metadata map[string]any
		ID             string
		Ranks          []string
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	switch {
	case err != nil:
		output.Note(r.Sink, "something that rank 0 shows is lost: %v", err)
	case m.Ranks != nil:
		r.ranks = m.Ranks
	case len(m.Data) > 0:
		if r.shown == nil {
			r.shown = map[string]bool{}
		}
		d := output.Display{Data: m.Data, Metadata: m.Metadata, ID: m.ID, Update: r.shown[m.ID]}
		if m.ID != "" {
			r.shown[m.ID] = true
		}
		r.Sink.Display(d)
	}
}

// err takes standard error, in which the launcher and the ranks say what went
// wrong. A line that is none of these is handed on as it comes.
func (r *Reader) err(text string) {
	for {
		line, after, whole := strings.Cut(text, "\n")
		if !whole {
			break
		}
		r.line(r.stderr+line, "\n")
		r.stderr, text = "", after
	}
	r.stderr += text
	if r.stderr != "" && (r.within || r.fault == nil && !r.boxed && !special(r.stderr)) {
		r.Sink.Stream("stderr", r.stderr)
		r.stderr, r.within = "", true
	}
}

// prefixes begin the lines of what ends ranks.
var prefixes = []string{"dist: ", "srun: ", "slurmstepd: ", "mpirun: ", "mpirun noticed", "prterun", "-----", "["}

// special reports whether a text may begin a line of what ends ranks.
func special(text string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(text, p) || strings.HasPrefix(p, text) {
			return true
		}
	}
	return false
}

var (
	rule     = regexp.MustCompile(`^-{60,80}$`) // around what mpirun says
	ofDaemon = regexp.MustCompile(`^\[[^\]\s]+:\d+\] `)
)

func (r *Reader) line(text, end string) {
	switch {
	case r.within:
		r.Sink.Stream("stderr", text+end)
		r.within = false
	case rule.MatchString(text):
		r.boxed = !r.boxed
		r.said = append(r.said, "")
	case r.boxed, ofDaemon.MatchString(text), strings.HasPrefix(text, "srun: "), strings.HasPrefix(text, "slurmstepd: "),
		strings.HasPrefix(text, "mpirun"), strings.HasPrefix(text, "prterun"):
		r.said = append(r.said, text)
	case strings.HasPrefix(text, "dist: ") && r.fault == nil:
		r.fault = []string{strings.TrimPrefix(text, "dist: ")}
	case r.fault != nil:
		r.fault = append(r.fault, text)
	default:
		r.Sink.Stream("stderr", r.Place(text)+end)
	}
}

var (
	signalled = regexp.MustCompile(`process rank (\d+) with PID \d+ on node (\S+) exited on (signal \d+ \([^)]*\))`)
	exited    = regexp.MustCompile(`Process name: \[.*,(\d+)\]\s+Exit code:\s+(\d+)`)
	task      = regexp.MustCompile(`srun: error: (\S+): tasks? (\d+)[^:]*: (.*)`)
)

// Fault says why the ranks ended, with the rank that ended first and its host as
// far as that is known, and more lines about it. The message is "" when nothing
// is known.
func (r *Reader) Fault() (message string, more []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	said := strings.Join(r.said, "\n")
	switch {
	case r.fault != nil:
		return r.fault[0], r.calls(r.fault[1:])
	case signalled.MatchString(said):
		g := signalled.FindStringSubmatch(said)
		message = "rank " + g[1] + " on " + g[2] + " ended with " + g[3]
		if strings.HasPrefix(g[3], "signal 9 ") {
			message += ", as a process does for which there is not enough memory"
		}
		return message, nil
	case exited.MatchString(said):
		g := exited.FindStringSubmatch(said)
		return r.name(g[1]) + " ended with exit status " + g[2], nil
	case task.MatchString(said):
		g := task.FindStringSubmatch(said)
		return "rank " + g[2] + " on " + g[1] + ": " + g[3], nil
	}
	// What the launcher says: its first paragraph, and the rest.
	first, rest, _ := strings.Cut(strings.TrimSpace(said), "\n\n")
	message = strings.Join(strings.Fields(first), " ")
	if rest = strings.Trim(rest, "\n"); rest != "" {
		more = strings.Split(rest, "\n")
	}
	return message, more
}

// name is that of a rank, with its host if rank 0 has told it.
func (r *Reader) name(number string) string {
	for _, name := range r.ranks {
		if strings.HasPrefix(name, "rank "+number+" ") {
			return name
		}
	}
	return "rank " + number
}

// calls are the lines of a fault, and of a stack in it the calls in cells.
func (r *Reader) calls(lines []string) []string {
	var all []string
	stack := false
	for i, line := range lines {
		stack = stack || strings.HasPrefix(line, "goroutine ")
		if !stack {
			all = append(all, line)
			continue
		}
		if placed := r.Place(line); placed != line && i > 0 {
			at, _, _ := strings.Cut(strings.TrimSpace(placed), " ")
			function, _, _ := strings.Cut(strings.TrimPrefix(lines[i-1], "main."), "(")
			all = append(all, at+", in "+function)
		}
	}
	return all
}
