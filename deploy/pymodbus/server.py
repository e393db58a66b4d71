"""A Modbus RTU server that isn't ours, behind a pseudo-terminal.

    server.py PATH

makes PATH a link to a pseudo-terminal on which pymodbus answers as

    unit 1   a transmitter: int32 weight at 0, status at 2
    unit 9   a card reader: counter at 0, UID at 1 and 2
    unit 10  a card reader: flag at 0 (to be written to 0), UID at 1 and 2

prints `ready`, and puts values into registers as standard input says: `put UNIT ADDRESS VALUE…`,
each answered with `done`. It ends, and removes PATH, at the end of its input.
"""

import asyncio
import os
import select
import sys
import threading
import tty

from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

BAUD = 19200
UNITS = (1, 9, 10)
WRITE_REGISTERS = 16


def open_terminal():
    """Return both ends of a raw pseudo-terminal, and the near end's path."""
    far, near = os.openpty()
    tty.setraw(near)
    return far, near, os.ttyname(near)


def carry(one, other):
    """Carry bytes both ways between two descriptors, until a near end is closed."""
    while True:
        ready, _, _ = select.select([one, other], [], [])
        for source in ready:
            try:
                os.write(other if source == one else one, os.read(source, 256))
            except OSError:
                return


async def obey(server):
    """Put registers as standard input says, until it ends."""
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        verb, unit, address, *values = line.split()
        if verb != "put":
            sys.exit(f"server.py: unknown verb {verb!r}: say `put UNIT ADDRESS VALUE…`")
        numbers = [int(value) for value in values]
        await server.async_setValues(int(unit), WRITE_REGISTERS, int(address), numbers)
        print("done", flush=True)


async def serve(path):
    """Serve at `path` until standard input ends."""
    # pymodbus opens a near end of its own: a second terminal, and a thread between the two.
    bus_far, bus_near, bus_path = open_terminal()
    server_far, server_near, server_path = open_terminal()
    threading.Thread(target=carry, args=(bus_far, server_far), daemon=True).start()
    devices = [
        SimDevice(unit, SimData(0, count=3, values=0, datatype=DataType.REGISTERS))
        for unit in UNITS
    ]
    server = ModbusSerialServer(devices, port=server_path, baudrate=BAUD)
    await server.serve_forever(background=True)
    os.symlink(bus_path, path)
    try:
        print("ready", flush=True)
        await obey(server)
    finally:
        os.unlink(path)
        # Held till now, so that the bus may close its end and open it again without a hang-up.
        os.close(bus_near)
        os.close(server_near)
    await server.shutdown()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("server.py: give the path where the bus shall find its port")
    asyncio.run(serve(sys.argv[1]))
