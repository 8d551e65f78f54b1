/* Seals and opens with libsodium's crypto_box_easy_afternm: a key computed before,
 * a random nonce for each, output into a buffer that is used again.
 *
 * Begins with "ready VERSION". Takes lines "seal SIZE NANOSECONDS" and "open SIZE
 * NANOSECONDS", works for at least so long, and answers "done COUNT NANOSECONDS" or
 * "failed WHY". Ends when standard input closes. */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NONCE = crypto_box_NONCEBYTES, TAG = crypto_box_MACBYTES, LARGEST = 1 << 20 };

static unsigned char plaintext[LARGEST], sealed[NONCE + TAG + LARGEST], opened[LARGEST];
static unsigned char key[crypto_box_BEFORENMBYTES];

static int seal(size_t size)
{
	randombytes_buf(sealed, NONCE);
	return crypto_box_easy_afternm(sealed + NONCE, plaintext, size, sealed, key);
}

static int open_sealed(size_t size)
{
	return crypto_box_open_easy_afternm(opened, sealed + NONCE, TAG + size, sealed, key);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void run(int (*work)(size_t), size_t size, int64_t at_least)
{
	size_t batch = size >= 65536 ? 1 : size <= 1024 ? 64 : 65536 / size;
	long long count = 0;
	int64_t start = now(), elapsed;

	do {
		for (size_t i = 0; i < batch; i++) {
			if (work(size) != 0) {
				puts("failed libsodium returned an error");
				return;
			}
		}
		count += batch;
		elapsed = now() - start;
	} while (elapsed < at_least);
	if (work == open_sealed && memcmp(opened, plaintext, size) != 0) {
		puts("failed what was opened is not what was sealed");
		return;
	}
	printf("done %lld %lld\n", count, (long long)elapsed);
}

int main(void)
{
	unsigned char public[crypto_box_PUBLICKEYBYTES], private[crypto_box_SECRETKEYBYTES];
	char line[128], task[16];
	long long size, at_least;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (sodium_init() < 0) {
		puts("failed libsodium can't be initialized");
		return 1;
	}
	crypto_box_keypair(public, private);
	if (crypto_box_beforenm(key, public, private) != 0) {
		puts("failed no shared key");
		return 1;
	}
	randombytes_buf(plaintext, sizeof plaintext);
	printf("ready %s\n", sodium_version_string());
	while (fgets(line, sizeof line, stdin)) {
		if (sscanf(line, "%15s %lld %lld", task, &size, &at_least) != 3 || size < 0 || size > LARGEST) {
			puts("failed the command is not understood");
		} else if (strcmp(task, "seal") == 0) {
			run(seal, size, at_least);
		} else if (strcmp(task, "open") == 0 && seal(size) == 0) {
			run(open_sealed, size, at_least);
		} else {
			puts("failed the task is unknown");
		}
	}
	return 0;
}
