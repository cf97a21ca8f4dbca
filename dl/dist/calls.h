// What package dist asks of MPI. Every function returns an MPI error code.
#include <mpi.h>
#include <stddef.h>

enum { dist_float32, dist_float64, dist_bfloat16, dist_byte };

int dist_init(int *rank, int *size, int *multiple); // multiple: several threads may call
int dist_all_reduce(void *values, int count, int type);
int dist_all_gather(const void *own, int count, void *all, const int *counts, const int *starts, int type);
// own is nil where it is in its place in all.
int dist_all_to_all(const void *to, const int *counts, const int *starts, void *from, const int *from_counts, const int *from_starts, int type);
int dist_broadcast(void *values, int count, int type, int root);
int dist_barrier(void);

// dist_who_waits tells all ranks that this one waits, and notes in waits, for some microseconds, which ones say so, too.
// It may be called while another thread is in another call.
int dist_who_waits(char *waits, long microseconds);
int dist_finalize(void);
void dist_abort(int status);
int dist_error(int code, char *text, int *length); // text holds MPI_MAX_ERROR_STRING bytes

void dist_narrow(const float *from, unsigned short *to, size_t n); // to bfloat16, to nearest even
void dist_widen(const unsigned short *from, float *to, size_t n);
void dist_add(float *to, const float *values, size_t n);
void dist_columns(const float *from, size_t rows, size_t stride, size_t columns, float *to); // copies some columns of a matrix

int dist_messages_init(void);
int dist_send(const void *bytes, int count, int to);
int dist_arrived(int *here, int *from, int *count, MPI_Message *message); // whether there is a message, and which
int dist_receive(void *bytes, int count, MPI_Message *message);
