package worker

import (
	"os"
	"os/exec"
	"syscall"
)

// guard starts a process in the worker's group that waits for the kernel's end
// and then ends the group. The system ends the worker with its kernel, but not
// the programs that cells have started. As a member it keeps the group's number
// from being given to others.
func guard(worker int) {
	kernel, ours, err := os.Pipe()
	if err != nil {
		return
	}
	defer kernel.Close()
	cmd := exec.Command("/bin/sh", "-c", "read kernel_is_gone; kill -KILL 0")
	cmd.Stdin = kernel
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: worker}
	if cmd.Start() != nil { // no shell, or the worker is gone already
		ours.Close()
		return
	}
	go func() {
		cmd.Wait() // it ends with the worker
		ours.Close()
	}()
}
