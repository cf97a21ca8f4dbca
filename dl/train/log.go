package train

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"modelbook/internal/number"
)

// Progress writes how a training goes as text: one line that changes while an epoch runs, and stays at its end. Of more
// than a hundred epochs that are shorter than Every, only one in that time stays, and the last.
type Progress struct {
	W     io.Writer     // nil: standard output
	Every time.Duration // the line changes at most so often; 0: 200 ms; negative: only at the end of an epoch
}

// Outward says that of several ranks only the first has the callback: see [Outward].
func (Progress) Outward() {}

// Start begins to follow a Fit: see [Callback].
func (p Progress) Start(run *Run) (Observer, error) {
	if p.W == nil {
		p.W = os.Stdout
	}
	if p.Every == 0 {
		p.Every = 200 * time.Millisecond
	}
	return &progress{Progress: p, shown: time.Now()}, nil
}

type progress struct {
	Progress
	shown time.Time
	stays time.Time // when a line was last left to stay
	width int       // of the line shown
}

func (p *progress) Batch(run *Run) error {
	if p.Every < 0 || time.Since(p.shown) < p.Every {
		return nil
	}
	p.shown = time.Now()
	text := run.Position() + "  " + run.Measured()
	if left := run.Left(); left != "" {
		text += "  " + left + " left"
	}
	return p.line(text, "")
}

func (p *progress) Epoch(run *Run) error {
	now := time.Now()
	many := run.Last-run.First >= 100 && run.Epoch > run.First && run.Epoch < run.Last && run.Stopped == ""
	if many && now.Sub(p.stays) < p.Every {
		return nil
	}
	p.stays = now
	text := fmt.Sprintf("epoch %d/%d", run.Epoch, run.Epochs)
	for _, name := range run.History.Names {
		if v := run.History.Last(name); Measured(v) && !isExtra(name) {
			text += "  " + name + " " + format(name, v)
		}
	}
	return p.line(fmt.Sprintf("%s  %s/s  %.1f s", text, number.Fixed(run.SamplesPerSecond, 0), run.History.Last("seconds")), "\n")
}

func (p *progress) End(run *Run) error {
	text := ""
	switch {
	case run.Err != nil:
		text = "stopped: " + run.Err.Error()
	case run.Stopped != "":
		text = "stopped: " + run.Stopped
	default:
		return nil
	}
	return p.line(text, "\n")
}

// line writes over the line before. Between epochs it is whole lines only, so that a log file reads well.
func (p *progress) line(text, end string) error {
	start := ""
	if p.Every >= 0 {
		start = "\r"
	}
	padding := strings.Repeat(" ", max(p.width-len(text), 0))
	if p.width = len(text); end != "" {
		p.width = 0
	}
	_, err := io.WriteString(p.W, start+text+padding+end)
	return err
}

// Position says where a run is: "epoch 3/10  step 120/750".
func (r *Run) Position() string {
	return fmt.Sprintf("epoch %d/%d  step %d/%d", r.Epoch, r.Epochs, r.Step, r.Steps)
}

// Measured says what a run has measured in its epoch so far: "loss 0.1234  accuracy 0.9612  4500/s".
func (r *Run) Measured() string {
	text := "loss " + format("loss", r.Loss)
	for _, m := range r.Metrics {
		if !Measured(m.Value) { // it is when the epoch ends: see metric.Collector
			continue
		}
		text += "  " + m.Name + " " + format(m.Name, m.Value)
	}
	return text + "  " + number.Fixed(r.SamplesPerSecond, 0) + "/s"
}

// Left says how long a run will probably last, such as "1m30s": "" while nothing is known of that, as in its first
// seconds, when the first batches still bring up memory and caches.
func (r *Run) Left() string {
	const early = 2 * time.Second
	if r.Remaining < time.Second || r.Elapsed < early && r.Epoch <= r.First {
		return ""
	}
	return r.Remaining.Round(time.Second).String()
}

// CSVLog writes the history to a file, a line for each epoch as it ends. An existing file is replaced unless Append
// is set; then its heading must be the same.
type CSVLog struct {
	Path   string
	Append bool
}

// Outward says that of several ranks only the first has the callback: see [Outward].
func (CSVLog) Outward() {}

// Start begins to follow a Fit: see [Callback].
func (c CSVLog) Start(run *Run) (Observer, error) {
	if c.Path == "" {
		return nil, errors.New("a log needs a Path")
	}
	mode := os.O_CREATE | os.O_RDWR | os.O_TRUNC
	if c.Append {
		mode = os.O_CREATE | os.O_RDWR
	}
	f, err := os.OpenFile(c.Path, mode, 0o644)
	if err != nil {
		return nil, err
	}
	return &csvLog{file: f, out: csv.NewWriter(f)}, nil
}

type csvLog struct {
	Observe
	file    *os.File
	out     *csv.Writer
	started bool
}

func (l *csvLog) Epoch(run *Run) error {
	if !l.started {
		l.started = true
		if err := l.head(append([]string{"epoch"}, run.History.Names...)); err != nil {
			return err
		}
	}
	row := []string{strconv.Itoa(run.Epoch)}
	for _, name := range run.History.Names {
		row = append(row, strconv.FormatFloat(run.History.Last(name), 'g', -1, 64))
	}
	return l.write(row)
}

// head writes the heading, or checks that of the file that is continued.
func (l *csvLog) head(names []string) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return l.write(names)
	}
	found, err := csv.NewReader(io.LimitReader(l.file, 64<<10)).Read()
	if err != nil || strings.Join(found, ",") != strings.Join(names, ",") {
		return fmt.Errorf("train: %s has the columns %v, the training %v: choose another file", l.file.Name(), found, names)
	}
	_, err = l.file.Seek(0, io.SeekEnd)
	return err
}

func (l *csvLog) write(row []string) error {
	l.out.Write(row)
	l.out.Flush()
	return l.out.Error()
}

func (l *csvLog) End(*Run) error { return l.file.Close() }
