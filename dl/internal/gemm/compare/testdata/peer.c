/* One C library's SGEMM, timed on command: peer LIBRARY cblas_sgemm|dnnl_sgemm
 *
 * Reads lines from standard input and answers each with one line:
 *   s TA TB M N K COUNT   makes operands of this shape (COUNT products, one after the other); answers "ok"
 *   r MILLISECONDS        repeats the product that long; answers with the median seconds of one repetition
 * The first line it writes says what the library chose to be. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void (*cblas)(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
typedef int (*dnnl)(char, char, int64_t, int64_t, int64_t, float, const float *, int64_t, const float *, int64_t, float, float *, int64_t);

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int less(const void *a, const void *b) {
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static float *matrix(size_t n, size_t step) {
	float *p = aligned_alloc(64, (n * sizeof *p + 63) / 64 * 64);
	for (size_t i = 0; i < n; i++) p[i] = (i * step % 1000) * 1e-3f - 0.5f;
	return p;
}

int main(int argc, char **argv) {
	if (argc != 3) return 2;
	void *lib = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
	void *f = lib ? dlsym(lib, argv[2]) : NULL;
	if (!f) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	int is_dnnl = argv[2][0] == 'd';
	char *(*core)(void) = (char *(*)(void))dlsym(lib, "openblas_get_corename");
	printf("%s\n", core ? core() : argv[1]);
	fflush(stdout);
	int ta = 0, tb = 0, m = 0, n = 0, k = 0, count = 1;
	float *a = NULL, *b = NULL, *c = NULL;
	static double times[1000000];
	char line[256];
	while (fgets(line, sizeof line, stdin)) {
		int ms;
		if (sscanf(line, "s %d %d %d %d %d %d", &ta, &tb, &m, &n, &k, &count) == 6) {
			free(a), free(b), free(c);
			a = matrix((size_t)m * k * count, 7919), b = matrix((size_t)k * n * count, 104729), c = matrix((size_t)m * n * count, 1);
			printf("ok\n");
		} else if (sscanf(line, "r %d", &ms) == 1) {
			int lda = ta ? m : k, ldb = tb ? k : n, it = 0;
			double start = now();
			do {
				double t = now();
				for (int i = 0; i < count; i++) {
					const float *ai = a + (size_t)i * m * k, *bi = b + (size_t)i * k * n;
					float *ci = c + (size_t)i * m * n;
					if (is_dnnl)
						((dnnl)f)(ta ? 'T' : 'N', tb ? 'T' : 'N', m, n, k, 1, ai, lda, bi, ldb, 0, ci, n);
					else
						((cblas)f)(101, ta ? 112 : 111, tb ? 112 : 111, m, n, k, 1, ai, lda, bi, ldb, 0, ci, n);
				}
				times[it++] = now() - t;
			} while ((now() - start < 1e-3 * ms || it < 3) && it < 1000000);
			qsort(times, it, sizeof *times, less);
			printf("%.9g\n", times[it / 2]);
		} else
			return 2;
		fflush(stdout);
	}
	return 0;
}
