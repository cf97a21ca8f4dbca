package dist

import (
	_ "embed"
	"os"
	"os/exec"
	"runtime/debug"
	"syscall"
)

//go:embed crash.sh
var crashScript string

// nameCrash lets it be said which rank it was when Go's runtime ends the program, where there is no more memory or another
// goroutine panics: nothing of the program runs then. A shell, which outlives it, reads what the runtime says.
func (c *Comm) nameCrash() error {
	said, crash, err := os.Pipe()
	if err != nil {
		return err
	}
	defer said.Close()
	defer crash.Close()
	shell := exec.Command("sh", "-c", crashScript, "sh", c.Name(c.rank))
	shell.Stdin, shell.Stderr = said, os.Stderr
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // mpirun ends the group of a rank
	if err := shell.Start(); err != nil {
		return err
	}
	return debug.SetCrashOutput(crash, debug.CrashOptions{})
}
