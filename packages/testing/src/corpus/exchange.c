/* Exchanges two names for ever, atomically, until SIGTERM: exchange A B MICROSECONDS. Prints how often. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
static int exchange(const char *a, const char *b) { return (int)syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2 /* RENAME_EXCHANGE */); }
#else
static int exchange(const char *a, const char *b) { return renamex_np(a, b, 2 /* RENAME_SWAP */); }
#endif

static volatile sig_atomic_t stopped = 0;
static void stop(int signal) { (void)signal; stopped = 1; }

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
#ifdef __linux__
  prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
  pid_t parent = getppid();
  long pause = atol(argv[3]) * 1000;
  struct timespec between = {.tv_sec = pause / 1000000000, .tv_nsec = pause % 1000000000};
  long count = 0;
  while (!stopped && getppid() == parent) {
    if (exchange(argv[1], argv[2]) == 0) count++;
    if (count == 1) { printf("started\n"); fflush(stdout); }
    if (pause > 0) nanosleep(&between, NULL);
  }
  /* The names stand as they were, so that what is checked next is not a matter of luck. */
  if (count % 2 == 1 && exchange(argv[1], argv[2]) == 0) count++;
  printf("%ld\n", count);
  return 0;
}
