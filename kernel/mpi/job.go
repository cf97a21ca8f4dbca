package mpi

import (
	_ "embed"
	"regexp"
	"strings"
)

//go:embed helper/job.slurm.txt
var slurmText string

//go:embed helper/mpijob.yaml.txt
var mpiJobText string

//go:embed helper/Dockerfile.mpi.txt
var dockerText string

//go:embed helper/README.md.txt
var readmeText string

// JobFiles are the files that start an exported program on a cluster: a batch script
// for Slurm, a manifest of a Kubeflow MPIJob, the Dockerfile of its image, and how to
// use them.
func JobFiles(program string) map[string]string {
	fill := strings.NewReplacer("PROGRAM", program, "LABEL", label(program)).Replace
	return map[string]string{"job.slurm": fill(slurmText), "mpijob.yaml": fill(mpiJobText), "Dockerfile.mpi": fill(dockerText), "README.md": fill(readmeText)}
}

var notInLabels = regexp.MustCompile(`[^a-z0-9]+`)

// label is a name as Kubernetes allows it, and registries: lower case, with single
// hyphens. The names of an MPIJob's pods, which add to it, have at most 63 bytes.
func label(name string) string {
	l := strings.Trim(notInLabels.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if l == "" || l[0] < 'a' {
		l = "job-" + l
	}
	return strings.Trim(l[:min(len(l), 40)], "-")
}
