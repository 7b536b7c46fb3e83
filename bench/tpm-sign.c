/*
 * The least that a program has to do for a signature by a TPM: the same bytes on a socket, again and again.
 * Arguments: the path of the socket, and the persistent handle in hexadecimal. Each byte on standard input
 * asks for so many signatures, and is answered with the same byte when they are made.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void put32(unsigned char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = value >> (24 - 8 * i);
}

/* TPM2_Sign of a digest of 32 bytes, ECDSA with SHA-256, authorized by an empty password. */
static size_t command(unsigned char *out, uint32_t handle) {
  static const unsigned char head[] = {0x80, 0x02, 0, 0, 0, 0, 0, 0, 0x01, 0x5d};
  static const unsigned char auth[] = {0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 1, 0, 0};
  static const unsigned char tail[] = {0x00, 0x18, 0x00, 0x0b, 0x80, 0x24, 0x40, 0, 0, 7, 0, 0};
  size_t length = 0;
  memcpy(out, head, sizeof head), length += sizeof head;
  put32(out + length, handle), length += 4;
  memcpy(out + length, auth, sizeof auth), length += sizeof auth;
  out[length++] = 0, out[length++] = 32;
  memset(out + length, 7, 32), length += 32;
  memcpy(out + length, tail, sizeof tail), length += sizeof tail;
  put32(out + 2, (uint32_t)length);
  return length;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

/* Sends the command and reads the whole of its response, whose length is its third to sixth byte. */
static void once(int tpm, const unsigned char *request, size_t length) {
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
  if (count != 3) return 64;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, arguments[1], sizeof address.sun_path - 1);
  int tpm = socket(AF_UNIX, SOCK_STREAM, 0);
  if (tpm < 0 || connect(tpm, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  unsigned char request[128];
  size_t length = command(request, (uint32_t)strtoul(arguments[2], NULL, 16));
  unsigned char asked;
  while (read(0, &asked, 1) == 1) {
    for (int i = 0; i < asked; i++) once(tpm, request, length);
    if (write(1, &asked, 1) != 1) fail("write");
  }
  return 0;
}
