#include "calls.h"
#include <stdint.h>
#include <string.h>
#include <unistd.h>

static MPI_Comm world, watch;
static MPI_Op add_bfloat16;

static float wide(uint16_t v) {
	uint32_t bits = (uint32_t)v << 16;
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static uint16_t narrow(float f) {
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	if ((bits & 0x7fffffff) > 0x7f800000) // NaN stays one
		return bits >> 16 | 0x40;
	return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

void dist_narrow(const float *from, unsigned short *to, size_t n) {
	for (size_t i = 0; i < n; i++)
		to[i] = narrow(from[i]);
}

void dist_widen(const unsigned short *from, float *to, size_t n) {
	for (size_t i = 0; i < n; i++)
		to[i] = wide(from[i]);
}

void dist_add(float *to, const float *values, size_t n) {
	for (size_t i = 0; i < n; i++)
		to[i] += values[i];
}

void dist_columns(const float *from, size_t rows, size_t stride, size_t columns, float *to) {
	for (size_t i = 0; i < rows; i++)
		memcpy(to + i * columns, from + i * stride, columns * sizeof *to);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void sum_bfloat16(void *in, void *inout, int *count, MPI_Datatype *type) {
	const uint16_t *a = in;
	uint16_t *b = inout;
	for (int i = 0; i < *count; i++)
		b[i] = narrow(wide(a[i]) + wide(b[i]));
}

static MPI_Datatype mpi_type(int type) {
	switch (type) {
	case dist_float32: return MPI_FLOAT;
	case dist_float64: return MPI_DOUBLE;
	case dist_bfloat16: return MPI_UINT16_T;
	}
	return MPI_BYTE;
}

static MPI_Op sum(int type) { return type == dist_bfloat16 ? add_bfloat16 : MPI_SUM; }

#define TRY(call) do { int code = (call); if (code != MPI_SUCCESS) return code; } while (0)

int dist_init(int *rank, int *size, int *multiple) {
	int level;
	TRY(MPI_Init_thread(NULL, NULL, MPI_THREAD_MULTIPLE, &level));
	*multiple = level >= MPI_THREAD_MULTIPLE;
	TRY(MPI_Comm_dup(MPI_COMM_WORLD, &world));
	TRY(MPI_Comm_dup(MPI_COMM_WORLD, &watch));
	TRY(MPI_Comm_set_errhandler(world, MPI_ERRORS_RETURN));
	TRY(MPI_Op_create(sum_bfloat16, 1, &add_bfloat16));
	TRY(dist_messages_init());
	TRY(MPI_Comm_rank(world, rank));
	return MPI_Comm_size(world, size);
}

int dist_all_reduce(void *values, int count, int type) {
	__atomic_thread_fence(__ATOMIC_SEQ_CST); // for memory that ranks have in common
	TRY(MPI_Allreduce(MPI_IN_PLACE, values, count, mpi_type(type), sum(type), world));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return MPI_SUCCESS;
}

int dist_all_gather(const void *own, int count, void *all, const int *counts, const int *starts, int type) {
	return MPI_Allgatherv(own ? own : MPI_IN_PLACE, count, mpi_type(type), all, counts, starts, mpi_type(type), world);
}

int dist_all_to_all(const void *to, const int *counts, const int *starts, void *from, const int *from_counts, const int *from_starts, int type) {
	return MPI_Alltoallv(to, counts, starts, mpi_type(type), from, from_counts, from_starts, mpi_type(type), world);
}

int dist_broadcast(void *values, int count, int type, int root) {
	return MPI_Bcast(values, count, mpi_type(type), root, world);
}

int dist_barrier(void) {
	__atomic_thread_fence(__ATOMIC_SEQ_CST); // for memory that ranks have in common
	TRY(MPI_Barrier(world));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return MPI_SUCCESS;
}

int dist_error(int code, char *text, int *length) { return MPI_Error_string(code, text, length); }

int dist_who_waits(char *waits, long microseconds) {
	static char word = 1;
	int rank, size;
	TRY(MPI_Comm_rank(watch, &rank));
	TRY(MPI_Comm_size(watch, &size));
	for (int other = 0; other < size; other++) {
		MPI_Request request;
		waits[other] = other == rank;
		if (other == rank)
			continue;
		TRY(MPI_Isend(&word, 1, MPI_BYTE, other, 0, watch, &request)); // so short that it needs no receiver
		TRY(MPI_Request_free(&request));
	}
	for (double end = MPI_Wtime() + microseconds * 1e-6; MPI_Wtime() < end;) {
		int here;
		char said;
		MPI_Status status;
		TRY(MPI_Iprobe(MPI_ANY_SOURCE, 0, watch, &here, &status));
		if (!here) {
			usleep(1000);
			continue;
		}
		TRY(MPI_Recv(&said, 1, MPI_BYTE, status.MPI_SOURCE, 0, watch, MPI_STATUS_IGNORE));
		waits[status.MPI_SOURCE] = 1;
	}
	return MPI_SUCCESS;
}

int dist_finalize(void) { return MPI_Finalize(); }

void dist_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }
