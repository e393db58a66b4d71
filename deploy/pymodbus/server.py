"""A Modbus RTU server that isn't ours, behind a pseudo-terminal.

    server.py PATH [PERCENT SEED]

makes PATH a link to a pseudo-terminal on which pymodbus answers as

    unit 1 to 8   a transmitter: int32 weight at 0, status at 2; or as far apart as 48 registers go
    unit 9        a card reader: counter at 0, UID at 1 and 2
    unit 10       a card reader: flag at 0 (to be written to 0), UID at 1 and 2

prints `ready`, and does as standard input says: `put UNIT ADDRESS VALUE…` puts values into
registers, `mute UNIT` lets a unit be dead; each is answered with `done`. With PERCENT above 0 that
many of the replies are late, dropped, truncated or from a wrong unit, as SEED has it. It ends,
and removes PATH, at the end of its input.
"""

import asyncio
import os
import sys
import tty

from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from chaos import Line

BAUD = 19200
UNITS = range(1, 11)
TRANSMITTERS = 8
REGISTERS = 48
WRITE_REGISTERS = 16


def open_terminal():
    """Return both ends of a raw pseudo-terminal, and the near end's path."""
    far, near = os.openpty()
    tty.setraw(near)
    return far, near, os.ttyname(near)


async def obey(server, line):
    """Do as standard input says, until it ends."""
    loop = asyncio.get_running_loop()
    while order := await loop.run_in_executor(None, sys.stdin.readline):
        match order.split():
            case ["put", unit, address, *values]:
                numbers = [int(value) for value in values]
                await server.async_setValues(int(unit), WRITE_REGISTERS, int(address), numbers)
            case ["mute", unit]:
                line.muted.add(int(unit))
            case _:
                sys.exit(f"server.py: unknown order {order!r}: say `put` or `mute`")
        print("done", flush=True)


async def serve(path, percent, seed):
    """Serve at `path` until standard input ends."""
    # pymodbus opens a near end of its own: a second terminal, and a thread between the two.
    bus_far, bus_near, bus_path = open_terminal()
    server_far, server_near, server_path = open_terminal()
    line = Line(bus_far, server_far, percent, seed, TRANSMITTERS)
    line.start()
    devices = [
        SimDevice(unit, SimData(0, count=REGISTERS, values=0, datatype=DataType.REGISTERS))
        for unit in UNITS
    ]
    server = ModbusSerialServer(devices, port=server_path, baudrate=BAUD)
    await server.serve_forever(background=True)
    os.symlink(bus_path, path)
    try:
        print("ready", flush=True)
        await obey(server, line)
    finally:
        os.unlink(path)
        # Held till now, so that the bus may close its end and open it again without a hang-up.
        os.close(bus_near)
        os.close(server_near)
    await server.shutdown()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4):
        sys.exit("server.py: give the path where the bus shall find its port [PERCENT SEED]")
    numbers = [float(text) for text in sys.argv[2:]] or [0, 0]
    asyncio.run(serve(sys.argv[1], *numbers))
