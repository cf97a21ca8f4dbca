package tune

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
)

// journal is the file of a search: a line that says which search it is, and one for each measurement, as JSON. A nil
// journal holds nothing.
type journal struct {
	file *os.File
	done map[[2]int]entry // by trial and rung
}

// entry is a measurement.
type entry struct {
	Trial   int     `json:"trial"`
	Rung    int     `json:"rung"`
	Value   float   `json:"value"`
	Seconds float64 `json:"seconds"`
	Fault   string  `json:"fault,omitempty"`
}

// float is written with all its digits, NaN and the infinities as texts.
type float float64

func (f float) MarshalJSON() ([]byte, error) {
	if v := float64(f); math.IsNaN(v) || math.IsInf(v, 0) {
		return json.Marshal(strconv.FormatFloat(v, 'g', -1, 64))
	}
	return json.Marshal(float64(f))
}

func (f *float) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseFloat(string(bytes.Trim(text, `"`)), 64)
	*f = float(v)
	return err
}

type heading struct {
	Search string `json:"search"`
}

const mostBytes = 1 << 30

// openJournal reads the file of a search, or begins it.
func openJournal(path, search string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("tune: %w", err)
	}
	j := &journal{file: file, done: map[[2]int]entry{}}
	if err := j.read(search); err != nil {
		file.Close()
		return nil, fmt.Errorf("tune: %s: %w", path, err)
	}
	return j, nil
}

func (j *journal) read(search string) error {
	text, err := io.ReadAll(io.LimitReader(j.file, mostBytes))
	if err != nil {
		return err
	}
	whole, err := j.parse(text, search)
	if err != nil {
		return err
	}
	// What follows the last whole line was being written when the search was broken off.
	if err := j.file.Truncate(int64(whole)); err != nil {
		return err
	}
	if _, err := j.file.Seek(int64(whole), io.SeekStart); err != nil {
		return err
	}
	if whole == 0 {
		return j.write(heading{search})
	}
	return nil
}

// parse reads the whole lines of a file and says how long they are.
func (j *journal) parse(text []byte, search string) (whole int, err error) {
	whole = bytes.LastIndexByte(text, '\n') + 1
	if whole == 0 && !bytes.HasPrefix(text, []byte(`{"search":`)) && len(text) > 0 {
		return 0, fmt.Errorf("it is not the file of a search")
	}
	for i, line := range bytes.Split(text[:whole], []byte{'\n'}) {
		if len(line) == 0 {
			continue
		}
		if i == 0 {
			var h heading
			if err := json.Unmarshal(line, &h); err != nil || h.Search == "" {
				return 0, fmt.Errorf("it is not the file of a search")
			}
			if h.Search != search {
				return 0, fmt.Errorf("it is the file of another search, %.300s; this is %.300s: remove it, or name another one", h.Search, search)
			}
			continue
		}
		var e entry
		if err := json.Unmarshal(line, &e); err != nil {
			return 0, fmt.Errorf("line %d: %w", i+1, err)
		}
		j.done[[2]int{e.Trial, e.Rung}] = e
	}
	return whole, nil
}

func (j *journal) find(trial, rung int) (entry, bool) {
	if j == nil {
		return entry{}, false
	}
	e, ok := j.done[[2]int{trial, rung}]
	return e, ok
}

func (j *journal) add(e entry) error {
	if j == nil {
		return nil
	}
	if err := j.write(e); err != nil {
		return fmt.Errorf("tune: %w", err)
	}
	return nil
}

func (j *journal) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) close() { j.file.Close() }
