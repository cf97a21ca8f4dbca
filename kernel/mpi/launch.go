package mpi

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// A Launch says how a program is started.
type Launch struct {
	Ranks int    // 0: as many as there are slots
	Hosts string // "node1:8,node2:8"; "": this machine, or what the job has been given
	Slurm bool   // with srun, in place of mpirun
}

// Install says how to get what programs are built and started with.
const Install = "apt-get install libopenmpi-dev openmpi-bin (Debian, Ubuntu), dnf install openmpi-devel (Fedora); then open a new terminal, or load your cluster's module, before Jupyter is started"

// Check says what is missing to build and start programs. getenv is the
// environment of cells.
func (l Launch) Check(getenv func(string) string) error {
	if _, err := find(l.program(), getenv("PATH")); err != nil {
		if l.Slurm {
			return errors.New("there is no srun here: a cell starts ranks with Slurm on a machine of the cluster, and else with mpirun (without --srun)")
		}
		return errors.New("there is no mpirun here. Open MPI brings it: " + Install)
	}
	if !BuildsHere() {
		return errors.New("there is mpirun, but not what programs for it are built with (pkg-config ompi-c): " + Install)
	}
	return nil
}

// BuildsHere reports whether programs that use MPI can be built on this machine.
func BuildsHere() bool { return exec.Command("pkg-config", "--exists", "ompi-c").Run() == nil }

// find is exec.LookPath in the folders of a PATH.
func find(name, path string) (string, error) {
	for _, dir := range strings.Split(path, string(os.PathListSeparator)) {
		if found, err := exec.LookPath(dir + "/" + name); dir != "" && err == nil {
			return found, nil
		}
	}
	return "", exec.ErrNotFound
}

func (l Launch) program() string {
	if l.Slurm {
		return "srun"
	}
	return "mpirun"
}

// Command is the command line that starts a program on all ranks.
func (l Launch) Command(program string) []string {
	if l.Slurm {
		args := []string{"srun", "--mpi=pmix", "--kill-on-bad-exit=1"}
		if l.Ranks > 0 {
			args = append(args, "--ntasks="+strconv.Itoa(l.Ranks))
		}
		if l.Hosts != "" {
			args = append(args, "--nodelist="+l.nodes())
		}
		return append(args, program)
	}
	// Bound to one processor, a rank would compute on that alone; the program sees
	// to it that ranks of one machine share its processors.
	args := []string{"mpirun", "--bind-to", "none"}
	if os.Geteuid() == 0 { // as in a container, where mpirun asks to be told
		args = append(args, "--allow-run-as-root")
	}
	if l.Ranks > 0 {
		args = append(args, "-n", strconv.Itoa(l.Ranks))
	}
	if l.Hosts != "" {
		args = append(args, "--host", l.Hosts)
	} else if l.Ranks > 0 {
		args = append(args, "--oversubscribe") // a try of more ranks than processors
	}
	return append(args, program)
}

// nodes are the hosts without their numbers of slots.
func (l Launch) nodes() string {
	var names []string
	for host := range strings.SplitSeq(l.Hosts, ",") {
		name, _, _ := strings.Cut(host, ":")
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

// Apart reports whether ranks may be on other machines than the kernel.
func (l Launch) Apart() bool { return l.Slurm || l.Hosts != "" }
