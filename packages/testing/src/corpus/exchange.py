"""Exchanges two names for ever, atomically, until SIGTERM: exchange.py A B MICROSECONDS. Prints how often."""
import ctypes, os, signal, sys, time

a, b, pause = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2]), int(sys.argv[3]) / 1e6
libc = ctypes.CDLL(None, use_errno=True)
if sys.platform == "darwin":
    exchange = lambda: libc.renamex_np(a, b, 2)
else:
    exchange = lambda: libc.renameat2(-100, a, -100, b, 2)
stopped = False


def stop(*_):
    global stopped
    stopped = True


signal.signal(signal.SIGTERM, stop)
parent, count = os.getppid(), 0
while not stopped and os.getppid() == parent:
    if exchange() == 0:
        count += 1
        if count == 1:
            print("started", flush=True)
    if pause:
        time.sleep(pause)
if count % 2 == 1 and exchange() == 0:
    count += 1
print(count, flush=True)
