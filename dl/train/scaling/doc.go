// Package scaling predicts how long a step of a training takes on several machines, and from which batch they pay: what to
// know before renting them. It needs neither MPI nor a second machine, and can be used in a notebook.
//
// A training on several machines (data-parallel, as package dist does it) computes a part of each batch on each of them and
// adds up the gradients over the network. The prediction is made of
//
//   - a [Profile]: what the model's step takes on one machine as a function of the samples, how many bytes its gradients
//     have, and when in Backward each is complete; [Measure] measures it,
//   - a [Link]: latency and bandwidth of the network, by [Ethernet] or as dl/dist/measure measures them between two ranks,
//   - the number of nodes: a [Cluster].
//
// [Cluster.Step] then tells the time of a step, [Cluster.Batch] the smallest batch with which the nodes reach an
// efficiency, and [NewPlan] makes a table of both for many clusters.
//
// A message of n bytes takes latency + n/bandwidth (Hockney, The communication challenge for MPP, 1994), and a sum over
// ranks the messages of the algorithm that MPI chooses (Thakur, Rabenseifner and Gropp, Optimization of collective
// communication operations in MPICH, 2005): see [Algorithm]. Sums begin while Backward goes on, as gradients are complete.
// What is not in it: ranks that wait for the slowest of them, and networks that others use, too. SCALING.md compares
// predictions with measurements.
package scaling
