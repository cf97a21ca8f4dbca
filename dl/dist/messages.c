// Messages from one rank to another, for a search over ranks.
#include "calls.h"

static MPI_Comm messages;

#define TRY(call) do { int code = (call); if (code != MPI_SUCCESS) return code; } while (0)

int dist_messages_init(void) {
	TRY(MPI_Comm_dup(MPI_COMM_WORLD, &messages));
	return MPI_Comm_set_errhandler(messages, MPI_ERRORS_RETURN);
}

int dist_send(const void *bytes, int count, int to) { return MPI_Send(bytes, count, MPI_BYTE, to, 0, messages); }

int dist_arrived(int *here, int *from, int *count, MPI_Message *message) {
	MPI_Status status;
	TRY(MPI_Improbe(MPI_ANY_SOURCE, 0, messages, here, message, &status));
	if (!*here)
		return MPI_SUCCESS;
	*from = status.MPI_SOURCE;
	return MPI_Get_count(&status, MPI_BYTE, count);
}

int dist_receive(void *bytes, int count, MPI_Message *message) {
	return MPI_Mrecv(bytes, count, MPI_BYTE, message, MPI_STATUS_IGNORE);
}
