/*
 * The same signatures from C: what a token can give at most. Reads a number of calls, signs so often,
 * and writes the microseconds that one took. With `apart` the token is in a process of its own, and a call
 * goes there and back by a socket: what it can give at most to somebody who does not load its module.
 *
 *   loop MODULE TOKEN LABEL MECHANISM LENGTH PIN [apart]
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <pkcs11/pkcs11.h>

static CK_FUNCTION_LIST *p11;

static void check(CK_RV rv, const char *call) {
  if (rv == CKR_OK) return;
  fprintf(stderr, "%s: 0x%lx\n", call, rv);
  exit(1);
}

static CK_SLOT_ID slot_of(const char *label) {
  CK_SLOT_ID slots[64];
  CK_ULONG count = 64;
  check(p11->C_GetSlotList(CK_TRUE, slots, &count), "C_GetSlotList");
  for (CK_ULONG i = 0; i < count; i++) {
    CK_TOKEN_INFO info;
    check(p11->C_GetTokenInfo(slots[i], &info), "C_GetTokenInfo");
    if (!strncmp((char *)info.label, label, strlen(label))) return slots[i];
  }
  check(CKR_TOKEN_NOT_PRESENT, label);
  return 0;
}

static CK_OBJECT_HANDLE key_of(CK_SESSION_HANDLE session, char *label) {
  CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof class}, {CKA_LABEL, label, strlen(label)}};
  CK_OBJECT_HANDLE key;
  CK_ULONG found;
  check(p11->C_FindObjectsInit(session, wanted, 2), "C_FindObjectsInit");
  check(p11->C_FindObjects(session, &key, 1, &found), "C_FindObjects");
  check(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
  if (found == 0) check(CKR_OBJECT_HANDLE_INVALID, label);
  return key;
}

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;
static CK_MECHANISM mechanism;
static CK_BYTE message[4096], signature[1024];
static CK_ULONG length;

static void begin(char **words) {
  void *library = dlopen(words[1], RTLD_NOW);
  CK_C_GetFunctionList list = library ? (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList") : 0;
  if (!list) exit(1);
  check(list(&p11), "C_GetFunctionList");
  check(p11->C_Initialize(0), "C_Initialize");
  check(p11->C_OpenSession(slot_of(words[2]), CKF_SERIAL_SESSION, 0, 0, &session), "C_OpenSession");
  check(p11->C_Login(session, CKU_USER, (CK_UTF8CHAR_PTR)words[6], strlen(words[6])), "C_Login");
  key = key_of(session, words[3]);
}

static CK_ULONG sign(void) {
  CK_ULONG size = sizeof signature;
  check(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
  check(p11->C_Sign(session, message, length, signature, &size), "C_Sign");
  return size;
}

/* The end of a socket at whose other end another process signs. */
static int start(char **words) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) exit(1);
  if (fork()) {
    close(ends[1]);
    return ends[0];
  }
  close(ends[0]);
  begin(words);
  while (read(ends[1], message, length) == (ssize_t)length) {
    ssize_t size = sign();
    if (write(ends[1], signature, size) != size) break;
  }
  exit(0);
}

static void ask(int end) {
  if (write(end, message, length) != (ssize_t)length) exit(1);
  if (read(end, signature, sizeof signature) <= 0) exit(1);
}

int main(int count, char **words) {
  if (count != 7 && count != 8) return 64;
  mechanism.mechanism = strtoul(words[4], 0, 0);
  length = strtoul(words[5], 0, 0);
  memset(message, 0x5a, sizeof message);
  int apart = count == 8 ? start(words) : 0;
  if (!apart) begin(words);
  for (long calls; scanf("%ld", &calls) == 1;) {
    double began = microseconds();
    for (long i = 0; i < calls; i++) {
      if (apart) ask(apart);
      else sign();
      message[0] = signature[0];
    }
    printf("%f\n", (microseconds() - began) / calls);
    fflush(stdout);
  }
  return 0;
}
