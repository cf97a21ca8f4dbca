// What package dist asks of MPI. Every function returns an MPI error code.
#include <mpi.h>
#include <stddef.h>

enum { dist_float32, dist_float64, dist_bfloat16, dist_byte };

int dist_init(int *rank, int *size, int *serialized); // serialized: threads may call one after the other
int dist_all_reduce(void *values, int count, int type);
int dist_all_gather(const void *own, int count, void *all, const int *counts, const int *starts, int type);
int dist_broadcast(void *values, int count, int type, int root);
int dist_barrier(void);
int dist_finalize(void);
void dist_abort(int status);
int dist_error(int code, char *text, int *length); // text holds MPI_MAX_ERROR_STRING bytes

// A dist_reduce_later goes on while others compute: it takes little processor time from them while it waits, until they
// wait for it and hurry is on.
int dist_reduce_later(void *values, int count, int type);
void dist_hurry(int on);

void dist_narrow(const float *from, unsigned short *to, size_t n); // to bfloat16, to nearest even
void dist_widen(const unsigned short *from, float *to, size_t n);
