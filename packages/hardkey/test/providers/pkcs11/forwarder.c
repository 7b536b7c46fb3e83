/*
 * A PKCS #11 module that hands every call on to another one, and does on the way what a test asks for.
 *
 *   FORWARD_TO      the module behind it
 *   FORWARD_LOG     a file that gets a line for each call
 *   FORWARD_FAULTS  a folder; while it has a file named for a function, the file says what happens:
 *                   "hang", "crash", "error N", "once N", which is an error that removes its file,
 *                   "wait", which goes on when the file is gone, or "sessions", which closes all sessions
 *                   of the token and removes its file
 *   FORWARD_US      microseconds that C_SignInit and C_Sign take longer
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pkcs11/pkcs11.h>

static CK_FUNCTION_LIST *real, ours;
static const char *log_path, *faults;
static useconds_t delay;
static CK_SLOT_ID slot;

static CK_RV fault(const char *name) {
  char path[4096], text[64] = "";
  if (log_path) {
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    snprintf(text, sizeof text, "%s\n", name);
    if (write(log, text, strlen(text)) < 0) abort();
    close(log);
  }
  if (!faults) return CKR_OK;
  snprintf(path, sizeof path, "%s/%s", faults, name);
  int file = open(path, O_RDONLY);
  if (file < 0) return CKR_OK;
  ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  text[length < 0 ? 0 : length] = 0;
  if (!strncmp(text, "hang", 4)) for (;;) pause();
  if (!strncmp(text, "crash", 5)) raise(SIGSEGV);
  if (!strncmp(text, "wait", 4)) while (!access(path, F_OK)) usleep(1000);
  if (!strncmp(text, "once", 4) || !strncmp(text, "sessions", 8)) unlink(path);
  if (!strncmp(text, "sessions", 8)) return real->C_CloseAllSessions(slot);
  return strtoul(strchr(text, ' ') ? strchr(text, ' ') : "0", 0, 0);
}

#define PASS(name, parameters, arguments) \
  static CK_RV name##_ parameters {       \
    CK_RV rv = fault(#name);              \
    return rv ? rv : real->name arguments; \
  }

PASS(C_Initialize, (CK_VOID_PTR a), (a))
PASS(C_GetSlotList, (CK_BBOOL p, CK_SLOT_ID_PTR l, CK_ULONG_PTR c), (p, l, c))
PASS(C_GetSessionInfo, (CK_SESSION_HANDLE s, CK_SESSION_INFO_PTR i), (s, i))
PASS(C_Login, (CK_SESSION_HANDLE s, CK_USER_TYPE u, CK_UTF8CHAR_PTR p, CK_ULONG l), (s, u, p, l))
PASS(C_FindObjectsInit, (CK_SESSION_HANDLE s, CK_ATTRIBUTE_PTR t, CK_ULONG c), (s, t, c))
PASS(C_GenerateKeyPair,
     (CK_SESSION_HANDLE s, CK_MECHANISM_PTR m, CK_ATTRIBUTE_PTR p, CK_ULONG pc, CK_ATTRIBUTE_PTR q, CK_ULONG qc,
      CK_OBJECT_HANDLE_PTR a, CK_OBJECT_HANDLE_PTR b),
     (s, m, p, pc, q, qc, a, b))
PASS(C_DestroyObject, (CK_SESSION_HANDLE s, CK_OBJECT_HANDLE o), (s, o))
PASS(C_DecryptInit, (CK_SESSION_HANDLE s, CK_MECHANISM_PTR m, CK_OBJECT_HANDLE k), (s, m, k))

static CK_RV C_OpenSession_(CK_SLOT_ID i, CK_FLAGS f, CK_VOID_PTR a, CK_NOTIFY n, CK_SESSION_HANDLE_PTR s) {
  CK_RV rv = fault("C_OpenSession");
  slot = i;
  return rv ? rv : real->C_OpenSession(i, f, a, n, s);
}

static CK_RV C_SignInit_(CK_SESSION_HANDLE s, CK_MECHANISM_PTR m, CK_OBJECT_HANDLE k) {
  CK_RV rv = fault("C_SignInit");
  if (delay) usleep(delay);
  return rv ? rv : real->C_SignInit(s, m, k);
}

static CK_RV C_Sign_(CK_SESSION_HANDLE s, CK_BYTE_PTR d, CK_ULONG l, CK_BYTE_PTR o, CK_ULONG_PTR ol) {
  CK_RV rv = fault("C_Sign");
  if (delay) usleep(delay);
  return rv ? rv : real->C_Sign(s, d, l, o, ol);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  if (!real) {
    void *library = dlopen(getenv("FORWARD_TO"), RTLD_NOW);
    if (!library) return CKR_GENERAL_ERROR;
    CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
    if (!get || get(&real)) return CKR_GENERAL_ERROR;
    log_path = getenv("FORWARD_LOG");
    faults = getenv("FORWARD_FAULTS");
    delay = getenv("FORWARD_US") ? strtoul(getenv("FORWARD_US"), 0, 10) : 0;
    ours = *real;
#define OURS(name) ours.name = name##_;
    OURS(C_Initialize)
    OURS(C_GetSlotList)
    OURS(C_OpenSession)
    OURS(C_GetSessionInfo)
    OURS(C_Login)
    OURS(C_FindObjectsInit)
    OURS(C_GenerateKeyPair)
    OURS(C_DestroyObject)
    OURS(C_DecryptInit)
    OURS(C_SignInit)
    OURS(C_Sign)
  }
  *list = &ours;
  return CKR_OK;
}
