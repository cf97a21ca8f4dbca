// Package mpi is what the kernel knows of programs that train a model on several
// processors or machines, over MPI (modelbook/dl/dist):
//
//   - function.go reads the head of the function that the ranks call;
//   - program.go writes the main function around it, from helper/main.go.txt;
//   - launch.go starts the program with mpirun or srun;
//   - output.go reads what it puts out: text and figures of rank 0, and why a
//     rank ended;
//   - job.go writes the files that start an exported program on a cluster.
//
// It imports package output only, and is imported by command, engine and export.
// The kernel itself is not linked with MPI.
package mpi
