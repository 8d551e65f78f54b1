/* Seals and opens with libsodium's crypto_box_easy_afternm: a key computed before,
 * a random nonce for each, output into a buffer that is used again.
 *
 * Begins with "ready VERSION". Takes lines "seal SIZE NANOSECONDS" and "open SIZE
 * NANOSECONDS", works for at least so long, and answers "done COUNT NANOSECONDS" or
 * "failed WHY". Ends when standard input closes. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { NONCE = crypto_box_NONCEBYTES, TAG = crypto_box_MACBYTES, LARGEST = 1 << 20 };

static unsigned char plaintext[LARGEST], sealed[NONCE + TAG + LARGEST], opened[LARGEST];
static unsigned char public[crypto_box_PUBLICKEYBYTES], private[crypto_box_SECRETKEYBYTES], key[crypto_box_BEFORENMBYTES];

static int seal(size_t size)
{
	randombytes_buf(sealed, NONCE);
	return crypto_box_easy_afternm(sealed + NONCE, plaintext, size, sealed, key);
}

static int open_sealed(size_t size)
{
	return crypto_box_open_easy_afternm(opened, sealed + NONCE, TAG + size, sealed, key);
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
}

int main(void)
{
	char line[128], task[16];
	long long size, least, start, count;

	if (sodium_init() < 0)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	crypto_box_keypair(public, private);
	randombytes_buf(plaintext, sizeof plaintext);
	if (crypto_box_beforenm(key, public, private) != 0)
		return 1;
	printf("ready %s\n", sodium_version_string());
	while (fgets(line, sizeof line, stdin)) {
		if (sscanf(line, "%15s %lld %lld", task, &size, &least) != 3 || size < 1 || size > LARGEST)
			return 1;
		int (*work)(size_t) = strcmp(task, "seal") == 0 ? seal : open_sealed;
		int failed = seal(size);
		long long batch = size > 65536 ? 1 : size < 1024 ? 64 : 65536 / size;
		for (start = now(), count = 0; !failed && now() - start < least; count += batch)
			for (int i = 0; i < batch; i++)
				failed |= work(size);
		least = now() - start;
		if (failed || open_sealed(size) != 0 || memcmp(opened, plaintext, size) != 0)
			puts("failed what was opened is not what was sealed");
		else
			printf("done %lld %lld\n", count, least);
	}
	return 0;
}
