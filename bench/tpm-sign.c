/*
 * The least that a program has to do for a signature by a TPM: the same bytes on a socket, again and again.
 * Arguments: the path of the socket, and in hexadecimal the persistent handle and the identifiers of the
 * scheme and of the hash (Part 2 §6.3). Each byte on standard input asks for so many signatures, and is
 * answered with the same byte when they are made.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned char request[128];
static size_t length;

static void put(uint32_t value, int size) {
  for (int i = size - 1; i >= 0; i--) request[length++] = value >> (8 * i);
}

static void put_all(const unsigned char *bytes, size_t size) {
  memcpy(request + length, bytes, size), length += size;
}

/* TPM2_Sign of a digest, authorized by an empty password. */
static void prepare(uint32_t handle, uint32_t scheme, uint32_t hash) {
  static const unsigned char auth[] = {0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 1, 0, 0};
  static const unsigned char no_check[] = {0x80, 0x24, 0x40, 0, 0, 7, 0, 0};
  unsigned digest = hash == 0x0c ? 48 : 32;
  put(0x8002, 2), put(0, 4), put(0x15d, 4), put(handle, 4);
  put_all(auth, sizeof auth);
  put(digest, 2);
  memset(request + length, 7, digest), length += digest;
  put(scheme, 2), put(hash, 2);
  put_all(no_check, sizeof no_check);
  size_t whole = length;
  length = 2, put((uint32_t)whole, 4), length = whole;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* Sends the command and reads the whole of its response, whose length is its third to sixth byte. */
static void once(int tpm) {
  unsigned char response[512];
  size_t have = 0, need = 10;
  if (write(tpm, request, length) != (ssize_t)length) fail("write");
  while (have < need) {
    ssize_t got = read(tpm, response + have, sizeof response - have);
    if (got <= 0) fail("read");
    have += (size_t)got;
    if (have >= 6) need = (size_t)response[4] << 8 | response[5];
  }
  if (response[6] | response[7] | response[8] | response[9]) {
    fprintf(stderr, "TPM_RC 0x%02x%02x\n", response[8], response[9]);
    exit(1);
  }
}

int main(int count, char **arguments) {
  if (count != 5) return 64;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
  int tpm = socket(AF_UNIX, SOCK_STREAM, 0);
  if (tpm < 0 || connect(tpm, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  uint32_t number[3];
  for (int i = 0; i < 3; i++) number[i] = (uint32_t)strtoul(arguments[2 + i], NULL, 16);
  prepare(number[0], number[1], number[2]);
  unsigned char asked;
  while (read(0, &asked, 1) == 1) {
    for (int i = 0; i < asked; i++) once(tpm);
    if (write(1, &asked, 1) != 1) fail("write");
  }
  return 0;
}
