package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbook/kernel/output"
)

const (
	// firstLook is how long a command runs before it is first checked whether
	// it reads its stdin, and lookAgain the time between two checks.
	firstLook = 100 * time.Millisecond
	lookAgain = 50 * time.Millisecond
	// promptAfter is how long a command runs before the user is asked when the
	// system does not say whether it reads.
	promptAfter = 200 * time.Millisecond
	// waitsAfter is how long a command must have waited for some files before
	// its stdin is taken to be one of them.
	waitsAfter = time.Second
)

// ask asks the user for a line whenever a process group reads its stdin, or
// seems to, and hands it over, until its command ends.
func (p *process) ask(group int, stdin io.WriteCloser, ended <-chan struct{}, out output.Sink) {
	defer stdin.Close()
	for {
		if !untilReading(group, ended) {
			return
		}
		line, err := out.Input(" ", p.password)
		if err != nil {
			select {
			case <-ended: // the question outlived the program
			default:
				if !errors.Is(err, context.Canceled) { // else the cell is interrupted
					out.Stream("stderr", "no input: "+err.Error()+"\n")
				}
			}
			return
		}
		if _, err := io.WriteString(stdin, line+"\n"); err != nil {
			return
		}
	}
}

// untilReading waits until a process of the group reads its stdin. It returns
// false when the command has ended.
func untilReading(group int, ended <-chan struct{}) bool {
	start, waiting := time.Now(), time.Time{}
	for pause := firstLook; ; pause = lookAgain {
		select {
		case <-ended:
			return false
		case <-time.After(pause):
		}
		switch look(group) {
		case reads:
			return true
		case waits:
			if waiting.IsZero() {
				waiting = time.Now()
			}
			if time.Since(waiting) > waitsAfter {
				return true
			}
		case unknown:
			if time.Since(start) > promptAfter {
				return true
			}
		default:
			waiting = time.Time{}
		}
	}
}

// activity is what the processes of a group are doing.
type activity int

const (
	busy    activity = iota // none waits for input
	waits                   // one waits for some files, perhaps its stdin
	reads                   // one reads its stdin
	unknown                 // the system does not say
)

// readCall is the number of the read system call, waitCalls are those of poll,
// select and epoll_wait and their kin.
var (
	readCall  = map[string]string{"amd64": "0", "arm64": "63"}[runtime.GOARCH]
	waitCalls = map[string][]string{
		"amd64": {"7", "23", "232", "270", "271", "281"},
		"arm64": {"22", "72", "73"},
	}[runtime.GOARCH]
)

// look finds out, from /proc, in which system calls the processes of a group
// are.
func look(group int) activity {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 || readCall == "" {
		return unknown
	}
	found := busy
	for _, name := range stats {
		stat, err := os.ReadFile(name)
		if err != nil {
			continue // it ended
		}
		// The second field, the program's name, may contain anything; the
		// fifth is the process group.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 3 || fields[2] != strconv.Itoa(group) {
			continue
		}
		call, err := os.ReadFile(filepath.Join(filepath.Dir(name), "syscall"))
		if err != nil {
			if os.IsPermission(err) {
				found = max(found, unknown)
			}
			continue
		}
		var number, file string
		if n, _ := fmt.Sscan(string(call), &number, &file); n == 0 {
			continue
		}
		switch {
		case number == readCall && file == "0x0":
			return reads
		case slices.Contains(waitCalls, number):
			found = max(found, waits)
		}
	}
	return found
}
