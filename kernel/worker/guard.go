package worker

import (
	"os"
	"os/exec"
	"syscall"
)

// guard starts a process in the worker's process group that waits for the end of
// the kernel and then kills the group. The system kills the worker when its
// kernel ends (PDEATHSIG), but not the programs that cells have started. As long
// as this process is in the group, no other group gets its number.
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
